import type { StreamMessage } from '../contracts/deliveries.ts';
import type { Attempt, Delivery } from '../domain/deliveries/delivery.ts';
import {
  admit,
  afterFailure,
  afterSuccess,
  afterWait,
  beginTrial,
  type DestinationHealth,
  type DisabledReason,
  enabledAgain,
  isSlow,
  toldOfDisabling,
} from '../domain/deliveries/health.ts';
import {
  attemptFailed,
  delivered,
  givenUp,
  isLeased,
  KEPT_DETAIL,
  leased,
  putOff,
  released,
} from '../domain/deliveries/progress.ts';
import { afterBreak, nextAttemptAt, retryAfterMs } from '../domain/deliveries/schedule.ts';
import { type Instant, later } from '../domain/time/calendar.ts';
import type { DeliveryStore, HealthStore, RenderDelivery } from '../ports/deliveries.ts';
import { StoreUnavailable } from '../ports/errors.ts';
import type { Notices } from '../ports/notices.ts';
import type { OutgoingResponse, SendRequest } from '../ports/outgoing-http.ts';
import type { Queue } from '../ports/queues.ts';

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

/** How long an answer is waited for. */
export const PATIENCE_MS = { quick: 1000, patient: 15_000 } as const satisfies Record<Lane, number>;
/** Longer than the patience and all that is written meanwhile: whoever holds a delivery sends it within this, or not at all. */
export const LEASE_MS = 40_000;
/** With less, a visit leaves the rest of its stream to the next. */
const TIME_FOR_ATTEMPT_MS = { quick: 5000, patient: 20_000 } as const satisfies Record<Lane, number>;
/** More than any subject has events; what is left is done in another visit. */
const MAX_STEPS = 100;
const MAX_ANSWER_BYTES = 1024;
/** Whoever meets others at the health of a destination as often leaves it at what they say. */
const HEALTH_TRIES = 3;

const UNMAKEABLE = 'what is to be sent cannot be made';
const GONE = 410;
/** The answers whose `Retry-After` is about the destination, not about one message. */
const ASKING_FOR_PEACE = [429, 503];

const DISABLED_BECAUSE: Readonly<Record<DisabledReason, string>> = {
  gone: 'it answered 410 (Gone)',
  failing: 'it has not answered well for five days',
};

/**
 * Works off a stream: sends what is due in it, one after another in the order of the events, until it is empty or one is not due. An event is
 * never sent while one before it waits, nor by two at once.
 *
 * Every step may be the last, and is taken again by whoever comes next: what was sent and not settled is sent twice.
 */
export function createSendDeliveries(
  dependencies: SendDeliveriesDependencies,
): (stream: string, lane: Lane, timeLeftMs: () => number) => Promise<void> {
  const { deliveries, health, render, send, patientQueue, notices, now, random, onTrouble } = dependencies;

  /** Changes what is known of a destination, as it is now. Returns what it was changed to, where it was. */
  async function changeHealth(
    destinationId: string,
    change: (health: DestinationHealth) => DestinationHealth | undefined,
  ): Promise<DestinationHealth | undefined> {
    for (let tries = 0; tries < HEALTH_TRIES; tries += 1) {
      const changed = change(await health.get(destinationId));
      if (changed === undefined || (await health.replace(changed))) return changed;
    }
    return undefined;
  }

  /** Ends one without success; whatever was changed meanwhile is left to who changed it. */
  async function end(failed: Delivery): Promise<void> {
    if (await deliveries.replace(failed)) onTrouble('delivery_failed', failed.deliveryId);
  }

  /** After an attempt that failed: it is tried again, or has failed for good. */
  async function settle(taken: Delivery, made: Attempt, waitMs?: number): Promise<void> {
    const next = nextAttemptAt(taken.attemptCount + 1, now(), random(), waitMs);
    const failed = attemptFailed(taken, made, next);
    if (next === undefined) await end(failed);
    else await deliveries.replace(failed);
  }

  /** Tells people, once: whoever notes that it is told tells it. Where they die at that, the alarm has told it before. */
  async function tellIfDisabled(known: DestinationHealth): Promise<void> {
    const { destinationId, disabled } = known;
    if (disabled === undefined || disabled.isTold) return;
    onTrouble('destination_disabled', destinationId);
    const told = toldOfDisabling(known, true);
    if (!(await health.replace(told))) return;
    try {
      const notice = noticeOf(destinationId, DISABLED_BECAUSE[disabled.reason]);
      await notices?.send(`Destination ${destinationId} is disabled`, notice);
    } catch (error) {
      await health.replace(toldOfDisabling(told, false));
      throw error;
    }
  }

  async function giveUpAll(all: readonly Delivery[], known: DestinationHealth): Promise<void> {
    if (known.disabled === undefined) return;
    const because = DISABLED_BECAUSE[known.disabled.reason];
    await tellIfDisabled(known);
    for (const delivery of all) await end(givenUp(delivery, `the destination is disabled: ${because}`, now()));
  }

  /** None of these before then; those that are not due before it anyhow stay as they are. */
  async function putOffAll(all: readonly Delivery[], until: Instant): Promise<void> {
    for (const delivery of all) {
      if ((delivery.nextAttemptAt ?? '') < until) await deliveries.replace(putOff(delivery, until));
    }
  }

  /** Sends one that is due. Returns whether it arrived; `left`: the other lane has the stream now. */
  async function attempt(
    delivery: Delivery,
    lane: Lane,
    known: DestinationHealth,
    isTrial: boolean,
  ): Promise<'arrived' | 'left' | undefined> {
    const { destinationId } = delivery;
    const taken = leased(delivery, now(), LEASE_MS);
    if (!(await deliveries.replace(taken))) return undefined;
    const rendered = await render(taken, now()).catch(async (error: unknown) => {
      // What cannot be made may never be, and is no fault of the receiver: it takes its turns like what failed, and ends.
      if (!(error instanceof StoreUnavailable)) await settle(taken, { at: now(), tookMs: 0, detail: UNMAKEABLE });
      throw error;
    });
    if (rendered.kind === 'undeliverable') {
      // Nobody needs to know whether it is well, and of all that waits for that none is to wait for a trial of its own.
      if (isTrial)
        await changeHealth(destinationId, (current) => (current.disabled ? undefined : enabledAgain(current)));
      await end(givenUp(taken, rendered.reason, now()));
      return undefined;
    }
    const at = now();
    const timeoutMs = PATIENCE_MS[lane];
    // Others may be at it before this attempt is over: it is left to them.
    if (later(at, timeoutMs) >= (taken.leasedUntil ?? at)) return undefined;
    const response = await send(rendered.request, { timeoutMs, maxBodyBytes: MAX_ANSWER_BYTES });
    const made = attemptOf(response, at, rendered.isPersonal);
    if (isSuccess(response)) {
      const arrived = await deliveries.replace(delivered(taken, made));
      const tookLong = { isSlow: response.tookMs > PATIENCE_MS.quick };
      if (afterSuccess(known, at, tookLong) !== undefined) {
        await changeHealth(destinationId, (current) => afterSuccess(current, at, tookLong));
      }
      return arrived ? 'arrived' : undefined;
    }
    if (lane === 'quick' && response.kind === 'unanswered' && response.tookMs >= timeoutMs) {
      await changeHealth(destinationId, (current) => afterWait(current, at));
      await deliveries.replace(released(taken));
      return 'left';
    }
    const isGone = made.status === GONE;
    const waitMs = response.kind === 'answered' ? retryAfterMs(response.headers['retry-after'], now()) : undefined;
    const leaveAloneMs = ASKING_FOR_PEACE.includes(made.status ?? 0) ? waitMs : undefined;
    const failure = { isTrial, isGone, leaveAloneMs };
    const changed = await changeHealth(destinationId, (current) => afterFailure(current, { ...failure, at: now() }));
    if (isGone) await end(attemptFailed(taken, made, undefined));
    else await settle(taken, made, waitMs);
    if (changed !== undefined) await tellIfDisabled(changed);
    return undefined;
  }

  return async (stream, lane, timeLeftMs) => {
    let previousArrived = false;
    for (let step = 0; step < MAX_STEPS && timeLeftMs() >= TIME_FOR_ATTEMPT_MS[lane]; step += 1) {
      const waiting = await deliveries.waiting(stream);
      const [head, ...behind] = waiting;
      // Whoever is at it looks again when it is done; where it died, the head is due again.
      if (head === undefined || isLeased(head, now())) return;
      const { nextAttemptAt: due } = head;
      // One that was put off for nothing but its place in the stream need not wait once that is reached.
      if (due !== undefined && now() < due && !(previousArrived && head.attemptCount === 0)) {
        return putOffAll(behind, due);
      }
      const known = await health.get(head.destinationId);
      const admission = admit(known, now());
      if (admission.kind === 'disabled') return giveUpAll(waiting, known);
      if (admission.kind === 'broken') {
        return putOffAll(waiting, afterBreak(admission.until, now(), random()));
      }
      const isTrial = admission.kind === 'trial';
      if (lane === 'quick' && (isTrial || isSlow(known, now()))) break;
      if (isTrial && !(await health.replace(beginTrial(known, now())))) continue;
      const outcome = await attempt(head, lane, known, isTrial);
      if (outcome === 'left') break;
      previousArrived = outcome === 'arrived';
    }
    await patientQueue.send({ kind: 'stream', stream });
  };
}

/** Whether what was sent has arrived: any 2xx; a redirect is none. */
export const isSuccess = (response: OutgoingResponse): boolean =>
  response.kind === 'answered' && response.status >= 200 && response.status < 300;

/** `isPersonal`: what is answered may repeat contact data, which are not kept here. */
function attemptOf(response: OutgoingResponse, at: Instant, isPersonal: boolean): Attempt {
  const { tookMs } = response;
  if (response.kind !== 'answered') return { at, tookMs, detail: response.reason };
  const { status, body } = response;
  if (isPersonal || isSuccess(response)) return { at, tookMs, status };
  const text = new TextDecoder()
    .decode(body)
    .replaceAll(/\p{C}+/gu, ' ')
    .trim();
  return { at, tookMs, status, detail: [...text].slice(0, KEPT_DETAIL).join('') };
}

const noticeOf = (destinationId: string, because: string): string =>
  [
    `Nothing is sent to ${destinationId} any more: ${because}.`,
    'What it was to be told meanwhile is kept for 90 days as failed. Once its receiver is mended, set its status to active and ask for',
    `POST /v1/destinations/${destinationId}/redeliver from the time at which it was disabled.`,
  ].join('\n');
