import { createDocumentClient, WORKER_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createConfirmedLeads } from '../../shared/adapters/dynamodb/confirmed-leads.ts';
import { createCounterReader } from '../../shared/adapters/dynamodb/counters.ts';
import { createDecisionStore } from '../../shared/adapters/dynamodb/decisions.ts';
import { createRollupReader } from '../../shared/adapters/dynamodb/rollups.ts';
import { createChunkFiles } from '../../shared/adapters/s3/chunk-files.ts';
import { createTransitionStores } from '../../shared/adapters/transition-stores.ts';
import { decisionChunk } from '../../shared/contracts/decisions.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { problemOfLine } from '../../shared/runtime/transition-problems.ts';
import { createFindLead } from '../../shared/use-cases/find-lead.ts';
import { createPostEntries } from '../../shared/use-cases/post-entries.ts';
import type { ProcessDecisionChunkDependencies } from '../../shared/use-cases/process-decision-chunk.ts';
import { createTakeReturn } from '../../shared/use-cases/take-return.ts';
import { createTransitionLead } from '../../shared/use-cases/transition-lead.ts';
import { env } from './env.ts';

/** A share that is used up stays so for as long as a few chunks take. */
const SHARE_FRESH_MS = 5000;

/** The real stores behind the queue of decisions. */
export function createDependencies(): ProcessDecisionChunkDependencies {
  const client = createDocumentClient(WORKER_PATIENCE);
  const timeZone = env.NETWORK_TIME_ZONE;
  const stores = createTransitionStores(env, client);
  const confirmedLeads = createConfirmedLeads({
    client,
    leadsTableName: env.LEADS_TABLE_NAME,
    rollups: createRollupReader({ client, tableName: env.ROLLUPS_TABLE_NAME }),
    clock: systemClock,
    freshMs: SHARE_FRESH_MS,
  });
  return {
    decisions: createDecisionStore({ client, tableName: env.IMPORTS_TABLE_NAME }),
    files: createChunkFiles({ bucketName: env.IMPORTS_BUCKET_NAME, schema: decisionChunk }),
    findLead: createFindLead(stores),
    transitionLead: createTransitionLead({
      ...stores,
      takeReturn: createTakeReturn({
        counters: createCounterReader({ client, tableName: env.COUNTERS_TABLE_NAME }),
        confirmedLeads,
        timeZone,
      }),
      postEntries: createPostEntries({ journal: stores.journal, timeZone }),
    }),
    problemOf: (fault) => problemOfLine(fault).toJSON(),
    now: systemClock,
  };
}
