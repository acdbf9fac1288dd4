import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type LookupFunction } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createSendRequest } from '../../../shared/adapters/http/outgoing.ts';
import type { OutgoingRequest } from '../../../shared/ports/outgoing-http.ts';

const limits = { timeoutMs: 2000, maxBodyBytes: 1000 };
const get = (url: string): OutgoingRequest => ({ method: 'GET', url, headers: {} });

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Resolves every name to these addresses, one after another; the last one for ever. */
function resolvingTo(...addresses: string[]): { lookup: LookupFunction; asked: () => number } {
  let asked = 0;
  const lookup: LookupFunction = (_hostname, options, callback) => {
    const address = addresses[Math.min(asked, addresses.length - 1)]!;
    asked += 1;
    const family = address.includes(':') ? 6 : 4;
    if (options.all === true) callback(null, [{ address, family }]);
    else callback(null, address, family);
  };
  return { lookup, asked: () => asked };
}

describe('addresses that are not public', () => {
  const send = createSendRequest({ privateDestinations: false });

  it.each([
    'https://127.0.0.1/',
    'https://127.1/',
    'https://0/',
    'https://0.0.0.0/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://127.0.0.1./',
    'https://１２７.0.0.1/',
    'https://10.0.0.1/',
    'https://172.16.0.1/',
    'https://192.168.0.1/',
    'https://100.100.100.200/',
    'https://169.254.169.254/latest/meta-data/',
    'https://[::1]/',
    'https://[::]/',
    'https://[::127.0.0.1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[0:0:0:0:0:ffff:a9fe:a9fe]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[2002:7f00:1::]/',
    'https://[fe80::1]/',
    'https://[fd00:ec2::254]/',
    'https://8.8.8.8/',
    'https://[2606:4700:4700::1111]/',
  ])('refuses the literal %s', async (url) => {
    expect(await send(get(url), limits)).toEqual({
      kind: 'refused',
      reason: 'the URL must have a host name, not an IP address',
      tookMs: 0,
    });
  });

  it.each([
    '127.0.0.1',
    '127.255.255.254',
    '0.0.0.0',
    '0.1.2.3',
    '10.1.2.3',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '100.100.100.200',
    '169.254.0.1',
    '169.254.169.254',
    '168.63.129.16',
    '192.0.0.192',
    '198.18.0.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '::ffff:8.8.8.8',
    '64:ff9b::7f00:1',
    '64:ff9b:1::7f00:1',
    '2002:7f00:1::',
    '2001:0:7f00:1::',
    'fe80::1',
    'fe80::1%lo',
    'fec0::1',
    'fd00:ec2::254',
    'ff02::1',
  ])('refuses a name that resolves to %s', async (address) => {
    const { lookup } = resolvingTo(address);
    expect(
      await createSendRequest({ privateDestinations: false, lookup })(get('https://partner.example/'), limits),
    ).toMatchObject({
      kind: 'refused',
      reason: 'the address is not a public one',
    });
  });

  it('refuses names of this machine that the system resolves', async () => {
    expect(await send(get('https://localhost/'), limits)).toMatchObject({ kind: 'refused' });
  });

  it('checks the very address that it connects to, which a second answer cannot change', async () => {
    const { lookup, asked } = resolvingTo('::ffff:127.0.0.1', '127.0.0.1');
    const rebound = createSendRequest({ privateDestinations: false, lookup });
    expect(await rebound(get('https://partner.example/'), limits)).toMatchObject({ kind: 'refused' });
    expect(asked()).toBe(1);
    expect(await rebound(get('https://partner.example/'), limits)).toMatchObject({ kind: 'refused' });
    expect(asked()).toBe(2);
  });

  it.each([
    ['http://partner.example/', 'the URL must be an https URL'],
    ['ftp://partner.example/', 'the URL must be an https URL'],
    ['file:///etc/passwd', 'the URL must be an https URL'],
    ['https://partner.example:8443/', 'the URL must be on port 443'],
    ['https://partner.example:22/', 'the URL must be on port 443'],
    ['https://user:word@partner.example/', 'the URL must not hold a user or password'],
    ['partner.example/a', 'the URL must be an absolute URL'],
  ])('refuses %s', async (url, reason) => {
    expect(await send(get(url), limits)).toEqual({ kind: 'refused', reason, tookMs: 0 });
  });
});

describe('requests', () => {
  const send = createSendRequest({ privateDestinations: true });

  it('sends method, headers and body, and tells what was answered', async () => {
    const url = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        response.writeHead(201, { 'retry-after': '7', 'x-two': ['a', 'b'] });
        const { 'content-length': length, 'user-agent': agent, 'x-own': own } = request.headers;
        response.end(JSON.stringify([request.method, request.url, length, agent, own, body]));
      });
    });
    const answer = await send(
      { method: 'POST', url: `${url}/a?b=%20c`, headers: { 'x-own': '1' }, body: 'grüß' },
      limits,
    );
    expect(answer).toMatchObject({
      kind: 'answered',
      status: 201,
      headers: { 'retry-after': '7', 'x-two': 'a, b' },
      tookMs: expect.any(Number),
    });
    expect(answer.kind === 'answered' && JSON.parse(Buffer.from(answer.body).toString())).toEqual([
      'POST',
      '/a?b=%20c',
      '6',
      'leadledger',
      '1',
      'grüß',
    ]);
  });

  it('follows no redirect', async () => {
    let requests = 0;
    const url = await serve((_request, response) => {
      requests += 1;
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    expect(await send(get(url), limits)).toMatchObject({ kind: 'answered', status: 302 });
    expect(requests).toBe(1);
  });

  it('reads no more of a body than it is asked to, however long it is', async () => {
    const url = await serve((_request, response) => {
      const more = () => {
        while (response.write('x'.repeat(16_384)));
      };
      response.on('drain', more);
      more();
    });
    const answer = await send(get(url), limits);
    expect(answer.kind === 'answered' && answer.body.length).toBe(1000);
  });

  it.each([
    ['says nothing', (() => undefined) satisfies RequestListener],
    ['begins to answer and stops', ((_request, response) => response.write('x')) satisfies RequestListener],
  ])('gives up on who %s', async (_who, listener: RequestListener) => {
    const url = await serve(listener);
    expect(await send(get(url), { ...limits, timeoutMs: 30 })).toMatchObject({
      kind: 'unanswered',
      reason: 'no answer within 30 ms',
    });
  });

  it('gives up on a name that nobody resolves', async () => {
    const lost = createSendRequest({ privateDestinations: true, lookup: () => undefined });
    expect(await lost(get('http://partner.example/'), { ...limits, timeoutMs: 30 })).toMatchObject({
      kind: 'unanswered',
      reason: 'no answer within 30 ms',
    });
  });

  it.each([
    ['hangs up', ''],
    ['speaks another protocol', 'SSH-2.0-OpenSSH_9.7\r\n'],
    ['switches protocols', 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: other\r\n\r\n'],
    ['sends half an answer', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf'],
  ])('tells of who %s', async (_who, text) => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(text));
    });
    closers.push(() => server.close());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    expect(await send(get(`http://127.0.0.1:${port}/`), limits)).toMatchObject({ kind: 'unanswered' });
  });

  it('tells of a port that nobody listens on', async () => {
    expect(await send(get('http://127.0.0.1:1/'), limits)).toMatchObject({
      kind: 'unanswered',
      reason: 'ECONNREFUSED',
    });
  });

  it('tells of headers that cannot be sent', async () => {
    const request = { ...get('http://127.0.0.1:1/'), headers: { 'x-own': 'a\r\nb: c' } };
    expect(await send(request, limits)).toMatchObject({ kind: 'unanswered', reason: 'ERR_INVALID_CHAR' });
  });
});
