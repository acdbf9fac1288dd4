import middy from '@middy/core';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { createAnnouncementStores } from '../../shared/adapters/announcement-stores.ts';
import { createDocumentClient, WORKER_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createJournalWriter } from '../../shared/adapters/dynamodb/journal.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { digest128 } from '../../shared/runtime/crypto.ts';
import { logFailure } from '../../shared/runtime/workers.ts';
import { createAnnounce } from '../../shared/use-cases/announce.ts';
import { createPostEntries } from '../../shared/use-cases/post-entries.ts';
import { env } from './env.ts';
import { createPostJournalEntries } from './post-journal-entries.ts';

const client = createDocumentClient(WORKER_PATIENCE);
const journal = createJournalWriter({
  client,
  tableName: env.JOURNAL_TABLE_NAME,
  digest: digest128,
  clock: systemClock,
});

export const handler = middy<DynamoDBStreamEvent, void>()
  .use(logFailure)
  .handler(
    createPostJournalEntries({
      postEntries: createPostEntries({ journal, timeZone: env.NETWORK_TIME_ZONE }),
      announce: createAnnounce(createAnnouncementStores(env, client)),
      digest: digest128,
    }),
  );
