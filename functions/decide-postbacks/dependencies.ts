import { createConversionStores } from '../../shared/adapters/conversion-stores.ts';
import { createDocumentClient, WORKER_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createImportStore } from '../../shared/adapters/dynamodb/imports.ts';
import { createTouchWriter } from '../../shared/adapters/dynamodb/touches.ts';
import { createChunkFiles } from '../../shared/adapters/s3/chunk-files.ts';
import { createQueue, createSqsClient } from '../../shared/adapters/sqs/queue.ts';
import { type ImportChunkMessage, importChunk } from '../../shared/contracts/imports.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { digest128 } from '../../shared/runtime/crypto.ts';
import { logger } from '../../shared/runtime/logger.ts';
import { createProcessImportChunk } from '../../shared/use-cases/process-import-chunk.ts';
import { createRecordConversion } from '../../shared/use-cases/record-conversion.ts';
import type { DecidePostbacksDependencies } from './decide-postbacks.ts';
import { env } from './env.ts';

/** The real stores behind the queue of postbacks. */
export function createDependencies(): DecidePostbacksDependencies {
  const client = createDocumentClient(WORKER_PATIENCE);
  const stores = createConversionStores(env, client);
  const recordConversion = createRecordConversion(stores);
  return {
    recordConversion,
    receipts: stores.receipts,
    maxReceiveCount: env.POSTBACKS_MAX_RECEIVE_COUNT,
    processImportChunk: createProcessImportChunk({
      imports: createImportStore({ client, tableName: env.IMPORTS_TABLE_NAME }),
      files: createChunkFiles({ bucketName: env.IMPORTS_BUCKET_NAME, schema: importChunk }),
      queue: createQueue<ImportChunkMessage>({ client: createSqsClient(), queueUrl: env.POSTBACKS_QUEUE_URL }),
      catalog: stores.catalog,
      touches: { ...stores.touches, ...createTouchWriter({ client, tableName: env.TOUCHES_TABLE_NAME }) },
      recordConversion,
      digest: digest128,
      now: systemClock,
    }),
    onFailure: (messageId, error) => logger.warn('message failed', { messageId, error: error as Error }),
  };
}
