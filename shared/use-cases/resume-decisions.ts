import type { DecisionChunkMessage } from '../contracts/decisions.ts';
import type { OpenDecisions } from '../domain/decisions/decisions.ts';
import { chunkNumbers } from '../domain/jobs/job.ts';
import type { Instant } from '../domain/time/calendar.ts';
import type { DecisionStore } from '../ports/decisions.ts';
import type { Queue } from '../ports/queues.ts';
import { resumeJob } from './resume-job.ts';

export interface ResumeDecisions {
  /** All that are not done. Returns how many were stalled. */
  all(): Promise<number>;
  /** Returns whether they were stalled. */
  one(decisionId: string): Promise<boolean>;
}

/** The messages that ask for these chunks. */
export const decisionMessages = (decisionId: string, chunks: readonly number[]): DecisionChunkMessage[] =>
  chunks.map((chunk) => ({ kind: 'decision_chunk', decisionId, chunk }));

/**
 * Sends the messages of stalled decisions again: whatever was lost between storing and sending, or with a worker that died. What has been
 * done stays done. Throws StoreUnavailable, and where the queue fails.
 */
export function createResumeDecisions({
  decisions,
  queue,
  now,
}: {
  readonly decisions: Pick<DecisionStore, 'chunks' | 'open' | 'openOne' | 'claimResend' | 'finish'>;
  readonly queue: Queue<DecisionChunkMessage>;
  readonly now: () => Instant;
}): ResumeDecisions {
  async function resume(open: OpenDecisions): Promise<boolean> {
    const { decisionId } = open;
    const at = now();
    const done = new Map((await decisions.chunks(decisionId)).map(({ chunk, doneAt }) => [chunk, doneAt]));
    return resumeJob({
      last: open,
      done,
      due: chunkNumbers(0, open.chunks),
      isDone: done.size === open.chunks,
      now: at,
      finish: () => decisions.finish(decisionId, at),
      claimResend: () => decisions.claimResend(open, at),
      send: (chunks) => queue.sendAll(decisionMessages(decisionId, chunks)),
    });
  }

  return {
    async all() {
      let stalled = 0;
      for (const open of await decisions.open()) {
        if (await resume(open)) stalled += 1;
      }
      return stalled;
    },
    async one(decisionId) {
      const open = await decisions.openOne(decisionId);
      return open !== undefined && resume(open);
    },
  };
}
