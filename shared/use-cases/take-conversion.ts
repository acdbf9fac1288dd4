import { StoreUnavailable, VersionConflict } from '../ports/errors.ts';
import type { Queue } from '../ports/queues.ts';
import type { Receipt, ReceiptFacts, ReceiptStore } from '../ports/receipts.ts';
import type { StartTimer } from '../ports/timer.ts';

export interface TakeConversionDependencies<Message, Outcome> {
  readonly decide: (message: Message) => Promise<Outcome>;
  readonly queue: Pick<Queue<Message>, 'send'>;
  readonly receipts: Pick<ReceiptStore, 'put'>;
  readonly receiptOf: (message: Message) => ReceiptFacts;
  readonly startTimer: StartTimer;
  /** Told why a message had to be queued. */
  readonly onQueued: (error: unknown) => void;
}

/** What became of a message that was not decided in time. `unavailable`: nothing was kept, and it must come again. */
export type NotDecided = { readonly kind: 'queued'; readonly receipt: Receipt } | { readonly kind: 'unavailable' };

/** A receipt that is not written in this time is left to the worker, or to its signed copy. */
const RECEIPT_BUDGET_MS = 500;

/**
 * Decides a message within a budget; where the store does not answer in time, queues it, as `queued` makes it, and leaves its receipt. The
 * worker that meets what the request wrote after all finds the message's own.
 */
export function createTakeConversion<Message, Outcome>(dependencies: TakeConversionDependencies<Message, Outcome>) {
  const { decide, queue, receiptOf, startTimer, onQueued } = dependencies;
  const keep = createKeepReceipt(dependencies);
  return async (
    message: Message,
    budgetMs: number,
    queued: (message: Message) => Message = (same) => same,
  ): Promise<Outcome | NotDecided> => {
    try {
      return await withinBudget(decide(message), budgetMs, startTimer);
    } catch (error) {
      if (!(error instanceof StoreUnavailable || error instanceof VersionConflict)) throw error;
      const waiting = queued(message);
      try {
        await queue.send(waiting);
      } catch {
        return { kind: 'unavailable' };
      }
      // After the queue has it: a receipt never says `queued` of what is nowhere. Should the worker be quicker, its outcome stands.
      const receipt: Receipt = { ...receiptOf(waiting), outcome: 'queued' };
      await keep(receipt);
      onQueued(error);
      return { kind: 'queued', receipt };
    }
  };
}

/** Keeps a receipt as far as the store lets it: what it tells holds without it. */
export const createKeepReceipt =
  ({ receipts, startTimer }: Pick<TakeConversionDependencies<never, never>, 'receipts' | 'startTimer'>) =>
  async (receipt: Receipt): Promise<void> => {
    try {
      await withinBudget(receipts.put(receipt), RECEIPT_BUDGET_MS, startTimer);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
    }
  };

/** The result, or StoreUnavailable when the budget is spent: a write that ends later is met again as the message's own. */
export async function withinBudget<Result>(
  work: Promise<Result>,
  budgetMs: number,
  startTimer: StartTimer,
): Promise<Result> {
  let callOff = (): void => undefined;
  const spent = new Promise<never>((_resolve, reject) => {
    callOff = startTimer(budgetMs, () => reject(new StoreUnavailable('the decision took too long')));
  });
  try {
    return await Promise.race([work, spent]);
  } finally {
    callOff();
  }
}
