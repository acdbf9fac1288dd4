import { allDone, clickChunkNumbers, conversionChunkNumbers, type OpenImport } from '../domain/imports/progress.ts';
import {
  chunkMessages,
  doneChunks,
  type ImportProgressDependencies,
  releaseConversions,
} from './release-conversions.ts';
import { resumeJob } from './resume-job.ts';

export interface ResumeImports {
  /** All imports that are not done. Returns how many were stalled. */
  all(): Promise<number>;
  /**
   * One import, and the one accepted before it that holds up its conversions: whoever sent that one may never have heard that it was
   * taken in, and asks for it no more. Returns whether the one asked for was stalled.
   */
  one(importId: string): Promise<boolean>;
}

/**
 * Sends the messages of stalled imports again: whatever was lost between storing and sending, or with a worker that died. What has
 * been done stays done; messages that were not lost after all meet its markers. Throws StoreUnavailable, and where the queue fails.
 */
export function createResumeImports(dependencies: ImportProgressDependencies): ResumeImports {
  const { imports } = dependencies;

  async function resume(open: OpenImport): Promise<boolean> {
    const now = dependencies.now();
    const done = await doneChunks(imports, open.importId);
    return resumeJob({
      last: open,
      done,
      due: [...clickChunkNumbers(open), ...(open.released ? conversionChunkNumbers(open) : [])],
      isDone: allDone(open, done),
      now,
      finish: () => imports.finish(open.importId, now),
      claimResend: () => imports.claimResend(open, now),
      send: (chunks) => dependencies.queue.sendAll(chunkMessages(open.importId, chunks)),
    });
  }

  return {
    async all() {
      let stalled = 0;
      for (const open of await imports.open()) {
        if (await resume(open)) stalled += 1;
      }
      await releaseConversions(dependencies);
      return stalled;
    },
    async one(importId) {
      const open = await imports.openOne(importId);
      if (open === undefined) return false;
      const first = open.released ? undefined : (await imports.open()).find(({ released }) => !released);
      const waitsForAnother = first !== undefined && first.importId !== importId;
      const isStalled = await resume(open);
      const holdsUp = waitsForAnother && (await resume(first));
      if (isStalled || holdsUp) await releaseConversions(dependencies);
      return isStalled;
    },
  };
}
