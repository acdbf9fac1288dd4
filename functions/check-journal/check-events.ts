import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as z from 'zod';
import { month } from '../../shared/contracts/primitives.ts';
import { type CheckMessage, checkMessage } from '../../shared/contracts/verification.ts';
import type { Month } from '../../shared/domain/time/calendar.ts';
import { monthsToCheck } from '../../shared/domain/verification/seal.ts';
import type { Queue } from '../../shared/ports/queues.ts';
import type { Clock } from '../../shared/runtime/clock.ts';

export interface CheckEventsDependencies {
  readonly checkMonth: (party: string, month: Month) => Promise<void>;
  readonly allParties: () => Promise<readonly string[]>;
  readonly queue: Pick<Queue<CheckMessage>, 'sendAll'>;
  readonly clock: Clock;
  readonly timeZone: string;
  /** Told of each message that will come again. */
  readonly onFailure: (messageId: string, error: unknown) => void;
}

/** The schedule's own event has no month; an operator names one to check it for all parties. */
const scheduledEvent = z.object({ month: month.optional() });

/**
 * Called by the schedule, puts each party's months on the queue; takes them from there one by one. A month that fails comes again by
 * itself and ends in the dead-letter queue.
 */
export function createTakeCheckEvents({
  checkMonth,
  allParties,
  queue,
  clock,
  timeZone,
  onFailure,
}: CheckEventsDependencies): (event: Partial<SQSEvent>) => Promise<SQSBatchResponse> {
  return async (event) => {
    const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
    if (event.Records === undefined) {
      const asked = scheduledEvent.parse(event);
      const months = asked.month === undefined ? monthsToCheck(clock(), timeZone) : [asked.month];
      const parties = await allParties();
      for (const each of months) await queue.sendAll(parties.map((party) => ({ party, month: each })));
      return { batchItemFailures };
    }
    for (const { messageId, body } of event.Records) {
      try {
        const { party, month: asked } = checkMessage.parse(JSON.parse(body));
        await checkMonth(party, asked);
      } catch (error) {
        onFailure(messageId, error);
        batchItemFailures.push({ itemIdentifier: messageId });
      }
    }
    return { batchItemFailures };
  };
}
