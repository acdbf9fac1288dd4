import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  brokenDays,
  createSealFold,
  lastSettledDay,
  monthsToCheck,
  type StoredEntry,
} from '../../../shared/domain/verification/seal.ts';
import { sha256Hex } from '../../../shared/runtime/crypto.ts';

const entry = (text: string, recordedAt = '2025-11-10T10:00:00.000Z'): StoredEntry => ({ text, recordedAt });
const sealOf = (entries: readonly StoredEntry[], through = '2025-11-20') => {
  const fold = createSealFold(sha256Hex, through);
  for (const each of entries) fold.add(each);
  return fold.seal();
};
const broken = (before: readonly StoredEntry[], now: readonly StoredEntry[], through = '2025-11-20') =>
  brokenDays(sealOf(before), sealOf(now, through)).map(({ day }) => day);

describe('a seal', () => {
  it('counts the entries of each day (UTC) and takes none after its last', () => {
    const entries = [
      entry('c', '2025-11-21T00:00:00.000Z'),
      entry('b', '2025-11-20T23:59:59.999Z'),
      entry('a', '2025-11-09T00:00:00.000Z'),
      entry('d', '2025-11-20T00:00:00.000Z'),
    ];
    expect(sealOf(entries)).toEqual({
      through: '2025-11-20',
      days: [
        { day: '2025-11-09', entries: 1, root: expect.stringMatching(/^[0-9a-f]{64}$/) },
        { day: '2025-11-20', entries: 2, root: expect.stringMatching(/^[0-9a-f]{64}$/) },
      ],
    });
  });

  const stood = [entry('a'), entry('b', '2025-11-11T00:00:00.000Z'), entry('c')];

  it.each<[string, readonly StoredEntry[], string[]]>([
    ['nothing', stood, []],
    ['an entry of a day after the last', [...stood, entry('d', '2025-11-21T00:00:00.000Z')], []],
    ['a changed entry', [entry('a'), entry('b', '2025-11-11T00:00:00.000Z'), entry('C')], ['2025-11-10']],
    ['a lost entry', stood.slice(1), ['2025-11-10']],
    ['the only entry of its day lost', stood.filter(({ text }) => text !== 'b'), ['2025-11-11']],
    ['all entries lost', [], ['2025-11-10', '2025-11-11']],
    ['an entry added with an earlier date', [...stood, entry('d')], ['2025-11-10']],
    ['one added on a day that had none', [...stood, entry('d', '2025-11-20T23:59:59.999Z')], ['2025-11-20']],
    ['one exchanged for another', [entry('x'), ...stood.slice(1)], ['2025-11-10']],
    ['two in another order', [entry('c'), stood[1] as StoredEntry, entry('a')], ['2025-11-10']],
    [
      'one moved to another day',
      [...stood.slice(0, 2), entry('c', '2025-11-12T00:00:00.000Z')],
      ['2025-11-10', '2025-11-12'],
    ],
    ['one without a date', [...stood.slice(0, 2), entry('c', '')], ['', '2025-11-10']],
  ])('is broken by %s where days are named', (_what, now, days) => {
    expect(broken(stood, now)).toEqual(days);
    expect(broken(stood, now, '2025-11-25')).toEqual(days);
  });

  it('says nothing of days that the other does not reach', () => {
    expect(broken(stood, [entry('a'), entry('c')], '2025-11-10')).toEqual([]);
  });

  it('holds whatever is added later, and breaks wherever one entry is another', () => {
    const days = fc.integer({ min: 1, max: 30 }).map((day) => `2025-11-${String(day).padStart(2, '0')}T12:00:00.000Z`);
    const entries = fc.array(fc.record({ text: fc.string(), recordedAt: days }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(entries, fc.nat(), (all, at) => {
        const yesterday = all.filter(({ recordedAt }) => recordedAt < '2025-11-21');
        expect(broken(yesterday, all, '2025-11-30')).toEqual([]);
        const index = at % all.length;
        const { text, recordedAt } = all[index] as StoredEntry;
        const altered = all.with(index, { text: `${text}!`, recordedAt });
        expect(broken(all, altered)).toEqual(recordedAt < '2025-11-21' ? [recordedAt.slice(0, 10)] : []);
      }),
    );
  });
});

describe('what is due', () => {
  it.each([
    ['an hour after the day', '2025-11-21T01:00:00.000Z', '2025-11-20'],
    ['a moment before', '2025-11-21T00:59:59.999Z', '2025-11-19'],
  ])('a day is settled %s', (_when, now, day) => {
    expect(lastSettledDay(now)).toBe(day);
  });

  it('this month, the two before and an older one are checked every day, by the network’s time zone', () => {
    expect(monthsToCheck('2026-02-28T23:30:00.000Z', 'UTC').slice(0, 3)).toEqual(['2026-02', '2026-01', '2025-12']);
    expect(monthsToCheck('2026-02-28T23:30:00.000Z', 'Europe/Berlin')[0]).toBe('2026-03');
  });

  it('in 33 days the 33 months before those had their turn', () => {
    const days = Array.from({ length: 33 }, (_, day) => new Date(Date.UTC(2026, 0, 1 + day, 4)).toISOString());
    const ages = days.map((now) => {
      const [older = ''] = monthsToCheck(now, 'UTC').slice(3);
      return (
        (Number(now.slice(0, 4)) - Number(older.slice(0, 4))) * 12 + Number(now.slice(5, 7)) - Number(older.slice(5, 7))
      );
    });
    expect(ages.sort((left, right) => left - right)).toEqual(Array.from({ length: 33 }, (_, index) => index + 3));
  });
});
