import type { Context } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StoreUnavailable } from '../../shared/ports/errors.ts';
import { createHttpHandler, type HttpHandler, json, pathParameter } from '../../shared/runtime/http.ts';
import { logger } from '../../shared/runtime/logger.ts';
import { conflict, invalidField, unauthorized } from '../../shared/runtime/problems.ts';
import { httpEvent } from '../support/builders.ts';

const SECRET = 'll_SECRET and arn:aws:dynamodb:table/Leads';

const answer = async (handler: HttpHandler, event = httpEvent()) => {
  const result = await createHttpHandler({ 'GET /v1/leads': handler })(event, {} as Context);
  return { ...result, problem: JSON.parse(result.body ?? '{}') as Record<string, unknown> };
};
const failing =
  (error: unknown): HttpHandler =>
  async () => {
    throw error;
  };

/** Log lines are told, not printed: what they hold is asserted. */
const logged: unknown[][] = [];
beforeEach(() => {
  logged.length = 0;
  for (const level of ['warn', 'error'] as const) {
    vi.spyOn(logger, level).mockImplementation((...line: unknown[]) => {
      logged.push([level, ...line]);
    });
  }
});
afterEach(() => vi.restoreAllMocks());

describe('createHttpHandler', () => {
  it('hands a request to the handler of its route', async () => {
    const handler = createHttpHandler({
      'GET /v1/leads': async () => json(200, { from: 'leads' }),
      'GET /v1/months/{month}': async (event) => json(200, { month: pathParameter(event, 'month') }),
      $default: async () => json(404, { from: 'default' }),
    });
    const bodyOf = async (changes: Parameters<typeof httpEvent>[0]) =>
      JSON.parse((await handler(httpEvent(changes), {} as Context)).body ?? '');
    expect(await bodyOf({})).toEqual({ from: 'leads' });
    expect(await bodyOf({ routeKey: 'GET /v1/months/{month}', pathParameters: { month: '2025-11' } })).toEqual({
      month: '2025-11',
    });
    expect(await bodyOf({ routeKey: 'GET /elsewhere' })).toEqual({ from: 'default' });
  });

  it('answers a route that nobody handles with 404', async () => {
    const result = await answer(failing(new Error()), httpEvent({ routeKey: 'GET /x', rawPath: '/x' }));
    expect(result).toMatchObject({ statusCode: 404, problem: { status: 404, detail: 'There is nothing at /x.' } });
  });

  it('renders a problem once, as problem+json that no cache keeps', async () => {
    const result = await answer(failing(invalidField('limit', 'must be a number')));
    expect(result.statusCode).toBe(400);
    expect(result.headers).toEqual({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
    expect(result.problem).toEqual({
      type: 'https://leadledger.dev/problems/invalid-request',
      title: 'The request is not valid',
      status: 400,
      detail: 'limit: must be a number',
      errors: [{ field: 'limit', message: 'must be a number' }],
    });
    expect(logged).toEqual([]);
  });

  it('sends the headers and members of a problem', async () => {
    expect((await answer(failing(unauthorized('Who?')))).headers).toMatchObject({ 'www-authenticate': 'Bearer' });
    const taken = await answer(failing(conflict('taken', 'Taken.', { leadId: 'lead_1' })));
    expect(taken).toMatchObject({ statusCode: 409, problem: { leadId: 'lead_1' } });
  });

  it('renders what a handler throws before its first await', async () => {
    const result = await answer(() => {
      throw invalidField('a', 'is wrong');
    });
    expect(result.statusCode).toBe(400);
  });

  it('answers 503 with Retry-After where the store does not answer, and tells the log', async () => {
    const result = await answer(failing(new StoreUnavailable(SECRET)));
    expect(result).toMatchObject({ statusCode: 503, headers: { 'retry-after': '5' }, problem: { status: 503 } });
    expect(result.body).not.toContain('SECRET');
    expect(logged).toMatchObject([['warn', 'store unavailable', { routeKey: 'GET /v1/leads' }]]);
  });

  it.each([
    ['an error', new Error(SECRET)],
    ['an error of a library', Object.assign(new TypeError(SECRET), { statusCode: 418, status: 418 })],
    ['a text', SECRET],
    ['an object', { message: SECRET }],
  ])('answers 500 to %s, names the request and leaks nothing', async (_what, error) => {
    const result = await answer(failing(error));
    expect(result).toMatchObject({ statusCode: 500, problem: { status: 500 } });
    expect(result.problem['detail']).toContain('request-1');
    expect(JSON.stringify(result)).not.toContain('SECRET');
    expect(logged).toMatchObject([['error', 'request failed', { requestId: 'request-1' }]]);
  });

  it('logs neither query nor headers of a request that failed: keys may stand in them', async () => {
    const event = httpEvent({ rawQueryString: 'key=ll_KEY', headers: { authorization: 'Bearer ll_KEY' } });
    for (const error of [new Error('x'), new StoreUnavailable('x')]) await answer(failing(error), event);
    expect(logged).toHaveLength(2);
    expect(JSON.stringify(logged)).not.toContain('ll_KEY');
  });
});

describe('json', () => {
  it('is kept by no cache, and takes more headers', () => {
    expect(json(201, { a: 1 }, { location: '/v1/a' })).toEqual({
      statusCode: 201,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store', location: '/v1/a' },
      body: '{"a":1}',
    });
  });
});

describe('pathParameter', () => {
  it('is a fault of ours where the route has none of that name', () => {
    expect(() => pathParameter(httpEvent(), 'leadId')).toThrow(/has no path parameter leadId/);
  });
});
