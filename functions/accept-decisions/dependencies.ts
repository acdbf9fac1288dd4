import { createCatalogReader } from '../../shared/adapters/dynamodb/catalog-reader.ts';
import { createDocumentClient, REQUEST_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createDecisionStore } from '../../shared/adapters/dynamodb/decisions.ts';
import { createChunkFiles } from '../../shared/adapters/s3/chunk-files.ts';
import { createQueue, createSqsClient } from '../../shared/adapters/sqs/queue.ts';
import { type DecisionChunkMessage, decisionChunk } from '../../shared/contracts/decisions.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { digest128 } from '../../shared/runtime/crypto.ts';
import { makeId } from '../../shared/runtime/ids.ts';
import { logger } from '../../shared/runtime/logger.ts';
import { createResumeDecisions } from '../../shared/use-cases/resume-decisions.ts';
import type { AcceptDecisionsDependencies } from './accept-decisions.ts';
import { env } from './env.ts';
import type { ShowDecisionsDependencies } from './show-decisions.ts';

/** The real stores behind decisions that are sent many at once. */
export function createDependencies() {
  const client = createDocumentClient(REQUEST_PATIENCE);
  const decisions = createDecisionStore({ client, tableName: env.IMPORTS_TABLE_NAME });
  const queue = createQueue<DecisionChunkMessage>({ client: createSqsClient(), queueUrl: env.DECISIONS_QUEUE_URL });
  return {
    catalog: createCatalogReader({ client, tableName: env.CATALOG_TABLE_NAME }),
    decisions,
    files: createChunkFiles({ bucketName: env.IMPORTS_BUCKET_NAME, schema: decisionChunk }),
    queue,
    resumeDecisions: createResumeDecisions({ decisions, queue, now: systemClock }),
    clock: systemClock,
    makeId,
    digest: digest128,
    onUnsent: (decisionId: string, error: unknown) =>
      logger.warn('decisions wait to be resumed', { decisionId, error: error as Error }),
  } satisfies AcceptDecisionsDependencies & ShowDecisionsDependencies;
}
