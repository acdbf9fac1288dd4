import type * as z from 'zod';
import { messageToTry, type triedMessage } from '../../shared/contracts/endpoints.ts';
import type { Dialect, Outcome, RawMessage, Result, Told } from '../../shared/dialects/dialect.ts';
import { millisecondsOf } from '../../shared/domain/time/calendar.ts';
import type { Endpoint } from '../../shared/ports/endpoints.ts';
import { type HttpEvent, jsonBody } from '../../shared/runtime/http.ts';
import { originOf } from '../../shared/runtime/origin.ts';
import { isTrustedBy, setupOf } from '../../shared/use-cases/take-message.ts';
import { loggedOf } from '../../shared/use-cases/take-told/logged.ts';
import type { ManageEndpointsDependencies } from './manage-endpoints.ts';
import { urlOf } from './view-endpoint.ts';

type Tried = z.input<typeof triedMessage>;

/** Tries a message at an endpoint as if its sender had sent it, the dialect's own sample by default: nothing is written. */
export async function tryMessage(
  { tryTold, clock, makeId }: ManageEndpointsDependencies,
  event: HttpEvent,
  endpoint: Endpoint,
  dialect: Dialect,
): Promise<Tried> {
  const setup = setupOf(endpoint, urlOf(endpoint, originOf(event)));
  const receivedAt = clock();
  const sent = messageIn(event, dialect.sample(setup, receivedAt));
  const hide = hider(Object.values(endpoint.secrets));
  const tried = (outcome: Tried['outcome'], answer: Tried['answer'], more: Partial<Tried> = {}): Tried => ({
    sent: {
      method: sent.method,
      path: hide(sent.path),
      query: hide(sent.query),
      headers: Object.fromEntries(
        // Basic authentication has the secret in base64.
        Object.entries(sent.headers).map(([name, value]) => [name, name === 'authorization' ? '***' : hide(value)]),
      ),
      body: hide(Buffer.from(sent.body).toString()),
    },
    outcome,
    told: [],
    answer,
    ...more,
  });
  const answerTo = (outcome: Outcome, message = sent): Tried['answer'] => {
    const { status, headers, body } = dialect.answer(outcome, message, setup);
    return { status, headers: { ...headers }, body };
  };

  const verified = dialect.verify(sent, setup);
  if (!verified.ok) {
    const { reason } = verified;
    return tried('unverified', answerTo({ kind: 'unverified', reason }), { reason });
  }
  const { message, by: verifiedBy } = verified;
  const reading = dialect.read(message, setup);
  if (reading.kind === 'handshake') {
    const { status, headers, body } = reading.answer;
    return tried('handshake', { status, headers: { ...headers }, body }, { verifiedBy });
  }
  if (reading.kind === 'unreadable') {
    const errors = [...reading.errors];
    return tried('unreadable', answerTo({ kind: 'unreadable', errors }, message), { verifiedBy, errors });
  }

  const receiptId = makeId('rcp', millisecondsOf(receivedAt));
  const to = { endpoint, receivedAt, receiptId, trusted: isTrustedBy(endpoint, verified) };
  const tryOne = async (told: Told): Promise<Result> => {
    if (told.kind === 'ignored') return { kind: 'taken', told, status: 'ignored', reason: told.reason };
    return told.kind === 'fetch' ? { kind: 'taken', told, status: 'queued' } : tryTold(to, told);
  };
  const results: Result[] = [];
  for (const told of reading.told) results.push(await tryOne(told));
  return tried('results', answerTo({ kind: 'results', results }, message), {
    verifiedBy,
    told: results.map((result) => ({ ...loggedOf(result), errors: errorsOf(result) })),
  });
}

/** Takes secrets out of a text, as they are and as they stand in a query, a form or JSON. */
const hider = (secrets: readonly string[]) => {
  const hidden = secrets.flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    new URLSearchParams([['', secret]]).toString().slice(1),
    JSON.stringify(secret).slice(1, -1),
  ]);
  return (text: string): string => hidden.reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
};

const errorsOf = (result: Result) => (result.kind === 'refused' ? [...result.errors] : undefined);

/** What a request says of the message that it wants to be tried. Throws 400, 413, 415. */
function messageIn(event: HttpEvent, sample: RawMessage): RawMessage {
  if (event.body === undefined) return sample;
  const { method, path, query, headers, body } = jsonBody(event, messageToTry);
  return {
    ...sample,
    method: method ?? sample.method,
    path: path ?? sample.path,
    query: query ?? sample.query,
    headers:
      headers === undefined
        ? sample.headers
        : Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    body: body === undefined ? sample.body : Buffer.from(body),
  };
}
