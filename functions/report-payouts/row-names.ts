import type { Grouping, ReportRow } from '../../shared/domain/rollups/report.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import { forEachConcurrently } from '../../shared/runtime/workers.ts';

/** A row with the fields that say what it is about, in the order of the groupings. */
export interface NamedRow extends ReportRow {
  readonly fields: Readonly<Record<string, string | null>>;
}

interface Named {
  readonly name: string;
  readonly externalId?: string | undefined;
}

const CONCURRENT_LOOKUPS = 32;

/** Adds names and external ids to what rows are grouped by, and puts the rows in order: by name, days as they come, nobody last. */
export async function nameRows(
  catalog: Pick<CatalogReader, 'affiliate' | 'campaign'>,
  groupBy: readonly Grouping[],
  rows: readonly ReportRow[],
): Promise<NamedRow[]> {
  const lookups: readonly (Map<string, Named | undefined> | undefined)[] = await Promise.all(
    groupBy.map((grouping, index) => {
      if (grouping !== 'affiliate' && grouping !== 'campaign') return undefined;
      return lookUp(
        rows.map(({ values }) => values[index] ?? null),
        (id) => catalog[grouping](id),
      );
    }),
  );
  return rows
    .map((row) => {
      const named = row.values.map((value, index) => lookups[index]?.get(value ?? ''));
      return {
        ...row,
        fields: Object.assign(
          {},
          ...groupBy.map((grouping, index) => fieldsOf(grouping, row.values[index] ?? null, named[index])),
        ),
        order: row.values.map((value, index) => orderOf(value, named[index])).join('\u0001'),
      };
    })
    .sort((left, right) => compare(left.order, right.order) || compare(left.currency, right.currency))
    .map(({ order: _order, ...row }) => row);
}

async function lookUp(
  ids: readonly (string | null)[],
  find: (id: string) => Promise<Named | undefined>,
): Promise<Map<string, Named | undefined>> {
  const found = new Map<string, Named | undefined>();
  const known = new Set(ids.filter((id) => id !== null));
  await forEachConcurrently(known, CONCURRENT_LOOKUPS, async (id) => {
    found.set(id, await find(id));
  });
  return found;
}

function fieldsOf(grouping: Grouping, value: string | null, named: Named | undefined): Record<string, string | null> {
  if (grouping !== 'affiliate' && grouping !== 'campaign') return { [grouping]: value };
  return {
    [`${grouping}Id`]: value,
    [`${grouping}Name`]: named?.name ?? null,
    [`${grouping}ExternalId`]: named?.externalId ?? null,
  };
}

const orderOf = (value: string | null, named: Named | undefined): string =>
  value === null ? '\uffff' : `${named?.name ?? ''}\u0000${value}`;

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
