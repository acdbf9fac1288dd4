import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelsOf, oldestKept, periodOf } from '../../../shared/domain/caps/period-label.ts';
import { instantOf, millisecondsOf } from '../../../shared/domain/time/calendar.ts';

const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Apia'];

describe('labelsOf', () => {
  it.each([
    ['UTC', '2026-11-22T10:59:59.999Z', 'h2026-11-22T10:00 d2026-11-22 w2026-11-16 m2026-11 t'],
    ['UTC', '2026-11-22T23:59:59.999Z', 'h2026-11-22T23:00 d2026-11-22 w2026-11-16 m2026-11 t'],
    // A Monday.
    ['UTC', '2026-11-23T00:00:00.000Z', 'h2026-11-23T00:00 d2026-11-23 w2026-11-23 m2026-11 t'],
    // A week that belongs to two years, and a leap day.
    ['UTC', '2027-01-01T00:00:00.000Z', 'h2027-01-01T00:00 d2027-01-01 w2026-12-28 m2027-01 t'],
    ['UTC', '2028-02-29T12:00:00.000Z', 'h2028-02-29T12:00 d2028-02-29 w2028-02-28 m2028-02 t'],
    // Berlin is ahead: the day and the month begin an hour before those of UTC.
    ['Europe/Berlin', '2026-11-30T22:59:59.999Z', 'h2026-11-30T22:00 d2026-11-30 w2026-11-30 m2026-11 t'],
    ['Europe/Berlin', '2026-11-30T23:00:00.000Z', 'h2026-11-30T23:00 d2026-12-01 w2026-11-30 m2026-12 t'],
    // 2026-03-29: 02:00 is skipped, so the hour after 01:00 is 03:00.
    ['Europe/Berlin', '2026-03-29T00:59:59.999Z', 'h2026-03-29T00:00 d2026-03-29 w2026-03-23 m2026-03 t'],
    ['Europe/Berlin', '2026-03-29T01:00:00.000Z', 'h2026-03-29T01:00 d2026-03-29 w2026-03-23 m2026-03 t'],
    // 2026-10-25: 02:00 to 03:00 comes twice, and is two hours.
    ['Europe/Berlin', '2026-10-25T00:30:00.000Z', 'h2026-10-25T00:00 d2026-10-25 w2026-10-19 m2026-10 t'],
    ['Europe/Berlin', '2026-10-25T01:30:00.000Z', 'h2026-10-25T01:00 d2026-10-25 w2026-10-19 m2026-10 t'],
    // Kathmandu is 5:45 ahead: its hours begin at a quarter past.
    ['Asia/Kathmandu', '2026-11-22T10:14:59.999Z', 'h2026-11-22T09:15 d2026-11-22 w2026-11-16 m2026-11 t'],
    ['Asia/Kathmandu', '2026-11-22T10:15:00.000Z', 'h2026-11-22T10:15 d2026-11-22 w2026-11-16 m2026-11 t'],
    ['Asia/Kathmandu', '2026-11-22T18:15:00.000Z', 'h2026-11-22T18:15 d2026-11-23 w2026-11-23 m2026-11 t'],
    // On Lord Howe half an hour is skipped, and half an hour comes twice.
    ['Australia/Lord_Howe', '2026-04-04T14:59:59.999Z', 'h2026-04-04T14:00 d2026-04-05 w2026-03-30 m2026-04 t'],
    ['Australia/Lord_Howe', '2026-04-04T15:00:00.000Z', 'h2026-04-04T14:30 d2026-04-05 w2026-03-30 m2026-04 t'],
  ])('in %s, of %s: %s', (zone, instant, expected) => {
    expect(Object.values(labelsOf(instant, zone)).join(' ')).toBe(expected);
  });

  it('never goes back in time, and changes at least once an hour', () => {
    const minutes = fc.integer({ min: 0, max: 60 * 24 * 366 * 3 });
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), minutes, fc.integer({ min: 0, max: 90 }), (zone, minute, more) => {
        const at = (minutesLater: number) =>
          instantOf(millisecondsOf('2026-01-01T00:00:00.000Z') + minutesLater * 60_000);
        const [first, second] = [labelsOf(at(minute), zone), labelsOf(at(minute + more), zone)];
        expect(Object.values(second).every((label, index) => label >= Object.values(first)[index]!)).toBe(true);
        if (more >= 60) expect(second.hour).not.toBe(first.hour);
      }),
    );
  });
});

describe('periodOf', () => {
  it.each([
    ['h2026-10-25T00:00', 'Europe/Berlin', '2026-10-25T00:00:00.000Z', '2026-10-25T01:00:00.000Z'],
    ['d2026-11-22', 'UTC', '2026-11-22T00:00:00.000Z', '2026-11-23T00:00:00.000Z'],
    // Of 23 and of 25 hours.
    ['d2026-03-29', 'Europe/Berlin', '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'],
    ['d2026-10-25', 'Europe/Berlin', '2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z'],
    ['w2026-10-19', 'Europe/Berlin', '2026-10-18T22:00:00.000Z', '2026-10-25T23:00:00.000Z'],
    ['m2026-12', 'Europe/Berlin', '2026-11-30T23:00:00.000Z', '2026-12-31T23:00:00.000Z'],
  ])('%s in %s: from %s to %s', (label, zone, start, end) => {
    expect(periodOf(label, zone)).toEqual({ start, end });
  });

  it('has no bounds for all time', () => {
    expect(periodOf('t', 'UTC')).toBeUndefined();
  });

  it('holds the instants that it is the label of', () => {
    const wholeHourZones = ZONES.filter((zone) => zone !== 'Australia/Lord_Howe');
    fc.assert(
      fc.property(fc.constantFrom(...wholeHourZones), fc.integer({ min: 0, max: 60 * 24 * 366 }), (zone, minute) => {
        const instant = instantOf(millisecondsOf('2026-01-01T00:00:00.000Z') + minute * 60_000);
        for (const label of Object.values(labelsOf(instant, zone))) {
          const { start = instant, end = '9' } = periodOf(label, zone) ?? {};
          expect(start <= instant && instant < end).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });
});

it('keeps two hours and two days back, a week and a month', () => {
  expect(Object.values(oldestKept('2026-11-22T10:30:00.000Z', 'UTC')).join(' ')).toBe(
    'h2026-11-22T08:00 d2026-11-20 w2026-11-09 m2026-10 t',
  );
});
