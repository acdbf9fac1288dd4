import type { Attempt, Delivery } from '../../domain/deliveries/delivery.ts';
import type { DestinationHealth } from '../../domain/deliveries/health.ts';
import { attemptFailed, givenUp, putOff } from '../../domain/deliveries/progress.ts';
import { nextAttemptAt } from '../../domain/deliveries/schedule.ts';
import type { Instant } from '../../domain/time/calendar.ts';
import type { SendDeliveriesDependencies } from './dependencies.ts';
import { DISABLED_BECAUSE, tellIfDisabled } from './tell-if-disabled.ts';

/** Ends one without success; whatever was changed meanwhile is left to who changed it. */
export async function end(
  { deliveries, onTrouble }: Pick<SendDeliveriesDependencies, 'deliveries' | 'onTrouble'>,
  failed: Delivery,
): Promise<void> {
  if (await deliveries.replace(failed)) onTrouble('delivery_failed', failed.deliveryId);
}

/** After an attempt that failed: it is tried again, or has failed for good. `waitMs`: how long the receiver wants to be left alone. */
export async function settle(
  dependencies: SendDeliveriesDependencies,
  taken: Delivery,
  made: Attempt,
  waitMs?: number,
): Promise<void> {
  const { deliveries, now, random } = dependencies;
  const next = nextAttemptAt(taken.attemptCount + 1, now(), random(), waitMs);
  const failed = attemptFailed(taken, made, next);
  if (next === undefined) await end(dependencies, failed);
  else await deliveries.replace(failed);
}

/** Ends all that waits for a destination that is disabled. */
export async function giveUpAll(
  dependencies: SendDeliveriesDependencies,
  all: readonly Delivery[],
  known: DestinationHealth,
): Promise<void> {
  if (known.disabled === undefined) return;
  const because = DISABLED_BECAUSE[known.disabled.reason];
  await tellIfDisabled(dependencies, known);
  for (const delivery of all) {
    await end(dependencies, givenUp(delivery, `the destination is disabled: ${because}`, dependencies.now()));
  }
}

/** None of these before then; those that are not due before it anyhow stay as they are. */
export async function putOffAll(
  { deliveries }: Pick<SendDeliveriesDependencies, 'deliveries'>,
  all: readonly Delivery[],
  until: Instant,
): Promise<void> {
  for (const delivery of all) {
    if ((delivery.nextAttemptAt ?? '') < until) await deliveries.replace(putOff(delivery, until));
  }
}
