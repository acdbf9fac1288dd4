import { createDocumentReader } from '../../shared/adapters/dynamodb/billing-documents.ts';
import { createCatalogReader } from '../../shared/adapters/dynamodb/catalog-reader.ts';
import { createDocumentClient, REQUEST_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createDocumentFiles, createDocumentViews } from '../../shared/adapters/s3/documents.ts';
import { sha256Hex } from '../../shared/runtime/crypto.ts';
import { env } from './env.ts';
import type { ProveEntriesDependencies } from './prove-entries.ts';

/** The real stores behind this function's routes. */
export function createDependencies(): ProveEntriesDependencies {
  const client = createDocumentClient(REQUEST_PATIENCE);
  const bucket = { bucketName: env.DOCUMENTS_BUCKET_NAME };
  return {
    catalog: createCatalogReader({ client, tableName: env.CATALOG_TABLE_NAME }),
    documents: createDocumentReader({ client, tableName: env.BILLING_TABLE_NAME }),
    files: createDocumentFiles(bucket),
    views: createDocumentViews(bucket),
    sha256: sha256Hex,
  };
}
