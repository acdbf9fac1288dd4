import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dayOf,
  daysInRange,
  instantOf,
  isDay,
  isMonth,
  millisecondsOf,
  monthOf,
  monthsBetween,
  nextDay,
  nextMonth,
  startOfDay,
} from '../../../shared/domain/time/calendar.ts';

const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Apia', 'Pacific/Pago_Pago'];

describe('dayOf', () => {
  it.each([
    ['UTC', '2025-11-30T23:59:59.999Z', '2025-11-30'],
    ['UTC', '2025-12-01T00:00:00.000Z', '2025-12-01'],
    // Berlin: UTC+1, from 2025-03-30 UTC+2, from 2025-10-26 UTC+1.
    ['Europe/Berlin', '2025-03-29T22:59:59.999Z', '2025-03-29'],
    ['Europe/Berlin', '2025-03-29T23:00:00.000Z', '2025-03-30'],
    ['Europe/Berlin', '2025-03-30T21:59:59.999Z', '2025-03-30'],
    ['Europe/Berlin', '2025-03-30T22:00:00.000Z', '2025-03-31'],
    ['Europe/Berlin', '2025-10-25T21:59:59.999Z', '2025-10-25'],
    ['Europe/Berlin', '2025-10-25T22:00:00.000Z', '2025-10-26'],
    ['Europe/Berlin', '2025-10-26T22:59:59.999Z', '2025-10-26'],
    ['Europe/Berlin', '2025-10-26T23:00:00.000Z', '2025-10-27'],
    // New York: UTC-5, from 2025-03-09 UTC-4, from 2025-11-02 UTC-5.
    ['America/New_York', '2025-03-09T04:59:59.999Z', '2025-03-08'],
    ['America/New_York', '2025-03-09T05:00:00.000Z', '2025-03-09'],
    ['America/New_York', '2025-03-10T03:59:59.999Z', '2025-03-09'],
    ['America/New_York', '2025-03-10T04:00:00.000Z', '2025-03-10'],
    ['America/New_York', '2025-11-02T03:59:59.999Z', '2025-11-01'],
    ['America/New_York', '2025-11-02T04:00:00.000Z', '2025-11-02'],
    ['America/New_York', '2025-11-03T04:59:59.999Z', '2025-11-02'],
    ['America/New_York', '2025-11-03T05:00:00.000Z', '2025-11-03'],
    // Kathmandu: UTC+5:45.
    ['Asia/Kathmandu', '2025-11-30T18:14:59.999Z', '2025-11-30'],
    ['Asia/Kathmandu', '2025-11-30T18:15:00.000Z', '2025-12-01'],
    // Apia: UTC+13 now; left out 2011-12-30 when it crossed the date line (from UTC-10 to UTC+14).
    ['Pacific/Apia', '2025-11-30T10:59:59.999Z', '2025-11-30'],
    ['Pacific/Apia', '2025-11-30T11:00:00.000Z', '2025-12-01'],
    ['Pacific/Apia', '2011-12-30T09:59:59.999Z', '2011-12-29'],
    ['Pacific/Apia', '2011-12-30T10:00:00.000Z', '2011-12-31'],
  ])('in %s %s is %s', (timeZone, instant, day) => {
    expect(dayOf(instant, timeZone)).toBe(day);
    expect(monthOf(instant, timeZone)).toBe(day.slice(0, 7));
  });

  it('throws on an unknown zone', () => {
    expect(() => dayOf('2025-11-30T00:00:00.000Z', 'Mars/Olympus')).toThrow(RangeError);
  });
});

describe('startOfDay', () => {
  it.each([
    ['UTC', '2025-11-30', '2025-11-30T00:00:00.000Z'],
    ['Europe/Berlin', '2025-03-30', '2025-03-29T23:00:00.000Z'],
    ['Europe/Berlin', '2025-03-31', '2025-03-30T22:00:00.000Z'],
    ['Europe/Berlin', '2025-10-27', '2025-10-26T23:00:00.000Z'],
    ['America/New_York', '2025-11-02', '2025-11-02T04:00:00.000Z'],
    ['America/New_York', '2025-11-03', '2025-11-03T05:00:00.000Z'],
    ['Asia/Kathmandu', '2025-12-01', '2025-11-30T18:15:00.000Z'],
    ['Pacific/Apia', '2025-12-01', '2025-11-30T11:00:00.000Z'],
    ['Etc/GMT+12', '2025-12-01', '2025-12-01T12:00:00.000Z'],
    ['Pacific/Kiritimati', '2025-12-01', '2025-11-30T10:00:00.000Z'],
    // Clocks go forward at midnight: the day begins at one.
    ['America/Santiago', '2025-09-07', '2025-09-07T04:00:00.000Z'],
    // Clocks go back at one: midnight comes twice.
    ['America/Havana', '2025-11-02', '2025-11-02T04:00:00.000Z'],
    // A day that was left out begins where the next one does.
    ['Pacific/Apia', '2011-12-30', '2011-12-30T10:00:00.000Z'],
  ])('in %s of %s is %s', (timeZone, day, instant) => {
    expect(startOfDay(day, timeZone)).toBe(instant);
  });

  it('is the first instant of its day, in every zone', () => {
    const instants = fc
      .integer({ min: Date.parse('2012-01-01T00:00:00Z'), max: Date.parse('2035-01-01T00:00:00Z') })
      .map(instantOf);
    fc.assert(
      fc.property(instants, fc.constantFrom(...ZONES), (instant, timeZone) => {
        const day = dayOf(instant, timeZone);
        const start = startOfDay(day, timeZone);
        expect(start <= instant).toBe(true);
        expect(dayOf(start, timeZone)).toBe(day);
        expect(dayOf(instantOf(millisecondsOf(start) - 1), timeZone) < day).toBe(true);
        expect(instant < startOfDay(nextDay(day), timeZone)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('isDay', () => {
  it.each([
    ['2025-11-30', true],
    ['2024-02-29', true],
    ['2000-02-29', true],
    ['2025-12-31', true],
    ['1970-01-01', true],
    ['2999-12-31', true],
    ['2025-02-29', false],
    ['2100-02-29', false],
    ['2025-04-31', false],
    ['2025-11-00', false],
    ['2025-00-10', false],
    ['2025-13-01', false],
    ['2025-1-1', false],
    ['25-11-30', false],
    ['2025-11-30T00:00:00Z', false],
    ['2025-11-30 ', false],
    ['2025-11-30\n', false],
    ['+002025-11-30', false],
    ['٢٠٢٥-11-30', false],
    ['', false],
    // Outside what the calendar reckons with: the day after 9999-12-31 has no place in text order.
    ['1969-12-31', false],
    ['0000-01-01', false],
    ['3000-01-01', false],
    ['9999-12-31', false],
  ])('%j: %s', (text, expected) => {
    expect(isDay(text)).toBe(expected);
  });
});

describe('isMonth', () => {
  it.each([
    ['2025-11', true],
    ['1970-01', true],
    ['2999-12', true],
    ['2025-00', false],
    ['2025-13', false],
    ['2025-1', false],
    ['2025-11-30', false],
    ['2025-11\n', false],
    ['1969-12', false],
    ['3000-01', false],
    ['9999-12', false],
    ['', false],
  ])('%j: %s', (text, expected) => {
    expect(isMonth(text)).toBe(expected);
  });
});

describe('days and months', () => {
  it.each([
    ['2025-11-29', '2025-11-30'],
    ['2025-11-30', '2025-12-01'],
    ['2025-12-31', '2026-01-01'],
    ['2024-02-28', '2024-02-29'],
    ['2025-02-28', '2025-03-01'],
  ])('after %s comes %s', (day, next) => {
    expect(nextDay(day)).toBe(next);
    expect(daysInRange(day, next)).toBe(2);
    expect(daysInRange(next, day)).toBe(0);
  });

  it.each([
    ['2025-01', '2025-02'],
    ['2025-09', '2025-10'],
    ['2025-11', '2025-12'],
    ['2025-12', '2026-01'],
    ['2099-12', '2100-01'],
  ])('after %s comes %s', (month, next) => {
    expect(nextMonth(month)).toBe(next);
  });

  it.each([
    ['2025-11', '2025-11', ['2025-11']],
    ['2025-11', '2026-02', ['2025-11', '2025-12', '2026-01', '2026-02']],
    ['2025-12', '2025-11', []],
  ])('from %s to %s are %j', (first, last, months) => {
    expect(monthsBetween(first, last)).toEqual(months);
  });

  it('counts days across a leap year', () => {
    expect(daysInRange('2024-01-01', '2024-12-31')).toBe(366);
    expect(daysInRange('2025-01-01', '2025-12-31')).toBe(365);
  });

  it('steps through every day there is, each once', () => {
    const days = fc
      .integer({ min: 0, max: 376_000 })
      .map((number) => instantOf(number * 86_400_000).slice(0, 10))
      .filter(isDay);
    fc.assert(
      fc.property(days, (day) => {
        const next = nextDay(day);
        expect(next > day).toBe(true);
        expect(daysInRange(day, next)).toBe(2);
        expect([day.slice(0, 7), nextMonth(day.slice(0, 7))]).toContain(next.slice(0, 7));
      }),
    );
  });
});
