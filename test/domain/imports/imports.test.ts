import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { receiptId } from '../../../shared/contracts/primitives.ts';
import { importReceiptId } from '../../../shared/domain/imports/import-receipt.ts';
import { clickReference, forgetAtSeconds } from '../../../shared/domain/imports/imported-click.ts';
import {
  allDone,
  CLICKS_AWAITED_MS,
  clicksStored,
  mayLackClicks,
  sumChunks,
} from '../../../shared/domain/imports/progress.ts';
import { type ClickRow, type ImportRow, planChunks, sequenceKey } from '../../../shared/domain/imports/rows.ts';
import { CHUNK_ROWS, isStalled } from '../../../shared/domain/jobs/job.ts';
import { digest128 } from '../../../shared/runtime/crypto.ts';
import { AFFILIATE_ID, CAMPAIGN_ID, DAY_MS, later, NOW, OTHER_AFFILIATE_ID } from '../../support/builders.ts';
import { clickRow, conversionRow, IMPORT_ID, importIdOf, openImport } from '../../support/imports.ts';

describe('chunks of an import', () => {
  it('hold every row once, clicks before conversions, in the order of the file', () => {
    const anyRow = fc.boolean().map((click) => (click ? clickRow() : conversionRow()));
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 3 * CHUNK_ROWS }), (drawn) => {
        const rows: ImportRow[] = drawn.map((row, index) => ({ ...row, line: index + 2 }));
        const { clickChunks, conversionChunks } = planChunks(rows);
        expect(clickChunks.flat()).toEqual(rows.filter((row) => row.type === 'click'));
        expect(conversionChunks.flat()).toEqual(rows.filter((row) => row.type === 'conversion'));
        for (const chunk of [...clickChunks, ...conversionChunks]) {
          expect(chunk.length).toBeGreaterThan(0);
          expect(chunk.length).toBeLessThanOrEqual(CHUNK_ROWS);
        }
      }),
      { numRuns: 20 },
    );
  });

  it.each([
    ['two conversions of one transaction', conversionRow(), conversionRow({ line: 9, at: NOW }), true],
    ['two transactions', conversionRow(), conversionRow({ transactionId: 'order-2' }), false],
    ['two clicks with one reference', clickRow(), clickRow({ line: 9 }), true],
    [
      'two clicks without a reference',
      clickRow({ clickRef: undefined }),
      clickRow({ clickRef: undefined, line: 9 }),
      false,
    ],
    ['one reference in two campaigns', clickRow(), clickRow({ campaign: 'ext:other' }), false],
  ])('%s are kept in sequence or not', (_what, left, right, together) => {
    expect(sequenceKey(left) === sequenceKey(right)).toBe(together);
  });
});

describe('an imported click', () => {
  const resolved = { campaignId: CAMPAIGN_ID, affiliateId: AFFILIATE_ID };
  const reference = (changes: Parameters<typeof clickRow>[0], to = resolved) =>
    clickReference(clickRow({ clickRef: undefined, ...changes }), to, digest128);

  it('keeps its own reference', () => {
    expect(clickReference(clickRow({ clickRef: 's7' }), resolved, digest128)).toBe('s7');
  });

  it.each([
    ['on another line', { line: 99 }],
    ['with its affiliate named otherwise', { affiliate: AFFILIATE_ID }],
    ['with its sub-ids in another order', { subIds: { sub2: 'b', sub1: 'a' } }],
  ])('without one is the same click %s', (_when, changes: Partial<ClickRow>) => {
    const subIds: Record<string, string> = 'subIds' in changes ? { sub1: 'a', sub2: 'b' } : {};
    expect(reference(changes)).toBe(reference({ subIds }));
  });

  it.each([
    ['another time', { at: '2025-11-10T09:30:00.001Z' }],
    ['another sub-id', { subIds: { sub1: 'a' } }],
    ['another source', { source: 'newsletter' }],
  ])('without one is another click with %s', (_what, changes) => {
    expect(reference(changes)).not.toBe(reference({}));
  });

  it('without one is another click of another affiliate', () => {
    expect(reference({}, { ...resolved, affiliateId: OTHER_AFFILIATE_ID })).not.toBe(reference({}));
  });

  it.each([
    [
      '90 days after the import, where its window is over before',
      '2025-01-01T00:00:00.000Z',
      30,
      later(NOW, 90 * DAY_MS),
    ],
    ['at the end of its window, where that is later', NOW, 120, later(NOW, 120 * DAY_MS)],
  ])('is kept until %s', (_when, clickedAt, windowDays, until) => {
    expect(forgetAtSeconds(clickedAt, windowDays * DAY_MS, NOW)).toBe(Date.parse(until) / 1000);
  });
});

describe('the receipt id of an imported conversion', () => {
  it('is a receipt id, the same for a line of an import and another for each other line', () => {
    const seen = new Set<string>();
    for (let line = 1; line <= 1000; line += 1) {
      const id = importReceiptId(IMPORT_ID, line, digest128);
      expect(receiptId.parse(id)).toBe(importReceiptId(IMPORT_ID, line, digest128));
      seen.add(id);
    }
    expect(seen.size).toBe(1000);
    expect(seen).not.toContain(importReceiptId(importIdOf(2), 1, digest128));
  });
});

describe('the progress of an import', () => {
  const chunked = { clickChunks: 2, conversionChunks: 1 };

  it.each([
    ['nothing', [], false, false],
    ['one chunk of clicks', [1], false, false],
    ['conversions before the clicks', [0, 2], false, false],
    ['all clicks', [0, 1], true, false],
    ['everything', [0, 1, 2], true, true],
  ])('with %s done', (_what, done, clicks, all) => {
    expect([clicksStored(chunked, new Set(done)), allDone(chunked, new Set(done))]).toEqual([clicks, all]);
  });

  it('sums what its chunks say', () => {
    const verdicts = { confirmed: 1, pending: 2, rejected: 3, duplicate: 4 };
    const chunk = { chunk: 0, doneAt: NOW, clicks: 5, verdicts, failedRows: 6 };
    expect(sumChunks([chunk, chunk])).toEqual({
      clicks: 10,
      verdicts: { confirmed: 2, pending: 4, rejected: 6, duplicate: 8 },
      failedRows: 12,
    });
  });

  const unreleased = openImport({ released: false });
  const released = openImport({ released: true });
  it.each([
    ['none is open', [], NOW, false],
    ['its own clicks are stored', [{ ...released, importId: importIdOf(2) }], NOW, false],
    ['an earlier one still stores clicks', [unreleased], NOW, true],
    ['only a later one still stores clicks', [{ ...unreleased, importId: importIdOf(3) }], NOW, false],
    ['an earlier one was released for want of time', [released], later(NOW, CLICKS_AWAITED_MS + 1), true],
  ])('clicks may be missing: %s', (_when, open, now, expected) => {
    expect(mayLackClicks(open, importIdOf(2), now)).toBe(expected);
  });

  it.each([
    ['a millisecond before a minute is over', {}, undefined, 59_999, false],
    ['a minute after sending', {}, undefined, 60_000, true],
    ['a minute after sending, with a chunk done since', {}, later(NOW, 1), 60_000, false],
    ['a minute after the second sending', { sends: 2 }, undefined, 60_000, false],
    ['two minutes after the second sending', { sends: 2 }, undefined, 120_000, true],
    ['an hour after the fortieth sending', { sends: 40 }, undefined, 3_600_000, true],
  ])('is stalled: %s', (_when, changes, lastDoneAt, laterMs, expected) => {
    expect(isStalled(openImport(changes), lastDoneAt, later(NOW, laterMs))).toBe(expected);
  });
});
