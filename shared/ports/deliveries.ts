import type { Delivery } from '../domain/deliveries/delivery.ts';
import type { Destination, DestinationOwner } from '../domain/deliveries/destination.ts';
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

/** Where a delivery is kept: in its stream, in the order of the events. */
export interface DeliveryPlace {
  readonly stream: string;
  readonly position: string;
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

export interface DueDelivery extends DeliveryPlace {
  readonly dueAt: Instant;
}

/** What is shown of deliveries. */
export interface DeliveryLog {
  find(deliveryId: string): Promise<Delivery | undefined>;
  at(place: DeliveryPlace): Promise<Delivery | undefined>;
  /** The deliveries to a destination that were added in `[from, before)`, by that time; none where that is empty. */
  list(query: DeliveryQuery, limit: number, position?: string): Promise<DeliveryPage>;
}

export interface DeliveryQuery {
  readonly destinationId: string;
  readonly from: Instant;
  readonly before: Instant;
  /** All, where none are named. */
  readonly statuses?: readonly Delivery['status'][] | undefined;
  readonly order: 'oldest_first' | 'newest_first';
}

/** A page may have fewer than were asked for, and none at all, and still not be the last. */
export interface DeliveryPage {
  readonly deliveries: readonly DeliverySummary[];
  readonly position?: string | undefined;
}

export interface DeliverySummary
  extends DeliveryPlace,
    Pick<Delivery, 'deliveryId' | 'status' | 'attemptCount' | 'createdAt' | 'nextAttemptAt' | 'endedAt'> {
  readonly type: EventType;
  readonly subject: string;
}

/**
 * How destinations answer. It alone knows which are disabled: what they are to be told is added all the same and fails at once, so that it
 * can be delivered once they are enabled again (`enabledAgain`).
 */
export interface HealthStore {
  /** As it was written last; `unknownHealth` where nothing is kept. */
  get(destinationId: string): Promise<DestinationHealth>;
  /** Puts one in the place of the version before it; false where that was changed meanwhile. */
  replace(changed: DestinationHealth): Promise<boolean>;
}

/**
 * Makes the request by which a destination is told: with its secrets, and with contact data where it gets them. `isPersonal`: it does, so that
 * what is answered may repeat them. `undeliverable`: nothing is to be sent to the destination, as it is paused or is no more.
 */
export type RenderDelivery = (
  delivery: Delivery,
  now: Instant,
) => Promise<
  | { readonly kind: 'request'; readonly request: OutgoingRequest; readonly isPersonal: boolean }
  | { readonly kind: 'undeliverable'; readonly reason: string }
>;

/** Whose a destination is, and whether it is paused. */
export type OwnedDestination = DestinationOwner & Pick<Destination, 'status'>;

/** Undefined where there is none. */
export type OwnerOfDestination = (destinationId: string) => Promise<OwnedDestination | undefined>;
