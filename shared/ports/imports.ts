import type { ChunkResult, ChunkSummary, ImportRecord, OpenImport } from '../domain/imports/progress.ts';
import type { FailedLine } from '../domain/imports/rows.ts';
import type { Instant } from '../domain/time/calendar.ts';

/** What is known of imports. Every call throws StoreUnavailable; every read sees all writes before it. */
export interface ImportStore {
  /** Takes an import in, with the lines that were refused: from now on it is open, and will be worked off. */
  accept(record: ImportRecord, refused: readonly FailedLine[]): Promise<void>;
  get(importId: string): Promise<ImportRecord | undefined>;
  /** What came of the chunks that are done. */
  chunks(importId: string): Promise<readonly ChunkSummary[]>;
  /** Lines that were not taken, in the order of the file as far as chunks keep it; at most about `limit`. */
  failedLines(importId: string, limit: number): Promise<readonly FailedLine[]>;
  /** Says once what came of a chunk; a second time does nothing. */
  finishChunk(importId: string, result: ChunkResult): Promise<void>;
  isChunkDone(importId: string, chunk: number): Promise<boolean>;
  /** The imports that are not done, in order of acceptance. */
  open(): Promise<readonly OpenImport[]>;
  openOne(importId: string): Promise<OpenImport | undefined>;
  /** Notes that the conversions of an import may be decided and were sent. */
  release(importId: string, sentAt: Instant): Promise<void>;
  /** Notes that messages are about to be sent again; false where somebody else has just done so. */
  claimResend(open: OpenImport, sentAt: Instant): Promise<boolean>;
  /** Closes an import; a second time does nothing. */
  finish(importId: string, doneAt: Instant): Promise<void>;
}
