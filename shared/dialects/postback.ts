import * as z from 'zod';
import { faultOf, faultText, type Summary, summaryOf, textAnswer } from './answering.ts';
import type { Answer, Dialect, EndpointSetup, RawMessage, Reading, Report, Told } from './dialect.ts';
import { type Given, invalid, type Names, parametersOf, reportOf, valueIn } from './reading.ts';
import { sampleQuery } from './samples.ts';
import { unproven, verifyToken } from './verification.ts';

const SENDER_STATUSES = ['open', 'pending', 'approved', 'declined'] as const;
export type SenderStatus = (typeof SENDER_STATUSES)[number];

export type ConversionTold = Extract<Told, { kind: 'conversion' }>;

/** What tells apart the systems that hear of conversions by a request with parameters. */
export interface PostbackFormat extends Pick<Dialect, 'name' | 'title' | 'paths'> {
  readonly names: Names;
  /** The parameter that proves the sender, where the endpoint has such a secret; `inPath`: it is the first part of the path instead. */
  readonly token: { readonly name: string; readonly described: string; readonly inPath?: boolean };
  /** Where the sender's own verdict is given, besides `STATUS_NAMES`. */
  readonly statusNames?: readonly string[];
  /** Words for verdicts that have a meaning of their own here, in lower case. */
  readonly words?: Readonly<Record<string, SenderStatus>>;
  /** How the event that has no name is called, such as goal `0`. */
  readonly unnamedEvents?: readonly string[];
  /** Whether the sender's numbers of conversions are told apart within a click only. */
  readonly numberedByClick?: boolean;
  /** What a message says that is more, or less, than a plain conversion. */
  refine?(told: ConversionTold, given: Given): Told;
  /** In the form that callers of this system read. */
  answer(summary: Summary, given: Given, setup: EndpointSetup): Answer;
  /** What a sender would send, without its token. */
  readonly sample: { readonly path: string; readonly parameters: Readonly<Record<string, string>> };
}

const postbackSettings = z.object({
  statuses: z
    .record(z.string().trim().toLowerCase(), z.enum(SENDER_STATUSES, 'must be open, pending, approved or declined'))
    .default({})
    .describe(
      'What words of the sender for its verdict mean, where they are not known: {"reg": "open", "dep": "approved"}.',
    ),
});

/** What is a part of a path as it stands, whoever encodes and decodes it on the way. */
const segment = z
  .string()
  .regex(
    /^[A-Za-z0-9._~-]*[A-Za-z0-9_~-]$/,
    'must be letters, digits, dots, dashes, underscores and tildes: it is a part of the URL',
  );

/** Under which names senders to any system give their own verdict. */
const STATUS_NAMES = ['status', 'conversion_status', 'conv_status'];

/** Words of networks and trackers for a verdict, in lower case. */
const WORDS: Readonly<Record<string, SenderStatus>> = {
  ...wordsFor('approved', 'approved approve accepted accept confirmed confirm sale sold paid valid'),
  ...wordsFor('pending', 'pending hold on_hold onhold wait waiting new lead processing in_process review unconfirmed'),
  ...wordsFor('declined', 'declined decline rejected reject cancelled canceled cancel trash scrubbed scrub invalid'),
  ...wordsFor('declined', 'fraud fake spam duplicate void reversed chargeback refund refunded'),
};

function wordsFor(status: SenderStatus, words: string): Record<string, SenderStatus> {
  return Object.fromEntries(words.split(' ').map((word) => [word, status]));
}

/**
 * A system that hears of conversions by a request with parameters: GET and POST say the same. A conversion is known by the number
 * that its sender gives it, or else by its click, so that a repeat is the same conversion.
 */
export function postbackDialect(format: PostbackFormat): Dialect {
  const { name, title, paths, token } = format;
  return {
    name,
    title,
    paths,
    secrets: z.object({
      [token.name]: (token.inPath ? segment : z.string().min(1)).optional().describe(token.described),
    }),
    settings: postbackSettings,
    verify(message, { secrets }) {
      const secret = secrets[token.name];
      return secret === undefined ? unproven(message) : verifyToken(message, secret, presentedToken(message, format));
    },
    read: (message, setup) => read(parametersOf(message), format, setup),
    answer: (outcome, message, setup) => format.answer(summaryOf(outcome), parametersOf(message), setup),
    sample(setup, now) {
      const secret = setup.secrets[token.name];
      const { path, parameters } = format.sample;
      const proof = secret === undefined || token.inPath ? {} : { [token.name]: secret };
      const keyed = secret !== undefined && token.inPath ? `${secret}/${path}` : path;
      return sampleQuery({ ...parameters, ...proof }, now, keyed);
    },
  };
}

function presentedToken(message: RawMessage, { token }: PostbackFormat): string | undefined {
  if (!token.inPath) return valueIn(parametersOf(message), token.name);
  const [first, ...rest] = message.path.split('/');
  return rest.length === 0 ? undefined : first;
}

function read(given: Given, format: PostbackFormat, setup: EndpointSetup): Reading {
  const { names, token, statusNames = [], words = {}, refine } = format;
  const verdictNames = [...statusNames, ...STATUS_NAMES];
  const report = identified(
    reportOf(given, { ...names, apart: [...(names.apart ?? []), ...verdictNames, token.name] }),
    format,
  );
  const id = report.parameters['transaction_id'];
  if (id === undefined) return unidentified(names);
  const { statuses } = postbackSettings.parse(setup.settings);
  const status = statusOf(valueIn(given, ...verdictNames), { ...WORDS, ...words, ...statuses });
  const conversion: ConversionTold = { kind: 'conversion', id, report, status };
  const told = refine?.(conversion, given) ?? conversion;
  return { kind: 'told', told: [told.kind === 'conversion' ? withWorth(told) : told] };
}

/** Before their verdict, and on what they decline, networks tell an amount of nothing: it must not contradict what they say otherwise. */
function withWorth(told: ConversionTold): ConversionTold {
  const { status, report } = told;
  const { amount, ...parameters } = report.parameters;
  const saysNothing = status === 'declined' || (status === 'pending' && /^0(?:\.0*)?$/.test(amount ?? ''));
  return saysNothing ? { ...told, report: { ...report, parameters } } : told;
}

/** With the number that the conversion is known by, and without a name for the event that has none. */
function identified(report: Report, { unnamedEvents = [], numberedByClick }: PostbackFormat): Report {
  const { event, transaction_id: number, ...parameters } = report.parameters;
  const { click } = report;
  const id = click !== undefined && number !== undefined && numberedByClick ? `${click}:${number}` : (number ?? click);
  return {
    ...report,
    parameters: {
      ...parameters,
      ...(event === undefined || unnamedEvents.includes(event.toLowerCase()) ? {} : { event }),
      ...(id === undefined ? {} : { transaction_id: id }),
    },
  };
}

function unidentified({ click = [] }: Names): Reading {
  const [field = 'click_id'] = click;
  return invalid(field, 'must be given: the id of the click');
}

/** What a word for a verdict means. One that nobody knows is pending: nothing is billed on a guess. */
export function statusOf(word: string | undefined, meanings: Readonly<Record<string, SenderStatus>>): SenderStatus {
  if (word === undefined) return 'open';
  const known = word.trim().toLowerCase();
  return Object.hasOwn(meanings, known) ? (meanings[known] ?? 'pending') : 'pending';
}

/** For systems whose answers nobody has written down: the status says it all, the text is for people. */
export function plainAnswer(summary: Summary): Answer {
  switch (faultOf(summary)) {
    case undefined:
      return textAnswer(200, 'OK');
    case 'duplicate':
      return textAnswer(200, 'Duplicate');
    case 'click':
      return textAnswer(404, 'Click not found');
    case 'unverified':
      return textAnswer(403, 'Forbidden');
    case 'unavailable':
      return textAnswer(503, 'Temporarily unavailable');
    case 'other':
      return textAnswer(400, faultText(summary));
  }
}
