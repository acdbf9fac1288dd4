import { type ConservationQuery, conservationQuery } from '../../shared/contracts/conservation.ts';
import { ConservationReport } from '../../shared/domain/conservation/report.ts';
import { daysOf } from '../../shared/domain/conservation/spans.ts';
import { monthsBetween } from '../../shared/domain/time/calendar.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import type { KeptTally, TallyReader } from '../../shared/ports/conservation.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import { type HttpHandler, query } from '../../shared/runtime/http.ts';
import { invalidField } from '../../shared/runtime/problems.ts';
import { resolveScope, type Scope } from '../../shared/runtime/scope.ts';
import { forEachConcurrently } from '../../shared/runtime/workers.ts';
import { nameRows, renderCsv, renderJson } from './render.ts';

export interface ReportConservationDependencies {
  readonly catalog: CatalogReader;
  /** All advertisers: whose messages an operator sees who names nobody. */
  readonly allAdvertisers: () => Promise<readonly { readonly advertiserId: string }[]>;
  readonly tallies: TallyReader;
}

const CONCURRENT_READS = 16;
/** Tallies that one report reads at most: some two seconds. */
export const MAX_TALLIES_READ = 100_000;
/** Lambda hands on 6 MB. */
const MAX_BODY_BYTES = 5_500_000;

/**
 * Reports where every message is, by campaign and affiliate, from tallies that are counted apart from all other figures. An affiliate
 * gets its own rows, and no money; an advertiser its own.
 */
export function createReportConservation(dependencies: ReportConservationDependencies): HttpHandler {
  const { catalog, tallies } = dependencies;
  return async (event) => {
    const party = await authenticate(catalog, event, ['operator', 'finance', 'advertiser', 'affiliate']);
    const asked = query(event, conservationQuery);
    const scope = await resolveScope(catalog, party, asked);
    const report = await readReport(dependencies, scope, asked);
    const tallied = await tallies.talliedDays(asked.from, asked.to);
    const known = new Set(tallied.map(({ day }) => day));
    const shown = {
      rows: await nameRows(catalog, report.rows()),
      total: report.total(),
      asOf: tallied.map(({ talliedAt }) => talliedAt).sort()[0] ?? null,
      untallied: daysOf(asked).filter((day) => !known.has(day)),
      withMoney: party.role !== 'affiliate',
    };
    const result = asked.format === 'csv' ? renderCsv(asked, shown) : renderJson(shown);
    if (Buffer.byteLength(result.body ?? '') > MAX_BODY_BYTES) {
      throw tooMuch(`the answer would be larger than ${MAX_BODY_BYTES} bytes`);
    }
    return result;
  };
}

async function readReport(
  dependencies: ReportConservationDependencies,
  scope: Scope,
  asked: ConservationQuery,
): Promise<ConservationReport> {
  const report = new ConservationReport();
  let read = 0;
  await forEachConcurrently(await readsOf(dependencies, scope, asked), CONCURRENT_READS, async (pages) => {
    if (read > MAX_TALLIES_READ) return;
    for await (const page of pages()) {
      read += page.length;
      if (read > MAX_TALLIES_READ) throw tooMuch(`more than ${MAX_TALLIES_READ} counts would be read`);
      for (const tally of page) if (isWithin(scope, tally)) report.add(tally);
    }
  });
  return report;
}

const tooMuch = (why: string) =>
  invalidField('from', `${why}: ask for fewer days, or name an advertiserId, affiliateId or campaignId`);

/** What to read for a scope: an affiliate's own tallies, or those of advertisers and of messages whose advertiser is not known. */
async function readsOf(
  { tallies, allAdvertisers }: ReportConservationDependencies,
  { advertiserId, affiliateId }: Scope,
  { from, to }: ConservationQuery,
): Promise<(() => AsyncIterable<readonly KeptTally[]>)[]> {
  const months = monthsBetween(from.slice(0, 7), to.slice(0, 7)).map((month) => ({ month, from, to }));
  if (affiliateId !== undefined) return months.map((days) => () => tallies.readOfAffiliate(affiliateId, days));
  const owners =
    advertiserId === undefined
      ? [undefined, ...(await allAdvertisers()).map((advertiser) => advertiser.advertiserId)]
      : [advertiserId];
  return owners.flatMap((owner) => months.map((days) => () => tallies.read(owner, days)));
}

const isWithin = ({ advertiserId, affiliateId, campaignId }: Scope, { key }: KeptTally): boolean =>
  (advertiserId === undefined || key.advertiserId === advertiserId) &&
  (affiliateId === undefined || key.affiliateId === affiliateId) &&
  (campaignId === undefined || key.campaignId === campaignId);
