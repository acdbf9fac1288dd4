import type * as z from 'zod';
import { messageToTry, type triedMessage } from '../../shared/contracts/endpoints.ts';
import type { Answer, Dialect, Outcome, RawMessage, Result, Told } from '../../shared/dialects/dialect.ts';
import { millisecondsOf } from '../../shared/domain/time/calendar.ts';
import type { Endpoint } from '../../shared/ports/endpoints.ts';
import { type HttpEvent, jsonBody } from '../../shared/runtime/http.ts';
import { originOf } from '../../shared/runtime/origin.ts';
import { isTrustedBy, setupsOf } from '../../shared/use-cases/endpoint-setup.ts';
import { readMessage } from '../../shared/use-cases/read-message.ts';
import { loggedOf } from '../../shared/use-cases/take-told/logged.ts';
import { waitsFor } from '../../shared/use-cases/take-told/waits-for.ts';
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
  const receivedAt = clock();
  const setups = setupsOf(endpoint, receivedAt, urlOf(endpoint, originOf(event)));
  const [present] = setups;
  const sent = messageIn(event, dialect.sample(present, receivedAt));
  const { secrets, previousSecrets = [] } = endpoint;
  const hide = hider([...Object.values(secrets), ...previousSecrets.map(({ secret }) => secret)]);
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
  const read = readMessage(dialect, sent, setups);
  const shown = ({ status, headers, body }: Answer): Tried['answer'] => ({ status, headers: { ...headers }, body });
  const answerTo = (outcome: Outcome) =>
    shown(dialect.answer(outcome, 'message' in read ? read.message : sent, present));

  if (read.kind === 'unverified') return tried('unverified', answerTo(read), { reason: read.reason });
  const { verifiedBy } = read;
  if (read.kind === 'handshake') return tried('handshake', shown(read.answer), { verifiedBy });
  if (read.kind === 'unreadable') {
    const { kind, errors } = read;
    return tried('unreadable', answerTo({ kind, errors }), { verifiedBy, errors: [...errors] });
  }

  const receiptId = makeId('rcp', millisecondsOf(receivedAt));
  const to = { endpoint, receivedAt, receiptId, trusted: isTrustedBy(endpoint, verifiedBy) };
  const tryOne = async (told: Told): Promise<Result> => {
    if (told.kind === 'ignored') return { kind: 'taken', told, status: 'ignored', reason: told.reason };
    if (told.kind === 'fetch') return { kind: 'taken', told, status: 'queued' };
    const would = await tryTold(to, told);
    const unknown = waitsFor(would);
    return unknown === undefined ? would : { kind: 'taken', told, status: 'queued', reason: unknown.reason };
  };
  const results: Result[] = [];
  for (const told of read.told) results.push(await tryOne(told));
  return tried('results', answerTo({ kind: 'results', results }), {
    verifiedBy,
    told: results.map((result) => ({ ...loggedOf(result, endpoint.mapping), errors: errorsOf(result) })),
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
