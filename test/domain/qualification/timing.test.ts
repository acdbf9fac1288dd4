import { describe, expect, it } from 'vitest';
import { runCheck } from '../../../shared/domain/qualification/run-check.ts';
import type { Weekday } from '../../../shared/domain/time/local-time.ts';
import { localTimeOf } from '../../../shared/domain/time/local-time.ts';
import { CLICKED_AT, later } from '../../support/builders.ts';
import { signals, verdictOf } from '../../support/qualification.ts';

describe('the time from click to lead', () => {
  const check = { kind: 'click_to_lead', minMs: 10_000, maxMs: 86_400_000 } as const;

  it.each([
    ['a millisecond too soon', 9_999, 'lead_too_fast'],
    ['as soon as may be', 10_000, 'passed'],
    ['as late as may be', 86_400_000, 'passed'],
    ['a millisecond too late', 86_400_001, 'lead_too_late'],
    ['before the click, by the sender’s clock', -500, 'lead_too_fast'],
  ])('%s', (_case, afterMs, expected) => {
    expect(verdictOf(check, { occurredAt: later(CLICKED_AT, afterMs) })).toBe(expected);
  });

  it.each([
    ['only a least, any time later', { kind: 'click_to_lead', minMs: 10_000 }, 366 * 86_400_000, 'passed'],
    ['only a most, at once', { kind: 'click_to_lead', maxMs: 10_000 }, 0, 'passed'],
    ['only a most, late', { kind: 'click_to_lead', maxMs: 10_000 }, 10_001, 'lead_too_late'],
  ] as const)('%s', (_case, bounds, afterMs, expected) => {
    expect(verdictOf(bounds, { occurredAt: later(CLICKED_AT, afterMs) })).toBe(expected);
  });

  it.each([
    [undefined, 'click_time_unknown'],
    [true, 'passed'],
  ])('without a click, optional: %s', (optional, expected) => {
    expect(verdictOf({ ...check, optional }, { clickedAt: undefined })).toBe(expected);
  });

  it('says how long it took and how long it may take', () => {
    const { input, expected } = runCheck(check, signals({ occurredAt: later(CLICKED_AT, 90_000) }), 'UTC');
    expect([input, expected]).toEqual([
      '1 minute 30 seconds',
      'at least 10 seconds and at most 1 day from click to lead',
    ]);
  });
});

describe('how long the form was open', () => {
  const check = { kind: 'form_time', minSeconds: 3 } as const;

  it.each([
    ['too short', 2, undefined, 'form_too_fast'],
    ['just long enough', 3, undefined, 'passed'],
    ['for ever', 999_999, undefined, 'passed'],
    ['not told', undefined, undefined, 'form_time_missing'],
    ['not told, optional', undefined, true, 'passed'],
    ['too short, optional', 0, true, 'form_too_fast'],
  ])('%s', (_case, formSeconds, optional, expected) => {
    expect(verdictOf({ ...check, optional }, { formSeconds })).toBe(expected);
  });
});

describe('days and hours', () => {
  const WEEK: Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
  const office = {
    kind: 'day_parting',
    windows: [
      { days: ['mon', 'tue', 'wed', 'thu', 'fri'], fromMinute: 540, beforeMinute: 1080 },
      { days: ['sat'], fromMinute: 600, beforeMinute: 1440 },
    ],
  } as const;

  it.each([
    ['Monday, a millisecond before the hours', '2025-11-10T08:59:59.999Z', 'outside_schedule'],
    ['Monday, when they begin', '2025-11-10T09:00:00.000Z', 'passed'],
    ['Friday, the last millisecond', '2025-11-14T17:59:59.999Z', 'passed'],
    ['Friday, when they end', '2025-11-14T18:00:00.000Z', 'outside_schedule'],
    ['Saturday, before its own hours', '2025-11-15T09:59:59.999Z', 'outside_schedule'],
    ['Saturday, the end of the day', '2025-11-15T23:59:59.999Z', 'passed'],
    ['Sunday', '2025-11-16T12:00:00.000Z', 'outside_schedule'],
  ])('%s', (_case, occurredAt, expected) => {
    expect(verdictOf(office, { occurredAt })).toBe(expected);
  });

  it.each([
    ['Berlin, winter', '2025-11-10T08:00:00.000Z', 'Europe/Berlin', 'passed'],
    ['Berlin, winter, before', '2025-11-10T07:59:59.999Z', 'Europe/Berlin', 'outside_schedule'],
    ['Berlin, summer', '2025-07-07T07:00:00.000Z', 'Europe/Berlin', 'passed'],
    ['New York, still Friday', '2025-11-14T22:59:59.999Z', 'America/New_York', 'passed'],
    ['Kolkata, half an hour off', '2025-11-10T03:30:00.000Z', 'Asia/Kolkata', 'passed'],
    ['Kolkata, a minute before', '2025-11-10T03:29:00.000Z', 'Asia/Kolkata', 'outside_schedule'],
    ['Auckland, Monday already', '2025-11-09T20:00:00.000Z', 'Pacific/Auckland', 'passed'],
  ])('go by the clocks of %s', (_case, occurredAt, timeZone, expected) => {
    expect(verdictOf(office, { occurredAt }, timeZone)).toBe(expected);
  });

  const night = { kind: 'day_parting', windows: [{ days: WEEK, fromMinute: 120, beforeMinute: 180 }] } as const;

  it.each([
    ['the hour that is repeated, first time', '2025-10-26T00:30:00.000Z', 'passed'],
    ['the hour that is repeated, second time', '2025-10-26T01:30:00.000Z', 'passed'],
    ['after it', '2025-10-26T02:00:00.000Z', 'outside_schedule'],
    ['the minute before the hour that is skipped', '2025-03-30T00:59:00.000Z', 'outside_schedule'],
    ['the minute after it, three o’clock', '2025-03-30T01:00:00.000Z', 'outside_schedule'],
  ])('when clocks change in Berlin: %s', (_case, occurredAt, expected) => {
    expect(verdictOf(night, { occurredAt }, 'Europe/Berlin')).toBe(expected);
  });

  it('says when it was there and then, and when it may be', () => {
    const check = {
      kind: 'day_parting',
      windows: [{ days: ['sat', 'sun'], fromMinute: 0, beforeMinute: 1440 }],
    } as const;
    expect(runCheck(check, signals({ occurredAt: '2025-11-10T23:05:00.000Z' }), 'Europe/Berlin')).toEqual({
      passed: false,
      reason: 'outside_schedule',
      input: 'tue 00:05',
      expected: 'sat, sun 00:00-24:00 (Europe/Berlin)',
    });
  });

  it('knows no zone that does not exist', () => {
    expect(() => localTimeOf('2025-11-10T23:05:00.000Z', 'Europe/Atlantis')).toThrow(RangeError);
  });
});
