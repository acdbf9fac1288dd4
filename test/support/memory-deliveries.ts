import { type Delivery, positionOf, streamOf } from '../../shared/domain/deliveries/delivery.ts';
import { type DestinationHealth, unknownHealth } from '../../shared/domain/deliveries/health.ts';
import { dueAt } from '../../shared/domain/deliveries/progress.ts';
import type {
  DeliveryLog,
  DeliveryStore,
  DeliverySummary,
  DueDeliveries,
  HealthStore,
} from '../../shared/ports/deliveries.ts';

/** What the table of deliveries does, in memory. */
export class MemoryDeliveries {
  /** By stream, then by position. */
  private readonly streams = new Map<string, Map<string, { delivery: Delivery; dueAt: string | undefined }>>();
  private readonly healths = new Map<string, DestinationHealth>();
  /** Writes that took effect. */
  writes = 0;

  get all(): Delivery[] {
    return [...this.streams.values()].flatMap((stream) => [...stream.values()].map(({ delivery }) => delivery));
  }

  private place(delivery: Delivery) {
    const stream = streamOf(delivery.destinationId, delivery.event);
    const kept = this.streams.get(stream) ?? new Map<string, { delivery: Delivery; dueAt: string | undefined }>();
    this.streams.set(stream, kept);
    return { stream, position: positionOf(delivery.event), kept };
  }

  private put(delivery: Delivery): void {
    const { position, kept } = this.place(delivery);
    kept.set(position, { delivery, dueAt: dueAt(delivery) });
    this.writes += 1;
  }

  readonly store: DeliveryStore = {
    add: async (delivery) => {
      const { position, kept } = this.place(delivery);
      if (kept.has(position)) return false;
      this.put(delivery);
      return true;
    },
    waiting: async (stream) =>
      [...(this.streams.get(stream) ?? [])]
        .filter(([, { delivery }]) => delivery.status === 'waiting')
        .sort(([left], [right]) => (left < right ? -1 : 1))
        .map(([, { delivery }]) => delivery),
    replace: async (changed) => {
      const { position, kept } = this.place(changed);
      if (kept.get(position)?.delivery.version !== changed.version - 1) return false;
      this.put(changed);
      return true;
    },
  };

  readonly due: DueDeliveries = {
    shards: 1,
    due: async (_shard, now, limit) => {
      const due = this.summaries()
        .flatMap(({ summary: { stream, position }, dueAt: at }) =>
          at !== undefined && at <= now ? [{ stream, position, dueAt: at }] : [],
        )
        .sort((left, right) => (left.dueAt < right.dueAt ? -1 : 1));
      return { due: due.slice(0, limit), position: due.length > limit ? 'more' : undefined };
    },
    hide: async ({ stream, position, dueAt: at }, until) => {
      const kept = this.streams.get(stream)?.get(position);
      if (kept?.dueAt === at) kept.dueAt = until;
    },
  };

  readonly log: DeliveryLog = {
    find: async (deliveryId) => this.all.find((delivery) => delivery.deliveryId === deliveryId),
    at: async ({ stream, position }) => this.streams.get(stream)?.get(position)?.delivery,
    list: async ({ destinationId, from, before, statuses, order }, limit, position) => {
      const sign = order === 'oldest_first' ? 1 : -1;
      const keyOf = ({ createdAt, deliveryId }: DeliverySummary) => `${createdAt}#${deliveryId}`;
      const found = this.summaries()
        .map(({ summary }) => summary)
        .filter((summary) => summary.stream.startsWith(`${destinationId}#`))
        .filter(({ createdAt }) => createdAt >= from && createdAt < before)
        .sort((left, right) => (keyOf(left) < keyOf(right) ? -sign : sign));
      const start = position === undefined ? 0 : found.findIndex((one) => keyOf(one) === position) + 1;
      const page = found.slice(start, start + limit);
      return {
        deliveries: page.filter((one) => statuses === undefined || statuses.includes(one.status)),
        position: start + limit < found.length ? keyOf(page.at(-1)!) : undefined,
      };
    },
  };

  readonly health: HealthStore = {
    get: async (destinationId) => this.healths.get(destinationId) ?? unknownHealth(destinationId),
    replace: async (changed) => {
      if ((this.healths.get(changed.destinationId)?.version ?? 0) !== changed.version - 1) return false;
      this.healths.set(changed.destinationId, changed);
      this.writes += 1;
      return true;
    },
  };

  private summaries(): { summary: DeliverySummary; dueAt: string | undefined }[] {
    return [...this.streams].flatMap(([stream, kept]) =>
      [...kept].map(([position, { delivery, dueAt: at }]) => {
        const { deliveryId, status, attemptCount, createdAt, nextAttemptAt, endedAt, event } = delivery;
        const { type, subject } = event;
        const facts = { deliveryId, status, attemptCount, createdAt, nextAttemptAt, endedAt, type, subject };
        return { summary: { stream, position, ...facts }, dueAt: at };
      }),
    );
  }
}
