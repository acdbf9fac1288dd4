import { describe, expect, it } from 'vitest';
import { meta } from '../../shared/dialects/meta.ts';
import { signHmac } from '../../shared/dialects/verification.ts';
import { got, passage, posted, RECEIVED_AT, setupOf, toldBy } from '../support/dialects.ts';
import { itTakesSignedElsewhere } from '../support/vectors.ts';

const SECRET = 'test_app_secret';
const setup = setupOf(meta, {
  app_secret: SECRET,
  verify_token: 'made-up-verify-token',
  access_token: 'made-up-token',
});
const sign = (body: string) => signHmac(Buffer.from(body), SECRET, { encoding: 'hex', prefix: 'sha256=' });
const signed = (body: string, signature = sign(body)) =>
  posted(body, { headers: { 'x-hub-signature-256': signature } });
const take = (body: string) => passage(meta, signed(body), setup);
const page = (...changes: string[]) =>
  `{"object":"page","entry":[{"id":"1","time":1,"changes":[${changes.join(',')}]}]}`;
const leadgen = (value: string) => `{"field":"leadgen","value":${value}}`;

/** As Meta's page on leads has it. */
const PUBLISHED =
  '{"object":"page","entry":[{"id":153125381133,"time":1438292065,"changes":[' +
  '{"field":"leadgen","value":{"leadgen_id":123123123123,"page_id":123123123,"form_id":12312312312,"adgroup_id":12312312312,"ad_id":12312312312,"created_time":1440120384}},' +
  '{"field":"leadgen","value":{"leadgen_id":123123123124,"page_id":123123123,"form_id":12312312312,"adgroup_id":12312312312,"ad_id":12312312312,"created_time":1440120384}}]}]}';
/** The first of the two alone, with its signature. */
const ONE = PUBLISHED.replace(/,\{"field":"leadgen","value":\{"leadgen_id":123123123124[^}]*\}\}/, '');
const ONE_SIGNATURE = 'sha256=7dae0bb209412f036c879f4d2ec869fed5e7acf203d957b13abdc822ea263003';
const ESCAPED = String.raw`{"object":"page","entry":[{"id":"1","time":1,"changes":[{"field":"name","value":"\u00e4\u00f6\u00e5"}]}]}`;
const ESCAPED_SIGNATURE = 'sha256=de61c9bb49a25ff6da1703f76888d74359a77a893057e76e8ebf36ba3ab3b325';

describe('the handshake of Meta', () => {
  it.each([
    [
      'with the right token',
      'hub.mode=subscribe&hub.verify_token=made-up-verify-token&hub.challenge=1158201444',
      200,
      '1158201444',
    ],
    [
      'with a challenge that is no number',
      'hub.mode=subscribe&hub.verify_token=made-up-verify-token&hub.challenge=007%20%22x',
      200,
      '007 "x',
    ],
    [
      'with another token',
      'hub.mode=subscribe&hub.verify_token=x&hub.challenge=1',
      403,
      'the proof of its sender is wrong',
    ],
    ['without a token', 'hub.mode=subscribe&hub.challenge=1', 403, 'it carries no proof of its sender'],
    [
      'with the token twice',
      'hub.mode=subscribe&hub.verify_token=made-up-verify-token&hub.verify_token=x&hub.challenge=1',
      403,
      'it carries no proof of its sender',
    ],
    [
      'of another mode',
      'hub.mode=unsubscribe&hub.verify_token=made-up-verify-token&hub.challenge=1',
      400,
      'hub.mode must be subscribe, with a hub.challenge',
    ],
    [
      'without a challenge',
      'hub.mode=subscribe&hub.verify_token=made-up-verify-token',
      400,
      'hub.mode must be subscribe, with a hub.challenge',
    ],
  ])('%s', (_case, query, status, body) => {
    expect(passage(meta, got(query), setup).answer).toMatchObject({
      status,
      body,
      headers: { 'content-type': 'text/plain' },
    });
  });
});

describe('a message of Meta', () => {
  it.each([
    ['with its signature', signed(ONE, ONE_SIGNATURE), 'signature', 200],
    ['with escaped letters, over the bytes as they came', signed(ESCAPED, ESCAPED_SIGNATURE), 'signature', 200],
    [
      'with its letters as they are, under the signature of the escaped ones',
      signed(JSON.stringify(JSON.parse(ESCAPED)), ESCAPED_SIGNATURE),
      'the proof of its sender is wrong',
      403,
    ],
    ['with a blank more', signed(`${ONE} `, ONE_SIGNATURE), 'the proof of its sender is wrong', 403],
    ['with the digest in capitals', signed(ONE, ONE_SIGNATURE.toUpperCase()), 'the proof of its sender is wrong', 403],
    ['with the digest alone', signed(ONE, ONE_SIGNATURE.slice(7)), 'the proof of its sender is wrong', 403],
    [
      'with the old signature alone',
      posted(ONE, { headers: { 'x-hub-signature': 'sha1=00' } }),
      'it carries no proof of its sender',
      403,
    ],
    [
      'with the token of the handshake in place of a signature',
      posted(ONE, { query: 'hub.verify_token=made-up-verify-token' }),
      'it carries no proof of its sender',
      403,
    ],
    ['that is no JSON', signed('leadgen'), 'signature', 400],
    ['without its entries', signed('{"object":"page"}'), 'signature', 400],
    ['about a person', signed('{"object":"user","entry":[]}'), 'signature', 200],
    ['without any change', signed('{"object":"page","entry":[{"id":"1","time":1}]}'), 'signature', 200],
  ])('%s', (_case, message, by, status) => {
    const taken = passage(meta, message, setup);
    expect([taken.by, taken.answer.status]).toEqual([by, status]);
  });

  it('names the leads to fetch, ids as numbers or as texts', () => {
    const about = { page_id: '123123123', form_id: '12312312312', adgroup_id: '12312312312', ad_id: '12312312312' };
    const expected = ['123123123123', '123123123124'].map((id) => ({
      kind: 'fetch',
      id,
      about: { leadgen_id: id, ...about },
    }));
    expect(toldBy(take(PUBLISHED))).toEqual(expected);
    expect(toldBy(take(PUBLISHED.replace(/:(\d{9,12})(?=[,}])/g, ':"$1"')))).toEqual(expected);
  });

  it.each([
    ['null where the lead is organic', '{"leadgen_id":1,"form_id":2,"ad_id":null,"adgroup_id":null}'],
    ['absent', '{"leadgen_id":1,"form_id":2}'],
    ['zero', '{"leadgen_id":1,"form_id":2,"ad_id":0,"adgroup_id":"0"}'],
  ])('has ids of the ad that are %s', (_case, value) => {
    expect(toldBy(take(page(leadgen(value))))).toEqual([
      { kind: 'fetch', id: '1', about: { leadgen_id: '1', form_id: '2' } },
    ]);
  });

  it('keeps ids beyond 2^53', () => {
    expect(toldBy(take(page(leadgen('{"leadgen_id":9007199254740993}'))))).toMatchObject([{ id: '9007199254740993' }]);
  });

  it('of the button "Test" has a lead that nobody could fetch', () => {
    const sample = passage(meta, meta.sample(setup, RECEIVED_AT), setup);
    expect(sample.answer.status).toBe(200);
    expect(toldBy(sample)).toMatchObject([{ kind: 'test', id: '444444444444', report: { source: 'meta' } }]);
  });

  it('with a lead that cannot be read still tells the others', () => {
    const told = toldBy(
      take(page(leadgen('{"form_id":2}'), leadgen('"?"'), leadgen('{"leadgen_id":7}'), '{"field":"feed"}')),
    );
    expect(told.map(({ kind, id }) => `${kind} ${id}`)).toEqual([
      'ignored leadgen',
      'ignored leadgen',
      'fetch 7',
      'ignored feed',
    ]);
  });

  it('tells 1,000 leads, and no more', () => {
    const many = (count: number) =>
      page(...Array.from({ length: count }, (_, at) => leadgen(`{"leadgen_id":${at + 1}}`)));
    expect(toldBy(take(many(1000)))).toHaveLength(1000);
    expect(take(many(1001)).answer.status).toBe(400);
  });

  it('that could not be kept is asked for again', () => {
    expect(meta.answer({ kind: 'unavailable' }, signed(ONE), setup).status).toBe(503);
  });

  itTakesSignedElsewhere<{ meta: { secret: string; body: string; 'X-Hub-Signature-256': string } }>(
    ({ meta: { secret, body, 'X-Hub-Signature-256': signature } }) => {
      const endpoint = setupOf(meta, { app_secret: secret });
      expect(meta.verify(signed(body, signature), endpoint)).toMatchObject({ ok: true, by: 'signature' });
      expect(meta.verify(signed(`${body} `, signature), endpoint).ok).toBe(false);
    },
  );
});

describe('a lead of Meta', () => {
  const about = { leadgen_id: '123123123123', form_id: '12312312312', ad_id: '6042' };
  const answered = (body: unknown, status = 200, endpoint = setup) =>
    meta.fetch!.read(
      { status, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) },
      about,
      endpoint,
    );
  /** As Meta's page on retrieving leads has it. */
  const published = {
    created_time: '2015-02-28T08:49:14+0000',
    id: '123123123123',
    ad_id: '6042',
    form_id: '12312312312',
    field_data: [
      { name: 'car_make', values: ['Honda'] },
      { name: 'full_name', values: ['Joe Example'] },
      { name: 'email', values: ['joe@example.com'] },
      { name: 'selected_dealer', values: ['99213450'] },
    ],
  };
  const error = (code: number, message = 'no') => ({
    error: { message, type: 'OAuthException', code, fbtrace_id: 'A1' },
  });

  it('is asked for with the token in a header', () => {
    const { url, headers } = meta.fetch!.request(about, setup);
    expect(url).toBe(
      'https://graph.facebook.com/v25.0/123123123123?fields=created_time,id,ad_id,adset_id,campaign_id,form_id,field_data,platform,is_organic',
    );
    expect(headers).toEqual({ authorization: 'Bearer made-up-token' });
  });

  it('is asked for where the endpoint says, whatever its id holds', () => {
    const endpoint = setupOf(meta, {}, { apiUrl: 'http://127.0.0.1:9999/v25.0' });
    expect(meta.fetch!.request({ leadgen_id: '../me?x=' }, endpoint).url).toMatch(
      /^http:\/\/127\.0\.0\.1:9999\/v25\.0\/\.\.%2Fme%3Fx%3D\?fields=/,
    );
  });

  it('is told with its answers', () => {
    expect(answered(published)).toEqual({
      kind: 'told',
      told: {
        kind: 'conversion',
        id: '123123123123',
        status: 'open',
        report: {
          source: 'meta',
          campaign: '12312312312',
          occurredAt: '2015-02-28T08:49:14.000Z',
          parameters: {
            transaction_id: '123123123123',
            email: 'joe@example.com',
            first_name: 'Joe',
            last_name: 'Example',
            sub3: '6042',
            sub4: '12312312312',
          },
          fields: { car_make: 'Honda', full_name: 'Joe Example', selected_dealer: '99213450' },
        },
      },
    });
  });

  it.each([
    [
      'with all ids and the platform',
      { campaign_id: '1', adset_id: '2', platform: 'ig', is_organic: false },
      { sub1: '1', sub2: '2', sub3: '6042', sub4: '12312312312' },
      { platform: 'ig', is_organic: 'false' },
    ],
    [
      'with several answers to a question',
      { field_data: [{ name: 'colours', values: ['red', 'blue'] }] },
      {},
      { colours: 'red, blue' },
    ],
    ['without answers', { field_data: [{ name: 'car_make', values: [] }] }, {}, {}],
    ['without field_data', { field_data: undefined }, {}, {}],
  ])('%s', (_case, changes, parameters, fields) => {
    const fetched = answered({ ...published, ...changes });
    expect(fetched).toMatchObject({ told: { kind: 'conversion', report: { parameters } } });
    if (!('field_data' in changes)) expect(fetched).toMatchObject({ told: { report: { fields } } });
    else expect(fetched).toHaveProperty('told.report.fields', fields);
  });

  it('of the testing tool is a test', () => {
    const dummy = (name: string) => ({ name, values: [`<test lead: dummy data for ${name}>`] });
    const field_data = [dummy('full_name'), { name: 'email', values: ['test@fb.com'] }, dummy('phone_number')];
    expect(answered({ ...published, field_data })).toMatchObject({ told: { kind: 'test', id: '123123123123' } });
  });

  it('names its campaign by the platform’s campaign where the endpoint says so', () => {
    const endpoint = setupOf(meta, {}, { campaignBy: 'campaign' });
    expect(answered({ ...published, campaign_id: '77' }, 200, endpoint)).toMatchObject({
      told: { report: { campaign: '77' } },
    });
  });

  it.each([
    ['a failure of the API', '', 500, 'later', 'the Graph API answered 500'],
    [
      'a failure with its reason',
      error(2, 'Service temporarily unavailable'),
      503,
      'later',
      'the Graph API answered 503: Service temporarily unavailable',
    ],
    [
      'too many calls',
      error(4, 'Application request limit reached'),
      400,
      'later',
      'the Graph API answered 400: Application request limit reached',
    ],
    [
      'a failure that names somebody',
      { error: { message: `jane@example.com has no access${'!'.repeat(300)}`, code: 10 } },
      403,
      'later',
      `the Graph API answered 403: *** has no access${'!'.repeat(239)}`,
    ],
    ['too many calls by status', '', 429, 'later', 'the Graph API answered 429'],
    [
      'an expired token',
      error(190, 'Session has expired'),
      400,
      'later',
      'the access token has expired or was revoked: give the endpoint a new access_token',
    ],
    [
      'an invalid token by status',
      error(190),
      401,
      'later',
      'the access token has expired or was revoked: give the endpoint a new access_token',
    ],
    [
      'no right to the page yet, or no such object',
      error(100, 'Unsupported get request.'),
      400,
      'later',
      'the Graph API answered 400: Unsupported get request.',
    ],
    ['no such lead', error(803), 404, 'gone', 'the Graph API knows no such lead'],
    ['no such lead any more', '', 410, 'gone', 'the Graph API knows no such lead'],
    ['a page of a proxy', '<html>', 200, 'later', 'the Graph API answered 200'],
    ['another lead', { ...published, id: '5' }, 200, 'later', 'the Graph API answered something else than the lead'],
    ['nothing', {}, 200, 'later', 'the Graph API answered something else than the lead'],
  ])('that the API tells nothing of: %s', (_case, body, status, kind, reason) => {
    expect(answered(body, status)).toEqual({ kind, reason });
  });
});
