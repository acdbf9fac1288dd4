import { PROBLEM_TYPES, problems } from '../../contracts/problems.ts';
import type { Instant } from '../../domain/time/calendar.ts';
import { answerOf, summaryOf } from '../answering.ts';
import type { Answer, BadField, EndpointSetup, Outcome, RawMessage } from '../dialect.ts';
import { fileUrl, targetOf } from './links.ts';
import { faultPage, pageOf, paragraph } from './page.ts';
import { bearerOf, formSettings } from './settings.ts';

const RETRY_AFTER_SECONDS = 30;

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
export function answerForm(outcome: Outcome, message: RawMessage, setup: EndpointSetup): Answer {
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

const PROBLEMS = {
  invalid: problems.invalid,
  unreadable: problems.invalid,
  unknown: problems.notFound,
  conflict: { ...problems.conflict, code: 'transaction-conflict' },
  forbidden: problems.forbidden,
  unverified: problems.forbidden,
  unavailable: problems.unavailable,
} as const satisfies Record<Code, { readonly status: number; readonly code: string; readonly title: string }>;

function errorsOf(outcome: Outcome): readonly BadField[] {
  if (outcome.kind === 'unreadable') return outcome.errors;
  if (outcome.kind === 'unverified') return [{ field: 'sender', message: outcome.reason }];
  const [result] = outcome.kind === 'results' ? outcome.results : [];
  return result?.kind === 'refused' ? result.errors : [];
}

function problemAnswer(outcome: Outcome, refusedAs: Code): Answer {
  const { status, code, title } = PROBLEMS[refusedAs];
  const errors = errorsOf(outcome);
  const detail =
    errors.map(({ field, message }) => `${field}: ${message}`).join('; ') || 'Nothing was kept: send it again.';
  const [result] = outcome.kind === 'results' ? outcome.results : [];
  const body = { receiptId: result?.receiptId, type: PROBLEM_TYPES + code, title, status, detail, errors };
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
      ? pageOf(200, 'Please check your e-mail', paragraph(MAIL_FOLLOWS))
      : seeOther(checkMailUrl);
  }
  return thanks(setup, message.receivedAt);
}

/** True whatever became of the form: who sends addresses of others must not learn which are known here. */
const MAIL_FOLLOWS =
  'If your form can be accepted, an e-mail with a link follows: please open it to confirm. If none has come after some minutes, send the form once more.';

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
  if (code === 'unavailable') return notKeptPage();
  const errors = errorsOf(outcome);
  const words = [...new Set(errors.map(({ field }) => WORDS_OF_FIELDS[field] ?? NOT_THEIRS))];
  return faultPage(PROBLEMS[code].status, 'Your form was not taken', words, errors);
}

const NOT_THEIRS = 'Something about this form is not right. Please tell whoever made it.';

/** What a visitor can do about it, by the field that is wrong. */
const WORDS_OF_FIELDS: Readonly<Record<string, string>> = {
  email: 'Your e-mail address is missing. Please go back, give it, and send the form again.',
  phone: 'Your phone number is missing, or is not one. Please go back, mend it, and send the form again.',
  form_start:
    'Please go back and send the form once more. If that does not help, load its page again and fill it in anew.',
  transaction_id: 'This form was sent before. To send another, please load its page again and fill it in anew.',
  sender: 'This form cannot be sent from the page that it stands on. Please tell whoever made it.',
};

const notKeptPage = (): Answer =>
  faultPage(
    503,
    'Please try again',
    ['Nothing was kept: your form could not be taken just now. Go back and send it again in a minute.'],
    [],
  );
