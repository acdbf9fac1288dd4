import { describe, expect, it } from 'vitest';
import { linkedin } from '../../shared/dialects/linkedin.ts';
import { signHmac } from '../../shared/dialects/verification.ts';
import { got, passage, posted, RECEIVED_AT, setupOf, toldBy } from '../support/dialects.ts';
import { itTakesSignedElsewhere } from '../support/vectors.ts';

const SECRET = 'test_client_secret';
const setup = setupOf(linkedin, { client_secret: SECRET, access_token: 'made-up-token' });
const sign = (body: string) => signHmac(Buffer.from(body), SECRET, { encoding: 'hex', signedPrefix: 'hmacsha256=' });
const signed = (body: string, signature = sign(body)) => posted(body, { headers: { 'x-li-signature': signature } });
const take = (body: string) => passage(linkedin, signed(body), setup);

const CREATED =
  '{"type":"LEAD_ACTION","leadGenFormResponse":"urn:li:leadGenFormResponse:10bbd2a4-1","leadGenForm":"urn:li:versionedLeadGenForm:(urn:li:leadGenForm:3162,1)","owner":{"sponsoredAccount":"urn:li:sponsoredAccount:520866471"},"associatedEntity":{"creative":"urn:li:sponsoredCreative:123"},"leadType":"SPONSORED","leadAction":"CREATED","occurredAt":1673443510000}';
const CREATED_SIGNATURE = 'f20c76e35d4e1e0163c75e4e8ece9ff3867cf773b45744ffb7d299fc2b5037be';
const DELETED = CREATED.replace('CREATED', 'DELETED');
const CHALLENGE = '890e4665-4dfe-4ab1-b689-ed553bceeed0';

describe('the challenge of LinkedIn', () => {
  it.each([
    ['as LinkedIn asks', `challengeCode=${CHALLENGE}`],
    ['with the application', `challengeCode=${CHALLENGE}&applicationId=4711`],
  ])('%s is answered, every time', (_case, query) => {
    for (let validation = 1; validation <= 3; validation += 1) {
      const { answer } = passage(linkedin, got(query), setup);
      expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
      expect(JSON.parse(answer.body)).toEqual({
        challengeCode: CHALLENGE,
        challengeResponse: '2f02d4233a0396d6b4632fc7be62fd3ab68183421f688efcda0c1fcb2615273e',
      });
    }
  });

  it.each([
    ['absent', ''],
    ['empty', 'challengeCode='],
    ['given twice', `challengeCode=${CHALLENGE}&challengeCode=${CHALLENGE}`],
    ['a message, of which it would be the signature', `challengeCode=${encodeURIComponent(`hmacsha256=${CREATED}`)}`],
    ['the words before a message', 'challengeCode=hmacsha256%3D'],
    ['a UUID and more', `challengeCode=${CHALLENGE}%0A`],
  ])('is not answered where the code is %s', (_case, query) => {
    const { answer } = passage(linkedin, got(query), setup);
    expect(answer.status).toBe(400);
    expect(answer.body).not.toMatch(/[0-9a-f]{64}/);
  });

  it('is not answered without a secret', () => {
    expect(passage(linkedin, got(`challengeCode=${CHALLENGE}`), setupOf(linkedin)).answer.status).toBe(401);
  });

  it('has less time than other messages', () => {
    expect(linkedin.budgetMs).toBeLessThan(3000);
  });
});

describe('a message of LinkedIn', () => {
  it.each([
    ['with its signature', signed(CREATED, CREATED_SIGNATURE), 'signature', 200],
    [
      'signed without the words before it',
      signed(CREATED, signHmac(Buffer.from(CREATED), SECRET, { encoding: 'hex' })),
      'the proof of its sender is wrong',
      401,
    ],
    [
      'with the words in the header',
      signed(CREATED, `hmacsha256=${CREATED_SIGNATURE}`),
      'the proof of its sender is wrong',
      401,
    ],
    [
      'that was altered',
      signed(CREATED.replace('CREATED', 'DELETED'), CREATED_SIGNATURE),
      'the proof of its sender is wrong',
      401,
    ],
    ['without a signature', posted(CREATED), 'it carries no proof of its sender', 401],
    ['that is no JSON', signed('LEAD_ACTION'), 'signature', 400],
    ['without the lead', signed('{"type":"LEAD_ACTION","leadAction":"CREATED"}'), 'signature', 400],
    ['of another type', signed('{"type":"ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS"}'), 'signature', 200],
    ['of no type', signed('{}'), 'signature', 200],
    ['of another action', signed(CREATED.replace('CREATED', 'UPDATED')), 'signature', 200],
  ])('%s', (_case, message, by, status) => {
    const taken = passage(linkedin, message, setup);
    expect([taken.by, taken.answer.status]).toEqual([by, status]);
  });

  it('of a lead names what to fetch, and names the same a second time', () => {
    const expected = [{ kind: 'fetch', id: '10bbd2a4-1', about: { id: '10bbd2a4-1', form: '3162' } }];
    expect([toldBy(take(CREATED)), toldBy(take(CREATED))]).toEqual([expected, expected]);
  });

  it('of another version of the form names the same form', () => {
    expect(toldBy(take(CREATED.replace('3162,1', '3162,2')))).toMatchObject([{ about: { form: '3162' } }]);
  });

  it('of a deletion names the lead as it was told', () => {
    expect(toldBy(take(DELETED))).toEqual([
      {
        kind: 'erasure',
        id: '10bbd2a4-1',
        reason: 'deleted_by_member',
        report: {
          source: 'linkedin',
          campaign: '3162',
          parameters: { transaction_id: '10bbd2a4-1', sub4: '3162' },
          fields: {},
        },
      },
    ]);
  });

  it('that could not be kept is asked for again', () => {
    expect(linkedin.answer({ kind: 'unavailable' }, signed(CREATED), setup).status).toBe(503);
  });

  it('has a sample that is believed', () => {
    const taken = passage(linkedin, linkedin.sample(setup, RECEIVED_AT), setup);
    expect([taken.by, toldBy(taken)[0]?.kind]).toEqual(['signature', 'fetch']);
  });

  itTakesSignedElsewhere<{
    linkedin: Record<'clientSecret' | 'challengeCode' | 'challengeResponse' | 'body' | 'X-LI-Signature', string>;
  }>(({ linkedin: { clientSecret, challengeCode, challengeResponse, body, 'X-LI-Signature': signature } }) => {
    const endpoint = setupOf(linkedin, { client_secret: clientSecret });
    expect(linkedin.verify(signed(body, signature), endpoint)).toMatchObject({ ok: true, by: 'signature' });
    expect(linkedin.verify(signed(`${body} `, signature), endpoint).ok).toBe(false);
    const { answer } = passage(linkedin, got(`challengeCode=${challengeCode}`), endpoint);
    expect(JSON.parse(answer.body)).toEqual({ challengeCode, challengeResponse });
  });
});

describe('a lead of LinkedIn', () => {
  const about = { id: '10bbd2a4-1', form: '3162' };
  const answered = (body: unknown, status = 200) =>
    linkedin.fetch!.read(
      { status, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) },
      about,
      setup,
    );
  const text = (questionId: number, answer: string) => ({
    questionId,
    answerDetails: { textQuestionAnswer: { answer } },
  });
  const lead = {
    id: '10bbd2a4-1',
    owner: { sponsoredAccount: 'urn:li:sponsoredAccount:520866471' },
    leadType: 'SPONSORED',
    leadMetadata: { sponsoredLeadMetadata: { campaign: 'urn:li:sponsoredCampaign:6042' } },
    associatedEntity: { associatedCreative: 'urn:li:sponsoredCreative:123' },
    versionedLeadGenFormUrn: 'urn:li:versionedLeadGenForm:(urn:li:leadGenForm:3162,1)',
    submittedAt: 1673443510000,
    testLead: false,
    formResponse: {
      answers: [
        text(11, 'Joe'),
        text(12, 'Example'),
        text(13, 'joe@example.com'),
        text(14, 'As soon as possible'),
        { questionId: 15, answerDetails: { multipleChoiceAnswer: { options: [1, 3] } } },
        text(99, 'what was it?'),
      ],
      consentResponses: [{ consentId: 7, accepted: true }],
    },
    form: {
      id: 3162,
      hiddenFields: [{ name: 'utm_campaign', value: 'spring' }],
      content: {
        questions: [
          { questionId: 11, name: 'First name', predefinedField: 'FIRST_NAME' },
          { questionId: 12, name: 'Last name', predefinedField: 'LAST_NAME' },
          { questionId: 13, name: 'Email', predefinedField: 'EMAIL' },
          { questionId: 14, name: 'When do you need it?' },
          { questionId: 15, name: 'Which ones?' },
        ],
      },
    },
  };

  it('is asked for with version, token and the form that its questions stand on', () => {
    const { url, headers } = linkedin.fetch!.request(about, setup);
    expect(url).toMatch(
      /^https:\/\/api\.linkedin\.com\/rest\/leadFormResponses\/10bbd2a4-1\?fields=.*form:\(hiddenFields,.*content\)$/,
    );
    expect(headers).toEqual({
      authorization: 'Bearer made-up-token',
      'linkedin-version': '202606',
      'x-restli-protocol-version': '2.0.0',
    });
  });

  it('is told with the questions that its answers number', () => {
    expect(answered(lead)).toEqual({
      kind: 'told',
      told: {
        kind: 'conversion',
        id: '10bbd2a4-1',
        status: 'open',
        report: {
          source: 'linkedin',
          campaign: '3162',
          occurredAt: '2023-01-11T13:25:10.000Z',
          parameters: {
            transaction_id: '10bbd2a4-1',
            email: 'joe@example.com',
            first_name: 'Joe',
            last_name: 'Example',
            sub1: '6042',
            sub3: '123',
            sub4: '3162',
          },
          fields: {
            'When do you need it?': 'As soon as possible',
            'Which ones?': '1, 3',
            question_99: 'what was it?',
            utm_campaign: 'spring',
            consent_7: 'true',
          },
        },
      },
    });
  });

  it('of a test is a test', () => {
    expect(answered({ ...lead, testLead: true })).toMatchObject({ told: { kind: 'test' } });
  });

  it('without its form keeps the numbers of the questions', () => {
    expect(answered({ ...lead, form: undefined })).toMatchObject({
      told: { report: { parameters: { transaction_id: '10bbd2a4-1' }, fields: { question_13: 'joe@example.com' } } },
    });
  });

  it.each([
    ['deleted meanwhile', { message: 'Not Found' }, 404, 'gone', 'LinkedIn knows no such lead, or no more'],
    [
      'an expired token',
      { message: 'Expired access token' },
      401,
      'later',
      'the access token has expired or was revoked: give the endpoint a new access_token',
    ],
    [
      'no right yet',
      { message: 'Not enough permissions' },
      403,
      'later',
      'LinkedIn answered 403: Not enough permissions',
    ],
    [
      'a version that was turned off',
      { message: 'Requested version is not active' },
      426,
      'later',
      'LinkedIn answered 426: Requested version is not active',
    ],
    [
      'a failure that names somebody',
      { message: 'jane@example.com has no access' },
      403,
      'later',
      'LinkedIn answered 403: *** has no access',
    ],
    ['too many calls', '', 429, 'later', 'LinkedIn answered 429'],
    ['a failure', '', 500, 'later', 'LinkedIn answered 500'],
    ['no JSON', '<html>', 200, 'later', 'LinkedIn answered 200'],
    ['another lead', { ...lead, id: 'x' }, 200, 'later', 'LinkedIn answered something else than the lead'],
  ])('that the API tells nothing of: %s', (_case, body, status, kind, reason) => {
    expect(answered(body, status)).toEqual({ kind, reason });
  });
});
