/** Faults of a store: a client whose calls a test can watch, fail, or let happen and then lose the answer of. */
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** A call to the store: the command's name without `Command`, and its input. */
export interface StoreCall {
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: inputs of every command
  readonly input: any;
}

/** Sees each call; `proceed` makes it. What it returns or throws is what the caller sees. */
export type Intercept = (call: StoreCall, proceed: () => Promise<unknown>) => Promise<unknown>;

/** The client's `send`, with a test in between. */
export function interceptedClient(
  client: DynamoDBDocumentClient,
  intercept: Intercept = (_call, proceed) => proceed(),
): DynamoDBDocumentClient {
  const send = (command: Parameters<DynamoDBDocumentClient['send']>[0]) =>
    intercept({ name: command.constructor.name.replace(/Command$/, ''), input: command.input }, () =>
      client.send(command),
    );
  return { send } as unknown as DynamoDBDocumentClient;
}

const fault = (name: string): Error => Object.assign(new Error(name), { name });

/** What the SDK throws where no answer came in time. */
export const timeout = (): Error => fault('TimeoutError');
/** What the SDK throws where the table takes no more. */
export const throttled = (): Error => fault('ProvisionedThroughputExceededException');

/** Calls that fail while `down.is`, without having happened. */
export function outage(makeError: () => Error = timeout, concerns: (call: StoreCall) => boolean = () => true) {
  const down = { is: true };
  const intercept: Intercept = (call, proceed) => {
    if (down.is && concerns(call)) throw makeError();
    return proceed();
  };
  return { down, intercept };
}

/** The first call that `concerns` says happens, and its answer is lost. `lost()` tells how many were. */
export function lostReply(concerns: (call: StoreCall) => boolean, makeError: () => Error = timeout) {
  let losses = 0;
  const intercept: Intercept = async (call, proceed) => {
    const lose = losses === 0 && concerns(call);
    if (lose) losses += 1;
    const answer = await proceed();
    if (lose) throw makeError();
    return answer;
  };
  return { intercept, lost: () => losses };
}

/** Writes down each call. */
export function recorder() {
  const calls: StoreCall[] = [];
  const intercept: Intercept = (call, proceed) => {
    calls.push(call);
    return proceed();
  };
  return { calls, intercept };
}

/** What the SDK throws where a transaction of so many writes met another at its last one: nothing was written. */
const transactionConflict = (writes: number): Error =>
  Object.assign(fault('TransactionCanceledException'), {
    CancellationReasons: Array.from({ length: writes }, (_, index) => ({
      Code: index === writes - 1 ? 'TransactionConflict' : 'None',
    })),
  });

/** So many percent of transactions meet others: neither engine does that by itself. `random` is from 0 to under 1. */
export const conflicts =
  (percent: number, random: () => number): Intercept =>
  (call, proceed) => {
    if (call.name !== 'TransactWrite' || random() * 100 >= percent) return proceed();
    throw transactionConflict(call.input.TransactItems.length);
  };

/** Of so many percent of the transactions that happen the answer is lost. */
export const lostReplies =
  (percent: number, random: () => number): Intercept =>
  async (call, proceed) => {
    const answer = await proceed();
    if (call.name === 'TransactWrite' && random() * 100 < percent) throw timeout();
    return answer;
  };

/** One fault around another. */
export const both =
  (outer: Intercept, inner: Intercept): Intercept =>
  (call, proceed) =>
    outer(call, () => inner(call, proceed));
