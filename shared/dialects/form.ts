import * as z from 'zod';
import { DEFAULT_EVENT, OPT_IN_LINK, subIdNames } from '../contracts/postback.ts';
import { checkedDurationMs, duration } from '../contracts/primitives.ts';
import { redirectUrlFault } from '../domain/catalog/redirect-url.ts';
import { type Instant, instantOf, millisecondsOf } from '../domain/time/calendar.ts';
import { answerOf, summaryOf } from './answering.ts';
import type { Answer, BadField, Dialect, EndpointSetup, Outcome, RawMessage, Reading, Report } from './dialect.ts';
import { escaped, pageOf, paragraph } from './form-page.ts';
import { formIdAt, readFormStart, readToken, signFormStart, signToken } from './form-token.ts';
import {
  type Given,
  invalid,
  jsonOf,
  MAX_PARAMETER_BYTES,
  mediaTypeOf,
  type Names,
  parametersOf,
  reportOf,
  says,
  textsIn,
  valueIn,
} from './reading.ts';
import { samplePost } from './samples.ts';
import { digestOf } from './values.ts';
import { unproven, verifyToken } from './verification.ts';

/** How long a form may stay open before it has to be loaded again. */
const MAX_FORM_AGE_MS = 7 * 86_400_000;
/** What `form_seconds` holds at most. */
const MAX_FORM_SECONDS = 999_999;
/** How long the link to a gated file works. */
export const FILE_LINK_MS = 3_600_000;
const RETRY_AFTER_SECONDS = 30;
const MAX_ORIGINS = 20;

/** A page of the advertiser's; only these macros may stand in it. */
const pageUrl = (...macros: readonly string[]) =>
  z.string().check((context) => {
    const fault = redirectUrlFault(context.value, macros);
    if (fault !== undefined) context.issues.push({ code: 'custom', message: fault, input: context.value });
  });

/** The key of an object in the bucket of gated files. */
const FILE_KEY = /^\w[\w./-]{0,1023}$/;

const settings = z.strictObject({
  origins: z
    .array(
      z
        .string()
        .refine(
          (origin) => URL.canParse(origin) && new URL(origin).origin === origin,
          'must be an origin such as https://shop.example',
        ),
    )
    .max(MAX_ORIGINS, `must have at most ${MAX_ORIGINS} entries`)
    .optional()
    .describe('Origins of the pages whose forms and scripts may send; left out, those of any page may.'),
  honeypot: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, dashes or underscores')
    .optional()
    .describe(
      'The name of an input that people do not see: who fills it is answered as if all were well, and ignored.',
    ),
  minFormTime: duration
    .optional()
    .describe(
      'How long a form must have been open, such as PT3S: what comes sooner, or without its form-start token, is refused.',
    ),
  thankYouUrl: pageUrl('file_url')
    .optional()
    .describe('Where a browser goes after the form. `{file_url}` in it stands for the link to the gated file.'),
  file: z
    .string()
    .refine(
      (file) => FILE_KEY.test(file) || redirectUrlFault(file, []) === undefined,
      'must be an https URL, or the key of a file in the bucket of gated files, such as guides/prices.pdf',
    )
    .optional()
    .describe(
      'What the form opens: an https URL, or the key of a file in the bucket of gated files. Whoever sent the form gets a link to it that works for an hour.',
    ),
  doubleOptIn: z
    .boolean()
    .optional()
    .describe(
      'Whether the lead is pending until its person opens the link that `lead.opt_in_requested` gives the advertiser’s mailer.',
    ),
  checkMailUrl: pageUrl()
    .optional()
    .describe('With doubleOptIn: the page that tells to look for the mail. Left out, a small one of ours.'),
  event: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_.-]{0,31}$/, 'must be 1 to 32 lower-case letters, digits, dots, dashes or underscores')
    .optional()
    .describe('The event that the form reports; by default `lead`.'),
});

/** What an endpoint of the dialect was set up with. */
export type FormSettings = z.output<typeof settings>;

/** The settings of an endpoint, which were checked when they were set. */
export const formSettings = (setup: EndpointSetup): FormSettings => settings.parse(setup.settings);

/** Throws where there is none: an endpoint is never made without, and with an empty one anybody could sign. */
export function signingSecret({ secrets }: EndpointSetup): string {
  const { signing } = secrets;
  if (signing === undefined || signing === '') throw new RangeError('the endpoint has no secret to sign with');
  return signing;
}

/** Forms of landing pages, chat bots and lead magnets: our own front door. The format is ours. */
export const form: Dialect = {
  name: 'form',
  title: 'Forms, chat bots and lead magnets',
  paths: [],
  secrets: z.object({
    token: z
      .string()
      .optional()
      .describe('What a server of yours sends as `Authorization: Bearer`: it then speaks for the advertiser.'),
    signing: z.string().optional().describe('What form-start tokens and links are signed with; made by itself.'),
  }),
  settings,
  madeSecrets: ['signing'],
  verify,
  read,
  answer,
  sample,
};

const bearerOf = ({ headers }: RawMessage): string | undefined =>
  /^Bearer +(\S+)$/i.exec(headers['authorization'] ?? '')?.[1];

/** A page’s origin is no proof, as anything but a browser may say any; it only keeps the forms of others out. */
function verify(message: RawMessage, setup: EndpointSetup) {
  const bearer = bearerOf(message);
  if (bearer !== undefined) return verifyToken(message, setup.secrets['token'], bearer);
  const { origin } = message.headers;
  const { origins } = formSettings(setup);
  if (origin !== undefined && origins !== undefined && !origins.includes(origin)) {
    return { ok: false as const, reason: `the origin ${origin} is not among those of the endpoint` };
  }
  return unproven(message);
}

/** The inputs that are read by a name of ours, beside their common other names. */
const NAMES: Names = {
  click: ['click_id'],
  affiliate: ['affiliate_id'],
  parameters: {
    email: ['email', 'e-mail', 'email_address', 'mail'],
    phone: ['phone', 'tel', 'telephone', 'phone_number'],
    first_name: ['first_name', 'firstname', 'given_name', 'given-name'],
    last_name: ['last_name', 'lastname', 'family_name', 'family-name'],
    ...Object.fromEntries(
      ['promo_code', 'country', 'device_id', 'visitor_id', 'consent_url', 'consent_token', ...subIdNames].map(
        (name) => [name, [name]],
      ),
    ),
  },
  // The link that is mailed is never one that the form was sent with.
  apart: ['form_start', 'submission_id', 'affiliate_id', OPT_IN_LINK],
};

/** What only a caller who is known is believed: money, and what everybody else’s request tells by itself. */
const OF_KNOWN_CALLERS = ['amount', 'currency', 'event', 'transaction_id', 'ip', 'user_agent', 'form_seconds'];

const KNOWN_NAMES: Names = {
  ...NAMES,
  parameters: { ...NAMES.parameters, ...Object.fromEntries(OF_KNOWN_CALLERS.map((name) => [name, [name]])) },
};

function read(message: RawMessage, setup: EndpointSetup): Reading {
  if (message.method !== 'POST') return invalid('method', 'must be POST');
  const reading = givenBy(message);
  if (typeof reading === 'string') return invalid('body', reading);
  const { given } = reading;
  const { honeypot, doubleOptIn, event } = formSettings(setup);
  if (honeypot !== undefined && valueIn(given, honeypot) !== undefined) {
    return { kind: 'told', told: [{ kind: 'ignored', id: idOfContent(given, setup), reason: 'honeypot' }] };
  }
  const isKnown = bearerOf(message) !== undefined;
  const begun = isKnown ? {} : formTimeOf(given, message, setup);
  if ('kind' in begun) return begun;

  const { parameters, fields, ...report } = reportOf(given, isKnown ? KNOWN_NAMES : NAMES);
  const id = parameters['transaction_id'] ?? submissionOf(given, begun.formId) ?? idOfContent(given, setup);
  if (doubleOptIn === true && parameters['email'] === undefined) {
    return invalid('email', 'must be given: the link to confirm it is mailed there');
  }
  const visitor = isKnown ? {} : visitorOf(message);
  const told: Report = {
    ...report,
    // As click links name affiliates: an external id is looked for without its mark.
    affiliate: report.affiliate?.replace(/^ext:/, ''),
    parameters: {
      ...visitor,
      ...(begun.seconds !== undefined && { form_seconds: begun.seconds }),
      ...(event !== undefined && { event }),
      ...parameters,
      transaction_id: id,
      ...(doubleOptIn === true && {
        [OPT_IN_LINK]: optInUrl(setup, { event: parameters['event'] ?? event ?? DEFAULT_EVENT, transactionId: id }),
      }),
    },
    fields,
  };
  const status = doubleOptIn === true ? 'opt_in' : 'open';
  return { kind: 'told', told: [{ kind: 'conversion', id, report: told, status }] };
}

/** What is given, by the names of its inputs, or what is wrong with the body; the query of the form’s address counts as hidden inputs. */
function givenBy(message: RawMessage): { readonly given: Given } | string {
  const mediaType = mediaTypeOf(message);
  const parameters = parametersOf(message);
  if (message.body.length === 0) return { given: parameters };
  if (mediaType === 'application/x-www-form-urlencoded') {
    // It would not be read at all, and the lead would say nothing.
    return message.body.length > MAX_PARAMETER_BYTES
      ? `must have at most ${MAX_PARAMETER_BYTES} bytes, URL-encoded`
      : { given: parameters };
  }
  if (mediaType !== 'application/json') return 'must be a form or application/json';
  const json = jsonOf(message);
  return json.ok ? { given: { ...parameters, ...textsIn(json.value) } } : json.message;
}

/** How long the form was open, as its token tells. Refused where the endpoint sets a least time and it was not. */
function formTimeOf(
  given: Given,
  { receivedAt }: RawMessage,
  setup: EndpointSetup,
): { readonly formId?: string; readonly seconds?: string } | Reading {
  const { minFormTime } = formSettings(setup);
  const begun = readFormStart(signingSecret(setup), given['form_start'] ?? '');
  const openMs = begun === undefined ? undefined : millisecondsOf(receivedAt) - millisecondsOf(begun.startedAt);
  if (minFormTime !== undefined) {
    if (openMs === undefined || openMs > MAX_FORM_AGE_MS) {
      return invalid(
        'form_start',
        'must be the token that the form was begun with, at most a week ago: load the page again',
      );
    }
    if (openMs < checkedDurationMs(minFormTime)) {
      return invalid(
        'form_start',
        `is of a moment ago: the form must be open for ${minFormTime}, so send it again now`,
      );
    }
  }
  if (begun === undefined || openMs === undefined) return {};
  const seconds = Math.min(Math.max(Math.floor(openMs / 1000), 0), MAX_FORM_SECONDS);
  return { formId: begun.formId, seconds: seconds.toString() };
}

const MAX_SUBMISSION_CHARACTERS = 100;

/**
 * Under which number a submission stands, so that sending it again is a repeat. Those that callers choose and those of forms begin
 * differently, and neither as an advertiser’s own numbers do.
 */
function submissionOf(given: Given, formId: string | undefined): string | undefined {
  const own = given['submission_id']?.trim();
  if (own !== undefined) {
    const isPlain = own.length <= MAX_SUBMISSION_CHARACTERS && /^[\x21-\x7e]+$/.test(own);
    return `submission:${isPlain ? own : digestOf(own)}`;
  }
  return formId === undefined ? undefined : `form:${formId}`;
}

/** What says the same word by word is the same submission, where nothing else tells. */
const idOfContent = (given: Given, { endpointId }: EndpointSetup): string =>
  `content:${digestOf(JSON.stringify([endpointId, Object.entries(given).sort()]))}`;

const MAX_USER_AGENT_CHARACTERS = 512;

/** The visitor is whoever sends the form. */
function visitorOf({ ip, headers }: RawMessage): Record<string, string> {
  const userAgent = headers['user-agent']?.slice(0, MAX_USER_AGENT_CHARACTERS);
  return { ...(ip !== undefined && { ip }), ...(says(userAgent) && { user_agent: userAgent }) };
}

/** Which lead a link that was mailed confirms. */
export interface OptInSubject {
  readonly event: string;
  readonly transactionId: string;
}

/** The link by which a person confirms, to be mailed: whoever opens it holds the address. */
const optInUrl = (setup: EndpointSetup, { event, transactionId }: OptInSubject): string =>
  `${setup.url ?? ''}/confirm?token=${signToken(signingSecret(setup), 'opt_in', `${event} ${transactionId}`)}`;

/** Which lead the token of such a link is for; undefined where it is not the endpoint’s own. */
export function readOptIn(setup: EndpointSetup, token: string): OptInSubject | undefined {
  const subject = readToken(signingSecret(setup), 'opt_in', token);
  const at = subject?.indexOf(' ') ?? -1;
  return subject === undefined || at === -1
    ? undefined
    : { event: subject.slice(0, at), transactionId: subject.slice(at + 1) };
}

/** The link to the gated file for whoever has sent the form, or confirmed it; undefined where there is no such file. */
export function fileUrl(setup: EndpointSetup, now: Instant): string | undefined {
  if (formSettings(setup).file === undefined) return undefined;
  const until = instantOf(millisecondsOf(now) + FILE_LINK_MS);
  return `${setup.url ?? ''}/file?token=${signToken(signingSecret(setup), 'file', until)}`;
}

/** Whether the token of a link to the gated file is the endpoint’s own; `over` where it has run out. */
export function readFileLink(setup: EndpointSetup, token: string, now: Instant): 'good' | 'over' | 'forged' {
  const until = readToken(signingSecret(setup), 'file', token);
  if (until === undefined) return 'forged';
  return now <= until ? 'good' : 'over';
}

/** Where a browser goes once nothing is left to do: the thank-you page, or the gated file; undefined where neither is set. */
export function targetOf(setup: EndpointSetup, now: Instant): string | undefined {
  const link = fileUrl(setup, now);
  return formSettings(setup).thankYouUrl?.replaceAll('{file_url}', encodeURIComponent(link ?? '')) ?? link;
}

/** What tells who asks. */
interface Asking {
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** Whether the caller reads JSON: a program or a script, and not a browser that shows what comes. */
export function wantsJson({ headers }: Asking): boolean {
  if (headers['sec-fetch-mode'] === 'cors') return true;
  const accept = headers['accept'] ?? '';
  const sendsJson = headers['content-type']?.toLowerCase().startsWith('application/json') ?? false;
  return accept.includes('json') || (sendsJson && !accept.includes('text/html'));
}

/** What lets scripts of the pages that may send read an answer, which tells strangers nothing. */
export function corsOf({ headers }: Asking, setup: EndpointSetup): Record<string, string> {
  const { origin } = headers;
  const { origins } = formSettings(setup);
  if (origins === undefined) return { 'access-control-allow-origin': '*' };
  if (origin === undefined || !origins.includes(origin)) return { vary: 'origin' };
  return { vary: 'origin', 'access-control-allow-origin': origin };
}

/** Browsers are sent on, or told in a few words; JSON for all others. Who is not known learns no more than that it was received. */
function answer(outcome: Outcome, message: RawMessage, setup: EndpointSetup): Answer {
  const given = wantsJson(message) ? jsonAnswer(outcome, message, setup) : pageAnswer(outcome, message, setup);
  return { ...given, headers: { ...given.headers, ...corsOf(message, setup) } };
}

function jsonAnswer(outcome: Outcome, message: RawMessage, setup: EndpointSetup): Answer {
  const summary = summaryOf(outcome);
  if (summary.kind === 'refused') return problemAnswer(outcome, summary.code);
  const { result } = summary;
  const { receiptId, leadId, status, reason } = result;
  const { doubleOptIn } = formSettings(setup);
  const body = {
    receiptId,
    // What became of it tells who is known here already: of an address, say, that somebody tries.
    ...(bearerOf(message) === undefined ? { status: 'received' } : { leadId, status, reason: reason ?? null }),
    ...(doubleOptIn === true
      ? { next: 'confirm_email' }
      : { redirectUrl: targetOf(setup, message.receivedAt), fileUrl: fileUrl(setup, message.receivedAt) }),
  };
  return answerOf(status === 'queued' ? 202 : 200, 'application/json', JSON.stringify(body));
}

type Code = Extract<ReturnType<typeof summaryOf>, { kind: 'refused' }>['code'];

const PROBLEMS: Readonly<Record<Code, { readonly status: number; readonly type: string; readonly title: string }>> = {
  invalid: { status: 400, type: 'invalid-request', title: 'The request is not valid' },
  unreadable: { status: 400, type: 'invalid-request', title: 'The request is not valid' },
  unknown: { status: 404, type: 'not-found', title: 'There is no such thing' },
  conflict: { status: 409, type: 'transaction-conflict', title: 'This contradicts what is there' },
  forbidden: { status: 403, type: 'forbidden', title: 'This may not be done here' },
  unverified: { status: 403, type: 'forbidden', title: 'This may not be done here' },
  unavailable: { status: 503, type: 'unavailable', title: 'Try again later' },
};

const TYPE_BASE = 'https://leadledger.dev/problems/';

function errorsOf(outcome: Outcome): readonly BadField[] {
  if (outcome.kind === 'unreadable') return outcome.errors;
  if (outcome.kind === 'unverified') return [{ field: 'sender', message: outcome.reason }];
  const [result] = outcome.kind === 'results' ? outcome.results : [];
  return result?.kind === 'refused' ? result.errors : [];
}

function problemAnswer(outcome: Outcome, code: Code): Answer {
  const { status, type, title } = PROBLEMS[code];
  const errors = errorsOf(outcome);
  const detail =
    errors.map(({ field, message }) => `${field}: ${message}`).join('; ') || 'Nothing was kept: send it again.';
  const [result] = outcome.kind === 'results' ? outcome.results : [];
  const body = { receiptId: result?.receiptId, type: TYPE_BASE + type, title, status, detail, errors };
  return withRetry(answerOf(status, 'application/problem+json', JSON.stringify(body)));
}

const withRetry = (given: Answer): Answer =>
  given.status === 503
    ? { ...given, headers: { ...given.headers, 'retry-after': RETRY_AFTER_SECONDS.toString() } }
    : given;

function pageAnswer(outcome: Outcome, message: RawMessage, setup: EndpointSetup): Answer {
  const summary = summaryOf(outcome);
  if (summary.kind === 'refused') return withRetry(errorPage(outcome, summary.code));
  const { doubleOptIn, checkMailUrl } = formSettings(setup);
  if (doubleOptIn === true) {
    return checkMailUrl === undefined
      ? pageOf(200, 'One more step', paragraph('Please open the link in the e-mail that is on its way to you.'))
      : seeOther(checkMailUrl);
  }
  return thanks(setup, message.receivedAt);
}

/** After a form: GET, whatever it was sent by. */
const seeOther = (location: string): Answer => ({
  status: 303,
  headers: { location, 'cache-control': 'no-store' },
  body: '',
});

/** Sends a browser where the endpoint says, or thanks. */
export function thanks(setup: EndpointSetup, now: Instant): Answer {
  const target = targetOf(setup, now);
  return target === undefined
    ? pageOf(200, 'Thank you', paragraph('We have received what you sent.'))
    : seeOther(target);
}

/** In words for people who fill in forms, with what is wrong for whoever made the form. */
function errorPage(outcome: Outcome, code: Code): Answer {
  const { status } = PROBLEMS[code];
  if (code === 'unavailable') {
    return pageOf(
      503,
      'Please try again',
      paragraph('Your form could not be taken just now. Nothing was kept: go back and send it again in a minute.'),
    );
  }
  const list = errorsOf(outcome)
    .map(({ field, message }) => `<li><strong>${escaped(field)}</strong> ${escaped(message)}</li>`)
    .join('\n');
  return pageOf(
    status,
    'Something is not right yet',
    `${paragraph('Your form was not taken. Go back, mend this, and send it again:')}\n<ul>\n${list}\n</ul>`,
  );
}

const SAMPLE_FORM = '9Z6V2K4M7N1P0R8S';
/** A form that was open for the longest least time that anybody sets. */
const SAMPLE_FORM_MS = 600_000;

function sample(setup: EndpointSetup, now: Instant): RawMessage {
  const startedAt = instantOf(millisecondsOf(now) - SAMPLE_FORM_MS);
  const parameters = new URLSearchParams({
    first_name: 'Ada',
    last_name: 'Example',
    email: 'ada@example.com',
    phone: '+44 20 7946 0000',
    message: 'Please call me back.',
    form_start: signFormStart(signingSecret(setup), formIdAt(startedAt, SAMPLE_FORM)),
  });
  return samplePost(Buffer.from(parameters.toString()), now, { 'content-type': 'application/x-www-form-urlencoded' });
}
