import type { DynamoDBStreamEvent } from 'aws-lambda';
import { leadChangeOf } from '../../shared/adapters/dynamodb/stream-records.ts';
import { type LeadEvent, leadEvents } from '../../shared/domain/deliveries/lead-events.ts';
import type { Lead } from '../../shared/domain/leads/lead.ts';
import type { Digest } from '../../shared/ports/crypto.ts';
import { forEachConcurrently } from '../../shared/runtime/workers.ts';
import type { Announce } from '../../shared/use-cases/announce.ts';

export interface PostJournalEntriesDependencies {
  readonly postEntries: (lead: Lead, sinceVersion?: number) => Promise<number>;
  readonly announce: Announce;
  readonly digest: Digest;
}

const CONCURRENT_LEADS = 8;

/**
 * Posts the journal entries that changes of leads call for, and then tells of the changes. One function does both, as a stream has two readers at
 * most. Deterministic keys make it safe under replay and re-split batches, so a batch that fails is simply given again whole. Throws the
 * first failure, after all others of the batch were tried; money goes before words.
 */
export function createPostJournalEntries({
  postEntries,
  announce,
  digest,
}: PostJournalEntriesDependencies): (event: DynamoDBStreamEvent) => Promise<void> {
  return async ({ Records }) => {
    const events: LeadEvent[][] = [];
    await forEachConcurrently(Records.entries(), CONCURRENT_LEADS, async ([index, record]) => {
      const { before, after } = leadChangeOf(record);
      if (after === undefined) return;
      await postEntries(after, before?.version);
      events[index] = leadEvents(before, after, digest);
    });
    await announce(events.flat());
  };
}
