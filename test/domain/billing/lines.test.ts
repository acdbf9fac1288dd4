import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnnexRow } from '../../../shared/domain/billing/annex-row.ts';
import {
  createLineFinder,
  createLineFold,
  MAX_PRICES,
  netOf,
  originalKey,
  priceLines,
} from '../../../shared/domain/billing/lines.ts';

const row = (changes: Partial<AnnexRow> = {}): AnnexRow => ({
  month: '2025-11',
  entryId: 'lead_a#LEAD_CONFIRMED#1',
  leadId: 'lead_a',
  transactionId: 'order-1',
  campaignId: 'cmp_a',
  event: 'lead',
  kind: 'lead',
  occurredAt: '2025-11-10T10:00:00.000Z',
  amountMinor: 2500n,
  currency: 'EUR',
  ...changes,
});

const linesOf = (rows: readonly AnnexRow[]) => {
  const fold = createLineFold();
  for (const each of rows) fold.add(each);
  return priceLines(fold.sums(), { month: '2025-11', currency: 'EUR', rates: [], originals: new Map() });
};
/** A whole number of cents as a unit price. */
const cents = (minor: bigint) => minor * 10_000n;

describe('lines of a document', () => {
  it.each<[string, Partial<AnnexRow>[], [quantity: number, unitPriceMinor: bigint, amountMinor: bigint][]]>([
    ['nothing', [], []],
    ['leads at one price', [{}, {}, {}], [[3, 2500n, 7500n]]],
    [
      'two prices',
      [{}, { amountMinor: 900n }],
      [
        [1, 900n, 900n],
        [1, 2500n, 2500n],
      ],
    ],
    [
      'a lead and its reversal',
      [{}, { kind: 'reversal', amountMinor: -2500n }],
      [
        [1, 2500n, 2500n],
        [-1, 2500n, -2500n],
      ],
    ],
    ['a free lead', [{ amountMinor: 0n }], [[1, 0n, 0n]]],
    [
      'another month',
      [{ month: '2025-12' }, {}],
      [
        [1, 2500n, 2500n],
        [1, 2500n, 2500n],
      ],
    ],
    [
      'another campaign',
      [{ campaignId: 'cmp_b' }, {}],
      [
        [1, 2500n, 2500n],
        [1, 2500n, 2500n],
      ],
    ],
    [
      'another event',
      [{ event: 'sale' }, {}],
      [
        [1, 2500n, 2500n],
        [1, 2500n, 2500n],
      ],
    ],
    ['other affiliates', [{ affiliateId: 'aff_a' }, { affiliateId: 'aff_b' }, {}], [[3, 2500n, 7500n]]],
  ])('%s', (_what, changes, expected) => {
    const lines = linesOf(changes.map(row));
    expect(lines.map((line) => [line.quantity, line.unitPriceMicros, line.amountMinor])).toEqual(
      expected.map(([quantity, price, amount]) => [quantity, cents(price), amount]),
    );
  });

  it('stand by month, campaign, event, kind and price', () => {
    const lines = linesOf([
      row({ amountMinor: 10_000n }),
      row({ amountMinor: 900n }),
      row({ kind: 'reversal', amountMinor: -900n }),
      row({ event: 'call' }),
      row({ campaignId: 'cmp_A' }),
      row({ month: '2025-10', campaignId: 'cmp_z' }),
    ]);
    expect(
      lines.map((line) => [line.month, line.campaignId, line.event, line.kind, line.unitPriceMicros / 10_000n]),
    ).toEqual([
      ['2025-10', 'cmp_z', 'lead', 'lead', 2500n],
      ['2025-11', 'cmp_A', 'lead', 'lead', 2500n],
      ['2025-11', 'cmp_a', 'call', 'lead', 2500n],
      ['2025-11', 'cmp_a', 'lead', 'lead', 900n],
      ['2025-11', 'cmp_a', 'lead', 'lead', 10_000n],
      ['2025-11', 'cmp_a', 'lead', 'reversal', 900n],
    ]);
  });

  const anyRow = fc
    .record({
      month: fc.constantFrom('2025-10', '2025-11'),
      campaignId: fc.constantFrom('cmp_a', 'cmp_b'),
      event: fc.constantFrom('lead', 'sale'),
      kind: fc.constantFrom('lead' as const, 'reversal' as const),
      priceMinor: fc.oneof(fc.constantFrom(0n, 1n, 2500n), fc.bigInt({ min: 0n, max: 10n ** 17n })),
    })
    .map(({ priceMinor, ...rest }) => row({ ...rest, amountMinor: rest.kind === 'lead' ? priceMinor : -priceMinor }));

  it('sum exactly to the rows, in any order of them, each quantity times its price', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 40 }), fc.array(anyRow, { maxLength: 5 }), (some, more) => {
        const rows = [...some, ...more];
        const lines = linesOf(rows);
        expect(netOf(lines)).toBe(rows.reduce((sum, each) => sum + each.amountMinor, 0n));
        for (const line of lines) expect(BigInt(line.quantity) * line.unitPriceMicros).toBe(cents(line.amountMinor));
        expect(linesOf([...rows].reverse())).toEqual(lines);
      }),
    );
  });

  it('each hold exactly the rows that name them', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { minLength: 1, maxLength: 40 }), (rows) => {
        const lines = linesOf(rows);
        const lineOf = createLineFinder(lines);
        const sums = lines.map(() => 0n);
        for (const each of rows) sums[lineOf(each) - 1]! += each.amountMinor;
        expect(sums).toEqual(lines.map((line) => line.amountMinor));
      }),
    );
  });

  it('take back at the rate of the document that has the leads, also what has too many prices to find its line', () => {
    const rate = { source: 'ecb', date: '2025-10-31', from: 'USD', to: 'EUR', numerator: 1n, denominator: 2n };
    const fold = createLineFold();
    for (let price = 1n; price <= BigInt(MAX_PRICES) + 1n; price += 1n) {
      const part = { closedIn: '2025-10', leadPriceMicros: cents(90_000n), amountMinor: -200n * price };
      fold.add(row({ kind: 'reversal', currency: 'USD', month: '2025-10', ...part }));
    }
    const original = { number: 'INV-2025-000001', currency: 'EUR', lines: [], rates: [rate], takenBack: new Map() };
    const originals = new Map([[originalKey('2025-10', 'USD'), original]]);
    const lines = priceLines(fold.sums(), { month: '2025-11', currency: 'EUR', rates: [], originals });
    // Half of 2.00 USD times 1 + 2 + … + 101.
    expect(lines.map(({ quantity, amountMinor }) => [quantity, amountMinor])).toEqual([[-1, -515_100n]]);
  });

  it.each([
    [MAX_PRICES, MAX_PRICES],
    [MAX_PRICES + 1, 1],
  ])('of %i prices of one campaign are %i', (prices, count) => {
    const rows = Array.from({ length: prices }, (_, index) => row({ amountMinor: BigInt(index + 1) }));
    const lines = linesOf(rows);
    expect(lines).toHaveLength(count);
    expect(netOf(lines)).toBe(rows.reduce((sum, each) => sum + each.amountMinor, 0n));
    expect(lines.reduce((sum, { entries }) => sum + entries, 0)).toBe(prices);
    const lineOf = createLineFinder(lines);
    expect(new Set(rows.map(lineOf)).size).toBe(count);
  });

  it('do not hold what is another document’s', () => {
    expect(() => createLineFinder(linesOf([row()]))(row({ campaignId: 'cmp_b' }))).toThrow(/on no line/);
  });
});
