import type { Attempt, Delivery } from '../../domain/deliveries/delivery.ts';
import {
  afterFailure,
  afterSuccess,
  afterWait,
  type DestinationHealth,
  enabledAgain,
} from '../../domain/deliveries/health.ts';
import { attemptFailed, delivered, givenUp, leased, released } from '../../domain/deliveries/progress.ts';
import { retryAfterMs } from '../../domain/deliveries/schedule.ts';
import { later } from '../../domain/time/calendar.ts';
import { StoreUnavailable } from '../../ports/errors.ts';
import type { OutgoingResponse } from '../../ports/outgoing-http.ts';
import { changeHealth } from '../change-health.ts';
import { attemptOf, isSuccess } from './answers.ts';
import type { Lane, SendDeliveriesDependencies } from './dependencies.ts';
import { end, settle } from './settle.ts';
import { tellIfDisabled } from './tell-if-disabled.ts';

/** How long an answer is waited for. */
const PATIENCE_MS = { quick: 1000, patient: 15_000 } as const satisfies Record<Lane, number>;
/** Longer than the patience and all that is written meanwhile: whoever holds a delivery sends it within this, or not at all. */
const LEASE_MS = 40_000;
const MAX_ANSWER_BYTES = 1024;

const UNMAKEABLE = 'what is to be sent cannot be made';
const GONE = 410;
/** The answers whose `Retry-After` is about the destination, not about one message. */
const ASKING_FOR_PEACE = [429, 503];

/** What is known as a delivery is begun. `isTrial`: it is the one that tries whether the destination is back. */
export interface Beginning {
  readonly lane: Lane;
  readonly known: DestinationHealth;
  readonly isTrial: boolean;
}

/** Sends one that is due. Returns whether it arrived; `left`: the other lane has the stream now. */
export async function attempt(
  dependencies: SendDeliveriesDependencies,
  delivery: Delivery,
  { lane, known, isTrial }: Beginning,
): Promise<'arrived' | 'left' | undefined> {
  const { deliveries, send, now } = dependencies;
  const taken = leased(delivery, now(), LEASE_MS);
  if (!(await deliveries.replace(taken))) return undefined;
  const rendered = await render(dependencies, taken);
  if (rendered.kind === 'undeliverable') {
    await giveUp(dependencies, taken, rendered.reason, isTrial);
    return undefined;
  }
  const at = now();
  const timeoutMs = PATIENCE_MS[lane];
  // Others may be at it before this attempt is over: it is left to them.
  if (later(at, timeoutMs) >= (taken.leasedUntil ?? at)) return undefined;
  const response = await send(rendered.request, { timeoutMs, maxBodyBytes: MAX_ANSWER_BYTES });
  const made = attemptOf(response, at, rendered.isPersonal);
  if (isSuccess(response)) return (await noteArrival(dependencies, taken, made, known)) ? 'arrived' : undefined;
  if (lane === 'quick' && response.kind === 'unanswered' && response.tookMs >= timeoutMs) {
    await changeHealth(dependencies.health, taken.destinationId, (current) => afterWait(current, at));
    await deliveries.replace(released(taken));
    return 'left';
  }
  await noteFailure(dependencies, taken, made, { response, isTrial });
  return undefined;
}

/** What cannot be made may never be, and is no fault of the receiver: it takes its turns like what failed, and ends. */
const render = (dependencies: SendDeliveriesDependencies, taken: Delivery) =>
  dependencies.render(taken, dependencies.now()).catch(async (error: unknown) => {
    if (!(error instanceof StoreUnavailable)) {
      await settle(dependencies, taken, { at: dependencies.now(), tookMs: 0, detail: UNMAKEABLE });
    }
    throw error;
  });

/** Nothing is to be sent: nobody needs to know whether the destination is well, and of all that waits for that none is to wait for a trial. */
async function giveUp(
  dependencies: SendDeliveriesDependencies,
  taken: Delivery,
  reason: string,
  isTrial: boolean,
): Promise<void> {
  const { health, now } = dependencies;
  if (isTrial) {
    const opened = (current: DestinationHealth) => (current.disabled ? undefined : enabledAgain(current));
    await changeHealth(health, taken.destinationId, opened);
  }
  await end(dependencies, givenUp(taken, reason, now()));
}

async function noteArrival(
  { deliveries, health }: SendDeliveriesDependencies,
  taken: Delivery,
  made: Attempt,
  known: DestinationHealth,
): Promise<boolean> {
  const arrived = await deliveries.replace(delivered(taken, made));
  const changed = (current: DestinationHealth) =>
    afterSuccess(current, made.at, { isSlow: made.tookMs > PATIENCE_MS.quick });
  // Mostly there is nothing to change, which costs no reading either.
  if (changed(known) !== undefined) await changeHealth(health, taken.destinationId, changed);
  return arrived;
}

async function noteFailure(
  dependencies: SendDeliveriesDependencies,
  taken: Delivery,
  made: Attempt,
  { response, isTrial }: { readonly response: OutgoingResponse; readonly isTrial: boolean },
): Promise<void> {
  const { health, now } = dependencies;
  const isGone = made.status === GONE;
  const waitMs = response.kind === 'answered' ? retryAfterMs(response.headers['retry-after'], now()) : undefined;
  const leaveAloneMs = ASKING_FOR_PEACE.includes(made.status ?? 0) ? waitMs : undefined;
  const change = await changeHealth(health, taken.destinationId, (current) =>
    afterFailure(current, { isTrial, isGone, leaveAloneMs, at: now() }),
  );
  if (isGone) await end(dependencies, attemptFailed(taken, made, undefined));
  else await settle(dependencies, taken, made, waitMs);
  if (change.kind === 'changed') await tellIfDisabled(dependencies, change.health);
}
