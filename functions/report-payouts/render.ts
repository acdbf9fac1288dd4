import type { PayoutReportQuery } from '../../shared/contracts/reports.ts';
import { formatAmount } from '../../shared/domain/money/money.ts';
import type { Figures } from '../../shared/domain/rollups/figures.ts';
import type { Grouping } from '../../shared/domain/rollups/report.ts';
import { CSV_MEDIA_TYPE, type CsvColumn, toCsv } from '../../shared/runtime/csv.ts';
import { type HttpResult, json } from '../../shared/runtime/http.ts';
import type { NamedRow } from './row-names.ts';

export interface ShownReport {
  readonly rows: readonly NamedRow[];
  readonly totals: readonly { readonly currency: string; readonly figures: Figures }[];
  readonly asOf: string | null;
  /** Affiliates are not shown what advertisers are charged. */
  readonly withCharge: boolean;
}

const COUNTS = ['clicks', 'leads', 'confirmed', 'pending', 'rejected', 'reversed'] as const;

/** Existing readers of the file find its columns where they were: impressions stand before them only where they are asked for. */
const countsOf = ({ include }: PayoutReportQuery) => (include === undefined ? COUNTS : ([include, ...COUNTS] as const));

export const renderJson = (asked: PayoutReportQuery, { rows, totals, asOf, withCharge }: ShownReport): HttpResult =>
  json(200, {
    rows: rows.map((row) => ({ ...row.fields, ...sumsOf(row, asked, withCharge) })),
    totals: totals.map((total) => sumsOf(total, asked, withCharge)),
    asOf,
  });

export const renderCsv = (asked: PayoutReportQuery, { rows, withCharge }: ShownReport): HttpResult => ({
  statusCode: 200,
  headers: {
    'content-type': CSV_MEDIA_TYPE,
    'content-disposition': `attachment; filename="payouts-${asked.from}-${asked.to}.csv"`,
    'cache-control': 'no-store',
  },
  body: toCsv(
    columnsOf(asked, withCharge),
    rows.map((row) => ({ ...row.fields, ...sumsOf(row, asked, withCharge) })),
  ),
});

function sumsOf(
  { currency, figures }: { currency: string; figures: Figures },
  asked: PayoutReportQuery,
  withCharge: boolean,
) {
  return {
    currency,
    ...Object.fromEntries(countsOf(asked).map((name) => [name, Number(figures[name])])),
    ...(withCharge && { charge: formatAmount(figures.chargeMinor, currency) }),
    commission: formatAmount(figures.commissionMinor, currency),
  };
}

function columnsOf(asked: PayoutReportQuery, withCharge: boolean): CsvColumn[] {
  const text = (name: string): CsvColumn => ({ name, type: 'text' });
  const number = (name: string): CsvColumn => ({ name, type: 'number' });
  const named = (grouping: Grouping) => [`${grouping}Id`, `${grouping}Name`, `${grouping}ExternalId`];
  return [
    ...asked.groupBy
      .flatMap((grouping) => (grouping === 'affiliate' || grouping === 'campaign' ? named(grouping) : [grouping]))
      .map(text),
    text('currency'),
    ...countsOf(asked).map(number),
    ...(withCharge ? [number('charge')] : []),
    number('commission'),
  ];
}
