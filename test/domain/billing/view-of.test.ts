import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RowKind } from '../../../shared/domain/billing/annex-row.ts';
import type { DocumentKind } from '../../../shared/domain/billing/document.ts';
import type { DocumentView } from '../../../shared/domain/billing/document-view.ts';
import { faultsOf } from '../../../shared/domain/billing/faults-of.ts';
import { createLineFold, priceLines } from '../../../shared/domain/billing/lines.ts';
import { type IssueFacts, type LineToPrint, viewOf } from '../../../shared/domain/billing/view-of.ts';
import { viewFromText, viewToText } from '../../../shared/domain/billing/view-text.ts';
import { type BilledParty, type LegalEntity, supplyOf } from '../../../shared/domain/tax/parties.ts';
import { type TaxedLine, taxOf, withholdingOf } from '../../../shared/domain/tax/tax-of.ts';
import { billedParty, legalEntity, lineToPrint } from '../../support/tax.ts';

type Line = LineToPrint & Pick<TaxedLine, 'original'>;

interface Given {
  readonly kind: DocumentKind;
  readonly entity: LegalEntity | undefined;
  readonly party: BilledParty;
  readonly lines: readonly Line[];
}

function factsOf(given: Partial<Given> = {}): IssueFacts {
  const { kind = 'invoice', party = billedParty(), lines = [lineToPrint()] } = given;
  const supply = supplyOf(kind, 'entity' in given ? given.entity : legalEntity(), party, '2025-11-30');
  const tax = taxOf(supply, lines);
  if (!tax.ok) throw new Error(tax.blockers.map(({ message }) => message).join());
  const netMinor = lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  return {
    kind,
    number: 'INV-2025-000001',
    month: '2025-11',
    currency: 'EUR',
    netMinor,
    taxMinor: tax.taxMinor,
    issuedAt: '2025-12-01T06:00:00.000Z',
    issueDate: '2025-12-01',
    supply,
    paymentTermDays: 14,
    lines,
    lineTaxes: tax.lineTaxes,
    taxes: tax.taxes,
    withholdingMinor: withholdingOf(party.withholding, netMinor),
    rates: [{ source: 'ecb', date: '2025-11-28', from: 'USD', to: 'EUR', numerator: 10_000n, denominator: 11_566n }],
    corrects: [],
    account: { openingMinor: -500n, documentMinor: netMinor, paidMinor: -100n, closingMinor: netMinor - 600n },
    counts: { confirmed: 10, reversed: 0, rejected: 1 },
    annex: { rows: 10, sha256: 'a'.repeat(64), root: 'b'.repeat(64), signature: 'c.d.e' },
  };
}

const taken = lineToPrint({ month: '2025-10', kind: 'reversal', quantity: -3, amountMinor: -7500n });

describe('what a document says', () => {
  it('is dated by its month, and due by its terms', () => {
    expect(viewOf(factsOf())).toMatchObject({
      typeCode: '380',
      isCredit: false,
      issueDate: '2025-12-01',
      taxDate: '2025-11-30',
      dueDate: '2025-12-15',
      period: { from: '2025-11-01', to: '2025-11-30' },
      seller: { legalName: 'Lead Network GmbH', city: 'Berlin', vatId: 'DE136695976' },
      buyer: { legalName: 'Shop SARL', country: 'FR', vatId: 'FR83404833048' },
      netMinor: 25_000n,
      taxMinor: 0n,
      grossMinor: 25_000n,
      lines: [{ line: 1, description: 'Shop, new customers: lead', vatCategory: 'AE', vatRate: '0' }],
    });
  });

  it.each<[DocumentKind, boolean, Partial<BilledParty>, string | undefined]>([
    ['invoice', false, {}, '380'],
    ['invoice', true, {}, '381'],
    ['statement', false, {}, '389'],
    ['statement', true, {}, '261'],
    ['statement', false, { selfBilling: undefined }, undefined],
    ['statement', true, { selfBilling: undefined }, undefined],
  ])('has the code of its type: %s, credit %s, %o', (kind, isCredit, changes, typeCode) => {
    const view = viewOf(factsOf({ kind, party: billedParty(changes), lines: [isCredit ? taken : lineToPrint()] }));
    expect(view).toMatchObject({ typeCode, isCredit });
    expect(view[kind === 'invoice' ? 'seller' : 'buyer'].legalName).toBe('Lead Network GmbH');
  });

  it('credits with positive quantities and amounts, and leaves the account as it moves', () => {
    const entity = legalEntity();
    const party = billedParty({ address: entity.address, vatId: entity.vatId });
    const view = viewOf(factsOf({ party, lines: [taken, lineToPrint({ quantity: 1, amountMinor: 2500n })] }));
    expect(view).toMatchObject({
      netMinor: 5000n,
      taxMinor: 950n,
      grossMinor: 5950n,
      taxes: [{ category: 'S', rate: '19', baseMinor: 5000n, taxMinor: 950n }],
      account: { openingMinor: -500n, documentMinor: -5000n, closingMinor: -5600n },
    });
    expect(view.lines).toMatchObject([
      { description: 'Shop, new customers: lead, taken back (2025-10)', quantity: 3, amountMinor: 7500n },
      { description: 'Shop, new customers: lead', quantity: -1, amountMinor: -2500n },
    ]);
    expect(faultsOf(view)).toEqual([]);
  });

  it.each([
    ['of a campaign', 'Roof check', 'Roof check: Bonus: 66 leads'],
    ['of none', undefined, 'Bonus: 66 leads'],
  ])('names the campaign before what a line %s is for', (_which, campaignName, description) => {
    const bonus = { kind: 'bonus', text: 'Bonus: 66 leads', event: undefined, campaignId: undefined } as const;
    expect(viewOf(factsOf({ lines: [lineToPrint({ ...bonus, campaignName })] })).lines[0]).toMatchObject({
      description,
    });
  });

  it('never has a negative price', () => {
    const bonus = {
      kind: 'adjustment',
      text: 'Agreed rebate',
      quantity: 2,
      event: undefined,
      campaignId: undefined,
      campaignName: undefined,
    } as const;
    const rebate = lineToPrint({ ...bonus, unitPriceMicros: -5_000_000n, amountMinor: -1000n });
    const view = viewOf(factsOf({ lines: [lineToPrint(), rebate] }));
    expect(view.lines[1]).toMatchObject({
      description: 'Agreed rebate',
      quantity: -2,
      unitPriceMicros: 5_000_000n,
      amountMinor: -1000n,
    });
    expect(faultsOf(view)).toEqual([]);
  });

  it('keeps the withheld part of a statement beside the gross', () => {
    const party = billedParty({ withholding: { percent: '15', reason: '§ 50a EStG' } });
    expect(viewOf(factsOf({ kind: 'statement', party }))).toMatchObject({
      grossMinor: 25_000n,
      withholdingMinor: 3750n,
    });
    expect(viewOf(factsOf({ kind: 'statement', party, lines: [taken] }))).toMatchObject({ withholdingMinor: 1125n });
  });

  it('names no VAT id where nothing is subject to VAT', () => {
    const view = viewOf(factsOf({ entity: undefined }));
    expect(view.seller.legalName).toBe('The network');
    expect(view.buyer.vatId).toBeUndefined();
    expect(view.buyer.taxNumber).toBe('FR83404833048');
    expect(faultsOf(view)).toEqual([]);
  });
});

const entities = fc.constantFrom(
  undefined,
  legalEntity(),
  legalEntity({ vatId: undefined }),
  legalEntity({ taxExemption: { reason: '§ 19 UStG' } }),
  legalEntity({ address: { city: 'Bern', postcode: '3000', country: 'CH' }, vatId: 'CHE123456788MWST' }),
);
const germanAddress = legalEntity().address;
const parties = fc.constantFrom(
  billedParty(),
  billedParty({ address: germanAddress, vatId: legalEntity().vatId }),
  billedParty({ address: germanAddress, vatId: undefined, isBusiness: false }),
  billedParty({ address: { city: 'Boston', postcode: '02101', country: 'US' }, vatId: undefined }),
  billedParty({ selfBilling: undefined, withholding: { percent: '7.5', reason: 'treaty' } }),
);
const lines = fc
  .record({
    month: fc.constantFrom('2025-09', '2025-10', '2025-11'),
    quantity: fc.integer({ min: -1_000_000, max: 1_000_000 }),
    unitPriceMicros: fc.bigInt({ min: 0n, max: 10n ** 15n }).map((price) => price * 10_000n),
    original: fc.constantFrom(
      undefined,
      { category: 'S', rate: '16' } as const,
      { category: 'AE', rate: '0', reason: 'Reverse charge' } as const,
      { category: 'O', rate: '0', reason: 'Not subject to VAT' } as const,
    ),
  })
  .map(
    ({ original, ...line }): Line => ({
      original,
      ...lineToPrint({ ...line, amountMinor: (BigInt(line.quantity) * line.unitPriceMicros) / 10_000n }),
    }),
  );
const documents = fc
  .record({
    kind: fc.constantFrom<DocumentKind>('invoice', 'statement'),
    entity: entities,
    party: parties,
    lines: fc.array(lines, { minLength: 1, maxLength: 8 }),
  })
  .filter(({ kind, entity, party, lines }) => taxOf(supplyOf(kind, entity, party, '2025-11-30'), lines).ok)
  .map((given) => viewOf(factsOf(given)));

describe('any document', () => {
  it('keeps the rules of EN 16931, is never negative, and is the same after it was written and read', () => {
    fc.assert(
      fc.property(documents, (view) => {
        expect(faultsOf(view)).toEqual([]);
        expect(view.netMinor >= 0n).toBe(true);
        expect(viewToText(viewFromText(viewToText(view)))).toBe(viewToText(view));
        expect(viewFromText(viewToText(view))).toEqual(JSON.parse(JSON.stringify(view, keepBigint), readBigint));
      }),
    );
  });

  it('is refused where any one figure is a cent off', () => {
    const figures = fc.constantFrom<Alteration>(
      (view) => ({ ...view, netMinor: view.netMinor + 1n }),
      (view) => ({ ...view, taxMinor: view.taxMinor + 1n }),
      (view) => ({ ...view, grossMinor: view.grossMinor + 1n }),
      (view) => ({ ...view, lines: view.lines.map((line) => ({ ...line, amountMinor: line.amountMinor + 1n })) }),
      (view) => ({ ...view, taxes: view.taxes.map((tax) => ({ ...tax, baseMinor: tax.baseMinor + 1n })) }),
      (view) => ({ ...view, taxes: view.taxes.map((tax) => ({ ...tax, taxMinor: tax.taxMinor + 1n })) }),
    );
    fc.assert(
      fc.property(documents, figures, (view, alter) => {
        expect(faultsOf(alter(view))).not.toEqual([]);
      }),
    );
  });
});

const rows = fc
  .record({
    kind: fc.constantFrom<RowKind>('lead', 'reversal', 'volume_price'),
    month: fc.constantFrom('2025-10', '2025-11'),
    currency: fc.constantFrom('EUR', 'USD', 'JPY'),
    closedIn: fc.constantFrom(undefined, '2025-11'),
    unitPriceMicros: fc.nat({ max: 3_000_000 }).map(BigInt),
    amountMinor: fc.integer({ min: -300, max: 300 }).map(BigInt),
  })
  .map(({ closedIn, ...row }) => ({
    ...row,
    ...(row.kind === 'reversal' && { closedIn }),
    entryId: 'lead_a#LEAD_CONFIRMED#1',
    campaignId: 'cmp_a',
    event: 'lead',
    occurredAt: '2025-11-10T10:00:00.000Z',
  }));
const rates = ['USD', 'JPY'].map((from) => ({
  ...{ source: 'ecb', date: '2025-11-28', from, to: 'EUR' },
  numerator: 10_000n,
  denominator: from === 'USD' ? 11_566n : 1_811_234n,
}));

describe('whatever is folded and priced', () => {
  it('keeps the rules of EN 16931', () => {
    fc.assert(
      fc.property(fc.array(rows, { minLength: 1, maxLength: 30 }), (folded) => {
        const fold = createLineFold();
        for (const row of folded) fold.add(row);
        const priced = priceLines(fold.sums(), { month: '2025-11', currency: 'EUR', rates, originals: new Map() });
        expect(faultsOf(viewOf(factsOf({ lines: priced })))).toEqual([]);
      }),
    );
  });
});

type Alteration = (view: DocumentView) => DocumentView;
const keepBigint = (_name: string, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value);
const readBigint = (_name: string, value: unknown) =>
  typeof value === 'string' && /^-?[0-9]+n$/.test(value) ? BigInt(value.slice(0, -1)) : value;

describe('the rules of EN 16931', () => {
  const reverse = viewOf(factsOf());
  const domestic = viewOf(
    factsOf({ party: billedParty({ address: legalEntity().address, vatId: legalEntity().vatId }) }),
  );
  const untaxed = viewOf(factsOf({ entity: legalEntity({ vatId: undefined }) }));
  const exempt = viewOf(factsOf({ entity: legalEntity({ taxExemption: { reason: '§ 19 UStG' } }) }));
  const [reverseTax] = reverse.taxes;
  const inCategory = (category: 'Z' | 'G' | 'K', changes: Partial<DocumentView> = {}): DocumentView => ({
    ...reverse,
    lines: reverse.lines.map((line) => ({ ...line, vatCategory: category })),
    taxes: reverse.taxes.map((tax) => ({ ...tax, category })),
    ...changes,
  });
  const withTax = (view: DocumentView, changes: object): DocumentView => ({
    ...view,
    taxes: view.taxes.map((tax) => ({ ...tax, ...changes })),
  });
  const without = (view: DocumentView, side: 'seller' | 'buyer'): DocumentView => ({
    ...view,
    [side]: { ...view[side], vatId: undefined },
  });

  it.each<[string, DocumentView, string[]]>([
    ['a reverse charge', reverse, []],
    ['a domestic invoice', domestic, []],
    ['an invoice outside VAT', untaxed, []],
    ['an exempt invoice', exempt, []],
    ['an export', inCategory('G'), []],
    ['a supply within the EU', inCategory('K'), []],
    ['no line', { ...reverse, lines: [], netMinor: 0n, grossMinor: 0n, taxes: [] }, ['BR-16', 'BR-CO-18']],
    [
      'a line that is not its price',
      { ...reverse, lines: reverse.lines.map((line) => ({ ...line, quantity: 9 })) },
      ['LINE'],
    ],
    [
      'a line in no category',
      { ...reverse, lines: reverse.lines.map((line) => ({ ...line, vatRate: '19' })) },
      ['BR-AE-1', 'BR-AE-8'],
    ],
    [
      'a negative price',
      { ...reverse, lines: reverse.lines.map((line) => ({ ...line, quantity: -10, unitPriceMicros: -25_000_000n })) },
      ['BR-27'],
    ],
    [
      'a tax without a rate',
      withTax(domestic, { rate: '0', taxMinor: 0n }),
      ['BR-S-1', 'BR-CO-14', 'BR-S-8', 'BR-S-5'],
    ],
    ['a standard rate with a reason', withTax(domestic, { reason: 'none' }), ['BR-S-10']],
    ['a standard rate by nobody', without(domestic, 'seller'), ['BR-S-2']],
    ['a zero rate with a reason', inCategory('Z'), ['BR-Z-10']],
    ['a reverse charge without a reason', withTax(reverse, { reason: undefined, reasonCode: undefined }), ['BR-AE-10']],
    ['a reverse charge by nobody', without(reverse, 'seller'), ['BR-AE-2']],
    ['a reverse charge to nobody', without(reverse, 'buyer'), ['BR-AE-2']],
    ['an export by nobody', without(inCategory('G'), 'seller'), ['BR-G-2']],
    ['a supply within the EU to nobody', without(inCategory('K'), 'buyer'), ['BR-IC-2']],
    ['an exemption without a reason', withTax(exempt, { reason: undefined }), ['BR-E-10']],
    ['a VAT id outside VAT', { ...untaxed, seller: reverse.seller }, ['BR-O-2']],
    [
      'a category twice',
      {
        ...reverse,
        taxes: [...reverse.taxes, { ...reverseTax, category: 'AE', rate: '0', baseMinor: 0n, taxMinor: 0n }],
      },
      ['BR-AE-8', 'BR-AE-1', 'BR-AE-1'],
    ],
    [
      'something beside what is outside VAT',
      { ...untaxed, taxes: [...untaxed.taxes, { category: 'Z', rate: '0', baseMinor: 0n, taxMinor: 0n }] },
      ['BR-O-11', 'BR-Z-2'],
    ],
  ])('%s', (_case, view, rules) => {
    expect(faultsOf(view).map(({ rule }) => rule)).toEqual(rules);
  });

  it('hold a plain statement to its sums alone', () => {
    const plain = viewOf(factsOf({ kind: 'statement', party: billedParty({ selfBilling: undefined }) }));
    expect(plain).toMatchObject({ taxes: [{ category: 'O' }], seller: { vatId: 'FR83404833048' } });
    expect(plain.typeCode ?? plain.taxes[0]?.reason).toBeUndefined();
    expect(faultsOf(plain)).toEqual([]);
    expect(faultsOf({ ...plain, grossMinor: 1n }).map(({ rule }) => rule)).toEqual(['BR-CO-15']);
  });
});
