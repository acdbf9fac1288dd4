import type { Correction } from '../../../shared/domain/corrections/correction.ts';
import type { Stage } from '../actors/actor.ts';
import type { Books, StoredEntry } from './books.ts';

type StoredCorrection = Omit<Correction, 'amountMinor'> & {
  readonly pk: string;
  readonly amountMinor: number | bigint;
};

/** What two people agreed on is booked once; what they did not, or only one of them wanted, is not, nor is the same asked for twice. */
export function judgeCorrections({ world: { engine } }: Stage, { entries }: Books): string | undefined {
  const items = [...engine.itemsOf('Bookings')] as unknown as StoredCorrection[];
  const corrections = items.filter(({ pk }) => pk === 'CORRECTIONS');
  const externalIds = new Set(corrections.map(({ externalId }) => externalId));
  if (externalIds.size < corrections.length) return 'something that was asked for once is two corrections';
  const booked = Map.groupBy(
    entries.filter(({ entryId }) => entryId.startsWith('cor_')),
    ({ entryId }) => entryId.slice(0, entryId.indexOf('#')),
  );
  for (const correction of corrections) {
    const fault = correctionFault(correction, booked.get(correction.correctionId) ?? []);
    if (fault !== undefined) return `${correction.correctionId} ${fault}`;
    booked.delete(correction.correctionId);
  }
  const [unknown] = booked.keys();
  return unknown && `the entry of ${unknown} corrects nothing`;
}

function correctionFault(correction: StoredCorrection, entries: readonly StoredEntry[]): string | undefined {
  const { status, proposedBy, decidedBy, account, currency } = correction;
  if (status !== 'approved') return entries.length === 0 ? undefined : `is ${status}, and booked`;
  if (proposedBy === decidedBy) return 'was approved by whoever proposed it';
  if (entries.length !== 1) return `is booked ${entries.length} times`;
  const name = account.kind === 'receivable' ? `receivable:${account.advertiserId}` : `payable:${account.affiliateId}`;
  const leg = entries[0]?.legs.find((each) => each.account === name);
  const due = debitOf(correction);
  return BigInt(leg?.amountMinor ?? 0) === due && entries[0]?.currency === currency
    ? undefined
    : `is booked with ${leg?.amountMinor} instead of ${due}`;
}

/** A debit is more that an advertiser owes, or less that an affiliate is owed. */
function debitOf({ kind, account, amountMinor }: StoredCorrection): bigint {
  const minor = BigInt(amountMinor);
  if (kind === 'write_off') return -minor;
  return account.kind === 'receivable' || kind === 'fee' ? minor : -minor;
}
