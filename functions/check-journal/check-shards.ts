import { JOURNAL_SHARDS } from '../../shared/domain/ledger/entry.ts';
import type { Month } from '../../shared/domain/time/calendar.ts';
import type { Sha256 } from '../../shared/domain/verification/merkle-tree.ts';
import { type BrokenDay, brokenDays, createSealFold, lastSettledDay } from '../../shared/domain/verification/seal.ts';
import type { SealStore, StoredJournal } from '../../shared/ports/seals.ts';
import type { Clock } from '../../shared/runtime/clock.ts';

/** Sealed days of a shard that are not what they were. */
export interface BrokenSeal {
  readonly party: string;
  readonly month: Month;
  readonly shard: number;
  readonly days: readonly BrokenDay[];
}

export interface CheckShardsDependencies {
  readonly journal: StoredJournal;
  readonly seals: SealStore;
  readonly sha256: Sha256;
  readonly clock: Clock;
  readonly onBroken: (broken: BrokenSeal) => void;
}

/**
 * Compares each shard of a party's month with its seal, and seals the days that came since. A broken seal stays as it is, so that it is
 * told of again until somebody has dealt with it. May be repeated at any time.
 */
export function createCheckShards({
  journal,
  seals,
  sha256,
  clock,
  onBroken,
}: CheckShardsDependencies): (party: string, month: Month) => Promise<void> {
  return async (party, month) => {
    const through = lastSettledDay(clock());
    for (let shard = 0; shard < JOURNAL_SHARDS; shard += 1) {
      // The seal first: what a faster run seals meanwhile is not what this one has read.
      const before = await seals.get(party, month, shard);
      const fold = createSealFold(sha256, through);
      for await (const page of journal.stored(party, month, shard)) for (const entry of page) fold.add(entry);
      const now = fold.seal();
      const days = before === undefined ? [] : brokenDays(before, now);
      if (days.length > 0) onBroken({ party, month, shard, days });
      else if (before === undefined || before.through < through) {
        await seals.replace(party, month, shard, before, now);
      }
    }
  };
}
