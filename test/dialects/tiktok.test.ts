import { describe, expect, it } from 'vitest';
import { tiktok } from '../../shared/dialects/tiktok.ts';
import { signHmac } from '../../shared/dialects/verification.ts';
import { got, passage, posted, RECEIVED_AT, setupOf, toldBy } from '../support/dialects.ts';

const SECRET = 'made-up-app-secret';
const URL_TOKEN = { url_token: 'made-up-url-token' };
const QUERY = 'token=made-up-url-token';
/** Only the token. */
const plain = setupOf(tiktok, URL_TOKEN);
/** Token and signatures. */
const signing = setupOf(tiktok, { ...URL_TOKEN, app_secret: SECRET });
/** Whatever no signature proves is asked for. */
const asking = setupOf(
  tiktok,
  { ...URL_TOKEN, app_secret: SECRET, access_token: 'made-up-token' },
  { advertiserId: '6900000000000000001' },
);

/** As TikTok's page on subscriptions has it, with ids of the length that they have. */
const LEAD =
  '{"id":7126711421177430274,"page_id":6873052183063953666,"page_name":"Callback","campaign_id":1701890943400962,"adgroup_id":1701890943400963,' +
  '"ad_id":1701890943400964,"create_time":1614239152,"changes":[{"field":"gender","value":"Female"},{"field":"phone_number","value":"15088888888"},' +
  '{"field":"email","value":"jane@example.com"},{"field":"name","value":"Jane Doe"},{"field":"scheduled_time","value":["Wednesday","12:00 - 13:00"]}],' +
  '"advertiser_id":6900000000000000001,"lead_source":"INSTANT_FORM"}';
const BODY = `{"object":1,"time":1614334356,"request_id":20210226101236,"entry":[${LEAD}]}`;

const open = (body = BODY, secret = SECRET) => ({
  'x-open-signature': signHmac(Buffer.from(body), secret, { encoding: 'hex' }),
});
const timed = (body = BODY, t = '1614334356', prefix = `${t}.`) => ({
  'tiktok-signature': `t=${t},s=${signHmac(Buffer.from(body), SECRET, { encoding: 'hex', signedPrefix: prefix })}`,
});
const WRONG = 'its signature is wrong';

describe('a message of TikTok', () => {
  it.each([
    ['with the token', posted(BODY, { query: QUERY }), plain, 'token', 200],
    ['without the token', posted(BODY), plain, 'it carries no proof of its sender', 401],
    ['with another token', posted(BODY, { query: 'token=x' }), plain, 'the proof of its sender is wrong', 401],
    [
      'with the token twice',
      posted(BODY, { query: `${QUERY}&${QUERY}` }),
      plain,
      'it carries no proof of its sender',
      401,
    ],
    [
      'with a signature that there is no secret for',
      posted(BODY, { query: QUERY, headers: open() }),
      plain,
      'token',
      200,
    ],
    ['with its signature', posted(BODY, { query: QUERY, headers: open() }), signing, 'signature', 200],
    [
      'with the signature of other messages',
      posted(BODY, { query: QUERY, headers: timed() }),
      signing,
      'signature',
      200,
    ],
    ['without a signature where there is a secret', posted(BODY, { query: QUERY }), signing, 'token', 200],
    [
      'with its signature, without the token',
      posted(BODY, { headers: open() }),
      signing,
      'it carries no proof of its sender',
      401,
    ],
    [
      'with a signature by another secret',
      posted(BODY, { query: QUERY, headers: open(BODY, 'x') }),
      signing,
      WRONG,
      401,
    ],
    [
      'with both signatures, the one over the body wrong',
      posted(BODY, { query: QUERY, headers: { ...timed(), ...open('{}') } }),
      signing,
      WRONG,
      401,
    ],
    [
      'with the time of another signature',
      posted(BODY, { query: QUERY, headers: timed(BODY, '1614334357', '1614334356.') }),
      signing,
      WRONG,
      401,
    ],
    [
      'with a signature that is none',
      posted(BODY, { query: QUERY, headers: { 'tiktok-signature': 's=,t=' } }),
      signing,
      WRONG,
      401,
    ],
    [
      'with an empty signature',
      posted(BODY, { query: QUERY, headers: { 'x-open-signature': '' } }),
      signing,
      WRONG,
      401,
    ],
    ['that is no JSON', posted('object=1', { query: QUERY }), plain, 'token', 400],
    ['without entries', posted('{"object":1}', { query: QUERY }), plain, 'token', 400],
    ['with an entry without its id', posted('{"object":1,"entry":[{}]}', { query: QUERY }), plain, 'token', 400],
    ['about something else', posted('{"object":2,"entry":[]}', { query: QUERY }), plain, 'token', 200],
    ['that is a GET', got(QUERY), plain, 'token', 400],
  ])('%s', (_case, message, setup, by, status) => {
    const taken = passage(tiktok, message, setup);
    expect([taken.by, taken.answer.status]).toEqual([by, status]);
  });

  it('is not taken where the endpoint has no token', () => {
    for (const secrets of [undefined, { url_token: '' }]) {
      expect(passage(tiktok, posted(BODY, { query: 'token=' }), setupOf(tiktok, secrets)).answer.status).toBe(401);
    }
  });

  const conversion = {
    kind: 'conversion',
    id: '7126711421177430274',
    status: 'open',
    report: {
      source: 'tiktok',
      campaign: '6873052183063953666',
      occurredAt: '2021-02-25T07:45:52.000Z',
      parameters: {
        transaction_id: '7126711421177430274',
        email: 'jane@example.com',
        phone: '15088888888',
        first_name: 'Jane',
        last_name: 'Doe',
        sub1: '1701890943400962',
        sub2: '1701890943400963',
        sub3: '1701890943400964',
        sub4: '6873052183063953666',
      },
      fields: { gender: 'Female', name: 'Jane Doe', scheduled_time: 'Wednesday, 12:00 - 13:00', page_name: 'Callback' },
    },
  };
  const request = {
    kind: 'fetch',
    id: '7126711421177430274',
    about: { lead_id: '7126711421177430274', page_id: '6873052183063953666', lead_source: 'INSTANT_FORM' },
  };

  it.each([
    ['the token proves, where nothing can be asked', posted(BODY, { query: QUERY }), plain, conversion],
    [
      'the signature proves, where TikTok could be asked',
      posted(BODY, { query: QUERY, headers: open() }),
      asking,
      conversion,
    ],
    ['the token alone proves, where TikTok can be asked', posted(BODY, { query: QUERY }), asking, request],
  ])('with a lead that %s', (_case, message, setup, expected) => {
    expect(toldBy(passage(tiktok, message, setup))).toEqual([expected]);
  });

  it.each([
    ['as texts', LEAD.replace(/:(\d{16,})/g, ':"$1"')],
    ['as numbers', LEAD],
  ])('has ids %s, none of which loses a digit', (_case, lead) => {
    expect(toldBy(passage(tiktok, posted(`{"object":1,"entry":[${lead}]}`, { query: QUERY }), plain))).toEqual([
      conversion,
    ]);
  });

  it('tells 1,000 leads, and no more', () => {
    const many = (count: number) =>
      posted(`{"object":1,"entry":[${Array.from({ length: count }, (_, at) => `{"id":${at + 1}}`).join(',')}]}`, {
        query: QUERY,
      });
    expect(toldBy(passage(tiktok, many(1000), asking))).toHaveLength(1000);
    expect(passage(tiktok, many(1001), asking).answer.status).toBe(400);
  });

  it('of whoever tries the forms is a test', () => {
    const setup = setupOf(tiktok, URL_TOKEN, { testEmails: ['Jane@Example.com'] });
    expect(toldBy(passage(tiktok, posted(BODY, { query: QUERY }), setup))).toMatchObject([{ kind: 'test' }]);
  });

  it('that could not be kept is asked for again', () => {
    expect(tiktok.answer({ kind: 'unavailable' }, posted(BODY), plain).status).toBe(503);
  });

  it('has a sample of now, which is not too old to be tried', () => {
    expect(toldBy(passage(tiktok, tiktok.sample(plain, RECEIVED_AT), plain))).toMatchObject([
      { report: { occurredAt: RECEIVED_AT } },
    ]);
  });

  it.each([
    ['a token without an account', { access_token: 'made-up-token' }, {}, ['settings.advertiserId']],
    [
      'a token and an account of blanks',
      { access_token: 'made-up-token' },
      { advertiserId: ' ' },
      ['settings.advertiserId'],
    ],
    ['a token and an account', { access_token: 'made-up-token' }, { advertiserId: '69' }, []],
    ['no token', {}, {}, []],
  ])('asks for leads at an account, so that it needs one: %s', (_case, secrets, settings, fields) => {
    const setup = setupOf(tiktok, { ...URL_TOKEN, ...secrets }, settings);
    expect(tiktok.faultsOf?.(setup).map(({ field }) => field)).toEqual(fields);
  });

  it('has a sample that is believed', () => {
    expect(passage(tiktok, tiktok.sample(signing, RECEIVED_AT), signing).by).toBe('signature');
    expect(passage(tiktok, tiktok.sample(plain, RECEIVED_AT), plain).by).toBe('token');
  });

  describe('that is confirmed', () => {
    const answered = (body: unknown, status = 200) =>
      tiktok.fetch!.read(
        { status, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) },
        request.about,
        asking,
      );
    const lead = (changes: object = {}) => ({
      code: 0,
      message: 'OK',
      data: {
        lead_data: { name: 'Jane Doe', email: 'jane@example.com', Availability: 'Monday' },
        meta_data: {
          lead_id: '7126711421177430274',
          page_id: '6873052183063953666',
          campaign_id: '1701890943400962',
          lead_source: 'INSTANT_FORM',
          create_time: '2021-02-25 07:45:52',
          ...changes,
        },
      },
    });

    it('is asked for by its id', () => {
      expect(tiktok.fetch!.request(request.about, asking)).toEqual({
        url:
          'https://business-api.tiktok.com/open_api/v1.3/lead/get/?advertiser_id=6900000000000000001&lead_source=INSTANT_FORM' +
          '&page_id=6873052183063953666&lead_id=7126711421177430274',
        headers: { 'access-token': 'made-up-token' },
      });
    });

    it('is told by the API’s word', () => {
      expect(answered(lead())).toMatchObject({
        kind: 'told',
        told: {
          kind: 'conversion',
          id: '7126711421177430274',
          report: {
            campaign: '6873052183063953666',
            occurredAt: '2021-02-25T07:45:52.000Z',
            parameters: { email: 'jane@example.com', first_name: 'Jane', sub1: '1701890943400962' },
            fields: { Availability: 'Monday' },
          },
        },
      });
    });

    const TOKEN = 'the access token has expired, was revoked or lacks the right: give the endpoint a new access_token';
    it.each([
      ['another lead', lead({ lead_id: '1' }), 200, 'TikTok told of another lead, which does not confirm this one'],
      [
        'a lead without its id',
        lead({ lead_id: undefined }),
        200,
        'TikTok told of another lead, which does not confirm this one',
      ],
      ['a revoked token', { code: 40105, message: 'Access token is incorrect or has been revoked.' }, 200, TOKEN],
      ['a token by status', '', 401, TOKEN],
      [
        'too many calls',
        { code: 40100, message: 'Requests made too frequently' },
        200,
        'TikTok answered 200, code 40100: Requests made too frequently',
      ],
      [
        'a failure that names somebody',
        { code: 40002, message: 'jane@example.com has no access' },
        200,
        'TikTok answered 200, code 40002: *** has no access',
      ],
      ['a failure', '', 500, 'TikTok answered 500, code none'],
      ['a path that is none', 'Not Found', 404, 'TikTok answered 404, code none'],
    ])('waits for another answer than %s', (_case, body, status, reason) => {
      expect(answered(body, status)).toEqual({ kind: 'later', reason });
    });
  });
});
