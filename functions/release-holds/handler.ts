import middy from '@middy/core';
import { createDocumentClient, WORKER_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createLeadReader } from '../../shared/adapters/dynamodb/leads.ts';
import { createTransitionStores } from '../../shared/adapters/transition-stores.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { count } from '../../shared/runtime/metrics.ts';
import { logFailure } from '../../shared/runtime/workers.ts';
import { createPostEntries } from '../../shared/use-cases/post-entries.ts';
import { createTransitionLead } from '../../shared/use-cases/transition-lead.ts';
import { env } from './env.ts';
import { createReleaseHolds, type Released } from './release-holds.ts';

const client = createDocumentClient(WORKER_PATIENCE);
const stores = createTransitionStores(env, client);
const postEntries = createPostEntries({ journal: stores.journal, timeZone: env.NETWORK_TIME_ZONE });
const releaseHolds = createReleaseHolds({
  dueHolds: createLeadReader({ client, leadsTableName: env.LEADS_TABLE_NAME }),
  transitionLead: createTransitionLead({ ...stores, postEntries }),
  clock: systemClock,
  onReleased: (released) => count('HoldReleased', released),
});

export const handler = middy<unknown, Released>().use(logFailure).handler(releaseHolds);
