import { type Correction, entryOfCorrection } from '../domain/corrections/correction.ts';
import type { CorrectionResult } from '../domain/corrections/transitions/transition.ts';
import type { Instant } from '../domain/time/calendar.ts';
import type { CorrectionStore } from '../ports/corrections.ts';
import { VersionConflict } from '../ports/errors.ts';
import type { JournalWriter } from '../ports/journal.ts';

const MAX_ATTEMPTS = 4;

export interface DecideCorrectionDependencies {
  readonly corrections: Pick<CorrectionStore, 'get' | 'decide' | 'posted'>;
  readonly journal: JournalWriter;
  readonly timeZone: string;
}

/**
 * Moves a correction by a pure transition, and decides again where somebody else was first. One that is approved then has its entry: what
 * a crash in between leaves out is posted when the same is asked again, or by the next reconcile. Returns undefined where there is no
 * such correction. Throws JournalConflict, StoreUnavailable, VersionConflict.
 */
export function createDecideCorrection({
  corrections,
  journal,
  timeZone,
}: DecideCorrectionDependencies): (
  correctionId: string,
  transition: (correction: Correction) => CorrectionResult,
) => Promise<CorrectionResult | undefined> {
  return async (correctionId, transition) => {
    for (let attempt = 1; ; attempt += 1) {
      const current = await corrections.get(correctionId);
      if (current === undefined) return undefined;
      const result = transition(current);
      if (!result.ok) return result;
      try {
        if (result.changed) await corrections.decide(result.correction);
      } catch (error) {
        if (!(error instanceof VersionConflict) || attempt === MAX_ATTEMPTS) throw error;
        continue;
      }
      if (result.correction.status === 'approved') {
        await journal.post(entryOfCorrection(result.correction, timeZone));
        await corrections.posted(result.correction);
      }
      return result;
    }
  };
}

/**
 * Posts the entries of corrections that were approved since an instant and, for a crash, may not be posted. Returns how many there were.
 * Throws JournalConflict, StoreUnavailable.
 */
export function createPostCorrections({
  corrections,
  journal,
  timeZone,
}: Omit<DecideCorrectionDependencies, 'corrections'> & {
  readonly corrections: Pick<CorrectionStore, 'get' | 'posted' | 'unposted'>;
}): (since: Instant) => Promise<number> {
  return async (since) => {
    let found = 0;
    for await (const correctionId of corrections.unposted(since)) {
      const correction = await corrections.get(correctionId);
      if (correction === undefined) throw new Error(`${correctionId} is approved and not there`);
      await journal.post(entryOfCorrection(correction, timeZone));
      await corrections.posted(correction);
      found += 1;
    }
    return found;
  };
}
