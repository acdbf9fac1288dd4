import type { Instant } from '../time/calendar.ts';
import type { OutgoingEvent } from './event.ts';

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
  /** While waiting. */
  readonly nextAttemptAt?: Instant | undefined;
  readonly createdAt: Instant;
  readonly version: number;
}
