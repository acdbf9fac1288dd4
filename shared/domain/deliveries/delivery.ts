import type { Instant } from '../time/calendar.ts';
import type { Digest, OutgoingEvent } from './event.ts';

export interface Attempt {
  readonly at: Instant;
  readonly tookMs: number;
  /** The status that was answered; absent where nothing was. */
  readonly status?: number | undefined;
  /** Why there was no answer, or the beginning of one that was no success. */
  readonly detail?: string | undefined;
}

/** An event on its way to a destination. */
export interface Delivery {
  /** `dlv_` and a digest of destination and event: the same event is on its way to a destination once. */
  readonly deliveryId: string;
  readonly destinationId: string;
  readonly event: OutgoingEvent;
  readonly status: 'waiting' | 'delivered' | 'failed';
  /** The last ones, oldest first. */
  readonly attempts: readonly Attempt[];
  /** All that were made since it was begun, or begun again by hand. */
  readonly attemptCount: number;
  /** While waiting: not before this instant. */
  readonly nextAttemptAt?: Instant | undefined;
  /** While somebody sends it: it is left to them until then. */
  readonly leasedUntil?: Instant | undefined;
  readonly createdAt: Instant;
  /** When it was delivered, or had failed. */
  readonly endedAt?: Instant | undefined;
  /** Why it has failed, where no attempt tells: `the destination is disabled`. */
  readonly failure?: string | undefined;
  readonly version: number;
}

/**
 * What is delivered in order: the events about one subject to one destination, by their sequence. It is also the unit of work: whoever works
 * on one goes on until nothing of it is due.
 */
export const streamOf = (destinationId: string, { subject }: Pick<OutgoingEvent, 'subject'>): string =>
  `${destinationId}#${subject}`;

/** Whose stream it is. */
export const destinationOf = (stream: string): string => stream.slice(0, stream.indexOf('#'));

const SEQUENCE_DIGITS = 12;

/** Its place in its stream: text order is the order of delivery. */
export const positionOf = ({ sequence, type }: Pick<OutgoingEvent, 'sequence' | 'type'>): string =>
  `${sequence.toString().padStart(SEQUENCE_DIGITS, '0')}#${type}`;

/** An event that a destination is to be told of from now on. */
export function newDelivery(destinationId: string, event: OutgoingEvent, now: Instant, digest: Digest): Delivery {
  return {
    deliveryId: `dlv_${digest(JSON.stringify([destinationId, event.eventId]))}`,
    destinationId,
    event,
    status: 'waiting',
    attempts: [],
    attemptCount: 0,
    nextAttemptAt: now,
    createdAt: now,
    version: 1,
  };
}
