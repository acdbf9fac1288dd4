import { admit, beginTrial, isSlow } from '../domain/deliveries/health.ts';
import { isLeased } from '../domain/deliveries/progress.ts';
import { afterBreak } from '../domain/deliveries/schedule.ts';
import { attempt } from './send-deliveries/attempt.ts';
import type { Lane, SendDeliveriesDependencies } from './send-deliveries/dependencies.ts';
import { giveUpAll, putOffAll } from './send-deliveries/settle.ts';

/** With less, a visit leaves the rest of its stream to the next. */
const TIME_FOR_ATTEMPT_MS = { quick: 5000, patient: 20_000 } as const satisfies Record<Lane, number>;
/** More than any subject has events; what is left is done in another visit. */
const MAX_STEPS = 100;

/** `over`: there is nothing more to do in the stream for now. `left`: the rest is the patient lane's. */
type Step = 'arrived' | 'done' | 'left' | 'over';

/**
 * Works off a stream: sends what is due in it, one after another in the order of the events, until it is empty or one is not due. An event is
 * never sent while one before it waits, nor by two at once.
 *
 * Every step may be the last, and is taken again by whoever comes next: what was sent and not settled is sent twice.
 */
export function createSendDeliveries(
  dependencies: SendDeliveriesDependencies,
): (stream: string, lane: Lane, timeLeftMs: () => number) => Promise<void> {
  return async (stream, lane, timeLeftMs) => {
    let last: Step = 'done';
    for (let steps = 0; steps < MAX_STEPS && timeLeftMs() >= TIME_FOR_ATTEMPT_MS[lane]; steps += 1) {
      last = await takeStep(dependencies, stream, { lane, previousArrived: last === 'arrived' });
      if (last === 'over') return;
      if (last === 'left') break;
    }
    await dependencies.patientQueue.send({ kind: 'stream', stream });
  };
}

/** Does what is to be done with the first that waits in a stream. */
async function takeStep(
  dependencies: SendDeliveriesDependencies,
  stream: string,
  { lane, previousArrived }: { readonly lane: Lane; readonly previousArrived: boolean },
): Promise<Step> {
  const { deliveries, health, now, random } = dependencies;
  const waiting = await deliveries.waiting(stream);
  const [head, ...behind] = waiting;
  // Whoever is at it looks again when it is done; where it died, the head is due again.
  if (head === undefined || isLeased(head, now())) return 'over';
  const { nextAttemptAt: due } = head;
  // One that was put off for nothing but its place in the stream need not wait once that is reached.
  if (due !== undefined && now() < due && !(previousArrived && head.attemptCount === 0)) {
    await putOffAll(dependencies, behind, due);
    return 'over';
  }
  const known = await health.get(head.destinationId);
  const admission = admit(known, now());
  if (admission.kind === 'disabled') {
    await giveUpAll(dependencies, waiting, known);
    return 'over';
  }
  if (admission.kind === 'broken') {
    await putOffAll(dependencies, waiting, afterBreak(admission.until, now(), random()));
    return 'over';
  }
  const isTrial = admission.kind === 'trial';
  if (lane === 'quick' && (isTrial || isSlow(known, now()))) return 'left';
  if (isTrial && !(await health.replace(beginTrial(known, now())))) return previousArrived ? 'arrived' : 'done';
  return (await attempt(dependencies, head, { lane, known, isTrial })) ?? 'done';
}
