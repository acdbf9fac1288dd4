import type { DeliveryMessage, RedeliveryMessage } from '../contracts/deliveries.ts';
import { begunAgain, isAskedFor } from '../domain/deliveries/progress.ts';
import type { Instant } from '../domain/time/calendar.ts';
import type { DeliveryLog, DeliveryStore } from '../ports/deliveries.ts';
import type { Queue } from '../ports/queues.ts';

const PAGE = 100;

/**
 * Works off a page of a job that delivers again, oldest first, so that a stream is begun again in its order, and hands the rest on. What waits
 * for a later attempt is hastened. What has ended or was tried since the job was asked for is left alone: a page that is worked off twice
 * delivers nothing twice.
 */
export function createRedeliver({
  deliveries,
  log,
  queue,
  now,
}: {
  readonly deliveries: Pick<DeliveryStore, 'replace'>;
  readonly log: Pick<DeliveryLog, 'at' | 'list'>;
  readonly queue: Queue<DeliveryMessage>;
  readonly now: () => Instant;
}): (job: RedeliveryMessage) => Promise<void> {
  return async (job) => {
    const { destinationId, from, before, askedAt } = job;
    const statuses = job.status === 'failed' ? (['failed', 'waiting'] as const) : undefined;
    const query = { destinationId, from, before, statuses, order: 'oldest_first' } as const;
    const page = await log.list(query, PAGE, job.position);
    const streams = new Set<string>();
    for (const summary of page.deliveries) {
      const delivery = await log.at(summary);
      if (delivery === undefined || !isAskedFor(delivery, askedAt, now())) continue;
      const again = begunAgain(delivery, now());
      if (again !== undefined && (await deliveries.replace(again))) streams.add(summary.stream);
    }
    await queue.sendAll([...streams].map((stream) => ({ kind: 'stream', stream })));
    if (page.position !== undefined) await queue.send({ ...job, position: page.position });
  };
}
