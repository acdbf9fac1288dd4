import { type Instant, later } from '../time/calendar.ts';
import { LONGEST_RETRY_AFTER_MS } from './schedule.ts';

/** What is known of how a destination answers. Nothing is kept of one that answers well. */
export interface DestinationHealth {
  readonly destinationId: string;
  /** Attempts that failed one after another, none of them having been answered well. */
  readonly failures: number;
  /** Since the first of them. */
  readonly failingSince?: Instant | undefined;
  /** When the last of them was made. */
  readonly lastFailedAt?: Instant | undefined;
  /** Until then it is left alone, but for one that tries whether it is back. */
  readonly openUntil?: Instant | undefined;
  /** Until then it is taken for slow: its deliveries keep out of the way of those that are quick. */
  readonly slowUntil?: Instant | undefined;
  /** Of one that is taken for slow: how often in a row it was quick since. */
  readonly quickAnswers?: number | undefined;
  /** Nothing is sent to it any more, until somebody enables it again. `isTold`: people have been told. */
  readonly disabled?: { readonly at: Instant; readonly reason: DisabledReason; readonly isTold: boolean } | undefined;
  /** 0 where nothing is kept. */
  readonly version: number;
}

/** `gone`: it said so (410). `failing`: it has not answered well for five days. */
export type DisabledReason = 'gone' | 'failing';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** So many failures one after another, and a destination is left alone for a while. */
const FAILURES_BEFORE_BREAK = 5;
const FIRST_BREAK_MS = 30 * SECOND_MS;
const LONGEST_BREAK_MS = 30 * MINUTE_MS;
/** Whoever tries whether a destination is back has so long to say what came of it. */
const TRIAL_MS = 60 * SECOND_MS;
/** Long, so that who is told little is not asked twice each time: once without patience, and once with it. */
const SLOW_FOR_MS = 7 * DAY_MS;
/**
 * So many quick answers in a row, and it is not slow any more: one hiccup shall not cost it a week. Few would make one that is now quick and
 * now slow be told much twice: of three, where one answer in five is late, one message in ten; of twenty, one in 400. Each costs a write.
 */
const QUICK_AGAIN_AFTER = 20;
export const DISABLED_AFTER_MS = 5 * DAY_MS;
/** Whatever is tried again is tried within this. Two failures that lie further apart say nothing of the time in between. */
const FAILURES_FORGOTTEN_AFTER_MS = LONGEST_RETRY_AFTER_MS + HOUR_MS;

export const unknownHealth = (destinationId: string): DestinationHealth => ({ destinationId, failures: 0, version: 0 });

/**
 * Whether something may be sent now. `trial`: the break is over, and whoever takes `openUntil` further, see `beginTrial`, may try; all
 * others wait for what comes of it.
 */
export type Admission =
  | { readonly kind: 'open' | 'trial' | 'disabled' }
  | { readonly kind: 'broken'; readonly until: Instant };

/** What a destination's health lets be done. */
export function admit({ disabled, openUntil }: DestinationHealth, now: Instant): Admission {
  if (disabled !== undefined) return { kind: 'disabled' };
  if (openUntil === undefined) return { kind: 'open' };
  return now < openUntil ? { kind: 'broken', until: openUntil } : { kind: 'trial' };
}

/** Whether its deliveries keep out of the way of others. */
export const isSlow = ({ slowUntil }: DestinationHealth, now: Instant): boolean =>
  slowUntil !== undefined && now < slowUntil;

/** Keeps all others away while one tries whether the destination is back. */
export const beginTrial = (health: DestinationHealth, now: Instant): DestinationHealth => ({
  ...health,
  openUntil: later(now, TRIAL_MS),
  version: health.version + 1,
});

export interface Failure {
  readonly at: Instant;
  /** Whether it was the one that tried whether the destination is back. */
  readonly isTrial: boolean;
  /** Whether the destination says that it is gone for good. */
  readonly isGone: boolean;
  /** How long the destination asks to be left alone. */
  readonly leaveAloneMs?: number | undefined;
}

/**
 * After an attempt that failed. What was under way when a break began neither prolongs it nor counts: a hundred at once say no more than
 * one.
 */
export function afterFailure(health: DestinationHealth, failure: Failure): DestinationHealth | undefined {
  const { at, isTrial, isGone, leaveAloneMs } = failure;
  if (health.disabled !== undefined) return undefined;
  const isBroken = health.openUntil !== undefined && at < health.openUntil && !isTrial;
  if (isBroken && !isGone) return undefined;
  const { failures, failingSince } = nextFailure(health, at);
  const reason = isGone ? 'gone' : failingSince <= later(at, -DISABLED_AFTER_MS) ? 'failing' : undefined;
  const breakMs = Math.max(breakAfter(failures), leaveAloneMs ?? 0);
  return {
    ...health,
    failures,
    failingSince,
    lastFailedAt: at,
    openUntil: breakMs === 0 ? undefined : later(at, breakMs),
    disabled: reason && { at, reason, isTold: false },
    version: health.version + 1,
  };
}

function nextFailure({ failures, failingSince, lastFailedAt }: DestinationHealth, at: Instant) {
  const isAnother = lastFailedAt === undefined || lastFailedAt < later(at, -FAILURES_FORGOTTEN_AFTER_MS);
  return isAnother ? { failures: 1, failingSince: at } : { failures: failures + 1, failingSince: failingSince ?? at };
}

/** How long a destination is left alone after so many failures one after another, in milliseconds. */
export function breakAfter(failures: number): number {
  if (failures < FAILURES_BEFORE_BREAK) return 0;
  return Math.min(FIRST_BREAK_MS * 2 ** (failures - FAILURES_BEFORE_BREAK), LONGEST_BREAK_MS);
}

/** After an attempt that was answered well; undefined where that changes nothing. `isSlow`: it took its time. */
export function afterSuccess(
  health: DestinationHealth,
  now: Instant,
  { isSlow: tookLong }: { readonly isSlow: boolean },
): DestinationHealth | undefined {
  const { destinationId, disabled, failures, openUntil, slowUntil, quickAnswers, version } = health;
  if (disabled !== undefined) return undefined;
  const pace = tookLong ? { slowUntil: slowUntilFrom(health, now) } : afterQuickAnswer(health);
  const isSame = pace.slowUntil === slowUntil && pace.quickAnswers === quickAnswers;
  if (failures === 0 && openUntil === undefined && isSame) return undefined;
  return { destinationId, failures: 0, ...pace, version: version + 1 };
}

type Pace = Pick<DestinationHealth, 'slowUntil' | 'quickAnswers'>;

function afterQuickAnswer({ slowUntil, quickAnswers = 0 }: DestinationHealth): Pace {
  if (slowUntil === undefined || quickAnswers + 1 >= QUICK_AGAIN_AFTER) return {};
  return { slowUntil, quickAnswers: quickAnswers + 1 };
}

/** After it kept one of the quick ones waiting; undefined where it is known for that. */
export function afterWait(health: DestinationHealth, now: Instant): DestinationHealth | undefined {
  const slowUntil = slowUntilFrom(health, now);
  const isSame = slowUntil === health.slowUntil && health.quickAnswers === undefined;
  return isSame ? undefined : { ...health, slowUntil, quickAnswers: undefined, version: health.version + 1 };
}

/** Written anew only once half of the time is over: a slow destination costs no write per delivery. */
function slowUntilFrom({ slowUntil }: DestinationHealth, now: Instant): Instant {
  return slowUntil !== undefined && slowUntil > later(now, SLOW_FOR_MS / 2) ? slowUntil : later(now, SLOW_FOR_MS);
}

/** People have been told that it is disabled, or have not. */
export function toldOfDisabling(health: DestinationHealth, isTold: boolean): DestinationHealth {
  const { disabled } = health;
  return { ...health, disabled: disabled && { ...disabled, isTold }, version: health.version + 1 };
}

/**
 * Its break ends as somebody says so; undefined where there is none. What is known of its failures stays: it may be as dead as it was, and
 * then one more begins the next.
 */
export const breakEnded = (health: DestinationHealth): DestinationHealth | undefined =>
  health.openUntil === undefined ? undefined : { ...health, openUntil: undefined, version: health.version + 1 };

/** As if nothing were known of it: whoever enables it again believes that it is well. */
export const enabledAgain = ({ destinationId, version }: DestinationHealth): DestinationHealth => ({
  destinationId,
  failures: 0,
  version: version + 1,
});
