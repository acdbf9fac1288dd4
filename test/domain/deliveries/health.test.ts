import { describe, expect, it } from 'vitest';
import {
  admit,
  afterFailure,
  afterSuccess,
  afterWait,
  beginTrial,
  breakAfter,
  breakEnded,
  type DestinationHealth,
  DISABLED_AFTER_MS,
  enabledAgain,
  isSlow,
  unknownHealth,
} from '../../../shared/domain/deliveries/health.ts';
import { instantOf, millisecondsOf } from '../../../shared/domain/time/calendar.ts';

const NOW = '2025-11-10T12:00:00.000Z';
const at = (ms: number) => instantOf(millisecondsOf(NOW) + ms);
const health = (changes: Partial<DestinationHealth> = {}): DestinationHealth => ({
  ...unknownHealth('dst'),
  ...changes,
});
const failure = { at: NOW, isTrial: false, isGone: false } as const;

describe('what may be sent', () => {
  it.each([
    ['nothing is known', {}, { kind: 'open' }],
    ['it failed, and not often', { failures: 4 }, { kind: 'open' }],
    ['a break lasts', { openUntil: at(1) }, { kind: 'broken', until: at(1) }],
    ['a break is over', { openUntil: NOW }, { kind: 'trial' }],
    ['it is disabled', { disabled: { at: NOW, reason: 'gone', isTold: true } }, { kind: 'disabled' }],
    [
      'it is disabled in a break',
      { openUntil: at(1), disabled: { at: NOW, reason: 'gone', isTold: true } },
      { kind: 'disabled' },
    ],
  ] as const)('where %s', (_what, changes, admission) => {
    expect(admit(health(changes), NOW)).toEqual(admission);
  });

  it('is one trial at a time', () => {
    const trying = beginTrial(health({ failures: 5, openUntil: NOW, version: 3 }), NOW);
    expect(admit(trying, at(59_999))).toMatchObject({ kind: 'broken' });
    // Who tried never told what came of it.
    expect(admit(trying, at(60_000))).toEqual({ kind: 'trial' });
    expect(trying.version).toBe(4);
  });
});

describe('breaks', () => {
  it.each([
    [1, 0],
    [4, 0],
    [5, 30_000],
    [6, 60_000],
    [10, 960_000],
    [11, 1_800_000],
    [12, 1_800_000],
    [5000, 1_800_000],
  ])('after %i failures one after another last %i ms', (failures, ms) => {
    expect(breakAfter(failures)).toBe(ms);
  });

  it('begin with the fifth failure', () => {
    let current = health();
    for (let n = 1; n <= 5; n += 1) {
      expect(current.openUntil).toBeUndefined();
      current = afterFailure(current, failure)!;
      expect(current).toMatchObject({ failures: n, failingSince: NOW, version: n });
    }
    expect(current.openUntil).toBe(at(30_000));
  });

  it('are not prolonged by what was under way when they began', () => {
    const broken = health({ failures: 5, lastFailedAt: NOW, openUntil: at(30_000) });
    expect(afterFailure(broken, failure)).toBeUndefined();
    expect(afterFailure(broken, { ...failure, at: at(29_999) })).toBeUndefined();
    expect(afterFailure(broken, { ...failure, isTrial: true })).toMatchObject({ failures: 6, openUntil: at(60_000) });
    expect(afterFailure(broken, { ...failure, at: at(30_000) })).toMatchObject({ failures: 6 });
  });

  it('last as long as the destination asks for', () => {
    expect(afterFailure(health(), { ...failure, leaveAloneMs: 7000 })).toMatchObject({
      failures: 1,
      openUntil: at(7000),
    });
    const failed = health({ failures: 5, lastFailedAt: NOW });
    expect(afterFailure(failed, { ...failure, leaveAloneMs: 7000 })).toMatchObject({
      openUntil: at(60_000),
    });
    expect(afterFailure(failed, { ...failure, leaveAloneMs: 7_000_000 })).toMatchObject({
      openUntil: at(7_000_000),
    });
  });

  it('and all that is known of failures end with one success', () => {
    const broken = health({
      failures: 9,
      failingSince: at(-1000),
      openUntil: at(30_000),
      slowUntil: at(1),
      version: 9,
    });
    expect(afterSuccess(broken, NOW, { isSlow: false })).toEqual({
      destinationId: 'dst',
      failures: 0,
      slowUntil: at(1),
      quickAnswers: 1,
      version: 10,
    });
  });

  it('cost nothing while all is well', () => {
    expect(afterSuccess(health(), NOW, { isSlow: false })).toBeUndefined();
    expect(afterSuccess(health({ slowUntil: at(400_000_000) }), NOW, { isSlow: true })).toBeUndefined();
  });
});

/** Its last failure was the time given ago, by default just now. */
const failingFor = (ms: number, lastMs = 0) => ({ failures: 4, failingSince: at(-ms), lastFailedAt: at(-lastMs) });
/** A day of `Retry-After`, the jitter, and the schedule. */
const GAP_MS = 25 * 3_600_000;

describe('a destination is disabled', () => {
  it.each([
    ['never by one failure', {}, false, undefined],
    ['when it says that it is gone', {}, true, 'gone'],
    ['when it says so in a break', { failures: 5, openUntil: at(1) }, true, 'gone'],
    ['not a millisecond before five days', failingFor(DISABLED_AFTER_MS - 1), false, undefined],
    ['after five days of failures', failingFor(DISABLED_AFTER_MS), false, 'failing'],
    ['by failures that lie as far apart as attempts may', failingFor(DISABLED_AFTER_MS, GAP_MS), false, 'failing'],
    ['not by two that lie further apart', failingFor(DISABLED_AFTER_MS, GAP_MS + 1), false, undefined],
  ] as const)('%s', (_when, changes, isGone, reason) => {
    const failed = afterFailure(health(changes), { ...failure, isGone });
    expect(failed?.disabled).toEqual(reason && { at: NOW, reason, isTold: false });
  });

  it('until somebody enables it, whatever comes in late', () => {
    const disabled = health({ failures: 7, disabled: { at: NOW, reason: 'failing', isTold: true }, version: 7 });
    expect(afterSuccess(disabled, NOW, { isSlow: false })).toBeUndefined();
    expect(afterFailure(disabled, { ...failure, isGone: true })).toBeUndefined();
    expect(enabledAgain(disabled)).toEqual({ destinationId: 'dst', failures: 0, version: 8 });
  });
});

describe('failures of long ago', () => {
  it.each([
    ['go on with the next one within 25 hours', GAP_MS, { failures: 5, failingSince: at(-40 * GAP_MS) }],
    ['begin anew with one that comes later', GAP_MS + 1, { failures: 1, failingSince: NOW, openUntil: undefined }],
  ])('%s', (_what, lastMs, expected) => {
    const failed = afterFailure(health(failingFor(40 * GAP_MS, lastMs)), failure);
    expect(failed).toMatchObject({ ...expected, lastFailedAt: NOW });
  });
});

describe('a break that somebody ends', () => {
  it.each([
    ['lasts', at(1)],
    ['waits for a trial', NOW],
  ])('is no more where it %s, but its failures are known', (_what, openUntil) => {
    const broken = health({ ...failingFor(1000), failures: 7, openUntil, version: 7 });
    const ended = breakEnded(broken)!;
    expect(ended).toEqual({ ...broken, openUntil: undefined, version: 8 });
    expect(admit(ended, NOW)).toEqual({ kind: 'open' });
    expect(afterFailure(ended, failure)).toMatchObject({ failures: 8, openUntil: at(240_000) });
  });

  it('was one', () => {
    expect(breakEnded(health())).toBeUndefined();
  });
});

describe('a slow destination', () => {
  it('is taken for one for a week', () => {
    const slow = afterWait(health(), NOW)!;
    expect(isSlow(slow, at(604_799_999))).toBe(true);
    expect(isSlow(slow, at(604_800_000))).toBe(false);
    expect(isSlow(health(), NOW)).toBe(false);
  });

  it('is noted again only once half of that is over', () => {
    const slow = afterWait(health(), NOW)!;
    expect(afterWait(slow, at(302_399_999))).toBeUndefined();
    expect(afterWait(slow, at(302_400_000))).toMatchObject({ slowUntil: at(907_200_000) });
    expect(afterSuccess(slow, at(302_399_999), { isSlow: true })).toBeUndefined();
    expect(afterSuccess(slow, at(302_400_000), { isSlow: true })).toMatchObject({ slowUntil: at(907_200_000) });
  });

  it('is quick again after twenty quick answers in a row', () => {
    const success = (current: DestinationHealth, tookLong: boolean) =>
      afterSuccess(current, NOW, { isSlow: tookLong })!;
    let current = afterWait(health(), NOW)!;
    const quick = (answers: number) => Array<boolean>(answers).fill(false);
    for (const tookLong of [...quick(19), true, ...quick(19)]) current = success(current, tookLong);
    expect(isSlow(current, NOW)).toBe(true);
    current = afterWait(current, NOW)!;
    for (const tookLong of quick(19)) current = success(current, tookLong);
    expect(isSlow(current, NOW)).toBe(true);
    current = success(current, false);
    expect(isSlow(current, NOW)).toBe(false);
    expect(afterSuccess(current, NOW, { isSlow: false })).toBeUndefined();
  });
});
