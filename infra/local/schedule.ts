import { randomUUID } from 'node:crypto';
import type { ScheduleModel } from './model.ts';
import { nextFireTime } from './schedule-time.ts';
import type { StateStore } from './state-store.ts';
import { ACCOUNT, REGION } from './template.ts';

/** `setTimeout` takes no longer delay; a schedule further away is looked at again. */
const MAX_WAIT_MS = 3_600_000;

/** Where the time comes from. */
export interface SchedulerClock {
  now(): number;
  /** Calls back once after a delay; what it returns takes that back. */
  after(ms: number, callback: () => void): () => void;
}

export const systemClock: SchedulerClock = {
  now: () => Date.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

export interface SchedulerOptions {
  readonly schedules: readonly ScheduleModel[];
  readonly clock: SchedulerClock;
  readonly state: StateStore;
  /** Starts an asynchronous call. */
  readonly invoke: (functionName: string, event: string) => void;
}

/** Calls functions by the clock. */
export interface Scheduler {
  /**
   * Fires from now on as the expressions say. One that fell due while nothing ran fires once, at the start: a month that
   * ended over a weekend is closed on Monday.
   */
  start(): void;
  /** Fires a schedule by hand, by its own name or its function's. */
  event(name: string): { readonly functionName: string; readonly event: string };
  stop(): void;
}

export function createScheduler({ schedules, clock, state, invoke }: SchedulerOptions): Scheduler {
  const cancels = new Map<string, () => void>();

  function plan(schedule: ScheduleModel): void {
    const key = `schedule/${schedule.name}`;
    const saved = state.get(key);
    if (saved === undefined) state.set(key, String(clock.now()));
    const last = saved === undefined ? clock.now() : Number(saved);
    const due = nextFireTime(schedule.expression, schedule.timeZone, last);
    if (due === undefined) return;
    const waitMs = Math.max(0, due - clock.now());
    const cancel = clock.after(Math.min(waitMs, MAX_WAIT_MS), () => {
      if (clock.now() >= due) {
        state.set(key, String(clock.now()));
        invoke(schedule.functionName, toEvent(schedule, due));
      }
      plan(schedule);
    });
    cancels.set(schedule.name, cancel);
  }

  return {
    start: () => {
      for (const schedule of schedules) plan(schedule);
    },
    event: (name) => {
      const schedule = schedules.find((one) => one.name === name || one.functionName === name);
      if (schedule === undefined) throw new Error(`there is no schedule ${name}`);
      return { functionName: schedule.functionName, event: toEvent(schedule, clock.now()) };
    },
    stop: () => {
      for (const cancel of cancels.values()) cancel();
    },
  };
}

/** The event that EventBridge Scheduler sends: the target's own input, else one that says which schedule fired when. */
function toEvent(schedule: ScheduleModel, scheduledMs: number): string {
  const time = new Date(scheduledMs).toISOString().replace(/\.\d+Z$/, 'Z');
  const executionId = randomUUID();
  const fields: Readonly<Record<string, string>> = {
    '<aws.scheduler.schedule-arn>': schedule.arn,
    '<aws.scheduler.scheduled-time>': time,
    '<aws.scheduler.execution-id>': executionId,
    '<aws.scheduler.attempt-number>': '1',
  };
  if (schedule.input !== undefined) {
    return schedule.input.replace(/<aws\.scheduler\.[a-z-]+>/g, (field) => fields[field] ?? field);
  }
  return JSON.stringify({
    version: '0',
    id: executionId,
    'detail-type': 'Scheduled Event',
    source: 'aws.scheduler',
    account: ACCOUNT,
    time,
    region: REGION,
    resources: [schedule.arn],
    detail: '{}',
  });
}
