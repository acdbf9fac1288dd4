import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { type CloseMessage, closeMessage } from '../../shared/contracts/billing.ts';
import { monthBefore } from '../../shared/domain/billing/close.ts';
import type { Clock } from '../../shared/runtime/clock.ts';

export interface CloseEventsDependencies {
  readonly closeMonth: (message: CloseMessage) => Promise<void>;
  readonly clock: Clock;
  readonly timeZone: string;
  /** Told of each message that will come again. */
  readonly onFailure: (messageId: string, error: unknown) => void;
}

/**
 * Takes the steps of closing a month from their queue; the schedule's event, which has no messages, closes the month that is over.
 * A step that fails comes again by itself and ends in the dead-letter queue.
 */
export function createTakeCloseEvents({
  closeMonth,
  clock,
  timeZone,
  onFailure,
}: CloseEventsDependencies): (event: Partial<SQSEvent>) => Promise<SQSBatchResponse> {
  return async ({ Records }) => {
    if (Records === undefined) {
      await closeMonth({ kind: 'close', month: monthBefore(clock(), timeZone) });
      return { batchItemFailures: [] };
    }
    const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
    for (const { messageId, body } of Records) {
      try {
        await closeMonth(closeMessage.parse(JSON.parse(body)));
      } catch (error) {
        onFailure(messageId, error);
        batchItemFailures.push({ itemIdentifier: messageId });
      }
    }
    return { batchItemFailures };
  };
}
