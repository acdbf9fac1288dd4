import { describe, expect, it } from 'vitest';
import { createForwardMessage } from '../../../functions/ingest-postback/forward-message.ts';
import { request } from '../../support/core-path.ts';
import { ENDPOINT_ID } from '../../support/endpoints.ts';
import { problemIn } from '../../support/problem-of.ts';

type Sent = { readonly url: string; readonly init: RequestInit };

/** Forwards to a service that answers `answer`, with what it was sent. */
function forwarding(answer: () => Response = () => new Response('OK', { headers: { 'content-type': 'text/plain' } })) {
  const sent: Sent[] = [];
  const forward = createForwardMessage({
    endpointOf: async (domain) => (domain === 'track.example' ? ENDPOINT_ID : undefined),
    apiUrl: 'https://api.example',
    fetch: async (url, init = {}) => {
      sent.push({ url: String(url), init });
      return answer();
    },
  });
  const to = (host: string, method = 'GET', parts: Parameters<typeof request>[2] = {}) => {
    const event = request(method, '/postback', { ...parts, headers: { host, ...parts.headers } });
    return forward({ ...event, requestContext: { ...event.requestContext, domainName: host } });
  };
  return { sent, to };
}

describe('a postback without a key', () => {
  it('goes to the endpoint whose domain it came to, byte for byte, and is answered by it', async () => {
    const { sent, to } = forwarding();
    const body = new Uint8Array([0xff, 0x00, 0x3d]);
    const ofConnection = {
      expect: '100-continue',
      'transfer-encoding': 'chunked',
      'keep-alive': 'timeout=5',
      upgrade: 'h2c',
    };
    const headers = { 'x-signature': 'made-up', 'content-type': 'application/octet-stream', ...ofConnection };
    expect(await to('Track.Example:443', 'POST', { query: 'cid=a%20b&txid=1', body, headers })).toEqual({
      statusCode: 200,
      headers: { 'cache-control': 'no-store', 'content-type': 'text/plain' },
      body: 'OK',
    });
    const [{ url, init } = { url: '', init: {} }] = sent;
    expect(url).toBe(`https://api.example/e/${ENDPOINT_ID}/postback?cid=a%20b&txid=1`);
    expect(new Headers(init.headers).get('x-signature')).toBe('made-up');
    for (const name of ['host', ...Object.keys(ofConnection)]) expect(new Headers(init.headers).has(name)).toBe(false);
    expect(Buffer.from(init.body as Uint8Array)).toEqual(Buffer.from(body));
  });

  it('is refused as the endpoint refuses it', async () => {
    const { to } = forwarding(() => new Response('Not found', { status: 404 }));
    expect(await to('track.example')).toMatchObject({ statusCode: 404, body: 'Not found' });
  });

  it('that came to no endpoint’s domain goes nowhere', async () => {
    const { sent, to } = forwarding();
    expect([await to('api.example'), sent]).toEqual([undefined, []]);
  });

  it('is to be sent again where the endpoint does not answer', async () => {
    const { to } = forwarding(() => {
      throw new TypeError('fetch failed');
    });
    expect(await problemIn(to('track.example'))).toMatchObject({ status: 503 });
  });
});
