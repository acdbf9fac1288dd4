import middy from '@middy/core';
import { createDocumentClient, WORKER_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createLeadReader, createLeadStore } from '../../shared/adapters/dynamodb/leads.ts';
import { createLeadSecrets } from '../../shared/adapters/ssm/secrets.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { count } from '../../shared/runtime/metrics.ts';
import { logFailure } from '../../shared/runtime/workers.ts';
import { createTransitionLead } from '../../shared/use-cases/transition-lead.ts';
import { env } from './env.ts';
import { createReleaseHolds } from './release-holds.ts';

const client = createDocumentClient(WORKER_PATIENCE);
const table = { client, leadsTableName: env.LEADS_TABLE_NAME };
const leads = createLeadStore({ ...table, timeZone: env.NETWORK_TIME_ZONE });
const releaseHolds = createReleaseHolds({
  dueHolds: createLeadReader(table),
  transitionLead: createTransitionLead({ leads, leadSecrets: createLeadSecrets({ prefix: env.SECRETS_PREFIX }) }),
  clock: systemClock,
  onReleased: (released) => count('HoldReleased', released),
});

export const handler = middy<unknown, { released: number }>().use(logFailure).handler(releaseHolds);
