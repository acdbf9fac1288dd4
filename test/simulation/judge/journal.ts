import { journalPartition } from '../../../shared/adapters/dynamodb/journal.ts';
import type { Lead } from '../../../shared/domain/leads/lead.ts';
import { entriesOf, entryIdOf, journalShard, LEAD_KINDS } from '../../../shared/domain/ledger/entry.ts';
import type { Stage } from '../actors/actor.ts';
import type { Books, StoredEntry } from './books.ts';

/** The journal: balanced, an entry for each confirmation and reversal of a lead and no other, and all of them come to what is owed. */
export function judgeJournal({ world }: Stage, { leads, entries }: Books): string | undefined {
  const due = new Map<string, { readonly lead: Lead; readonly legs: string }>();
  for (const lead of leads.values()) {
    for (const entry of entriesOf(lead, world.settings.timeZone)) {
      const partition = journalPartition(entry.party, entry.month, journalShard(entry.causeId));
      due.set(`${partition} ${entryIdOf(entry)}`, { lead, legs: legsText(entry.legs) });
    }
  }
  if (world.engine.changeCount('Journal') !== entries.length) return 'an entry of the journal was written over';
  const owed = new Map<string, bigint>();
  for (const entry of entries) {
    const key = `${entry.partition} ${entry.entryId}`;
    if (!isBalanced(entry)) return `the entry ${key} does not sum to zero`;
    if (!isOfLead(entry)) continue;
    const expected = due.get(key);
    if (expected === undefined) return `the entry ${key} has no lead that calls for it`;
    if (expected.legs !== legsText(entry.legs)) return `the entry ${key} has other legs than its lead calls for`;
    due.delete(key);
    const [causeId = ''] = entry.entryId.split('#');
    owed.set(causeId, (owed.get(causeId) ?? 0n) + chargeIn(entry));
  }
  const [missing] = due.keys();
  if (missing !== undefined) return `the entry ${missing} is missing`;
  for (const lead of leads.values()) {
    // Said without the entries: what an advertiser owes for a lead is its charge while it is confirmed, and nothing else.
    const charge = lead.status === 'confirmed' ? lead.chargeMinor : 0n;
    const booked = owed.get(lead.leadId) ?? 0n;
    if (booked !== charge) return `${lead.leadId} is ${lead.status}, and ${booked} of ${charge} is owed for it`;
  }
  return undefined;
}

const isOfLead = ({ kind }: StoredEntry): boolean => (LEAD_KINDS as readonly string[]).includes(kind);

/** Whether the legs come to nothing in each currency. */
function isBalanced({ legs, currency }: StoredEntry): boolean {
  const sums = new Map<string, bigint>();
  for (const leg of legs) {
    const of = leg.currency ?? currency;
    sums.set(of, (sums.get(of) ?? 0n) + BigInt(leg.amountMinor));
  }
  return [...sums.values()].every((sum) => sum === 0n);
}

const legsText = (legs: StoredEntry['legs']): string =>
  legs.map(({ account, amountMinor }) => `${account} ${amountMinor}`).join(', ');

const chargeIn = ({ legs }: StoredEntry): bigint =>
  legs.reduce(
    (sum, { account, amountMinor }) => (account.startsWith('receivable:') ? sum + BigInt(amountMinor) : sum),
    0n,
  );
