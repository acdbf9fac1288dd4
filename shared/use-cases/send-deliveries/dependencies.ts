import type { StreamMessage } from '../../contracts/deliveries.ts';
import type { Instant } from '../../domain/time/calendar.ts';
import type { DeliveryStore, HealthStore, RenderDelivery } from '../../ports/deliveries.ts';
import type { Notices } from '../../ports/notices.ts';
import type { SendRequest } from '../../ports/outgoing-http.ts';
import type { Queue } from '../../ports/queues.ts';

export interface SendDeliveriesDependencies {
  readonly deliveries: DeliveryStore;
  readonly health: HealthStore;
  readonly render: RenderDelivery;
  readonly send: SendRequest;
  /** Of the patient lane. */
  readonly patientQueue: Pick<Queue<StreamMessage>, 'send'>;
  /** Tells people; undefined where nobody is to be told. */
  readonly notices: Notices | undefined;
  readonly now: () => Instant;
  /** From 0 to under 1. */
  readonly random: () => number;
  /** Told of each delivery that has failed for good, and of each destination that is disabled. */
  readonly onTrouble: (trouble: 'delivery_failed' | 'destination_disabled', id: string) => void;
}

/**
 * `quick`: for destinations that answer at once; who does not is left to the other lane, so that it holds up nobody. `patient`: for those that
 * take their time, for trials of those that failed, and for whatever is tried again.
 */
export type Lane = 'quick' | 'patient';
