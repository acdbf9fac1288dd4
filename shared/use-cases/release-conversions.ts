import type { ImportChunkMessage } from '../contracts/imports.ts';
import { allDone, clicksStored, conversionChunkNumbers, isOverdue } from '../domain/imports/progress.ts';
import type { Instant } from '../domain/time/calendar.ts';
import type { ImportStore } from '../ports/imports.ts';
import type { Queue } from '../ports/queues.ts';

export interface ImportProgressDependencies {
  readonly imports: ImportStore;
  readonly queue: Queue<ImportChunkMessage>;
  readonly now: () => Instant;
}

/** The messages that ask for these chunks. */
export const chunkMessages = (importId: string, chunks: readonly number[]): ImportChunkMessage[] =>
  chunks.map((chunk) => ({ kind: 'import_chunk', importId, chunk }));

/**
 * Sends the conversions of every import whose clicks, and those of all imports accepted before it, are stored. An import whose clicks
 * could not be stored for a day holds up nobody any longer. Doing it twice only sends messages twice.
 */
export async function releaseConversions({ imports, queue, now }: ImportProgressDependencies): Promise<void> {
  for (const open of await imports.open()) {
    if (open.released) continue;
    const done = await doneChunks(imports, open.importId);
    if (!clicksStored(open, done) && !isOverdue(open, now())) return;
    // Sent first: a crash in between sends again, the other way round nothing would be sent.
    await queue.sendAll(chunkMessages(open.importId, conversionChunkNumbers(open)));
    await imports.release(open.importId, now());
    if (allDone(open, done)) await imports.finish(open.importId, now());
  }
}

/** The chunks of an import that are done, with the time at which they were. */
export async function doneChunks(
  imports: Pick<ImportStore, 'chunks'>,
  importId: string,
): Promise<ReadonlyMap<number, Instant>> {
  return new Map((await imports.chunks(importId)).map(({ chunk, doneAt }) => [chunk, doneAt]));
}
