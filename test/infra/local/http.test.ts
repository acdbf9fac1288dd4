import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, it } from 'vitest';
import { startHttpApi } from '../../../infra/local/http.ts';
import { FunctionError, ThrottledError } from '../../../infra/local/lambda-host.ts';

interface HttpEvent {
  readonly [field: string]: unknown;
  readonly requestContext: { readonly [field: string]: unknown; readonly http: object };
}

let answer: (event: HttpEvent) => unknown = () => ({ statusCode: 200 });
let event: HttpEvent | undefined;

const routes = [
  { routeKey: 'GET /items/{id}', functionName: 'by-id' },
  { routeKey: 'GET /items/list', functionName: 'list' },
  { routeKey: 'ANY /any', functionName: 'any' },
  { routeKey: 'GET /files/{path+}', functionName: 'files' },
  { routeKey: 'POST /items', functionName: 'create' },
];
let calledFunction = '';
const invoke = async (functionName: string, json: string): Promise<unknown> => {
  calledFunction = functionName;
  event = JSON.parse(json) as HttpEvent;
  return answer(event);
};
const api = await startHttpApi({ routes, invoke, host: '127.0.0.1', port: 0 });
const withDefault = await startHttpApi({
  routes: [...routes, { routeKey: '$default', functionName: 'fallback' }],
  invoke,
  host: '127.0.0.1',
  port: 0,
});
const url = `http://127.0.0.1:${api.port}`;

afterAll(async () => {
  await Promise.all([api.stop(), withDefault.stop()]);
});

async function eventOf(path: string, init?: RequestInit): Promise<HttpEvent> {
  event = undefined;
  answer = () => ({ statusCode: 200 });
  await fetch(`${url}${path}`, init);
  if (event === undefined) throw new Error('no function was called');
  return event;
}

describe('the event', () => {
  it('has every field of payload format 2.0', async () => {
    const got = await eventOf('/items/a%2Fb?x=1&x=2&y=%20z', {
      headers: { Cookie: 'a=1; b=2', 'X-Thing': 'v', 'User-Agent': 'test' },
    });
    expect(got).toEqual({
      version: '2.0',
      routeKey: 'GET /items/{id}',
      rawPath: '/items/a/b',
      rawQueryString: 'x=1&x=2&y=%20z',
      cookies: ['a=1', 'b=2'],
      headers: expect.objectContaining({ 'x-thing': 'v', 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'http' }),
      queryStringParameters: { x: '1,2', y: ' z' },
      pathParameters: { id: 'a/b' },
      requestContext: {
        accountId: '000000000000',
        apiId: 'local',
        domainName: expect.any(String),
        domainPrefix: expect.any(String),
        http: { method: 'GET', path: '/items/a/b', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
        requestId: expect.any(String),
        routeKey: 'GET /items/{id}',
        stage: '$default',
        time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        timeEpoch: expect.any(Number),
      },
      isBase64Encoded: false,
    });
    expect(got['headers']).not.toHaveProperty('cookie');
  });

  it('has no query, cookies, path parameters or body where there are none', async () => {
    const got = await eventOf('/items/list');
    for (const field of ['queryStringParameters', 'cookies', 'pathParameters', 'body'])
      expect(got).not.toHaveProperty(field);
    expect(got['rawQueryString']).toBe('');
  });

  it.each([
    ['application/json', '{"a":"é"}', false],
    ['application/json; charset=utf-8', '{}', false],
    ['application/problem+json', '{}', false],
    ['text/csv', 'a,b', false],
    ['application/x-www-form-urlencoded', 'a=b', true],
    ['application/x-ndjson', '{}', true],
    ['application/octet-stream', 'x', true],
  ])('sends a body of %s as text or in base64', async (type, body, isBase64Encoded) => {
    const got = await eventOf('/items', { method: 'POST', body, headers: { 'content-type': type } });
    expect(got).toMatchObject({
      body: isBase64Encoded ? Buffer.from(body).toString('base64') : body,
      isBase64Encoded,
    });
  });

  it('joins repeated headers with a comma', async () => {
    event = undefined;
    const socket = connect(api.port, '127.0.0.1');
    socket.end('GET /items/list HTTP/1.1\r\nHost: x\r\nX-A: 1\r\nx-a: 2\r\nConnection: close\r\n\r\n');
    await new Promise((resolve) => socket.on('close', resolve).resume());
    expect(event).toMatchObject({ headers: { 'x-a': '1,2' } });
  });
});

describe('the route', () => {
  it.each([
    ['GET', '/items/list', 'list'],
    ['GET', '/items/other', 'by-id'],
    ['DELETE', '/any', 'any'],
    ['GET', '/files/a/b/c', 'files'],
  ])('of %s %s is that of %s', async (method, path, functionName) => {
    await eventOf(path, { method });
    expect(calledFunction).toBe(functionName);
  });

  it('that is unknown is answered by the API itself, or by $default where there is one', async () => {
    const unknown = await fetch(`${url}/nothing`);
    expect([unknown.status, await unknown.json()]).toMatchObject([404, { status: 404, message: 'Not Found' }]);
    await fetch(`http://127.0.0.1:${withDefault.port}/nothing`);
    expect([calledFunction, event?.['routeKey']]).toEqual(['fallback', '$default']);
  });

  it('with a broken escape is a bad request', async () => {
    expect((await fetch(`${url}/items/%ZZ`)).status).toBe(400);
  });
});

describe('the answer', () => {
  async function answerTo(result: unknown, path = '/items/list', method = 'GET'): Promise<Response> {
    answer = () => result;
    return fetch(`${url}${path}`, { method, redirect: 'manual' });
  }

  it('has status, headers, cookies and body as returned', async () => {
    const got = await answerTo({
      statusCode: 302,
      headers: { Location: 'https://example.com/', 'x-n': 5 },
      cookies: ['a=1', 'b=2'],
      body: 'moved',
    });
    expect([got.status, got.headers.get('location'), got.headers.get('x-n'), await got.text()]).toEqual([
      302,
      'https://example.com/',
      '5',
      'moved',
    ]);
    expect(got.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(got.headers.get('content-type')).toBe('text/plain;charset=UTF-8');
  });

  it('is decoded from base64', async () => {
    const body = Buffer.from([0, 255, 1]).toString('base64');
    const got = await answerTo({ statusCode: 200, body, isBase64Encoded: true });
    expect([...new Uint8Array(await got.arrayBuffer())]).toEqual([0, 255, 1]);
  });

  it.each([
    ['an object without status code', { a: 1 }, '{"a":1}'],
    ['a string', 'hello', 'hello'],
  ])('is inferred from %s', async (_name, result, text) => {
    const got = await answerTo(result);
    expect([got.status, got.headers.get('content-type'), await got.text()]).toEqual([200, 'application/json', text]);
  });

  it('to HEAD has no body, but its length', async () => {
    const got = await answerTo({ statusCode: 200, body: 'hello' }, '/any', 'HEAD');
    expect([got.headers.get('content-length'), await got.text()]).toEqual(['5', '']);
  });

  it.each([
    ['a malformed response', () => ({ statusCode: 'high' }), 500, 'Internal Server Error'],
    ['a body that is no text', () => ({ statusCode: 200, body: { a: 1 } }), 500, 'Internal Server Error'],
    [
      'a failed function',
      () => Promise.reject(new FunctionError('list', { errorType: 'Error', errorMessage: 'secret', trace: [] })),
      500,
      'Internal Server Error',
    ],
    ['too many calls at once', () => Promise.reject(new ThrottledError()), 503, 'Service Unavailable'],
  ])('to %s says no more than that', async (_name, fail, status, message) => {
    answer = fail;
    const got = await fetch(`${url}/items/list`);
    expect([got.status, got.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
    expect(await got.json()).toEqual({ type: 'about:blank', title: message, status, detail: `${message}.`, message });
  });

  it('to a body over 10 MB is 413, and no function is called', async () => {
    event = undefined;
    const got = await fetch(`${url}/items`, { method: 'POST', body: Buffer.alloc(10 * 1024 * 1024 + 1) });
    expect([got.status, await got.json()]).toMatchObject([413, { status: 413, message: 'Request Entity Too Large' }]);
    expect(event).toBeUndefined();
  });
});

it.each([
  ['a path that is not UTF-8', 'GET /items/%ff HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', 400],
  ['a control character in the address', 'GET /items?a=\u0001 HTTP/1.1\r\nhost: x\r\n\r\n', 400],
  ['an address longer than Node reads', `GET /items?a=${'x'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, 431],
])('answers %s with a problem', async (_what, request, status) => {
  const socket = connect(api.port, '127.0.0.1');
  socket.write(request);
  const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
  expect(head).toContain(`HTTP/1.1 ${status} `);
  expect(head).toContain('content-type: application/problem+json');
  expect(JSON.parse(body)).toMatchObject({ type: 'about:blank', status, detail: expect.any(String) });
});

it('says in a sentence that a port is taken', async () => {
  const start = startHttpApi({ routes, invoke, host: '127.0.0.1', port: api.port });
  await expect(start).rejects.toThrow(`Port ${api.port} is taken by another program. Set PORT to a free one`);
});
