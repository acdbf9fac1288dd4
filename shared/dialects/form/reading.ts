import { contactNames, DEFAULT_EVENT, OPT_IN_LINK, subIdNames } from '../../contracts/postback.ts';
import { checkedDurationMs } from '../../contracts/primitives.ts';
import { millisecondsOf } from '../../domain/time/calendar.ts';
import type { EndpointSetup, RawMessage, Reading, Report } from '../dialect.ts';
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
} from '../reading.ts';
import { digestOf } from '../values.ts';
import { optInUrl } from './links.ts';
import { bearerOf, formSettings, signingSecret } from './settings.ts';
import { digestOfContact, readFormStart } from './token.ts';

/** How long a form may stay open before it has to be loaded again. */
const MAX_FORM_AGE_MS = 7 * 86_400_000;
/** What `form_seconds` holds at most. */
const MAX_FORM_SECONDS = 999_999;

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

/** Reads what a form, a script or a server has sent. */
export function readForm(message: RawMessage, setup: EndpointSetup): Reading {
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
  const id =
    parameters['transaction_id'] ?? submissionOf(given, begun.formId, parameters, setup) ?? idOfContent(given, setup);
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

/** Whether a message shows the token of a form that was begun, at most a week ago. */
export function isBegun(message: RawMessage, setup: EndpointSetup): boolean {
  const reading = givenBy(message);
  const begun = typeof reading === 'string' ? undefined : begunOf(reading.given, message, setup);
  return begun !== undefined && begun.openMs <= MAX_FORM_AGE_MS;
}

/** The form that a token was given out for, and for how long it was open. */
function begunOf(
  given: Given,
  { receivedAt }: RawMessage,
  setup: EndpointSetup,
): { readonly formId: string; readonly openMs: number } | undefined {
  const begun = readFormStart(signingSecret(setup), given['form_start'] ?? '');
  if (begun === undefined) return undefined;
  return { formId: begun.formId, openMs: millisecondsOf(receivedAt) - millisecondsOf(begun.startedAt) };
}

/** How long the form was open, as its token tells. Refused where the endpoint sets a least time and it was not. */
function formTimeOf(
  given: Given,
  message: RawMessage,
  setup: EndpointSetup,
): { readonly formId?: string; readonly seconds?: string } | Reading {
  const { minFormTime } = formSettings(setup);
  const begun = begunOf(given, message, setup);
  const openMs = begun?.openMs;
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
 * Under which number a submission stands, so that sending it again is a repeat; with a mended address or name it is another. Those that
 * callers choose and those of forms begin differently, and neither as an advertiser’s own numbers do.
 */
function submissionOf(
  given: Given,
  formId: string | undefined,
  parameters: Report['parameters'],
  setup: EndpointSetup,
): string | undefined {
  const own = given['submission_id']?.trim();
  if (own !== undefined) {
    const isPlain = own.length <= MAX_SUBMISSION_CHARACTERS && /^[\x21-\x7e]+$/.test(own);
    return `submission:${isPlain ? own : digestOf(own)}`;
  }
  if (formId === undefined) return undefined;
  const contact = contactNames.map((name) => parameters[name]?.toLowerCase() ?? '');
  return `form:${formId}.${digestOfContact(signingSecret(setup), contact)}`;
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
