import { describe, expect, it } from 'vitest';
import { createFirePixel } from '../../../functions/ingest-postback/fire-pixel.ts';
import { StoreUnavailable } from '../../../shared/ports/errors.ts';
import { makeApiKey } from '../../../shared/runtime/api-key.ts';
import { type HttpEvent, json } from '../../../shared/runtime/http.ts';
import { notFound } from '../../../shared/runtime/problems.ts';
import { apiKey, httpEvent } from '../../support/builders.ts';

const made = makeApiKey();

async function fired(query: string, answer = async () => json(200, { status: 'pending', reason: 'on_hold' })) {
  const seen: HttpEvent[] = [];
  const firePixel = createFirePixel(
    async (event) => {
      seen.push(event);
      return answer();
    },
    {
      catalog: {
        apiKey: async () =>
          apiKey({
            kid: made.kid,
            secretHash: made.secretHash,
            scopes: query.includes('full') ? ['postback'] : ['pixel'],
          }),
      },
    },
  );
  const event = httpEvent({ rawQueryString: query, headers: { 'user-agent': 'Browser/1.0 (a b)' } });
  const { http } = event.requestContext;
  const requestContext = { ...event.requestContext, http: { ...http, sourceIp: '203.0.113.7' } };
  const { statusCode, headers } = await firePixel({ ...event, requestContext });
  expect([statusCode, headers?.['content-type'], headers?.['cache-control']]).toEqual([200, 'image/gif', 'no-store']);
  return { verdict: headers?.['x-verdict'], asked: new URLSearchParams(seen[0]?.rawQueryString) };
}

const KEY = `key=${made.key}`;

describe('the conversion pixel', () => {
  it('is a postback of the visitor that asks for it', async () => {
    const { verdict, asked } = await fired(`${KEY}&transaction_id=1`);
    expect(verdict).toBe('pending; on_hold');
    expect(Object.fromEntries(asked)).toEqual({
      key: made.key,
      transaction_id: '1',
      ip: '203.0.113.7',
      user_agent: 'Browser/1.0 (a b)',
    });
  });

  it('leaves what the page says of the visitor', async () => {
    const { asked } = await fired(`${KEY}&ip=198.51.100.1&user_agent=Own`);
    expect([asked.getAll('ip'), asked.getAll('user_agent')]).toEqual([['198.51.100.1'], ['Own']]);
  });

  it.each([
    ['a plain verdict', KEY, async () => json(200, { status: 'duplicate', reason: null }), 'duplicate'],
    ['queued', KEY, async () => json(202, { status: 'queued' }), 'queued'],
    ['a problem', KEY, () => Promise.reject(notFound('There is no such campaign.')), 'not-found'],
    ['an outage', KEY, () => Promise.reject(new StoreUnavailable('down')), 'unavailable'],
    ['no key', '', undefined, 'unauthorized'],
    ['a key that may do more than a pixel', `${KEY}&full=1`, undefined, 'forbidden'],
  ])('%s: the pixel all the same', async (_what, query, answer, expected) => {
    expect((await fired(query, answer)).verdict).toBe(expected);
  });
});
