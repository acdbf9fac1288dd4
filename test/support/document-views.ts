import type {
  DocumentParty,
  DocumentView,
  PrintedLine,
  PrintedTax,
  VatCategory,
} from '../../shared/domain/billing/document-view.ts';
import { divideRounded } from '../../shared/domain/money/divide-rounded.ts';
import { microsPerMinor } from '../../shared/domain/money/micros.ts';

export const NETWORK: DocumentParty = {
  partyId: 'le_network',
  legalName: 'Leadledger Netzwerk GmbH',
  street: 'Torstraße 12',
  city: 'Berlin',
  postcode: '10119',
  country: 'DE',
  vatId: 'DE136695976',
  email: 'billing@network.example',
  electronicAddress: '0088:4012345000009',
  iban: 'DE89370400440532013000',
  bic: 'COBADEFFXXX',
};

const ADVERTISER: DocumentParty = {
  partyId: 'adv_01JD0000000000000000000001',
  legalName: 'Acme Versicherungen AG',
  street: 'Bahnhofstraße 1',
  city: 'München',
  postcode: '80335',
  country: 'DE',
  vatId: 'DE129273398',
  email: 'invoices@acme.example',
  electronicAddress: '0088:4098765000006',
};

export const AFFILIATE: DocumentParty = {
  partyId: 'aff_01JD0000000000000000000001',
  legalName: 'Éditions Comparées SARL',
  street: '8 rue de la Paix',
  city: 'Paris',
  postcode: '75002',
  country: 'FR',
  vatId: 'FR40303265045',
  email: 'compta@comparees.example',
  iban: 'FR1420041010050500013M02606',
  bic: 'PSSTFRPPXXX',
};

export interface LineFacts {
  readonly description?: string;
  readonly quantity?: number;
  readonly unitPriceMicros?: bigint;
  readonly category?: VatCategory;
  readonly rate?: string;
  readonly kind?: PrintedLine['kind'];
  readonly month?: string;
}

const REASONS: Readonly<Partial<Record<VatCategory, readonly [reason: string, code: string]>>> = {
  AE: ['Reverse charge', 'VATEX-EU-AE'],
  E: ['Exempt under section 4 UStG', 'VATEX-EU-132'],
  O: ['Not subject to VAT', 'VATEX-EU-O'],
  G: ['Export outside the EU', 'VATEX-EU-G'],
};

type Facts = Partial<Omit<DocumentView, 'lines'>> & { readonly lines?: readonly LineFacts[] };

/** A document whose taxes and totals are those of its lines: an invoice to a German advertiser with VAT of 19%, but for what is told. */
export function documentView({ lines: lineFacts = [{}], ...facts }: Facts = {}): DocumentView {
  const currency = facts.currency ?? 'EUR';
  const lines = lineFacts.map((line, index) => printedLine(line, index, currency));
  const taxes = taxesOf(lines);
  const netMinor = lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  const taxMinor = taxes.reduce((sum, tax) => sum + tax.taxMinor, 0n);
  return {
    kind: 'invoice',
    number: 'INV-2025-000001',
    typeCode: '380',
    isCredit: false,
    month: '2025-11',
    currency,
    issuedAt: '2025-12-01T03:00:00.000Z',
    issueDate: '2025-12-01',
    taxDate: '2025-11-30',
    dueDate: '2025-12-15',
    period: { from: '2025-11-01', to: '2025-11-30' },
    seller: NETWORK,
    buyer: ADVERTISER,
    lines,
    taxes,
    netMinor,
    taxMinor,
    grossMinor: netMinor + taxMinor,
    withholdingMinor: 0n,
    rates: [],
    corrects: [],
    counts: { confirmed: 120, reversed: 3, rejected: 17 },
    annex: {
      rows: 123,
      sha256: 'ab'.repeat(32),
      root: '5c'.repeat(32),
      signature: `eyJhbGciOiJFUzI1NiJ9.e30.${'Qx7'.repeat(28)}`,
    },
    ...facts,
  };
}

function printedLine(
  { description, quantity = 40, unitPriceMicros = 25_000_000n, category = 'S', rate, ...line }: LineFacts,
  index: number,
  currency: string,
): PrintedLine {
  return {
    line: index + 1,
    month: '2025-11',
    kind: quantity < 0 ? 'reversal' : 'lead',
    description: description ?? `Private health insurance ${index + 1}: lead`,
    campaignId: 'cmp_01JD0000000000000000000001',
    campaignName: `Private health insurance ${index + 1}`,
    event: 'lead',
    ...line,
    quantity,
    unitPriceMicros,
    amountMinor: divideRounded(BigInt(quantity) * unitPriceMicros, microsPerMinor(currency)),
    vatCategory: category,
    vatRate: rate ?? (category === 'S' ? '19' : '0'),
  };
}

function taxesOf(lines: readonly PrintedLine[]): PrintedTax[] {
  const groups = Map.groupBy(lines, ({ vatCategory, vatRate }) => `${vatCategory} ${vatRate}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const baseMinor = group.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
    const [whole = '', fraction = ''] = first.vatRate.split('.');
    const [reason, reasonCode] = REASONS[first.vatCategory] ?? [];
    return {
      category: first.vatCategory,
      rate: first.vatRate,
      baseMinor,
      taxMinor: divideRounded(baseMinor * BigInt(whole + fraction.padEnd(2, '0')), 10_000n),
      reason,
      reasonCode,
    };
  });
}

const withoutVatId = ({ vatId: _vatId, ...party }: DocumentParty): DocumentParty => party;
const AUSTRIAN = { ...ADVERTISER, country: 'AT', city: 'Wien', postcode: '1010', vatId: 'ATU33864707' };
const AMERICAN = withoutVatId({
  ...ADVERTISER,
  legalName: 'Acme Insurance Inc.',
  country: 'US',
  city: 'Austin',
  postcode: '73301',
});
const SELF_BILLED = {
  kind: 'statement',
  typeCode: '389',
  number: 'STM-2025-000001',
  seller: AFFILIATE,
  buyer: NETWORK,
} as const;
const CREDIT = { typeCode: '381', isCredit: true, number: 'CRN-2025-000001', corrects: ['INV-2025-000007'] } as const;

/** One document of each shape that there is, by name. */
export const DOCUMENT_SHAPES: Readonly<Record<string, DocumentView>> = {
  'domestic, one rate': documentView(),
  'domestic, two rates': documentView({ lines: [{}, { rate: '7', quantity: 3 }, { unitPriceMicros: 9_990_000n }] }),
  'reverse charge': documentView({ buyer: AUSTRIAN, lines: [{ category: 'AE' }, { category: 'AE', quantity: 7 }] }),
  exempt: documentView({ seller: { ...withoutVatId(NETWORK), taxNumber: '30/123/45678' }, lines: [{ category: 'E' }] }),
  'not subject to VAT': documentView({
    seller: withoutVatId(NETWORK),
    buyer: withoutVatId(ADVERTISER),
    lines: [{ category: 'O' }],
  }),
  export: documentView({ buyer: AMERICAN, currency: 'USD', lines: [{ category: 'G' }] }),
  'credit note': documentView({ ...CREDIT, lines: [{ quantity: 2, kind: 'reversal' }] }),
  'credit note that owes a little': documentView({
    ...CREDIT,
    lines: [{ quantity: 5 }, { quantity: -1, kind: 'lead' }],
  }),
  'self-billed, reverse charge': documentView({
    ...SELF_BILLED,
    lines: [{ category: 'AE', unitPriceMicros: 18_000_000n }],
  }),
  'self-billed credit note': documentView({
    ...SELF_BILLED,
    ...CREDIT,
    typeCode: '261',
    number: 'SCN-2025-000001',
    corrects: ['STM-2025-000004', 'STM-2025-000009'],
    lines: [{ category: 'AE', quantity: 4 }],
  }),
  'foreign currency with a rate': documentView({
    currency: 'CHF',
    buyer: { ...withoutVatId(ADVERTISER), country: 'CH', city: 'Zürich', postcode: '8001' },
    lines: [{ category: 'G' }],
    rates: [{ source: 'ECB', date: '2025-11-28', from: 'EUR', to: 'CHF', numerator: 9323n, denominator: 10_000n }],
  }),
  'prices with six decimals': documentView({
    lines: [
      { quantity: 12_345, unitPriceMicros: 12_345n },
      { quantity: 1, unitPriceMicros: 1n },
    ],
  }),
  'a line that takes back': documentView({ lines: [{}, { quantity: -2 }] }),
  'no decimals': documentView({
    currency: 'JPY',
    lines: [{ category: 'O', unitPriceMicros: 2_500_500_000n, quantity: 3 }],
    seller: withoutVatId(NETWORK),
    buyer: withoutVatId(ADVERTISER),
  }),
  'long names': documentView({
    buyer: { ...ADVERTISER, legalName: `${'Gesellschaft für außerordentlich lange Namen & Söhne '.repeat(4)}GmbH` },
    lines: [{ description: `<Campaign> "${'with an uncommonly long name, '.repeat(8)}" & 'quotes': lead` }],
  }),
  'nothing owed': documentView({ lines: [{ quantity: 2 }, { quantity: -2 }] }),
};
