import type {
  DecidedChunk,
  DecidedChunkSummary,
  DecisionRecord,
  LineResult,
  OpenDecisions,
} from '../domain/decisions/decisions.ts';
import type { Instant } from '../domain/time/calendar.ts';

/** By what an upload is known again: who sent it with which key of its own, or else what it holds; and the hash of what it holds. */
export interface Upload {
  readonly uploadId: string;
  readonly contentHash: string;
}

/** The decisions that an upload was taken for. */
export interface EarlierUpload {
  readonly decisionId: string;
  readonly contentHash: string;
}

/** What is known of decisions that were sent many at once. Every call throws StoreUnavailable; every read sees all writes before it. */
export interface DecisionStore {
  /** What an upload was taken for after `since`; undefined where it is new. */
  earlier(uploadId: string, since: Instant): Promise<EarlierUpload | undefined>;
  /** Takes decisions in: from now on they are open, and will be worked off. Unless the same upload was taken in after `since`: then that. */
  accept(record: DecisionRecord, upload: Upload, since: Instant): Promise<EarlierUpload | undefined>;
  get(decisionId: string): Promise<DecisionRecord | undefined>;
  /** What came of the chunks that are done. */
  chunks(decisionId: string): Promise<readonly DecidedChunkSummary[]>;
  /** What came of the lines of done chunks, from chunk `first` on, a chunk at a time. */
  results(
    decisionId: string,
    first: number,
  ): AsyncIterable<{ readonly chunk: number; readonly results: readonly LineResult[] }>;
  /** Says once what came of a chunk; a second time does nothing. */
  finishChunk(decisionId: string, decided: DecidedChunk): Promise<void>;
  isChunkDone(decisionId: string, chunk: number): Promise<boolean>;
  /** Those that are not done, in order of acceptance. */
  open(): Promise<readonly OpenDecisions[]>;
  openOne(decisionId: string): Promise<OpenDecisions | undefined>;
  /** Notes that messages are about to be sent again; false where somebody else has just done so. */
  claimResend(open: OpenDecisions, sentAt: Instant): Promise<boolean>;
  /** Closes them; a second time does nothing. */
  finish(decisionId: string, doneAt: Instant): Promise<void>;
}
