import { entriesOfPayout, type Payout } from '../../domain/payouts/payout.ts';
import type { JournalWriter } from '../../ports/journal.ts';

export type PostPayout = (payout: Payout) => Promise<void>;

/** Posts the entries that a payout's history calls for. Posting again changes nothing. Throws JournalConflict, StoreUnavailable. */
export function createPostPayout({
  journal,
  timeZone,
}: {
  readonly journal: JournalWriter;
  readonly timeZone: string;
}): PostPayout {
  return async (payout) => {
    for (const entry of entriesOfPayout(payout, timeZone)) await journal.post(entry);
  };
}
