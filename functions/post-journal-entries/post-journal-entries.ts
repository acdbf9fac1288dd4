import type { DynamoDBStreamEvent } from 'aws-lambda';
import { leadChangeOf } from '../../shared/adapters/dynamodb/stream-records.ts';
import type { Lead } from '../../shared/domain/leads/lead.ts';
import { forEachConcurrently } from '../../shared/runtime/workers.ts';

export interface PostJournalEntriesDependencies {
  readonly postEntries: (lead: Lead, sinceVersion?: number) => Promise<number>;
}

const CONCURRENT_LEADS = 8;

/**
 * Posts the journal entries that changes of leads call for. Deterministic keys make it safe under replay and re-split batches, so a
 * batch that fails is simply given again whole. Throws the first failure, after all others of the batch were tried.
 */
export function createPostJournalEntries({
  postEntries,
}: PostJournalEntriesDependencies): (event: DynamoDBStreamEvent) => Promise<void> {
  return ({ Records }) =>
    forEachConcurrently(Records, CONCURRENT_LEADS, async (record) => {
      const { before, after } = leadChangeOf(record);
      if (after !== undefined) await postEntries(after, before?.version);
    });
}
