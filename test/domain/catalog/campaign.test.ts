import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { versionAt } from '../../../shared/domain/catalog/campaign.ts';
import { instantOf } from '../../../shared/domain/time/calendar.ts';
import { terms } from '../../support/builders.ts';

describe('versionAt', () => {
  const first = terms({ effectiveFrom: '2025-01-01T00:00:00.000Z' });
  const second = terms({ effectiveFrom: '2025-06-01T00:00:00.000Z' });
  it.each([
    ['one millisecond before the first', '2024-12-31T23:59:59.999Z', undefined],
    ['at the start of the first', '2025-01-01T00:00:00.000Z', first],
    ['the last millisecond of the first', '2025-05-31T23:59:59.999Z', first],
    ['at the start of the second', '2025-06-01T00:00:00.000Z', second],
    ['long after', '2026-01-01T00:00:00.000Z', second],
  ])('%s', (_when, at, expected) => {
    expect(versionAt([first, second], at)).toBe(expected);
    expect(versionAt([second, first], at)).toBe(expected);
  });

  it('finds nothing among no versions', () => {
    expect(versionAt([], '2025-01-01T00:00:00.000Z')).toBeUndefined();
  });

  it('does not change for the past when a version is added for the future', () => {
    const instants = fc.integer({ min: 0, max: 4_000_000_000_000 }).map(instantOf);
    fc.assert(
      fc.property(fc.array(instants), instants, instants, (starts, at, added) => {
        const versions = starts.map((effectiveFrom) => ({ effectiveFrom }));
        fc.pre(added > at);
        expect(versionAt([...versions, { effectiveFrom: added }], at)).toBe(versionAt(versions, at));
      }),
    );
  });
});
