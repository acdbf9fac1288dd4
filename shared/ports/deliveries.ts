import type { Delivery } from '../domain/deliveries/delivery.ts';
import type { EventType } from '../domain/deliveries/event.ts';
import type { DestinationHealth } from '../domain/deliveries/health.ts';
import type { Instant } from '../domain/time/calendar.ts';
import type { OutgoingRequest } from './outgoing-http.ts';

/** Deliveries on their way, and for 90 days after they have ended. All throw StoreUnavailable. */
export interface DeliveryStore {
  /** Adds one; false where it is there already, whatever has become of it. Once it is added it is delivered, woken or not. */
  add(delivery: Delivery): Promise<boolean>;
  /** What waits in a stream, in order; nothing that was written before is missing. */
  waiting(stream: string): Promise<readonly Delivery[]>;
  /** Puts one in the place of the version before it; false where that was changed meanwhile. */
  replace(changed: Delivery): Promise<boolean>;
}

/** The deliveries that are due: where a message of the queue was lost, and where an attempt failed. */
export interface DueDeliveries {
  /** They are spread over so many shards. */
  readonly shards: number;
  /** Those of a shard that are due, the ones that are overdue longest first. */
  due(
    shard: number,
    now: Instant,
    limit: number,
    position?: string,
  ): Promise<{ readonly due: readonly DueDelivery[]; readonly position?: string | undefined }>;
  /** Hides one until then, so that it is not woken again while it waits in a queue. Nothing where it was changed meanwhile. */
  hide(due: DueDelivery, until: Instant): Promise<void>;
}

export interface DueDelivery {
  readonly stream: string;
  /** Its place in the stream. */
  readonly position: string;
  readonly dueAt: Instant;
}

/** What is shown of deliveries. */
export interface DeliveryLog {
  get(deliveryId: string): Promise<Delivery | undefined>;
  /** The deliveries to a destination by the time they were added, newest first; `before` is not among them. */
  list(
    query: {
      readonly destinationId: string;
      readonly from: Instant;
      readonly before: Instant;
      readonly status?: Delivery['status'] | undefined;
    },
    limit: number,
    position?: string,
  ): Promise<{ readonly deliveries: readonly DeliverySummary[]; readonly position?: string | undefined }>;
}

export interface DeliverySummary extends Pick<Delivery, 'deliveryId' | 'status' | 'attemptCount' | 'createdAt'> {
  readonly type: EventType;
  readonly subject: string;
  readonly nextAttemptAt?: Instant | undefined;
  readonly endedAt?: Instant | undefined;
}

/** How destinations answer. */
export interface HealthStore {
  /** As it was written last; `unknownHealth` where nothing is kept. */
  get(destinationId: string): Promise<DestinationHealth>;
  /** Puts one in the place of the version before it; false where that was changed meanwhile. */
  replace(changed: DestinationHealth): Promise<boolean>;
}

/**
 * Makes the request by which a destination is told: with its secrets, and with contact data where it gets them. `undeliverable`: there is
 * nothing to send, as the destination is no more, or has no template for such an event.
 */
export type RenderDelivery = (
  delivery: Delivery,
  now: Instant,
) => Promise<
  | { readonly kind: 'request'; readonly request: OutgoingRequest }
  | { readonly kind: 'undeliverable'; readonly reason: string }
>;

/** Whose a destination is; undefined where there is none. Without either id it is the operator's. */
export type DestinationOwner = (
  destinationId: string,
) => Promise<{ readonly advertiserId?: string | undefined; readonly affiliateId?: string | undefined } | undefined>;
