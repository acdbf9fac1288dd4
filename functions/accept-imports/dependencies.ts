import { createCatalogReader } from '../../shared/adapters/dynamodb/catalog-reader.ts';
import { createDocumentClient, WORKER_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createImportStore } from '../../shared/adapters/dynamodb/imports.ts';
import { createChunkFiles } from '../../shared/adapters/s3/chunk-files.ts';
import { createQueue, createSqsClient } from '../../shared/adapters/sqs/queue.ts';
import { type ImportChunkMessage, importChunk } from '../../shared/contracts/imports.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { makeId } from '../../shared/runtime/ids.ts';
import { logger } from '../../shared/runtime/logger.ts';
import { createResumeImports } from '../../shared/use-cases/resume-imports.ts';
import type { AcceptImportDependencies } from './accept-import.ts';
import { env } from './env.ts';
import type { ShowImportDependencies } from './show-import.ts';

/** The real stores behind imports. */
export function createDependencies(): AcceptImportDependencies & ShowImportDependencies {
  const client = createDocumentClient(WORKER_PATIENCE);
  const imports = createImportStore({ client, tableName: env.IMPORTS_TABLE_NAME });
  const queue = createQueue<ImportChunkMessage>({ client: createSqsClient(), queueUrl: env.POSTBACKS_QUEUE_URL });
  return {
    catalog: createCatalogReader({ client, tableName: env.CATALOG_TABLE_NAME }),
    imports,
    files: createChunkFiles({ bucketName: env.IMPORTS_BUCKET_NAME, schema: importChunk }),
    queue,
    resumeImports: createResumeImports({ imports, queue, now: systemClock }),
    clock: systemClock,
    makeId,
    onUnsent: (importId, error) => logger.warn('import waits to be resumed', { importId, error: error as Error }),
  };
}
