import { StoreUnavailable, VersionConflict } from '../ports/errors.ts';
import type { Queue } from '../ports/queues.ts';
import type { Receipt, ReceiptFacts, ReceiptStore } from '../ports/receipts.ts';
import type { StartTimer } from '../ports/timer.ts';
import { createKeepReceipt } from './message-receipt.ts';
import { withinBudget } from './within-budget.ts';

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
      return await withinBudget(decide(message), budgetMs, startTimer, 'the decision');
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
