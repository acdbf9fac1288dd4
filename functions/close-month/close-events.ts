import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { type CloseMessage, closeMessage } from '../../shared/contracts/billing.ts';
import { type MonthRun, monthBefore } from '../../shared/domain/billing/close.ts';
import { dayOf } from '../../shared/domain/time/calendar.ts';
import { localTimeOf, MINUTES_PER_HOUR } from '../../shared/domain/time/local-time.ts';
import type { Clock } from '../../shared/runtime/clock.ts';

export interface CloseEventsDependencies {
  readonly closeMonth: (message: CloseMessage) => Promise<void>;
  readonly monthsInReview: () => AsyncIterable<MonthRun>;
  readonly clock: Clock;
  readonly timeZone: string;
  /** Told of each message that will come again. */
  readonly onFailure: (messageId: string, error: unknown) => void;
}

/** The hour of the first day at which a month that is over is closed by itself: what came just before midnight is decided by then. */
const CLOSING_HOUR = 3;

/**
 * Takes the steps of closing a month from their queue; the schedule's event, which has no messages and comes every hour, issues what was in
 * review for long enough and, once a month, closes the month that is over. A step that fails comes again by itself and ends in the
 * dead-letter queue.
 */
export function createTakeCloseEvents({
  closeMonth,
  monthsInReview,
  clock,
  timeZone,
  onFailure,
}: CloseEventsDependencies): (event: Partial<SQSEvent>) => Promise<SQSBatchResponse> {
  return async ({ Records }) => {
    if (Records === undefined) {
      const now = clock();
      for await (const { month, issueAt } of monthsInReview()) {
        if (issueAt !== undefined && issueAt <= now) await closeMonth({ kind: 'close', month });
      }
      const isFirst = dayOf(now, timeZone).endsWith('-01');
      if (isFirst && Math.floor(localTimeOf(now, timeZone).minute / MINUTES_PER_HOUR) === CLOSING_HOUR) {
        await closeMonth({ kind: 'close', month: monthBefore(now, timeZone) });
      }
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
