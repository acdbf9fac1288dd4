import { type AnnexRow, quantityOf, unitPriceOf } from '../domain/billing/annex-row.ts';
import type { IssuedDocument, NamedLine } from '../domain/billing/document.ts';
import { formatPrice } from '../domain/money/micros.ts';
import { formatAmount } from '../domain/money/money.ts';

interface Column<Name extends string> {
  readonly name: Name;
  readonly type: 'text' | 'number';
}

const columns = <Name extends string>(
  names: readonly Name[],
  numbers: readonly NoInfer<Name>[],
): readonly Column<Name>[] => names.map((name) => ({ name, type: numbers.includes(name) ? 'number' : 'text' }));

/** The columns of a document's annex as CSV: one row an entry. `amount` sums to the document's net. */
export const annexColumns = columns(
  [
    'number',
    'line',
    'month',
    'campaignId',
    'campaignName',
    'event',
    'leadId',
    'transactionId',
    'affiliateId',
    'kind',
    'occurredAt',
    'amount',
    'currency',
    'text',
    'quantity',
    'unitPrice',
  ],
  ['line', 'amount', 'quantity', 'unitPrice'],
);

/** The columns of a document's lines as CSV. `amount` sums to the document's net. */
export const lineColumns = columns(
  [
    'number',
    'line',
    'month',
    'campaignId',
    'campaignName',
    'event',
    'kind',
    'quantity',
    'unitPrice',
    'amount',
    'currency',
    'text',
    'entries',
  ],
  ['line', 'quantity', 'unitPrice', 'amount', 'entries'],
);

type Cells<Columns extends readonly Column<string>[]> = Readonly<
  Partial<Record<Columns[number]['name'], string | number | undefined>>
>;
export type AnnexCells = Cells<typeof annexColumns>;
export type LineCells = Cells<typeof lineColumns>;

/** One entry of a document, with the number (from 1) of its line. */
export function annexCells(
  { number }: Pick<IssuedDocument, 'number'>,
  row: AnnexRow,
  line: number,
  lines: readonly NamedLine[],
): AnnexCells {
  const { month, campaignId, event, leadId, transactionId, affiliateId, kind, occurredAt, currency, text } = row;
  return {
    ...{ month, campaignId, event, leadId, transactionId, affiliateId, kind, occurredAt, currency, text },
    number,
    line,
    campaignName: lines[line - 1]?.campaignName ?? '',
    amount: formatAmount(row.amountMinor, currency),
    quantity: quantityOf(row),
    unitPrice: formatPrice(unitPriceOf(row), currency),
  };
}

/** One line of a document; `line` is its number, from 1. */
export function lineCells({ number, currency }: IssuedDocument, named: NamedLine, line: number): LineCells {
  const { month, campaignId, campaignName, event, kind, quantity, text, entries } = named;
  return {
    ...{ month, campaignId, campaignName, event, kind, quantity, text, entries },
    number,
    line,
    unitPrice: formatPrice(named.unitPriceMicros, currency),
    amount: formatAmount(named.amountMinor, currency),
    currency,
  };
}
