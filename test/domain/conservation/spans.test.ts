import { describe, expect, it } from 'vitest';
import { daysOf, spanOfMonth, spansDue } from '../../../shared/domain/conservation/spans.ts';

const NOW = '2025-11-20T10:00:00.000Z';
const JUST_CHECKED = new Map([
  ['2025-10', NOW],
  ['2025-11', NOW],
]);
const glance = (...given: Parameters<typeof spansDue>) =>
  spansDue(...given).map(({ from, to, whole }) => `${from}${from === to ? '' : ` to ${to}`}${whole ? ' whole' : ''}`);

describe('what is due', () => {
  it('is both months where they were never counted whole, and no day of theirs beside', () => {
    expect(glance(new Map(), ['2025-09-30', '2025-11-03'], NOW, 'UTC')).toEqual([
      '2025-10-01 to 2025-10-31 whole',
      '2025-11-01 to 2025-11-20 whole',
      '2025-09-30',
    ]);
  });

  it('is yesterday, today and what waits, each once', () => {
    expect(glance(JUST_CHECKED, ['2025-11-03', '2025-11-19'], NOW, 'UTC')).toEqual([
      '2025-11-19',
      '2025-11-20',
      '2025-11-03',
    ]);
  });

  it.each([
    ['a millisecond before a day has gone by', '2025-11-19T10:00:00.001Z', ['2025-11-19', '2025-11-20']],
    ['a day after', '2025-11-19T10:00:00.000Z', ['2025-11-01 to 2025-11-20 whole']],
  ])('is the month again %s', (_when, checkedAt, expected) => {
    expect(glance(new Map([...JUST_CHECKED, ['2025-11', checkedAt]]), [], NOW, 'UTC')).toEqual(expected);
  });

  it('goes by the days of the network’s time zone, over the end of a month and of a year', () => {
    const at = '2025-12-31T23:30:00.000Z';
    const checked = new Map(['2025-11', '2025-12', '2026-01'].map((month) => [month, at]));
    expect(glance(checked, [], at, 'UTC')).toEqual(['2025-12-30', '2025-12-31']);
    expect(glance(checked, [], at, 'Europe/Berlin')).toEqual(['2025-12-31', '2026-01-01']);
  });
});

describe('a month', () => {
  it.each([
    ['2025-10', '2025-10-31'],
    ['2024-02', '2024-02-29'],
    ['2025-11', '2025-11-20'],
  ])('%s ends with %s', (month, to) => {
    expect(spanOfMonth(month, NOW, 'UTC')).toEqual({ month, from: `${month}-01`, to, whole: true });
  });
});

it('days of a span are all from the first to the last', () => {
  expect(daysOf({ from: '2025-02-27', to: '2025-03-02' })).toEqual([
    '2025-02-27',
    '2025-02-28',
    '2025-03-01',
    '2025-03-02',
  ]);
  expect(daysOf({ from: '2025-03-02', to: '2025-03-01' })).toEqual([]);
});
