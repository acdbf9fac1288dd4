import middy from '@middy/core';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { createAnnouncementStores } from '../../shared/adapters/announcement-stores.ts';
import { createDocumentClient, WORKER_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { digest128 } from '../../shared/runtime/crypto.ts';
import { logFailure } from '../../shared/runtime/workers.ts';
import { createAnnounce } from '../../shared/use-cases/announce.ts';
import { createAnnounceEvents } from './announce-events.ts';
import { env } from './env.ts';

const stores = createAnnouncementStores(env, createDocumentClient(WORKER_PATIENCE));

export const handler = middy<DynamoDBStreamEvent, void>()
  .use(logFailure)
  .handler(createAnnounceEvents({ announce: createAnnounce(stores), digest: digest128 }));
