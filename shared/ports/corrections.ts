import type { Correction } from '../domain/corrections/correction.ts';
import type { Instant } from '../domain/time/calendar.ts';

/** Every call throws StoreUnavailable where the store does not answer. Reads see every write before them. */
export interface CorrectionStore {
  /** Stores a correction; where one with its external id is there already, that one is left as it is, and returned. */
  create(correction: Correction): Promise<Correction>;
  get(correctionId: string): Promise<Correction | undefined>;
  /**
   * Writes what was decided on a proposed correction; one that is approved is `unposted` from then on. Throws VersionConflict where
   * somebody else decided first.
   */
  decide(decided: Correction): Promise<void>;
  /** Notes that the entry of an approved correction is posted. */
  posted(approved: Correction): Promise<void>;
  /** Ids of corrections approved since an instant of whose entries nobody has noted that they are posted, oldest first. */
  unposted(since: Instant): AsyncIterable<string>;
  /** One page, newest first; of one status alone where it is given, and then maybe few though more follow. */
  list(
    status: Correction['status'] | undefined,
    limit: number,
    after?: string,
  ): Promise<{ readonly items: readonly Correction[]; readonly position?: string | undefined }>;
}
