import { MAX_DAYS_BACK } from '../contracts/corrections.ts';
import { type Day, dayOf, daysAfter, type Instant } from '../domain/time/calendar.ts';
import type { CatalogStore } from '../ports/catalog-store.ts';

const PAGE_CAMPAIGNS = 100;
const MAX_PAGES = 100;
/** As old as anything of the catalog may be on the path of a request. */
const MAX_AGE_MS = 60_000;

export interface FirstDayDependencies {
  readonly campaigns: Pick<CatalogStore['campaigns'], 'list'>;
  readonly advertisers: Pick<CatalogStore['advertisers'], 'list'>;
  readonly affiliates: Pick<CatalogStore['affiliates'], 'list'>;
  readonly timeZone: string;
  readonly nowMs: () => number;
}

/**
 * The first day of the first month that an entry can count in: no lead is older than the first terms of a campaign, and nothing is booked
 * on an account more than MAX_DAYS_BACK days before its party was made. Up to 60 s old. Throws RangeError beyond 10,000 campaigns,
 * StoreUnavailable.
 */
export function createFirstDay(dependencies: FirstDayDependencies): () => Promise<Day> {
  let found: { readonly day: Day; readonly untilMs: number } | undefined;
  return async () => {
    const nowMs = dependencies.nowMs();
    if (found === undefined || nowMs >= found.untilMs) {
      found = { day: await findFirstDay(dependencies), untilMs: nowMs + MAX_AGE_MS };
    }
    return found.day;
  };
}

async function findFirstDay({ campaigns, advertisers, affiliates, timeZone }: FirstDayDependencies): Promise<Day> {
  const parties = [...(await advertisers.list(1)).items, ...(await affiliates.list(1)).items];
  const days = parties.map(({ createdAt }) => daysAfter(dayOf(createdAt, timeZone), -MAX_DAYS_BACK));
  let position: string | undefined;
  for (let page = 0; page === 0 || position !== undefined; page += 1) {
    if (page === MAX_PAGES) throw new RangeError(`there are more than ${MAX_PAGES * PAGE_CAMPAIGNS} campaigns`);
    const { items, position: next } = await campaigns.list(PAGE_CAMPAIGNS, position);
    const starts: Instant[] = items.flatMap(({ terms }) => terms.map(({ effectiveFrom }) => effectiveFrom));
    // A click may lie before the terms by the skew of clocks.
    days.push(...starts.map((start) => daysAfter(dayOf(start, timeZone), -1)));
    position = next;
  }
  const [first = NO_DAY] = days.sort();
  // What is settled for a month may count from its first day on.
  return `${first.slice(0, 7)}-01`;
}

/** Where there is nobody, there is nothing to find. */
const NO_DAY: Day = '2999-12-01';
