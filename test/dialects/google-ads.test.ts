import { describe, expect, it } from 'vitest';
import type { Result } from '../../shared/dialects/dialect.ts';
import { googleAds } from '../../shared/dialects/google-ads.ts';
import { passage, posted, RECEIVED_AT, setupOf, toldBy } from '../support/dialects.ts';

const KEY = 'made-up-google-key';
const setup = setupOf(googleAds, { google_key: KEY });
const TEST_ID = 'TeSter-123-ABCDEFGHIJKLMNOPQRSTUVWXYZ-abcdefghijklmnopqrstuvwxyz-0123456789-AaBbCcDdEeFfGgHhIiJjKkLl';

/** What the button "Send test data" sends. */
const TEST_BODY = `{"lead_id":"${TEST_ID}",
 "user_column_data":[
  {"column_name":"Full Name","string_value":"FirstName LastName","column_id":"FULL_NAME"},
  {"column_name":"User Phone","string_value":"+16505550123","column_id":"PHONE_NUMBER"},
  {"column_name":"User Email","string_value":"test@example.com","column_id":"EMAIL"},
  {"column_name":"Postal Code","string_value":"94043","column_id":"POSTAL_CODE"},
  {"string_value":"Roofing","column_id":"SERVICE"}],
 "api_version":"1.0","form_id":18698608977,"campaign_id":991214827,"google_key":"${KEY}","is_test":true,
 "gcl_id":"${TEST_ID}",
 "adgroup_id":20000000000,"creative_id":30000000000}`;

const leadWith = (fields: string) =>
  `{"lead_id":"TGVhZC0x","form_id":2,"campaign_id":1,"google_key":"${KEY}"${fields}}`;
const columns = (...texts: string[]) => `,"user_column_data":[${texts.join(',')}]`;
const read = (body: string, endpoint = setup) => passage(googleAds, posted(body), endpoint);
const only = (body: string, endpoint = setup) => {
  const [told, ...more] = toldBy(read(body, endpoint));
  expect(more).toEqual([]);
  if (told === undefined || !('report' in told)) throw new Error('no lead');
  return told;
};

describe('a lead form of Google Ads', () => {
  it.each([
    ['without a key', '{"lead_id":"1"}', 'it carries no proof of its sender', 401],
    ['with an empty key', '{"lead_id":"1","google_key":""}', 'it carries no proof of its sender', 401],
    ['with another key', '{"lead_id":"1","google_key":"x"}', 'the proof of its sender is wrong', 401],
    ['with a key that is no text', '{"lead_id":"1","google_key":true}', 'it carries no proof of its sender', 401],
    ['with the key in the query alone', '{"lead_id":"1"}', 'it carries no proof of its sender', 401],
    ['that is no JSON', `google_key=${KEY}`, 'it carries no proof of its sender', 401],
    ['without its lead_id', `{"google_key":"${KEY}"}`, 'token', 400],
    ['whose columns are no list', leadWith(',"user_column_data":{}'), 'token', 400],
    ['without any column', leadWith(''), 'token', 200],
    ['with columns that are null', leadWith(',"gcl_id":null,"adgroup_id":null'), 'token', 200],
    ['as the button sends it', TEST_BODY, 'token', 200],
  ])('%s', (_case, body, by, status) => {
    const taken = passage(googleAds, posted(body, { query: `google_key=${KEY}` }), setup);
    expect([taken.by, taken.answer.status]).toEqual([by, status]);
  });

  it('is not taken where the endpoint has no key, not even with an empty one', () => {
    for (const secrets of [undefined, { google_key: '' }]) {
      const taken = read('{"lead_id":"1","google_key":""}', setupOf(googleAds, secrets));
      expect(taken).toMatchObject({ by: 'the endpoint has no secret to verify it with', answer: { status: 401 } });
    }
    expect(googleAds.secrets.safeParse({ google_key: '' }).success).toBe(false);
  });

  it('is told with ids, click and answers', () => {
    const real = TEST_BODY.replace('"is_test":true', '"is_test":false').replace(TEST_ID, 'TGVhZC0x');
    expect(only(real)).toEqual({
      kind: 'conversion',
      id: 'TGVhZC0x',
      status: 'open',
      report: {
        source: 'google_ads',
        campaign: '18698608977',
        occurredAt: undefined,
        parameters: {
          transaction_id: 'TGVhZC0x',
          gclid: TEST_ID,
          email: 'test@example.com',
          phone: '+16505550123',
          first_name: 'FirstName',
          last_name: 'LastName',
          sub1: '991214827',
          sub2: '20000000000',
          sub3: '30000000000',
          sub4: '18698608977',
        },
        fields: { FULL_NAME: 'FirstName LastName', POSTAL_CODE: '94043', SERVICE: 'Roofing' },
      },
    });
  });

  it('of the button is a test, which is never a lead: the next one has the same id', () => {
    expect([only(TEST_BODY), only(TEST_BODY)]).toMatchObject([
      { kind: 'test', id: TEST_ID },
      { kind: 'test', id: TEST_ID },
    ]);
    expect(read(TEST_BODY).answer).toMatchObject({ status: 200, body: '{}' });
  });

  it.each([
    ['true as a text', ',"is_test":"true"', 'test'],
    ['false as a text', ',"is_test":"false"', 'conversion'],
    ['absent', '', 'conversion'],
  ])('is_test %s', (_case, fields, kind) => {
    expect(only(leadWith(fields)).kind).toBe(kind);
  });

  it('of 2019, a test without columns and with an empty key, is refused for the key and taken with one', () => {
    const minimal =
      '{"lead_id":"MjpsZWFkX2lkOjE1NzI1ODA5MjQ4NTY","api_version":"1.0","form_id":2,"campaign_id":1,"google_key":"","is_test":true}';
    expect(read(minimal).answer.status).toBe(401);
    expect(only(minimal.replace('"google_key":""', `"google_key":"${KEY}"`))).toMatchObject({
      kind: 'test',
      report: { campaign: '2', parameters: { sub1: '1', sub4: '2' }, fields: {} },
    });
  });

  it('keeps ids beyond 2^53', () => {
    const report = only(
      `{"lead_id":"1","google_key":"${KEY}","form_id":9007199254740993,"campaign_id":9223372036854775807,"creative_id":"9007199254740995"}`,
    ).report;
    expect(report.campaign).toBe('9007199254740993');
    expect(report.parameters).toMatchObject({ sub1: '9223372036854775807', sub3: '9007199254740995' });
  });

  it.each([
    [
      'first and last name',
      ['{"column_id":"FIRST_NAME","string_value":"Ana Maria"}', '{"column_id":"LAST_NAME","string_value":"López"}'],
      { first_name: 'Ana Maria', last_name: 'López' },
      {},
    ],
    [
      'a full name of three words',
      ['{"column_id":"FULL_NAME","string_value":"Ana Maria López"}'],
      { first_name: 'Ana Maria', last_name: 'López' },
      { FULL_NAME: 'Ana Maria López' },
    ],
    [
      'a full name of one word',
      ['{"column_id":"FULL_NAME","string_value":"Ana"}'],
      { first_name: 'Ana' },
      { FULL_NAME: 'Ana' },
    ],
    [
      'an address of work beside the other',
      [
        '{"column_id":"WORK_EMAIL","string_value":"work-test@example.com"}',
        '{"column_id":"EMAIL","string_value":"a@example.com"}',
        '{"column_id":"COMPANY_NAME","string_value":"Acme"}',
        '{"column_id":"JOB_TITLE","string_value":"Buyer"}',
      ],
      { email: 'a@example.com' },
      { WORK_EMAIL: 'work-test@example.com', COMPANY_NAME: 'Acme', JOB_TITLE: 'Buyer' },
    ],
    [
      'an address of work alone',
      ['{"column_id":"WORK_EMAIL","string_value":"work-test@example.com"}'],
      { email: 'work-test@example.com' },
      {},
    ],
    [
      'a question of its own',
      ['{"string_value":"Condo","column_id":"what_type_of_insurance_are_you_looking_for?"}'],
      {},
      { 'what_type_of_insurance_are_you_looking_for?': 'Condo' },
    ],
    ['a column with a name alone', ['{"column_name":"Region","string_value":"West"}'], {}, { Region: 'West' }],
    ['a column without a value', ['{"column_id":"EMAIL"}', '{"column_id":"CITY","string_value":""}'], {}, {}],
    ['a column named as a prototype', ['{"column_id":"__proto__","string_value":"x"}'], {}, {}],
  ])('asks for %s', (_case, asked, parameters, fields) => {
    const { report } = only(leadWith(columns(...asked)));
    expect(report.parameters).toEqual({ transaction_id: 'TGVhZC0x', sub1: '1', sub4: '2', ...parameters });
    expect(report.fields).toEqual(fields);
  });

  it('keeps what Google adds later, and tells when the form was sent', () => {
    const { report } = only(
      leadWith(
        ',"lead_submit_time":"2026-10-09T14:02:11-04:00","lead_stage":"QUALIFIED","asset_group_id":12345678901,"x":[1]',
      ),
    );
    expect(report.occurredAt).toBe('2026-10-09T18:02:11.000Z');
    expect(report.fields).toEqual({ lead_stage: 'QUALIFIED', asset_group_id: '12345678901' });
  });

  it('names its campaign by the platform’s campaign where the endpoint says so', () => {
    const endpoint = setupOf(googleAds, { google_key: KEY }, { campaignBy: 'campaign' });
    expect(only(leadWith(''), endpoint).report.campaign).toBe('1');
  });

  it.each([
    ['invalid', 400],
    ['unknown', 400],
    ['forbidden', 400],
    ['conflict', 200],
  ] as const)('that is refused as %s', (code, status) => {
    const refuse: (told: Result['told']) => Result = (told) => ({
      kind: 'refused',
      told,
      code,
      errors: [{ field: 'campaign_id', message: 'is not known' }],
    });
    const { answer } = passage(googleAds, posted(leadWith('')), setup, refuse);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toEqual(status === 200 ? {} : { message: 'campaign_id is not known' });
  });

  it('that could not be kept is asked for again', () => {
    expect(googleAds.answer({ kind: 'unavailable' }, posted(''), setup).status).toBe(503);
  });

  it('has a sample that is a test', () => {
    const taken = passage(googleAds, googleAds.sample(setup, RECEIVED_AT), setup);
    expect(taken.by).toBe('token');
    expect(toldBy(taken)).toMatchObject([{ kind: 'test', id: TEST_ID }]);
  });
});
