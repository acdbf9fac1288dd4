import type { Lead } from '../domain/leads/lead.ts';
import { entriesOf, entryIdOf } from '../domain/ledger/entry.ts';
import { type Instant, type Month, nextMonth, startOfDay } from '../domain/time/calendar.ts';
import type { JournalReader, JournalWriter } from '../ports/journal.ts';
import type { LeadReader } from '../ports/leads.ts';

const PAGE_LEADS = 500;

export interface ReconcileDependencies {
  readonly leads: LeadReader;
  readonly journal: JournalReader & JournalWriter;
  readonly timeZone: string;
}

export interface Reconciled {
  readonly checked: number;
  readonly posted: number;
}

/**
 * Posts what the journal lacks of an advertiser's leads in a month: whatever the stream has lost, or not delivered yet. Only leads that
 * happened at or after `since`, where it is given; each is shown to `onLead`. Throws JournalConflict, StoreUnavailable.
 */
export function createReconcileMonth({
  leads,
  journal,
  timeZone,
}: ReconcileDependencies): (request: {
  advertiserId: string;
  month: Month;
  since?: Instant;
  onLead?: (lead: Lead) => void;
}) => Promise<Reconciled> {
  return async ({ advertiserId, month, since, onLead = () => undefined }) => {
    const first = startOfDay(`${month}-01`, timeZone);
    const range = {
      from: since !== undefined && since > first ? since : first,
      before: startOfDay(`${nextMonth(month)}-01`, timeZone),
    };
    let checked = 0;
    let posted = 0;
    let position: string | undefined;
    do {
      const page = await leads.list({ owner: { advertiserId }, month, ...range }, PAGE_LEADS, position);
      page.leads.forEach(onLead);
      const missing = await missingEntries(page.leads, journal, timeZone);
      const results = await Promise.all(missing.map((entry) => journal.post(entry)));
      checked += page.leads.length;
      posted += results.filter((result) => result === 'posted').length;
      position = page.position;
    } while (position !== undefined);
    return { checked, posted };
  };
}

async function missingEntries(leads: readonly Lead[], journal: JournalReader, timeZone: string) {
  const due = leads.flatMap((lead) => entriesOf(lead, timeZone));
  const found = new Set((await journal.find(due)).map(entryIdOf));
  return due.filter((entry) => !found.has(entryIdOf(entry)));
}
