import { describe, expect, it } from 'vitest';
import { figures } from '../../../shared/domain/rollups/figures.ts';
import { keepsAllTouches, rebuiltFigures } from '../../../shared/domain/rollups/rebuild.ts';
import { campaign, DAY_MS, terms } from '../../support/builders.ts';

describe('whether every touch of a day is still kept', () => {
  const shop = campaign({ terms: [terms({ clickWindowMs: 30 * DAY_MS }), terms({ clickWindowMs: 7 * DAY_MS })] });

  it.each([
    ['the last millisecond of the shortest window and a day', '2025-11-18T22:59:59.999Z', true],
    ['one millisecond later', '2025-11-18T23:00:00.000Z', false],
  ])('%s', (_when, now, expected) => {
    expect(keepsAllTouches('2025-11-11', shop, now, 'Europe/Berlin')).toBe(expected);
  });
});

describe('what an item must hold', () => {
  const stored = figures({ clicks: 5n, impressions: 8n, leads: 9n });

  it.each([
    ['all touches kept: what was added up', { clicks: 3n, leads: 2n }, true, { clicks: 3n, leads: 2n }],
    [
      'touches forgotten: what was counted',
      { clicks: 3n, leads: 2n },
      false,
      { clicks: 5n, impressions: 8n, leads: 2n },
    ],
    ['touches forgotten, but more clicks than counted', { clicks: 7n }, false, { clicks: 7n, impressions: 8n }],
    [
      'touches forgotten, but more impressions',
      { clicks: 5n, impressions: 9n },
      false,
      { clicks: 5n, impressions: 9n },
    ],
  ])('%s', (_case, folded, allKept, expected) => {
    expect(rebuiltFigures(stored, figures(folded), allKept)).toEqual(figures(expected));
  });
});
