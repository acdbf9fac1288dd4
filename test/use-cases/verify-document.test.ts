import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AnnexRow, rowToLine } from '../../shared/domain/billing/annex-row.ts';
import { createLineFold, netOf, type Original, originalKey, priceLines } from '../../shared/domain/billing/lines.ts';
import type { Rate } from '../../shared/domain/money/rate.ts';
import { percentOf } from '../../shared/domain/tax/tax-of.ts';
import { createMerkleTree } from '../../shared/domain/verification/merkle-tree.ts';
import { sha256Hex } from '../../shared/runtime/crypto.ts';
import { claimsFault, type VerifiableDocument, verifyDocument } from '../../shared/use-cases/verify-document.ts';
import { ADVERTISER_ID, CAMPAIGN_ID } from '../support/builders.ts';

const leadId = (index: number) => `lead_${`${index}`.padStart(22, 'A')}`;
const row = (index: number, changes: Partial<AnnexRow> = {}): AnnexRow => ({
  month: '2025-11',
  entryId: `${leadId(index)}#LEAD_CONFIRMED#1`,
  leadId: leadId(index),
  transactionId: `order-${index}`,
  campaignId: CAMPAIGN_ID,
  event: 'lead',
  kind: 'lead',
  occurredAt: '2025-11-10T10:00:00.000Z',
  amountMinor: 2500n,
  currency: 'EUR',
  ...changes,
});
const reversal = (index: number, changes: Partial<AnnexRow> = {}) =>
  row(index, {
    entryId: `${leadId(index)}#LEAD_REVERSED#2`,
    kind: 'reversal',
    amountMinor: -2500n,
    closedIn: '2025-11',
    ...changes,
  });

const USD: Rate = {
  source: 'ecb',
  date: '2025-11-28',
  from: 'USD',
  to: 'EUR',
  numerator: 10_000n,
  denominator: 11_566n,
};
/** What the close of October billed two leads with, whose price has four decimals: 0.0667 went to 0.07. */
const OCTOBER: Original = {
  number: 'INV-2025-000007',
  currency: 'EUR',
  lines: priceLines(foldOf([cheap(1), cheap(2)]).sums(), {
    month: '2025-10',
    currency: 'EUR',
    rates: [],
    originals: new Map(),
  }),
  rates: [],
  takenBack: new Map([[1, 16_600n]]),
};
function cheap(index: number): AnnexRow {
  return row(index, { month: '2025-10', amountMinor: 3n, unitPriceMicros: 33_350n });
}
/** What the same close billed two leads with that were priced in dollars, at the rate of that month. */
const OCTOBER_USD: Original = {
  ...OCTOBER,
  number: 'INV-2025-000008',
  lines: priceLines(foldOf([dollars(1), dollars(2)]).sums(), {
    month: '2025-10',
    currency: 'EUR',
    rates: [{ ...USD, date: '2025-10-31', denominator: 12_000n }],
    originals: new Map(),
  }),
  rates: [{ ...USD, date: '2025-10-31', denominator: 12_000n }],
  takenBack: new Map(),
};
function dollars(index: number): AnnexRow {
  return row(index, { month: '2025-10', amountMinor: 2501n, currency: 'USD' });
}
const dollarsBack = (index: number) =>
  reversal(index, { month: '2025-10', amountMinor: -2501n, currency: 'USD', closedIn: '2025-10' });
const cheapBack = (index: number) =>
  reversal(index, { month: '2025-10', amountMinor: -3n, unitPriceMicros: 33_350n, closedIn: '2025-10' });

function foldOf(rows: readonly AnnexRow[]) {
  const fold = createLineFold();
  for (const each of rows) fold.add(each);
  return fold;
}

/** The document that a close makes of rows, at 19 % VAT. */
function documentOf(rows: readonly AnnexRow[]): VerifiableDocument {
  const lines = priceLines(foldOf(rows).sums(), {
    month: '2025-11',
    currency: 'EUR',
    rates: [USD],
    originals: new Map([
      [originalKey('2025-10', 'EUR'), OCTOBER],
      [originalKey('2025-10', 'USD'), OCTOBER_USD],
    ]),
  });
  const netMinor = netOf(lines);
  const taxMinor = percentOf(netMinor, '19');
  const tree = createMerkleTree(sha256Hex);
  for (const each of rows) tree.add(rowToLine(each));
  return {
    number: 'INV-2025-000009',
    partyId: ADVERTISER_ID,
    month: '2025-11',
    currency: 'EUR',
    lines: lines.map((line) => ({ ...line, vatCategory: 'S', vatRate: '19' })),
    taxes: [{ category: 'S', rate: '19', baseMinor: netMinor, taxMinor }],
    rates: [USD],
    netMinor,
    taxMinor,
    grossMinor: netMinor + taxMinor,
    annex: {
      rows: rows.length,
      sha256: createHash('sha256').update(rows.map(rowToLine).join('')).digest('hex'),
      root: tree.root(),
    },
  };
}

const linesOf = (rows: readonly AnnexRow[]) => rows.map((each) => rowToLine(each).slice(0, -1));
const verify = (document: VerifiableDocument, rows: readonly AnnexRow[]) =>
  verifyDocument(document, linesOf(rows), sha256Hex);

const ROWS: readonly AnnexRow[] = [
  row(1),
  row(2),
  row(3, { amountMinor: 1999n }),
  reversal(2),
  reversal(9, { amountMinor: -1000n, leadPriceMicros: 25_000_000n, closedIn: '2025-11' }),
  row(4, { currency: 'USD' }),
  row(5, { currency: 'USD', amountMinor: 2501n }),
  row(6, { amountMinor: 33n, unitPriceMicros: 333_333n }),
  row(7, { amountMinor: 33n, unitPriceMicros: 333_333n }),
  row(8, { amountMinor: 33n, unitPriceMicros: 333_333n }),
  cheapBack(1),
  row(0, {
    entryId: 'settle:a#CLICK_COST#1',
    leadId: undefined,
    transactionId: undefined,
    event: undefined,
    kind: 'click_cost',
    text: 'Clicks',
    amountMinor: 3333n,
    quantity: 1234,
    unitPriceMicros: 27_010n,
  }),
];

describe('verifying a document', () => {
  it('accepts what a close makes of any rows', async () => {
    const rows = fc.array(
      fc.record({
        index: fc.nat(30),
        kind: fc.constantFrom('lead', 'reversal', 'other', 'cheap', 'dollars'),
        amountMinor: fc.bigInt(1n, 9n),
        currency: fc.constantFrom('EUR', 'USD'),
      }),
      { maxLength: 30 },
    );
    await fc.assert(
      fc.asyncProperty(rows, async (drawn) => {
        const made = drawn.map(({ index, kind, amountMinor, currency }) => {
          if (kind === 'cheap') return cheapBack(index);
          if (kind === 'dollars') return dollarsBack(index);
          if (kind === 'other')
            return row(index, { kind: 'adjustment', text: 'Goodwill', amountMinor: 4n - amountMinor, currency });
          return kind === 'lead'
            ? row(index, { amountMinor, currency })
            : reversal(index, { amountMinor: -amountMinor, currency });
        });
        expect(await verify(documentOf(made), made)).toBeUndefined();
      }),
    );
  });

  it('takes back at the rate that was billed, though it is another now or none is named', async () => {
    const document = documentOf([dollarsBack(1), dollarsBack(2)]);
    expect(document.lines.map(({ amountMinor }) => amountMinor)).toEqual([-4168n]);
    expect(await verify({ ...document, rates: [] }, [dollarsBack(1), dollarsBack(2)])).toBeUndefined();
  });

  it('takes back at the rate that was billed, though the line that billed it is not to be found', async () => {
    const rows = [{ ...dollarsBack(1), event: 'sale' }];
    const document = documentOf(rows);
    expect(document.lines).toMatchObject([{ quantity: -1, amountMinor: -2084n }]);
    expect(await verify(document, rows)).toBeUndefined();
    const [line] = document.lines;
    const altered = { ...document, lines: [{ ...line!, amountMinor: -2085n }] };
    expect(await verify(altered, rows)).toMatch(/^line 1: /);
  });

  it('takes back of a line no part twice', async () => {
    const partly = (index: number, amountMinor: bigint) => ({
      ...cheapBack(index),
      amountMinor,
      unitPriceMicros: amountMinor * -10_000n,
      leadPriceMicros: 33_350n,
    });
    const rows = [partly(1, -1n), partly(2, -2n)];
    const document = documentOf(rows);
    expect(await verify(document, rows)).toBeUndefined();
    const again = document.lines.map((each) =>
      each.takenBack ? { ...each, takenBack: { ...each.takenBack, beforeMicros: 16_600n } } : each,
    );
    expect(await verify({ ...document, lines: again }, rows)).toMatch(/^line 2: /);
  });

  it('accepts a document that brings its rows along, and those alone', async () => {
    expect(await verify({ ...documentOf(ROWS), annexRows: ROWS }, ROWS)).toBeUndefined();
  });

  it.each<[string, (rows: readonly AnnexRow[]) => readonly AnnexRow[], string]>([
    ['an amount one cent higher', (rows) => rows.with(2, row(3, { amountMinor: 2000n })), 'entry 3 (lead_'],
    ['an amount one cent lower', (rows) => rows.with(0, row(1, { amountMinor: 2499n })), 'entry 1 (lead_'],
    [
      'a unit price of a millionth more',
      (rows) => rows.with(6, row(6, { amountMinor: 33n, unitPriceMicros: 333_334n })),
      'entry 7 (lead_',
    ],
    ['a lead left out', (rows) => rows.toSpliced(1, 1), '1 x 25.00 = 25.00 EUR (lead, 1 entries)'],
    ['a lead twice', (rows) => [...rows, row(1)], '3 x 25.00 = 75.00 EUR (lead, 3 entries)'],
    ['a lead in the place of another', (rows) => rows.with(0, row(99)), 'the SHA-256 of the entries'],
    [
      'another order number',
      (rows) => rows.with(0, row(1, { transactionId: 'order-0' })),
      'the SHA-256 of the entries',
    ],
    [
      'two in another order',
      ([first, second, ...rest]) => [second as AnnexRow, first as AnnexRow, ...rest],
      'the SHA-256',
    ],
    [
      'a reversal of another close',
      (rows) => rows.with(10, { ...cheapBack(1), closedIn: '2025-09' }),
      'entry 11 (lead_',
    ],
  ])('names what is wrong in the entries: %s', async (_what, alter, fault) => {
    const document = documentOf(ROWS);
    expect(await verify(document, alter(ROWS))).toContain(fault);
    // With the rows of the document at hand it is always the entry.
    expect(await verify({ ...document, annexRows: ROWS }, alter(ROWS))).toMatch(/^entry \d+ \(.*(?:document|missing)/);
  });

  it.each<[string, (document: VerifiableDocument) => VerifiableDocument, string]>([
    ['the amount of a line', changedLine(1, { amountMinor: 5001n }), 'line 2: the document has'],
    ['the quantity of a line', changedLine(1, { quantity: 3 }), 'line 2: the document has 3 x'],
    ['the price of a line', changedLine(1, { unitPriceMicros: 25_000_001n }), 'line 2: the document has'],
    ['the campaign of a line', changedLine(1, { campaignId: 'cmp_other' }), 'line 2: its campaignId is cmp_other'],
    ['the text of a line', changedLine(1, { text: 'gift' }), 'line 2: its text is gift, its entries say '],
    ['a line left out', (document) => ({ ...document, lines: document.lines.slice(1) }), 'no line of the document has'],
    [
      'a line twice',
      (document) => ({ ...document, lines: [...document.lines, ...document.lines.slice(-1)] }),
      'a line is on the document twice',
    ],
    [
      'a line of nothing',
      (document) => ({ ...document, lines: [...document.lines, { ...line(document, 0), key: 'x' }] }),
      'there are no entries of it',
    ],
    ['no rate of a currency', (document) => ({ ...document, rates: [] }), 'there is no rate from USD to EUR'],
    ['the rate of a currency', (document) => ({ ...document, rates: [{ ...USD, numerator: 10_001n }] }), 'line '],
    [
      'the base of a tax',
      ({ taxes, ...document }) => ({
        ...document,
        taxes: taxes.map((tax) => ({ ...tax, baseMinor: tax.baseMinor - 1n })),
      }),
      'VAT S 19 %: the base',
    ],
    [
      'the tax of a tax',
      ({ taxes, ...document }) => ({
        ...document,
        taxes: taxes.map((tax) => ({ ...tax, taxMinor: tax.taxMinor + 1n })),
      }),
      'VAT S 19 %: the tax',
    ],
    ['a tax left out', (document) => ({ ...document, taxes: [] }), 'the bases of VAT'],
    ['the net', (document) => ({ ...document, netMinor: document.netMinor + 1n }), 'net: the document has'],
    ['the tax', (document) => ({ ...document, taxMinor: document.taxMinor - 1n }), 'tax: the document has'],
    ['the gross', (document) => ({ ...document, grossMinor: document.grossMinor + 1n }), 'gross: the document has'],
    [
      'the number of entries',
      (document) => ({ ...document, annex: { ...document.annex, rows: 13 } }),
      'the number of entries: the document has 13, it is 12',
    ],
    [
      'the digest',
      (document) => ({ ...document, annex: { ...document.annex, sha256: 'a'.repeat(64) } }),
      'the SHA-256 of the entries: the document has aaaa',
    ],
    [
      'the root',
      (document) => ({ ...document, annex: { ...document.annex, root: 'a'.repeat(64) } }),
      'the root: the document has aaaa',
    ],
  ])('names what is wrong on the document: %s', async (_what, alter, fault) => {
    expect(await verify(alter(documentOf(ROWS)), ROWS)).toContain(fault);
  });

  it.each([
    ['nothing', ''],
    ['what is no JSON', '{'],
    ['what is no row', '{"a":1}'],
    ['a row in another order', `{"currency":"EUR",${linesOf(ROWS)[0]?.slice(1).replace(',"currency":"EUR"', '')}`],
    ['a row with more in it', linesOf(ROWS)[0]?.replace('}', ',"line":1}') ?? ''],
  ])('refuses %s for an entry', async (_what, text) => {
    expect(await verifyDocument(documentOf(ROWS), [text], sha256Hex)).toContain(
      'entry 1 is no row as annexes have them',
    );
  });
});

describe('the claims of a signature', () => {
  const document = documentOf([row(1)]);
  const claims = {
    iss: 'leads.example',
    iat: 1,
    number: 'INV-2025-000009',
    party: ADVERTISER_ID,
    month: '2025-11',
    currency: 'EUR',
    net: '25.00',
    tax: '4.75',
    gross: '29.75',
    rows: 1,
    root: document.annex.root,
  };

  it('are those of the document', () => {
    expect(claimsFault(document, claims)).toBeUndefined();
  });

  it.each([
    ['number', 'INV-2025-000010'],
    ['party', 'adv_other'],
    ['month', '2025-10'],
    ['currency', 'USD'],
    ['net', '25.01'],
    ['tax', '4.76'],
    ['gross', '29.76'],
    ['rows', 2],
    ['root', 'b'.repeat(64)],
  ])('differ in the %s', (name, value) => {
    expect(claimsFault(document, { ...claims, [name]: value })).toContain(`the signature is over the ${name} ${value}`);
  });
});

function line(document: VerifiableDocument, index: number) {
  const found = document.lines[index];
  if (found === undefined) throw new Error('no such line');
  return found;
}
function changedLine(index: number, changes: Partial<VerifiableDocument['lines'][number]>) {
  return (document: VerifiableDocument): VerifiableDocument => ({
    ...document,
    lines: document.lines.with(index, { ...line(document, index), ...changes }),
  });
}
