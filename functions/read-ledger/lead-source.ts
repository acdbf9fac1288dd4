import * as z from 'zod';
import type { Lead } from '../../shared/domain/leads/lead.ts';
import { entriesOf, entryIdOf, type JournalEntry } from '../../shared/domain/ledger/entry.ts';
import {
  type Day,
  daysInRange,
  type Instant,
  monthsBetween,
  nextDay,
  startOfDay,
} from '../../shared/domain/time/calendar.ts';
import type { JournalReader } from '../../shared/ports/journal.ts';
import type { LeadListing, LeadReader } from '../../shared/ports/leads.ts';
import type { LedgerSource } from './ledger-source.ts';

export interface LeadSourceDependencies {
  readonly journal: Pick<JournalReader, 'find'>;
  readonly leads: Pick<LeadReader, 'list'>;
  readonly timeZone: string;
}

interface Days {
  readonly from: Day;
  readonly to: Day;
}

const PAGE_LEADS = 100;
/** Entries that could be read instead of a lead: it is found in the index, then read itself, then its entries. */
const COST_OF_LEAD = 4;

/** Where a page ended: after which lead, and after how many entries of the next one. */
const position = z.tuple([z.string().nullable(), z.number().int().min(0)]);

/**
 * The entries of an affiliate's leads. They stand in the journals of advertisers, so the leads lead to them: one source for each month, newest
 * first. What is shown is what stands in the journal, not what the leads call for.
 */
export function leadSources(
  dependencies: LeadSourceDependencies,
  affiliateId: string,
  { from, to }: Days,
): LedgerSource[] {
  const { timeZone } = dependencies;
  const range = { from: startOfDay(from, timeZone), before: startOfDay(nextDay(to), timeZone) };
  return monthsBetween(from.slice(0, 7), to.slice(0, 7))
    .reverse()
    .map((month) => leadSource(dependencies, { owner: { affiliateId }, month, ...range }));
}

/** The same entries in sources of a day each: they can be read side by side. */
export function dailyLeadSources(
  dependencies: LeadSourceDependencies,
  affiliateId: string,
  { from, to }: Days,
): LedgerSource[] {
  const days: Day[] = [from];
  for (let left = daysInRange(from, to) - 1; left > 0; left -= 1) days.push(nextDay(days.at(-1) ?? from));
  const startsAt = (day: Day): Instant => startOfDay(day, dependencies.timeZone);
  return days.map((day) =>
    leadSource(dependencies, {
      owner: { affiliateId },
      month: day.slice(0, 7),
      from: startsAt(day),
      before: startsAt(nextDay(day)),
    }),
  );
}

function leadSource({ journal, leads, timeZone }: LeadSourceDependencies, listing: LeadListing): LedgerSource {
  const postedOf = async (page: readonly Lead[]): Promise<JournalEntry[][]> => {
    const called = page.map((lead) => entriesOf(lead, timeZone));
    const posted = new Map((await journal.find(called.flat())).map((entry) => [entryIdOf(entry), entry]));
    return called.map((entries) => entries.flatMap((entry) => posted.get(entryIdOf(entry)) ?? []));
  };
  return {
    readAhead: 1,
    async *all() {
      let after: string | undefined;
      do {
        const page = await leads.list(listing, PAGE_LEADS, after);
        yield { entries: (await postedOf(page.leads)).flat(), cost: page.leads.length * COST_OF_LEAD };
        after = page.position;
      } while (after !== undefined);
    },
    async page(limit, isWanted, after) {
      const [within, skip] = after === undefined ? [null, 0] : position.parse(JSON.parse(after));
      const page = await leads.list(listing, limit, within ?? undefined);
      const taken: JournalEntry[] = [];
      for (const [index, all] of (await postedOf(page.leads)).entries()) {
        const done = index === 0 ? skip : 0;
        const entries = all.filter(isWanted).slice(done);
        const room = limit - taken.length;
        taken.push(...entries.slice(0, room));
        if (entries.length > room) {
          // The page ends within this lead: only a listing that stops before it tells the position there.
          const before =
            index === 0 ? within : ((await leads.list(listing, index, within ?? undefined)).position ?? null);
          return { entries: taken, position: JSON.stringify([before, done + room]) };
        }
      }
      return { entries: taken, position: page.position && JSON.stringify([page.position, 0]) };
    },
  };
}
