import type { Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { createReceiveMessage } from '../../../functions/receive-message/receive-message.ts';
import type { Answer, RawMessage } from '../../../shared/dialects/dialect.ts';
import { dialectOf } from '../../../shared/dialects/registry.ts';
import type { Endpoint } from '../../../shared/ports/endpoints.ts';
import { createHttpHandler, type HttpEvent } from '../../../shared/runtime/http.ts';
import { makeId } from '../../../shared/runtime/ids.ts';
import { NOW } from '../../support/builders.ts';
import { type RequestParts, request } from '../../support/core-path.ts';
import { ENDPOINT_ID, endpoint } from '../../support/endpoints.ts';

const DOMAIN = 'track.network.example';
const keitaro = endpoint({ dialect: 'keitaro', domain: DOMAIN });
const form = endpoint({ endpointId: makeId('ep'), dialect: 'form' });

/** The door before endpoints, with what came through it. */
function aDoor(answer: Partial<Answer> = {}) {
  const taken: { readonly endpoint: Endpoint; readonly message: RawMessage }[] = [];
  const slept: number[] = [];
  const all = [keitaro, form];
  const receive = createHttpHandler({
    $default: createReceiveMessage({
      endpoints: {
        byId: async (id) => all.find(({ endpointId }) => endpointId === id),
        byDomain: async (domain) => all.find((each) => each.domain === domain),
        byForm: async () => form,
      },
      takeMessage: async (to, message) => {
        taken.push({ endpoint: to, message });
        return { status: 200, headers: { 'content-type': 'text/plain' }, body: 'OK', ...answer };
      },
      pathsOf: (dialect) => dialectOf(dialect).paths,
      clock: () => NOW,
      sleep: async (milliseconds) => void slept.push(milliseconds),
    }),
  });
  const ask = async (event: HttpEvent) => {
    const { statusCode, headers, body } = await receive(event, {} as Context);
    return { status: statusCode, headers, body };
  };
  return {
    taken,
    slept,
    /** Asks for a route of the API. */
    at: (path: string, parts: RequestParts = {}, method = 'GET') =>
      ask(request(method, '/e/{endpointId}/{path+}', { pathParameters: { endpointId: ENDPOINT_ID, path }, ...parts })),
    /** Asks for what is no route. */
    elsewhere: (rawPath: string, host = 'api.example', method = 'GET') => {
      const event = request(method, '$default', { query: 'subid=c' });
      const { requestContext } = event;
      return ask({ ...event, rawPath, requestContext: { ...requestContext, domainName: host } });
    },
  };
}

describe('a message', () => {
  it('is taken as it came, with the path below the endpoint, and answered in the dialect', async () => {
    const { at, taken } = aDoor();
    expect(await at('abc/postback', { query: 'subid=a%20b' })).toMatchObject({ status: 200, body: 'OK' });
    expect(taken).toMatchObject([
      { endpoint: keitaro, message: { method: 'GET', path: 'abc/postback', query: 'subid=a%20b', receivedAt: NOW } },
    ]);
  });

  it('is taken with a slash after the URL too', async () => {
    const { elsewhere, taken } = aDoor();
    expect((await elsewhere(`/e/${ENDPOINT_ID}/`)).status).toBe(200);
    expect(taken).toMatchObject([{ message: { path: '', query: 'subid=c' } }]);
  });

  it.each(['HEAD', 'PUT'])('is not taken by %s: who sends it so is told, and nothing is taken', async (method) => {
    const { elsewhere, taken } = aDoor();
    for (const [path, host] of [
      [`/e/${ENDPOINT_ID}`, undefined],
      [`/e/${ENDPOINT_ID}/abc/postback`, undefined],
      ['/abc/postback', DOMAIN],
    ] as const) {
      expect(await elsewhere(path, host, method)).toMatchObject({ status: 405, headers: { allow: 'GET, POST' } });
    }
    expect(taken).toEqual([]);
  });

  it.each(['ep_01JD3Y8Q5T9Z6V2K4M7N1P0R80', 'nobody', '..', form.endpointId])(
    'is not taken where there is no endpoint: %s',
    async (endpointId) => {
      const { at, elsewhere, taken } = aDoor();
      expect((await at('', { pathParameters: { endpointId } })).status).toBe(404);
      for (const method of ['GET', 'HEAD']) {
        expect((await elsewhere(`/e/${endpointId}/`, undefined, method)).status).toBe(404);
      }
      expect(taken).toEqual([]);
    },
  );

  it('is not taken where it is larger than any sender’s', async () => {
    const { at } = aDoor();
    expect((await at('', { body: 'x'.repeat(1024 * 1024 + 1) }, 'POST')).status).toBe(413);
    expect((await at('', { body: 'x'.repeat(1024 * 1024) }, 'POST')).status).toBe(200);
  });

  it.each([
    [undefined, []],
    [1200, [1200]],
    [60_000, [5000]],
  ])('is answered late where its sender would else not send it again: after %s ms', async (afterMs, expected) => {
    const { at, slept } = aDoor({ afterMs });
    await at('');
    expect(slept).toEqual(expected);
  });
});

describe('at the root of its own domain', () => {
  it.each([
    ['where its dialect is called', `${DOMAIN}:443`, '/abc/postback', 200],
    ['whatever the letters of the host, with a slash', DOMAIN.toUpperCase(), '/abc/postback/', 200],
    ['and nowhere else', DOMAIN, '/wp-login.php', 404],
    ['and not at its root alone', DOMAIN, '/', 404],
    ['and at no other domain', 'other.example', '/abc/postback', 404],
  ])('an endpoint answers %s', async (_where, host, path, status) => {
    const { elsewhere, taken } = aDoor();
    expect((await elsewhere(path, host)).status).toBe(status);
    expect(taken.map(({ message }) => message.path)).toEqual(status === 200 ? ['abc/postback'] : []);
  });
});
