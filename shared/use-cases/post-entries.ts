import type { Lead } from '../domain/leads/lead.ts';
import { entriesOf } from '../domain/ledger/entry.ts';
import type { JournalWriter } from '../ports/journal.ts';

/**
 * Posts the journal entries that a lead's history calls for, those of transitions after `sinceVersion` alone. Posting again changes
 * nothing. Returns how many were new. Throws JournalConflict, StoreUnavailable.
 */
export function createPostEntries({
  journal,
  timeZone,
}: {
  readonly journal: JournalWriter;
  readonly timeZone: string;
}): (lead: Lead, sinceVersion?: number) => Promise<number> {
  return async (lead, sinceVersion = 0) => {
    const due = entriesOf(lead, timeZone).filter((entry) => entry.sequence > sinceVersion);
    const results = await Promise.all(due.map((entry) => journal.post(entry)));
    return results.filter((result) => result === 'posted').length;
  };
}
