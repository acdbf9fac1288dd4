import { chunkNumbers, type Sendings } from '../jobs/job.ts';
import { type Instant, millisecondsOf } from '../time/calendar.ts';
import type { FailedLine } from './rows.ts';

export type VerdictCount = 'confirmed' | 'pending' | 'rejected' | 'duplicate';
export type VerdictCounts = Readonly<Record<VerdictCount, number>>;

/** An import as it was accepted. Chunks are numbered from 0, those of clicks first. */
export interface ImportRecord {
  readonly importId: string;
  readonly kid: string;
  readonly acceptedAt: Instant;
  /** Lines of data in the file, good and bad. */
  readonly rows: number;
  /** Lines that were refused when the file was read. */
  readonly refusedRows: number;
  readonly clickChunks: number;
  readonly conversionChunks: number;
  readonly doneAt?: Instant | undefined;
}

/** An import that is not done yet. */
export interface OpenImport extends Sendings {
  readonly importId: string;
  readonly acceptedAt: Instant;
  readonly clickChunks: number;
  readonly conversionChunks: number;
  /** Whether its conversions may be decided: its clicks and those of all imports before it are stored, or were given up. */
  readonly released: boolean;
}

/** What came of one chunk, said once. */
export interface ChunkResult {
  readonly chunk: number;
  readonly doneAt: Instant;
  readonly clicks: number;
  readonly verdicts: VerdictCounts;
  readonly failed: readonly FailedLine[];
}

export type ChunkSummary = Omit<ChunkResult, 'failed'> & { readonly failedRows: number };

export const NO_VERDICTS: VerdictCounts = { confirmed: 0, pending: 0, rejected: 0, duplicate: 0 };

/** The sum of what is known of an import's chunks. */
export function sumChunks(chunks: readonly ChunkSummary[]): {
  readonly clicks: number;
  readonly verdicts: VerdictCounts;
  readonly failedRows: number;
} {
  const verdicts = { ...NO_VERDICTS };
  let clicks = 0;
  let failedRows = 0;
  for (const chunk of chunks) {
    clicks += chunk.clicks;
    failedRows += chunk.failedRows;
    for (const verdict of Object.keys(verdicts) as VerdictCount[]) verdicts[verdict] += chunk.verdicts[verdict];
  }
  return { clicks, verdicts, failedRows };
}

type Chunked = Pick<OpenImport, 'clickChunks' | 'conversionChunks'>;

/** The numbers of the chunks that hold clicks. */
export const clickChunkNumbers = ({ clickChunks }: Chunked): number[] => chunkNumbers(0, clickChunks);
/** The numbers of the chunks that hold conversions. */
export const conversionChunkNumbers = ({ clickChunks, conversionChunks }: Chunked): number[] =>
  chunkNumbers(clickChunks, conversionChunks);

type DoneChunks = Pick<ReadonlySet<number>, 'has'>;

/** Whether all clicks of an import are stored. */
export const clicksStored = (record: Chunked, done: DoneChunks): boolean =>
  clickChunkNumbers(record).every((chunk) => done.has(chunk));

/** Whether every chunk of an import is done. */
export const allDone = (record: Chunked, done: DoneChunks): boolean =>
  clicksStored(record, done) && conversionChunkNumbers(record).every((chunk) => done.has(chunk));

/** How long conversions wait for clicks that cannot be stored, before they are decided without them. */
export const CLICKS_AWAITED_MS = 24 * 3_600_000;

/** Whether an import has had more time for its clicks than others wait for. */
export const isOverdue = (open: Pick<OpenImport, 'acceptedAt'>, now: Instant): boolean =>
  millisecondsOf(now) - millisecondsOf(open.acceptedAt) > CLICKS_AWAITED_MS;

/** Whether clicks may still be missing that were accepted with or before an import: its conversions must look before they are decided. */
export function mayLackClicks(open: readonly OpenImport[], importId: string, now: Instant): boolean {
  return open.some((other) => other.importId <= importId && (!other.released || isOverdue(other, now)));
}
