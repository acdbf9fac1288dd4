/** Messages on their way through a dialect: verified, read and answered, as an endpoint does it. */
import type {
  Answer,
  Dialect,
  EndpointSetup,
  Outcome,
  RawMessage,
  Reading,
  Result,
  Told,
} from '../../shared/dialects/dialect.ts';
import type { DialectName } from '../../shared/dialects/names.ts';
import { ENDPOINT_ID } from './endpoints.ts';

export const RECEIVED_AT = '2026-11-22T09:00:00.000Z';

/** An endpoint, with the defaults of its dialect's settings filled in as they are when it is made. */
export const setupOf = (
  dialect: Dialect,
  secrets: Readonly<Record<string, string>> = {},
  settings: Readonly<Record<string, unknown>> = {},
): EndpointSetup => ({ endpointId: ENDPOINT_ID, secrets, settings: dialect.settings.parse(settings) });

/** Settings that a dialect cannot be without. */
const NEEDED: Readonly<Partial<Record<DialectName, Readonly<Record<string, string>>>>> = {
  impact: { accountSid: 'IRx1' },
  vk: { groupId: '1', confirmation: 'madeup' },
};

/** An endpoint that can be used, with these secrets; by default made-up ones of every name that its dialect has. */
export const usableSetup = (
  dialect: Dialect,
  secrets = madeUpSecrets(Object.keys(dialect.secrets.shape)),
): EndpointSetup => setupOf(dialect, secrets, NEEDED[dialect.name]);

export const madeUpSecrets = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, `made-up-${name}`]));

export interface MessageParts {
  readonly path?: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const posted = (
  body: string | Uint8Array,
  { path = '', query = '', headers = {} }: MessageParts = {},
): RawMessage => ({
  method: 'POST',
  path,
  query,
  headers: { 'content-type': 'application/json', ...headers },
  body: Buffer.from(body as Uint8Array),
  receivedAt: RECEIVED_AT,
});

/** The query of a URL whose placeholders are filled in; what is undefined is not in it. */
export const filledIn = (parameters: Readonly<Record<string, string | undefined>>): string =>
  Object.entries(parameters)
    .flatMap(([name, value]) => (value === undefined ? [] : `${name}=${encodeURIComponent(value)}`))
    .join('&');

export const got = (query: string, { path = '', headers = {} }: MessageParts = {}): RawMessage => ({
  method: 'GET',
  path,
  query,
  headers,
  body: new Uint8Array(),
  receivedAt: RECEIVED_AT,
});

export interface Passage {
  /** What proved it, or why it was not believed. */
  readonly by: string;
  readonly reading: Reading | undefined;
  readonly answer: Answer;
}

const asTaken = (told: Told): Result => ({
  kind: 'taken',
  told,
  status:
    told.kind === 'test' || told.kind === 'ignored'
      ? told.kind
      : told.kind === 'fetch'
        ? 'queued'
        : told.kind === 'erasure'
          ? 'erased'
          : told.kind === 'return'
            ? 'reversed'
            : 'confirmed',
});

/** Takes a message through a dialect; what becomes of each thing it tells is `become`'s word, by default that it is taken. */
export function passage(
  dialect: Dialect,
  message: RawMessage,
  setup: EndpointSetup,
  become: (told: Told) => Result = asTaken,
): Passage {
  const verified = dialect.verify(message, setup);
  const answered = (outcome: Outcome) => dialect.answer(outcome, message, setup);
  if (!verified.ok) {
    return {
      by: verified.reason,
      reading: undefined,
      answer: answered({ kind: 'unverified', reason: verified.reason }),
    };
  }
  const reading = dialect.read(verified.message, setup);
  const answer =
    reading.kind === 'handshake'
      ? reading.answer
      : answered(reading.kind === 'told' ? { kind: 'results', results: reading.told.map(become) } : reading);
  return { by: verified.by, reading, answer };
}

/** All that a message tells; throws where it tells nothing. */
export function toldBy({ reading, by }: Passage): readonly Told[] {
  if (reading?.kind !== 'told') throw new Error(`told nothing: ${JSON.stringify(reading ?? by)}`);
  return reading.told;
}

const SOMETHING: Told = { kind: 'ignored', id: 'id', reason: 'nothing' };
const ERRORS = [{ field: 'transaction_id', message: 'must be given' }];

const taken = (status: Extract<Result, { kind: 'taken' }>['status']): Outcome => ({
  kind: 'results',
  results: [{ kind: 'taken', told: SOMETHING, status }],
});
const refused = (code: Extract<Result, { kind: 'refused' }>['code']): Outcome => ({
  kind: 'results',
  results: [{ kind: 'refused', told: SOMETHING, code, errors: ERRORS }],
});

/** Everything that may become of a message which tells one thing. */
export const OUTCOMES = {
  confirmed: taken('confirmed'),
  pending: taken('pending'),
  rejected: taken('rejected'),
  reversed: taken('reversed'),
  duplicate: taken('duplicate'),
  queued: taken('queued'),
  erased: taken('erased'),
  test: taken('test'),
  ignored: taken('ignored'),
  invalid: refused('invalid'),
  unknown: refused('unknown'),
  forbidden: refused('forbidden'),
  conflict: refused('conflict'),
  unverified: { kind: 'unverified', reason: 'the proof of its sender is wrong' },
  unreadable: { kind: 'unreadable', errors: ERRORS },
  unavailable: { kind: 'unavailable' },
} as const satisfies Record<string, Outcome>;

/** With which statuses a dialect answers what may become of a message, where not with 200. */
export const failuresOf = (dialect: Dialect, message: RawMessage, setup: EndpointSetup): Record<string, number> =>
  Object.fromEntries(
    Object.entries(OUTCOMES)
      .map(([name, outcome]) => [name, dialect.answer(outcome, message, setup).status] as const)
      .filter(([, status]) => status !== 200),
  );
