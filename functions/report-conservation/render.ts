import type { ConservationQuery } from '../../shared/contracts/conservation.ts';
import { type ConservationRow, type RowSums, receivedOf } from '../../shared/domain/conservation/report.ts';
import { type Counts, MESSAGE_COUNTS, rejectedOf } from '../../shared/domain/conservation/tally.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import { CSV_MEDIA_TYPE, type CsvColumn, toCsv } from '../../shared/runtime/csv.ts';
import { type HttpResult, json } from '../../shared/runtime/http.ts';
import { forEachConcurrently } from '../../shared/runtime/workers.ts';

interface NamedRow extends ConservationRow {
  readonly campaignName: string | undefined;
  readonly affiliateName: string | undefined;
}

export interface ShownReport {
  readonly rows: readonly NamedRow[];
  readonly total: RowSums;
  readonly asOf: string | null;
  readonly untallied: readonly string[];
  readonly withMoney: boolean;
}

const CONCURRENT_LOOKUPS = 32;
const MONEY: ReadonlySet<string> = new Set(['chargeMinor', 'commissionMinor']);

/** Adds names to rows, and puts them in order of these; what is nobody's last. */
export async function nameRows(
  catalog: Pick<CatalogReader, 'affiliate' | 'campaign'>,
  rows: readonly ConservationRow[],
): Promise<NamedRow[]> {
  const names = new Map<string | undefined, string>();
  const lookUp = (ids: readonly (string | undefined)[], find: (id: string) => Promise<{ name: string } | undefined>) =>
    forEachConcurrently(new Set(ids.filter((id) => id !== undefined)), CONCURRENT_LOOKUPS, async (id) => {
      const found = await find(id);
      if (found !== undefined) names.set(id, found.name);
    });
  await lookUp(
    rows.map(({ campaignId }) => campaignId),
    (id) => catalog.campaign(id),
  );
  await lookUp(
    rows.map(({ affiliateId }) => affiliateId),
    (id) => catalog.affiliate(id),
  );
  const orderOf = (id: string | undefined) => (id === undefined ? '\uffff' : `${names.get(id) ?? ''}\u0000${id}`);
  return rows
    .map((row) => ({
      order: `${orderOf(row.campaignId)}\u0001${orderOf(row.affiliateId)}`,
      named: { ...row, campaignName: names.get(row.campaignId), affiliateName: names.get(row.affiliateId) },
    }))
    .sort((left, right) => (left.order < right.order ? -1 : 1))
    .map(({ named }) => named);
}

const messagesOf = (counts: Counts) => Object.fromEntries(MESSAGE_COUNTS.map((name) => [name, counts[name]]));

function countsOf<Rejected>(row: RowSums, rejected: Rejected) {
  const { confirmed, reversed, pending } = row.counts;
  return {
    received: receivedOf(row),
    confirmed,
    reversed,
    pending,
    rejected,
    ...messagesOf(row.counts),
    difference: row.missing,
    balanced: row.differences.length === 0,
  };
}

const idsOf = ({ campaignId, campaignName, affiliateId, affiliateName }: NamedRow) => ({
  campaignId: campaignId ?? null,
  campaignName: campaignName ?? null,
  affiliateId: affiliateId ?? null,
  affiliateName: affiliateName ?? null,
});

export function renderJson({ rows, total, asOf, untallied, withMoney }: ShownReport): HttpResult {
  const jsonCounts = (row: RowSums) => countsOf(row, Object.fromEntries([...row.counts.rejected].sort()));
  return json(200, {
    rows: rows.map((row) => ({
      ...idsOf(row),
      ...jsonCounts(row),
      differences: row.differences
        .filter(({ figure }) => withMoney || !MONEY.has(figure))
        .map(({ counted, found, ...where }) => ({ ...where, counted: counted.toString(), found: found.toString() })),
    })),
    totals: jsonCounts(total),
    asOf,
    untallied,
  });
}

/** One number for the rejected, and beside it how many for each reason. */
export const renderCsv = ({ from, to }: ConservationQuery, { rows }: ShownReport): HttpResult => ({
  statusCode: 200,
  headers: {
    'content-type': CSV_MEDIA_TYPE,
    'content-disposition': `attachment; filename="conservation-${from}-${to}.csv"`,
    'cache-control': 'no-store',
  },
  body: toCsv(
    COLUMNS,
    rows.map((row) => {
      const { balanced, ...counts } = countsOf(row, rejectedOf(row.counts));
      const reasons = [...row.counts.rejected].sort().map(([reason, number]) => `${reason}: ${number}`);
      return { ...idsOf(row), ...counts, reasons: reasons.join('; '), balanced: balanced ? 'yes' : 'no' };
    }),
  ),
});

const COLUMNS: readonly CsvColumn[] = [
  ...['campaignId', 'campaignName', 'affiliateId', 'affiliateName'].map((name) => ({ name, type: 'text' }) as const),
  ...['received', 'confirmed', 'reversed', 'pending', 'rejected', ...MESSAGE_COUNTS, 'difference'].map(
    (name) => ({ name, type: 'number' }) as const,
  ),
  { name: 'reasons', type: 'text' },
  { name: 'balanced', type: 'text' },
];
