import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EndpointSetup, Outcome, RawMessage, Result, Told } from '../../shared/dialects/dialect.ts';
import { FILE_LINK_MS, readFileLink, readOptIn } from '../../shared/dialects/form/links.ts';
import { readFormStart, signFormStart, signToken } from '../../shared/dialects/form/token.ts';
import { form } from '../../shared/dialects/form.ts';
import { ulidOf } from '../../shared/domain/ids/ulid.ts';
import { later } from '../support/builders.ts';
import { failuresOf, OUTCOMES, passage, posted, RECEIVED_AT, setupOf, toldBy } from '../support/dialects.ts';

const SIGNING = 'made-up-signing-secret-of-the-tests';
const TOKEN = 'made-up-token-of-the-tests';
const URL_OF_FORM = 'https://leads.example/f/cmp_01JD3Y8Q5T9Z6V2K4M7N1P0R8D';
const SHOP = 'https://shop.example';

const endpoint = (settings: Record<string, unknown> = {}, secrets: Record<string, string> = {}): EndpointSetup => ({
  ...setupOf(form, { signing: SIGNING, token: TOKEN, ...secrets }, settings),
  url: URL_OF_FORM,
});

const filled = (body: string | Record<string, string>, headers: Record<string, string> = {}): RawMessage => ({
  ...posted(typeof body === 'string' ? body : new URLSearchParams(body).toString(), {
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': 'Browser/1', ...headers },
  }),
  ip: '203.0.113.7',
});
const asJson = (body: unknown, headers: Record<string, string> = {}): RawMessage => ({
  ...posted(typeof body === 'string' ? body : JSON.stringify(body), { headers }),
  ip: '203.0.113.7',
});
const bearer = { authorization: `Bearer ${TOKEN}` };

const formIdBefore = (milliseconds: number): string =>
  ulidOf(Date.parse(RECEIVED_AT) - milliseconds, Buffer.from('made-up-10'));
const startedBefore = (milliseconds: number, secret = SIGNING): string =>
  signFormStart(secret, formIdBefore(milliseconds));
const FORM_ID = formIdBefore(20_000);
const SUBMISSION = expect.stringMatching(new RegExp(`^form:${FORM_ID}\\.[\\w-]{22}$`));

/** What a message tells, without what every visitor's request tells of itself. */
function told(message: RawMessage, setup = endpoint()) {
  const [only, ...more] = toldBy(passage(form, message, setup));
  expect(more).toEqual([]);
  return only as Told;
}

function conversion(message: RawMessage, setup = endpoint()) {
  const one = told(message, setup);
  if (one.kind !== 'conversion') throw new Error(`it is ${one.kind}`);
  return one;
}

const errorsOf = (message: RawMessage, setup = endpoint()) => {
  const { reading } = passage(form, message, setup);
  return reading?.kind === 'unreadable' ? reading.errors.map(({ field }) => field) : reading?.kind;
};

const ADA = { email: 'ada@example.com' };

describe('what a form says', () => {
  it('is a conversion, with what its inputs have a name of ours for and all else as fields', () => {
    const { id, report, status } = conversion(
      filled({
        ...ADA,
        tel: '+44 20 7946 0000',
        'given-name': 'Ada',
        lastname: 'Example',
        click_id: 'click-1',
        affiliate_id: 'blog',
        sub1: 'a',
        gclid: 'Cj0',
        message: 'Call me',
        form_start: startedBefore(20_000),
      }),
    );
    expect({ id, report, status }).toEqual({
      id: SUBMISSION,
      status: 'open',
      report: {
        click: 'click-1',
        campaign: undefined,
        affiliate: undefined,
        parameters: {
          ip: '203.0.113.7',
          user_agent: 'Browser/1',
          form_seconds: '20',
          email: 'ada@example.com',
          phone: '+44 20 7946 0000',
          first_name: 'Ada',
          last_name: 'Example',
          sub1: 'a',
          gclid: 'Cj0',
          transaction_id: SUBMISSION,
        },
        fields: { message: 'Call me' },
      },
    });
  });

  it.each<[string, RawMessage, Record<string, string>, Record<string, string>]>([
    ['JSON', asJson({ email: 'ada@example.com', budget: 2500, terms: true }), ADA, { budget: '2500', terms: 'true' }],
    ['JSON with more in the query', { ...asJson(ADA), query: 'sub1=a' }, { ...ADA, sub1: 'a' }, {}],
    [
      'nested JSON',
      asJson({ ...ADA, answers: { why: ['x', 'y'] } }),
      ADA,
      { 'answers.why.0': 'x', 'answers.why.1': 'y' },
    ],
    ['an id beyond 2^53', asJson('{"visitor_id":820982911946154508}'), { visitor_id: '820982911946154508' }, {}],
    ['boxes of one name', filled('topic=a&topic=b&email=ada%40example.com'), ADA, { topic: 'a', 'topic.2': 'b' }],
    ['inputs left empty', filled('email=ada%40example.com&phone=&note=+'), ADA, {}],
    ['names in other letters', filled({ 'E-Mail': 'ada@example.com' }), ADA, {}],
    ['no click, but an affiliate', filled({ affiliate_id: 'blog' }), {}, {}],
    ['an input called kind', filled({ kind: 'loan' }), {}, { kind: 'loan' }],
    ['an input called __proto__', filled('__proto__=x&email=ada%40example.com'), ADA, {}],
    [
      'money, which nobody is believed',
      asJson({ amount: '900', currency: 'EUR' }),
      {},
      { amount: '900', currency: 'EUR' },
    ],
    [
      'what the request tells better',
      asJson({ ip: '198.51.100.1', form_seconds: '99', event: 'sale', transaction_id: 'order-1' }),
      {},
      { ip: '198.51.100.1', form_seconds: '99', event: 'sale', transaction_id: 'order-1' },
    ],
    [
      'all of it from a server that is known',
      asJson(
        { ip: '198.51.100.1', form_seconds: '99', event: 'sale', transaction_id: 'order-1', amount: '900' },
        bearer,
      ),
      { ip: '198.51.100.1', form_seconds: '99', event: 'sale', transaction_id: 'order-1', amount: '900' },
      {},
    ],
  ])('%s', (_what, message, expected, fields) => {
    const { report } = conversion(message);
    const { transaction_id, ip, user_agent: _userAgent, ...parameters } = report.parameters;
    const known = message.headers['authorization'] !== undefined;
    expect(parameters).toEqual(known ? expect.objectContaining({ form_seconds: '99', event: 'sale' }) : expected);
    expect(known ? { ...parameters, ip, transaction_id } : report.fields).toEqual(known ? expected : fields);
  });

  it.each([
    ['an external id', 'blog', 'blog'],
    ['an external id as click links have it', 'ext:blog', 'blog'],
    ['an id', 'aff_01JD3Y8Q5T9Z6V2K4M7N1P0R8A', 'aff_01JD3Y8Q5T9Z6V2K4M7N1P0R8A'],
  ])('names an affiliate by %s, where no click does', (_how, affiliate_id, expected) => {
    expect(conversion(filled({ affiliate_id })).report.affiliate).toBe(expected);
    expect(conversion(filled({ affiliate_id, click_id: 'c' })).report.affiliate).toBeUndefined();
  });

  it('reports the event of the endpoint', () => {
    expect(conversion(filled(ADA), endpoint({ event: 'signup' })).report.parameters['event']).toBe('signup');
  });

  it.each([
    ['a body that is no form', posted('x', { headers: { 'content-type': 'text/plain' } }), ['body']],
    ['JSON that is broken', asJson('{'), ['body']],
    ['JSON nested too deep', asJson(`${'['.repeat(17)}${']'.repeat(17)}`), ['body']],
    ['a body with more texts than are read', filled({ ...ADA, message: 'x'.repeat(128 * 1024) }), ['body']],
    ['GET, which prefetches send', { ...filled(''), method: 'GET' } satisfies RawMessage, ['method']],
  ])('is refused as %s', (_what, message, expected) => {
    expect(errorsOf(message as RawMessage)).toEqual(expected);
  });
});

describe('what makes two submissions one', () => {
  const idOf = (message: RawMessage, setup = endpoint()) => conversion(message, setup).id;

  it.each<[string, RawMessage, RawMessage, boolean]>([
    [
      'the same form again',
      filled({ form_start: startedBefore(1000), a: '1' }),
      filled({ form_start: startedBefore(1000), a: '2' }),
      true,
    ],
    [
      'the same form with its address mended',
      filled({ form_start: startedBefore(1000), email: 'ade@example.com' }),
      filled({ form_start: startedBefore(1000), email: 'ada@example.com' }),
      false,
    ],
    [
      'the same form with its address in capitals',
      filled({ form_start: startedBefore(1000), mail: 'Ada@example.com' }),
      filled({ form_start: startedBefore(1000), email: 'ada@example.com' }),
      true,
    ],
    ['two forms', filled({ form_start: startedBefore(1000) }), filled({ form_start: startedBefore(1001) }), false],
    ['the caller’s id', asJson({ submission_id: '7', a: '1' }), asJson({ submission_id: '7', a: '2' }), true],
    ['two ids', asJson({ submission_id: '7' }), asJson({ submission_id: '8' }), false],
    ['neither, word by word the same', filled('a=1&b=2'), filled('b=2&a=1'), true],
    ['neither, and another word', filled('a=1'), filled('a=2'), false],
    ['an id beyond ASCII', asJson({ submission_id: 'ü'.repeat(99) }), asJson({ submission_id: 'ü'.repeat(98) }), false],
  ])('%s', (_what, one, other, same) => {
    expect(idOf(one) === idOf(other)).toBe(same);
  });

  it('is never what an advertiser’s own number could be', () => {
    expect(idOf(asJson({ submission_id: 'order-1' }))).toBe('submission:order-1');
    expect(idOf(asJson({ submission_id: 'x'.repeat(101) }))).toMatch(/^submission:[0-9a-f]{32}$/);
    expect(idOf(filled(ADA))).toMatch(/^content:[0-9a-f]{32}$/);
  });
});

describe('the form-start token', () => {
  const strict = endpoint({ minFormTime: 'PT3S' });

  it.each<[string, Record<string, string>, string | string[] | undefined]>([
    ['a millisecond too soon', { form_start: startedBefore(2999) }, ['form_start']],
    ['just in time', { form_start: startedBefore(3000) }, '3'],
    ['a week later', { form_start: startedBefore(7 * 86_400_000) }, '604800'],
    ['a millisecond more than a week later', { form_start: startedBefore(7 * 86_400_000 + 1) }, ['form_start']],
    ['of another endpoint', { form_start: startedBefore(20_000, 'another secret') }, ['form_start']],
    ['given out in the future', { form_start: startedBefore(-5000) }, ['form_start']],
    ['none', {}, ['form_start']],
    ['a token for another purpose', { form_start: signToken(SIGNING, 'opt_in', FORM_ID) }, ['form_start']],
    ['signed, but over no form', { form_start: signToken(SIGNING, 'start', 'anything') }, ['form_start']],
  ])('with a least time: %s', (_when, inputs, expected) => {
    const message = filled({ ...ADA, ...inputs });
    const outcome = errorsOf(message, strict);
    expect(outcome === 'told' ? conversion(message, strict).report.parameters['form_seconds'] : outcome).toEqual(
      expected,
    );
  });

  it.each([
    ['of another endpoint', startedBefore(20_000, 'another secret'), undefined],
    ['a year old', startedBefore(366 * 86_400_000), '999999'],
    ['of the future', startedBefore(-5000), '0'],
  ])('without a least time says how long the form was open, as far as it is ours: %s', (_which, token, expected) => {
    expect(conversion(filled({ form_start: token })).report.parameters['form_seconds']).toBe(expected);
  });

  it('is not asked of a server that is known', () => {
    expect(conversion(asJson(ADA, bearer), strict).id).toMatch(/^content:/);
  });

  it('is refused after any of 10,000 mutations', () => {
    const token = startedBefore(20_000);
    expect(readFormStart(SIGNING, token)).toEqual({ formId: FORM_ID, startedAt: later(RECEIVED_AT, -20_000) });
    let accepted = 0;
    fc.assert(
      fc.property(
        fc.nat(token.length - 1),
        fc.integer({ min: 1, max: 127 }),
        fc.constantFrom('swap', 'drop', 'add'),
        (at, by, how) => {
          const character = String.fromCharCode((token.charCodeAt(at) + by) % 128);
          const middle = how === 'swap' ? character : how === 'drop' ? '' : token.charAt(at) + character;
          const mutated = token.slice(0, at) + middle + token.slice(at + 1);
          if (mutated !== token && readFormStart(SIGNING, mutated) !== undefined) accepted += 1;
        },
      ),
      { numRuns: 10_000 },
    );
    expect(accepted).toBe(0);
  });

  it('cannot be made without a secret', () => {
    expect(() => form.sample(endpoint({}, { signing: '' }), RECEIVED_AT)).toThrow(RangeError);
  });
});

describe('who may send', () => {
  const origins = { origins: [SHOP] };

  it.each<[string, Record<string, string>, Record<string, unknown>, string, number]>([
    ['any page, where none is named', { origin: 'https://other.example' }, {}, 'nothing', 200],
    ['a page that is named', { origin: SHOP }, origins, 'nothing', 200],
    [
      'another page',
      { origin: 'https://other.example' },
      origins,
      'the origin https://other.example is not among those of the endpoint',
      403,
    ],
    [
      'a page of the same host without TLS',
      { origin: 'http://shop.example' },
      origins,
      'the origin http://shop.example is not among those of the endpoint',
      403,
    ],
    ['a sandboxed frame', { origin: 'null' }, origins, 'the origin null is not among those of the endpoint', 403],
    ['no browser', {}, origins, 'nothing', 200],
    ['a server with its token', { ...bearer, origin: 'null' }, origins, 'token', 200],
    ['a server with a wrong one', { authorization: 'Bearer wrong' }, {}, 'the proof of its sender is wrong', 403],
  ])('%s', (_who, headers, settings, by, status) => {
    const passed = passage(form, filled(ADA, { accept: 'text/html', ...headers }), endpoint(settings));
    expect([passed.by, passed.answer.status]).toEqual([by, status]);
  });

  it.each<[string, string, 'nothing' | 'refused']>([
    ['begun on a page that is named', startedBefore(1000), 'nothing'],
    ['begun more than a week ago', startedBefore(604_800_001), 'refused'],
    ['begun under another secret', startedBefore(1000, 'another-secret'), 'refused'],
    ['never begun', '', 'refused'],
  ])('a page that hides where it is: a form that was %s', (_what, form_start, expected) => {
    for (const message of [filled({ ...ADA, form_start }), asJson({ ...ADA, form_start })]) {
      const { by } = passage(form, { ...message, headers: { ...message.headers, origin: 'null' } }, endpoint(origins));
      expect(by === 'nothing' ? by : 'refused').toBe(expected);
    }
  });

  it('a token is refused where none is set', () => {
    const setup = setupOf(form, { signing: SIGNING });
    expect(passage(form, filled(ADA, bearer), setup).by).toBe('the endpoint has no secret to verify it with');
  });

  it.each<[string, Record<string, string>, Record<string, unknown>, string | undefined]>([
    ['a page that is named', { origin: SHOP }, origins, SHOP],
    ['another page', { origin: 'https://other.example' }, origins, undefined],
    ['any page, where none is named', { origin: SHOP }, {}, '*'],
  ])('a script may read the answer: %s', (_who, headers, settings, allowed) => {
    const { answer } = passage(form, asJson(ADA, headers), endpoint(settings));
    expect([answer.headers['access-control-allow-origin'], answer.headers['vary']]).toEqual([
      allowed,
      allowed === '*' ? undefined : 'origin',
    ]);
  });
});

describe('the honeypot', () => {
  const trap = endpoint({ honeypot: 'website', thankYouUrl: 'https://shop.example/thanks' });
  const HTML = { accept: 'text/html' };

  it('who fills it is told, in the log alone, to be ignored', () => {
    expect(told(filled({ ...ADA, website: 'x' }), trap)).toMatchObject({ kind: 'ignored', reason: 'honeypot' });
    expect(told(filled({ ...ADA, website: '' }), trap).kind).toBe('conversion');
  });

  it.each([
    ['a browser', filled({ ...ADA, website: 'x' }, HTML), filled(ADA, HTML)],
    ['a script', asJson({ ...ADA, website: 'x' }), asJson(ADA)],
  ])('is answered to %s as if all were well', (_who, caught, honest) => {
    expect(passage(form, caught, trap).answer).toEqual(passage(form, honest, trap).answer);
  });
});

const became =
  (status: Extract<Result, { kind: 'taken' }>['status'], reason?: string) =>
  (of: Told): Result => ({
    kind: 'taken',
    told: of,
    status,
    reason,
    receiptId: 'rcp_01JD3Y8Q5T9Z6V2K4M7N1P0R8S',
    leadId: 'lead_3q2-7wAAAAAAAAAAAAAAAA',
  });

describe('the answer', () => {
  const jsonOf = (message: RawMessage, setup: EndpointSetup, status: Parameters<typeof became>[0] = 'confirmed') => {
    const { answer } = passage(form, message, setup, became(status));
    return { status: answer.status, ...JSON.parse(answer.body) };
  };

  it('tells a server that is known the verdict', () => {
    expect(jsonOf(asJson(ADA, bearer), endpoint(), 'rejected')).toEqual({
      status: 'rejected',
      receiptId: 'rcp_01JD3Y8Q5T9Z6V2K4M7N1P0R8S',
      leadId: 'lead_3q2-7wAAAAAAAAAAAAAAAA',
      reason: null,
    });
  });

  it.each(['confirmed', 'pending', 'rejected', 'duplicate', 'ignored'] as const)(
    'tells everybody else the same, so that nobody learns whose address is known: %s',
    (status) => {
      expect(jsonOf(asJson(ADA), endpoint(), status)).toEqual({
        status: 'received',
        receiptId: 'rcp_01JD3Y8Q5T9Z6V2K4M7N1P0R8S',
      });
    },
  );

  it.each<[string, RawMessage, boolean]>([
    ['JSON', asJson(ADA), true],
    ['JSON, and asks for a page', asJson(ADA, { accept: 'text/html,*/*;q=0.8' }), false],
    ['a form, and asks for JSON', filled(ADA, { accept: 'application/json' }), true],
    ['a form by a script', filled(ADA, { accept: '*/*', 'sec-fetch-mode': 'cors' }), true],
    ['a form', filled(ADA, { accept: 'text/html,*/*;q=0.8', 'sec-fetch-mode': 'navigate' }), false],
  ])('is JSON for whoever reads it: %s', (_what, message, isJson) => {
    const { answer } = passage(form, message, endpoint());
    expect(answer.headers['content-type']).toBe(isJson ? 'application/json' : 'text/html; charset=utf-8');
  });

  it('says that it was queued', () => {
    expect(passage(form, asJson(ADA), endpoint(), became('queued')).answer.status).toBe(202);
  });

  it.each<[string, Record<string, unknown>, Record<string, string>, number, string | RegExp]>([
    ['a page of ours', {}, { accept: 'text/html' }, 200, /Thank you/],
    [
      'the thank-you page',
      { thankYouUrl: 'https://shop.example/t' },
      { accept: 'text/html' },
      303,
      'https://shop.example/t',
    ],
    ['a form without Accept', { thankYouUrl: 'https://shop.example/t' }, {}, 303, 'https://shop.example/t'],
    [
      'the gated file',
      { file: 'guides/a.pdf' },
      { accept: 'text/html' },
      303,
      /^https:\/\/leads\.example\/f\/cmp_\w+\/file\?token=/,
    ],
    [
      'the thank-you page with the link to the file',
      { file: 'https://files.example/a.pdf', thankYouUrl: 'https://shop.example/t?file={file_url}' },
      { accept: 'text/html' },
      303,
      /^https:\/\/shop\.example\/t\?file=https%3A%2F%2Fleads\.example%2Ff%2Fcmp_\w+%2Ffile%3Ftoken%3D/,
    ],
    [
      'that a mail follows',
      { doubleOptIn: true, file: 'a.pdf' },
      { accept: 'text/html' },
      200,
      /If your form can be accepted, an e-mail with a link follows/,
    ],
    [
      'the page that says so',
      { doubleOptIn: true, checkMailUrl: 'https://shop.example/m' },
      {},
      303,
      'https://shop.example/m',
    ],
  ])('sends a browser to %s', (_where, settings, headers, status, expected) => {
    const { answer } = passage(form, filled(ADA, headers), endpoint(settings), became('duplicate'));
    expect([answer.status, answer.headers['cache-control']]).toEqual([status, 'no-store']);
    expect(status === 303 ? answer.headers['location'] : answer.body).toEqual(
      typeof expected === 'string' ? expected : expect.stringMatching(expected),
    );
  });

  it('gives scripts the same links', () => {
    const setup = endpoint({ file: 'guides/a.pdf', thankYouUrl: 'https://shop.example/t' });
    const { fileUrl, redirectUrl } = jsonOf(asJson(ADA), setup);
    expect(redirectUrl).toBe('https://shop.example/t');
    const token = new URL(fileUrl).searchParams.get('token') ?? '';
    expect(readFileLink(setup, token, later(RECEIVED_AT, FILE_LINK_MS))).toBe('good');
    expect(readFileLink(setup, token, later(RECEIVED_AT, FILE_LINK_MS + 1))).toBe('over');
    expect(readFileLink(setup, startedBefore(0), RECEIVED_AT)).toBe('forged');
  });

  it('holds the file back until the address is confirmed', () => {
    const answer = jsonOf(asJson(ADA), endpoint({ doubleOptIn: true, file: 'guides/a.pdf' }));
    expect(answer).toEqual({ status: 'received', receiptId: expect.any(String), next: 'confirm_email' });
  });

  it.each<[string, Outcome, number, string]>([
    ['what is wrong', OUTCOMES.invalid, 400, 'transaction_id'],
    ['what contradicts', OUTCOMES.conflict, 409, 'transaction_id'],
    ['an outage', OUTCOMES.unavailable, 503, 'again'],
  ])('says %s to people in a page, to programs as a problem', (_what, outcome, status, words) => {
    const page = form.answer(outcome, filled(ADA, { accept: 'text/html' }), endpoint());
    expect([page.status, page.headers['content-type']]).toEqual([status, 'text/html; charset=utf-8']);
    expect(page.body).toContain(words);
    const problem = form.answer(outcome, asJson(ADA), endpoint());
    expect([problem.status, problem.headers['content-type']]).toEqual([status, 'application/problem+json']);
    expect(JSON.parse(problem.body)).toMatchObject({ status, detail: expect.stringContaining(words) });
    expect(problem.headers['retry-after']).toBe(status === 503 ? '30' : undefined);
  });

  it('never shows what a stranger sent as HTML', () => {
    const hostile: Outcome = { kind: 'unreadable', errors: [{ field: '<img src=x>', message: '"&\'' }] };
    const { body } = form.answer(hostile, filled(ADA, { accept: 'text/html' }), endpoint());
    expect(body).not.toContain('<img');
    expect(body).toContain('&#60;img src=x&#62;</strong> &#34;&#38;&#39;');
  });

  it('fails with the status that fits', () => {
    expect(failuresOf(form, asJson(ADA), endpoint())).toEqual({
      queued: 202,
      invalid: 400,
      unreadable: 400,
      unknown: 404,
      forbidden: 403,
      unverified: 403,
      conflict: 409,
      unavailable: 503,
    });
  });
});

describe('double opt-in', () => {
  const setup = endpoint({ doubleOptIn: true });

  it('waits for the link, which it hands to the mailer with the contact data', () => {
    const { status, id, report } = conversion(asJson({ ...ADA, submission_id: '7' }), setup);
    expect([status, id]).toEqual(['opt_in', 'submission:7']);
    const link = new URL(report.parameters['field_opt_in_url'] ?? '');
    expect(link.origin + link.pathname).toBe(`${URL_OF_FORM}/confirm`);
    expect(readOptIn(setup, link.searchParams.get('token') ?? '')).toEqual({
      event: 'lead',
      transactionId: 'submission:7',
    });
    expect(readOptIn(setup, signToken(SIGNING, 'file', 'lead submission:7'))).toBeUndefined();
  });

  it('needs an address to mail it to', () => {
    expect(errorsOf(filled({ phone: '+44 20 7946 0000' }), setup)).toEqual(['email']);
  });
});

describe('the settings', () => {
  const faultsOf = (settings: Record<string, unknown>) => {
    const { error } = form.settings.safeParse(settings);
    return error?.issues.map(({ path }) => path.join('.')) ?? [];
  };

  it.each<[string, Record<string, unknown>, string[]]>([
    ['nothing at all', {}, []],
    ['origins', { origins: [SHOP, 'http://127.0.0.1:8080'] }, []],
    ['an origin with a path', { origins: ['https://shop.example/'] }, ['origins.0']],
    ['any origin', { origins: ['*'] }, ['origins.0']],
    ['a thank-you page without TLS', { thankYouUrl: 'http://shop.example/t' }, ['thankYouUrl']],
    ['a macro in the host', { thankYouUrl: 'https://{file_url}/t' }, ['thankYouUrl']],
    ['a macro that there is not', { thankYouUrl: 'https://shop.example/t?c={click_id}' }, ['thankYouUrl']],
    ['a file that climbs out', { file: '/etc/passwd' }, ['file']],
    ['a file without TLS', { file: 'http://files.example/a.pdf' }, ['file']],
    ['months', { minFormTime: 'P1M' }, ['minFormTime']],
    ['a name that is no input’s', { honeypot: 'a b' }, ['honeypot']],
    ['an event in capitals', { event: 'Lead' }, ['event']],
    ['what there is not', { redirect: 'x' }, ['']],
  ])('%s', (_what, settings, expected) => {
    expect(faultsOf(settings)).toEqual(expected);
  });
});

it('the sample is taken by its own endpoint, however long a form must be open', () => {
  for (const settings of [{}, { minFormTime: 'PT60S' }, { doubleOptIn: true }, { origins: [SHOP] }]) {
    const setup = endpoint(settings);
    expect(told(form.sample(setup, RECEIVED_AT), setup)).toMatchObject({ kind: 'conversion' });
  }
});
