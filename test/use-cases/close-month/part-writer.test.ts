import { describe, expect, it } from 'vitest';
import { type AnnexRow, rowFromLine, rowToLine } from '../../../shared/domain/billing/annex-row.ts';
import { type AnnexPart, shareFromText } from '../../../shared/domain/billing/document.ts';
import type { DocumentFiles } from '../../../shared/ports/documents.ts';
import { annexRows } from '../../../shared/use-cases/close-month/annex-rows.ts';
import {
  BUFFERED_SHARE_ROWS,
  PART_ROWS,
  PartWriter,
  ShareWriter,
} from '../../../shared/use-cases/close-month/part-writer.ts';

const row = (index: number, changes: Partial<AnnexRow> = {}): AnnexRow => ({
  month: '2025-11',
  entryId: `lead_${index}#LEAD_CONFIRMED#1`,
  leadId: `lead_${index}`,
  transactionId: `order-${index}`,
  campaignId: 'cmp_a',
  event: 'lead',
  affiliateId: undefined,
  kind: 'lead',
  occurredAt: '2025-11-10T10:00:00.000Z',
  amountMinor: 2500n,
  currency: 'EUR',
  ...changes,
});

function memoryFiles() {
  const texts: string[] = [];
  const files: DocumentFiles = {
    put: async (_folder, text) => `${texts.push(text) - 1}`,
    get: async (_folder, digest) => texts[Number(digest)] ?? '',
  };
  const rowsOf = async (parts: readonly AnnexPart[]) => {
    const rows: AnnexRow[] = [];
    for await (const page of annexRows(files, parts)) rows.push(...page);
    return rows;
  };
  return { files, texts, rowsOf };
}

describe('parts of an annex', { timeout: 20_000 }, () => {
  it.each([
    [0, []],
    [1, [1]],
    [PART_ROWS, [PART_ROWS]],
    [PART_ROWS + 1, [PART_ROWS, 1]],
  ])('%i rows', async (count, parts) => {
    const { files, texts, rowsOf } = memoryFiles();
    const seen: string[] = [];
    const written: AnnexPart[] = [];
    const writer = new PartWriter(files, 'EUR', (part, text) => {
      written.push(part);
      seen.push(text);
    });
    const rows = Array.from({ length: count }, (_, index) => row(index));
    for (const each of rows) await writer.add(each, rowToLine(each));
    await writer.flush();
    await writer.flush();
    expect(written.map((part) => part.rows)).toEqual(parts);
    expect(seen).toEqual(texts);
    expect(texts.join('')).toBe(rows.map(rowToLine).join(''));
    expect(await rowsOf(written)).toEqual(rows.map((each) => rowFromLine(rowToLine(each))));
  });

  it('hold one month each', async () => {
    const { files } = memoryFiles();
    const written: AnnexPart[] = [];
    const writer = new PartWriter(files, 'EUR', (part) => written.push(part));
    for (const month of ['2025-10', '2025-10', '2025-11']) {
      const each = row(1, { month });
      await writer.add(each, rowToLine(each));
    }
    await writer.flush();
    expect(written.map(({ month, rows, currency }) => [month, rows, currency])).toEqual([
      ['2025-10', 2, 'EUR'],
      ['2025-11', 1, 'EUR'],
    ]);
  });
});

const rowsIn = (texts: readonly string[]) => texts.reduce((sum, text) => sum + text.split('\n').length - 1, 0);

describe('shares of an invoice', { timeout: 20_000 }, () => {
  it('keep their rows in order, and memory within its bound, however many affiliates there are', async () => {
    const { files, texts, rowsOf } = memoryFiles();
    const writer = new ShareWriter(files);
    const AFFILIATES = 40;
    const count = BUFFERED_SHARE_ROWS + 20_000;
    let mostBuffered = 0;
    for (let index = 0; index < count; index += 1) {
      const affiliate = index % AFFILIATES;
      const each = row(index);
      await writer.add(`aff_${`${affiliate}`.padStart(2, '0')}`, each, rowToLine(each));
      if (index % 1000 === 0) mostBuffered = Math.max(mostBuffered, index + 1 - rowsIn(texts));
    }
    const shares = await writer.finish(() => 0);
    expect(mostBuffered).toBeLessThanOrEqual(BUFFERED_SHARE_ROWS);
    expect(shares.map((share) => share.affiliateId)).toEqual(shares.map((share) => share.affiliateId).sort());
    let total = 0;
    for (const { digest } of shares) {
      const { parts } = shareFromText(await files.get('bodies', digest));
      const numbers = (await rowsOf(parts)).map((each) => Number(each.leadId?.slice(5)));
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
      total += numbers.length;
    }
    expect(total).toBe(count);
  });
});
