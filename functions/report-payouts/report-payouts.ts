import { type PayoutReportQuery, payoutReportQuery } from '../../shared/contracts/reports.ts';
import { affiliateOf, needsSubs, PayoutReport } from '../../shared/domain/rollups/report.ts';
import type { RollupPartition } from '../../shared/domain/rollups/rollup-key.ts';
import { type Instant, monthsBetween } from '../../shared/domain/time/calendar.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import type { RollupReader, StoredRollup } from '../../shared/ports/rollups.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import { type HttpHandler, type HttpResult, query } from '../../shared/runtime/http.ts';
import { invalidField } from '../../shared/runtime/problems.ts';
import { resolveScope, type Scope } from '../../shared/runtime/scope.ts';
import { forEachConcurrently } from '../../shared/runtime/workers.ts';
import { renderCsv, renderJson } from './render.ts';
import { nameRows } from './row-names.ts';

export interface ReportPayoutsDependencies {
  readonly catalog: CatalogReader;
  /** All advertisers: whose figures an operator sees who names nobody. */
  readonly allAdvertisers: () => Promise<readonly { readonly advertiserId: string }[]>;
  readonly rollups: RollupReader;
}

const CONCURRENT_READS = 16;
/** Rollup items that one report reads at most: some two seconds. */
export const MAX_ITEMS_READ = 100_000;
export const MAX_ROWS = 10_000;
/** Lambda hands on 6 MB. */
const MAX_BODY_BYTES = 5_500_000;

/**
 * Reports clicks, leads and money of a range of days, from the rollups: what it costs grows with days, campaigns and affiliates, never
 * with leads. An affiliate gets its own rows, and never a charge; an advertiser its own.
 */
export function createReportPayouts(dependencies: ReportPayoutsDependencies): HttpHandler {
  const { catalog } = dependencies;
  return async (event) => {
    const party = await authenticate(catalog, event, ['operator', 'finance', 'advertiser', 'affiliate']);
    const asked = query(event, payoutReportQuery);
    const scope = await resolveScope(catalog, party, asked);
    const { report, asOf } = await readReport(dependencies, scope, asked);
    const rows = await nameRows(catalog, asked.groupBy, report.rows());
    const shown = { rows, totals: report.totals(), asOf, withCharge: party.role !== 'affiliate' };
    return sized(asked.format === 'csv' ? renderCsv(asked, shown) : renderJson(asked, shown));
  };
}

async function readReport(
  dependencies: ReportPayoutsDependencies,
  scope: Scope,
  asked: PayoutReportQuery,
): Promise<{ report: PayoutReport; asOf: Instant | null }> {
  const report = new PayoutReport(asked.groupBy, asked.include === 'impressions');
  const isAsked = filterOf(dependencies.catalog, scope);
  let itemsRead = 0;
  let asOf: Instant | null = null;
  await forEachConcurrently(await partitionsOf(dependencies, scope, asked), CONCURRENT_READS, async (partition) => {
    if (itemsRead > MAX_ITEMS_READ) return;
    for await (const page of dependencies.rollups.read(partition, asked.from, asked.to)) {
      itemsRead += page.length;
      if (itemsRead > MAX_ITEMS_READ) throw tooMuch('from', `more than ${MAX_ITEMS_READ} figures would be read`);
      for (const rollup of page) {
        if (!(await isAsked(rollup))) continue;
        report.add(rollup);
        if (rollup.fedAt !== undefined && (asOf === null || rollup.fedAt > asOf)) asOf = rollup.fedAt;
      }
      if (report.size > MAX_ROWS) throw tooMuch('groupBy', `there would be more than ${MAX_ROWS} rows`);
    }
  });
  return { report, asOf };
}

const tooMuch = (field: string, why: string) =>
  invalidField(field, `${why}: ask for fewer days, group by less, or name an advertiserId, affiliateId or campaignId`);

/** The owners' months that hold what is asked for; an affiliate's own are the smallest that do. */
async function partitionsOf(
  { allAdvertisers }: ReportPayoutsDependencies,
  { advertiserId, affiliateId }: Scope,
  { groupBy, from, to }: PayoutReportQuery,
): Promise<RollupPartition[]> {
  const subs = needsSubs(groupBy);
  const months = monthsBetween(from.slice(0, 7), to.slice(0, 7));
  const partitions = (scope: RollupPartition['scope'], ownerId: string) =>
    months.map((month) => ({ scope, ownerId, month }));
  if (affiliateId !== undefined) return partitions(subs ? 'affsub' : 'aff', affiliateId);
  const owners = advertiserId === undefined ? await allAdvertisers() : [{ advertiserId }];
  return owners.flatMap((owner) => partitions(subs ? 'advsub' : 'adv', owner.advertiserId));
}

/** Whether an item is within the scope: a partition may hold more. */
function filterOf(catalog: CatalogReader, { advertiserId, affiliateId, campaignId }: Scope) {
  const advertisers = new Map<string, string | undefined>();
  return async ({ key }: StoredRollup): Promise<boolean> => {
    if (campaignId !== undefined && key.campaignId !== campaignId) return false;
    if (affiliateId === undefined) return true;
    if (affiliateOf(key) !== affiliateId) return false;
    if (advertiserId === undefined) return true;
    if (!advertisers.has(key.campaignId)) {
      advertisers.set(key.campaignId, (await catalog.campaign(key.campaignId))?.advertiserId);
    }
    return advertisers.get(key.campaignId) === advertiserId;
  };
}

function sized(result: HttpResult): HttpResult {
  if (Buffer.byteLength(result.body ?? '') > MAX_BODY_BYTES) {
    throw tooMuch('groupBy', `the answer would be larger than ${MAX_BODY_BYTES} bytes`);
  }
  return result;
}
