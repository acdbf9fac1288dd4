import { describe, expect, it } from 'vitest';
import { type Correction, entryOfCorrection } from '../../shared/domain/corrections/correction.ts';
import { approveCorrection } from '../../shared/domain/corrections/transitions/approve-correction.ts';
import { rejectCorrection } from '../../shared/domain/corrections/transitions/reject-correction.ts';
import type { JournalEntry } from '../../shared/domain/ledger/entry.ts';
import type { CorrectionStore } from '../../shared/ports/corrections.ts';
import { StoreUnavailable, VersionConflict } from '../../shared/ports/errors.ts';
import { createDecideCorrection, createPostCorrections } from '../../shared/use-cases/decide-correction.ts';
import { correction } from '../support/corrections.ts';

const AT = '2025-11-21T08:00:00.000Z';
const proposed = correction();
const { correctionId } = proposed;
const approve = (kid: string) => (given: Correction) => approveCorrection(given, { kid, at: AT });
const reject = (kid: string) => (given: Correction) => rejectCorrection(given, { kid, at: AT });

/** Stores in memory whose n-th call fails: before it happened, or after. */
function world({ failAt, happened }: { failAt?: number; happened?: boolean } = {}) {
  let stored: Correction = proposed;
  const notes = new Map<string, boolean>();
  const posts: JournalEntry[] = [];
  let calls = 0;
  const faulty = async <Result>(call: () => Result): Promise<Result> => {
    const fails = calls === failAt;
    calls += 1;
    if (fails && !happened) throw new StoreUnavailable('not heard');
    const result = call();
    if (fails) throw new StoreUnavailable('answer lost');
    return result;
  };
  const corrections: Pick<CorrectionStore, 'get' | 'decide' | 'posted' | 'unposted'> = {
    get: (id) => faulty(() => (id === correctionId ? stored : undefined)),
    decide: (decided) =>
      faulty(() => {
        if (stored.status !== 'proposed') throw new VersionConflict('decided');
        stored = decided;
        if (decided.status === 'approved') notes.set(decided.correctionId, false);
      }),
    posted: (approved) => faulty(() => void notes.set(approved.correctionId, true)),
    async *unposted(since) {
      if (AT > since) yield* [...notes].filter(([, posted]) => !posted).map(([id]) => id);
    },
  };
  const journal = {
    post: (entry: JournalEntry) =>
      faulty(() => {
        if (posts.length > 0) {
          expect(entry).toEqual(posts[0]);
          return 'already_posted' as const;
        }
        posts.push(entry);
        return 'posted' as const;
      }),
  };
  const dependencies = { corrections, journal, timeZone: 'UTC' };
  return {
    decide: createDecideCorrection(dependencies),
    postMissing: createPostCorrections(dependencies),
    posts,
    notes,
    stored: () => stored,
  };
}

/** Reading, deciding, posting and noting that it is posted. */
const CALLS = [0, 1, 2, 3];

describe('approving a correction', () => {
  it('posts its entry once, however often it is asked', async () => {
    const { decide, posts, stored, notes } = world();
    for (const kid of ['kid-2', 'kid-2', 'kid-3']) {
      expect(await decide(correctionId, approve(kid))).toMatchObject({ ok: true, correction: { decidedBy: 'kid-2' } });
    }
    expect(posts).toEqual([entryOfCorrection(stored(), 'UTC')]);
    expect([...notes]).toEqual([[correctionId, true]]);
  });

  it.each(CALLS.flatMap((failAt) => [false, true].map((happened) => ({ failAt, happened }))))(
    'posts it once where it crashed at call $failAt, which had happened: $happened, and is asked again',
    async (fault) => {
      const { decide, posts, stored } = world(fault);
      await expect(decide(correctionId, approve('kid-2'))).rejects.toThrow(StoreUnavailable);
      expect(await decide(correctionId, approve('kid-2'))).toMatchObject({ ok: true });
      expect(posts).toEqual([entryOfCorrection(stored(), 'UTC')]);
    },
  );

  it.each(CALLS.flatMap((failAt) => [false, true].map((happened) => ({ failAt, happened }))))(
    'posts it by the reconcile where it crashed at call $failAt, which had happened: $happened, and nobody asks again',
    async (fault) => {
      const { decide, postMissing, posts, notes, stored } = world(fault);
      await expect(decide(correctionId, approve('kid-2'))).rejects.toThrow(StoreUnavailable);
      await postMissing('2025-11-20T08:00:00.000Z');
      expect(posts).toHaveLength(stored().status === 'approved' ? 1 : 0);
      expect([...notes.values()]).not.toContain(false);
      expect(await postMissing('2025-11-20T08:00:00.000Z')).toBe(0);
    },
  );

  it('posts nothing for the key that proposed it', async () => {
    const { decide, posts, stored } = world();
    expect(await decide(correctionId, approve('kid-1'))).toMatchObject({ ok: false, fault: 'own' });
    expect([posts, stored()]).toEqual([[], proposed]);
  });

  it('posts nothing where somebody rejects it first, and nothing is rejected that was approved first', async () => {
    for (const [first, second, posted] of [
      [reject, approve, 0],
      [approve, reject, 1],
    ] as const) {
      const { decide, posts } = world();
      const results = [await decide(correctionId, first('kid-2')), await decide(correctionId, second('kid-3'))];
      expect(results.map((result) => result?.ok)).toEqual([true, false]);
      expect(posts).toHaveLength(posted);
    }
  });

  it('lets one of two stand that decide at once, and posts it only where that is the approval', async () => {
    const { decide, posts, stored } = world();
    const results = await Promise.all([decide(correctionId, approve('kid-2')), decide(correctionId, reject('kid-3'))]);
    expect(results.filter((result) => result?.ok)).toHaveLength(1);
    expect(posts).toHaveLength(stored().status === 'approved' ? 1 : 0);
  });

  it('knows nothing of a correction that is not there', async () => {
    expect(await world().decide('cor_other', approve('kid-2'))).toBeUndefined();
  });
});
