import type { DocumentView, PrintedTax, VatCategory } from '../../shared/domain/billing/document-view.ts';
import { formatMicros } from '../../shared/domain/money/micros.ts';
import { formatAmount } from '../../shared/domain/money/money.ts';
import type { CsvColumn } from '../../shared/runtime/csv.ts';
import { titleOf } from './words.ts';

export const table = <Name extends string>(
  names: readonly Name[],
  numbers: readonly NoInfer<Name>[],
): readonly CsvColumn<Name>[] => names.map((name) => ({ name, type: numbers.includes(name) ? 'number' : 'text' }));

/** What every row says of its document. Amounts in tables are signed as in the journal: those of a credit note are negative. */
const documentNames = [
  'number',
  'type',
  'typeCode',
  'issueDate',
  'taxDate',
  'dueDate',
  'periodFrom',
  'periodTo',
  'sellerId',
  'sellerName',
  'sellerVatId',
  'buyerId',
  'buyerName',
  'buyerVatId',
  'buyerCountry',
] as const;

export const lineTable = table(
  [
    ...documentNames,
    'line',
    'serviceMonth',
    'kind',
    'campaignId',
    'description',
    'quantity',
    'unitPrice',
    'net',
    'taxCategory',
    'taxRate',
    'tax',
    'gross',
    'currency',
    'rateSource',
    'rateDate',
    'rate',
    'glAccount',
    'costCentre',
    'corrects',
  ],
  ['line', 'quantity', 'unitPrice', 'net', 'taxRate', 'tax', 'gross'],
);

export const taxTable = table(
  [...documentNames, 'taxCategory', 'taxRate', 'base', 'tax', 'reason', 'reasonCode', 'currency'],
  ['taxRate', 'base', 'tax'],
);

/** 1 or -1: what printed amounts are multiplied by to be as in the journal. */
export const signOf = ({ isCredit }: Pick<DocumentView, 'isCredit'>): bigint => (isCredit ? -1n : 1n);

function documentCells(view: DocumentView) {
  const { number, typeCode, issueDate, taxDate, dueDate, period, seller, buyer } = view;
  return {
    number,
    type: titleOf(view),
    typeCode,
    issueDate,
    taxDate,
    dueDate,
    periodFrom: period.from,
    periodTo: period.to,
    sellerId: seller.partyId,
    sellerName: seller.legalName,
    sellerVatId: seller.vatId,
    buyerId: buyer.partyId,
    buyerName: buyer.legalName,
    buyerVatId: buyer.vatId,
    buyerCountry: buyer.country,
  };
}

/** The lines of a document as rows, each with its share of the tax: shares sum to the tax exactly. `accountOf` says where a line is booked. */
export function lineRows(
  view: DocumentView,
  accountOf: (vatCategory: VatCategory) => string | undefined = () => undefined,
) {
  const { currency, rates, corrects } = view;
  const sign = signOf(view);
  const shares = taxShares(view);
  const [rate] = rates;
  return view.lines.map((line, index) => {
    const taxMinor = shares[index] ?? 0n;
    return {
      ...documentCells(view),
      line: line.line,
      serviceMonth: line.month,
      kind: line.kind,
      campaignId: line.campaignId,
      description: line.description,
      quantity: sign * BigInt(line.quantity),
      unitPrice: formatMicros(line.unitPriceMicros, 2),
      net: formatAmount(sign * line.amountMinor, currency),
      taxCategory: line.vatCategory,
      taxRate: line.vatRate,
      tax: formatAmount(sign * taxMinor, currency),
      gross: formatAmount(sign * (line.amountMinor + taxMinor), currency),
      currency,
      rateSource: rate?.source,
      rateDate: rate?.date,
      rate: rate && `${rate.numerator}/${rate.denominator} ${rate.to} for 1 ${rate.from}`,
      glAccount: accountOf(line.vatCategory),
      costCentre: line.campaignId,
      corrects: corrects.join(' '),
    };
  });
}

/** The taxes of a document as rows. */
export function taxRows(view: DocumentView) {
  const { currency } = view;
  const sign = signOf(view);
  return view.taxes.map(({ category, rate, baseMinor, taxMinor, reason, reasonCode }) => ({
    ...documentCells(view),
    taxCategory: category,
    taxRate: rate,
    base: formatAmount(sign * baseMinor, currency),
    tax: formatAmount(sign * taxMinor, currency),
    reason,
    reasonCode,
    currency,
  }));
}

/** Each line's share of its rate's tax: what the tax on all lines up to it is, less what the lines before have. */
function taxShares({ lines, taxes }: DocumentView): bigint[] {
  const running = new Map<PrintedTax, { baseMinor: bigint; taxMinor: bigint }>();
  return lines.map(({ vatCategory, vatRate, amountMinor }) => {
    const tax = taxes.find(({ category, rate }) => category === vatCategory && rate === vatRate);
    if (tax === undefined || tax.baseMinor === 0n) return 0n;
    const before = running.get(tax) ?? { baseMinor: 0n, taxMinor: 0n };
    const baseMinor = before.baseMinor + amountMinor;
    const taxMinor = (tax.taxMinor * baseMinor) / tax.baseMinor;
    running.set(tax, { baseMinor, taxMinor });
    return taxMinor - before.taxMinor;
  });
}
