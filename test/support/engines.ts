/**
 * Real engines for tests: DynamoDB (dynoxide), SQS and S3 (fauxqs), and the runner's parameter store and KMS.
 *
 * They are started once per run, by `engines-setup.ts`, for the test files under `test/adapters`, `test/functions` and
 * `test/engine` (see `vitest.config.ts`). Each call of `useEngines` makes a set of empty tables, queues and buckets with the
 * schemas of the CDK template and names of their own, so files and cases never meet.
 *
 * ```ts
 * import { useEngines } from '../support/engines.ts';
 *
 * const engines = await useEngines();          // at the top of a test file; takes some 50 ms
 *
 * const { handler } = await import('../../functions/ingest-click/handler.ts'); // a handler reads the environment at import
 * const store = createCatalogStore({ client: engines.documents, tableName: engines.env.CATALOG_TABLE_NAME });
 * ```
 *
 * `useEngines` also puts all of `env` into `process.env` (unless `{ applyEnv: false }`), so SDK clients made after it, and
 * handlers imported after it, find the engines by themselves. Endpoint variables: `AWS_ENDPOINT_URL_DYNAMODB|SQS|S3|SSM|KMS`.
 */
import { randomBytes } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { inject } from 'vitest';
import { createJsonService } from '../../infra/local/aws-json.ts';
import type { LocalModel } from '../../infra/local/model.ts';
import { readModel, sharedEnvironment } from '../../infra/local/model.ts';
import { makeResources } from '../../infra/local/resources.ts';
import type { StackTemplate } from '../../infra/local/template.ts';
import { resolveStacks } from '../../infra/local/template.ts';

/** What `engines-setup.ts` hands over to the test files. */
export interface ProvidedEngines {
  readonly stacks: readonly StackTemplate[];
  readonly environment: Readonly<Record<string, string>>;
  readonly sqsEndpoint: string;
  readonly dynamoDbEndpoint: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    engines: ProvidedEngines;
  }
}

/** The environment of all functions together, and where the engines are. */
export interface EngineEnv {
  readonly AWS_REGION: string;
  readonly AWS_ACCESS_KEY_ID: string;
  readonly AWS_SECRET_ACCESS_KEY: string;
  readonly AWS_ENDPOINT_URL_DYNAMODB: string;
  readonly AWS_ENDPOINT_URL_SQS: string;
  readonly AWS_ENDPOINT_URL_S3: string;
  readonly AWS_ENDPOINT_URL_SSM: string;
  readonly AWS_ENDPOINT_URL_KMS: string;
  readonly CATALOG_TABLE_NAME: string;
  readonly TOUCHES_TABLE_NAME: string;
  readonly LEADS_TABLE_NAME: string;
  readonly CONTACTS_TABLE_NAME: string;
  readonly JOURNAL_TABLE_NAME: string;
  readonly RECEIPTS_TABLE_NAME: string;
  readonly COUNTERS_TABLE_NAME: string;
  readonly ROLLUPS_TABLE_NAME: string;
  readonly TALLIES_TABLE_NAME: string;
  readonly BILLING_TABLE_NAME: string;
  readonly BOOKINGS_TABLE_NAME: string;
  readonly PAYOUTS_TABLE_NAME: string;
  readonly IMPORTS_TABLE_NAME: string;
  readonly CONNECTIONS_TABLE_NAME: string;
  readonly MESSAGES_TABLE_NAME: string;
  readonly DELIVERIES_TABLE_NAME: string;
  readonly IMPORTS_BUCKET_NAME: string;
  readonly DOCUMENTS_BUCKET_NAME: string;
  readonly POSTBACKS_QUEUE_URL: string;
  readonly POSTBACKS_DEAD_LETTERS_URL: string;
  readonly CLOSE_QUEUE_URL: string;
  readonly DECISIONS_QUEUE_URL: string;
  readonly SECRETS_PREFIX: string;
  readonly NETWORK_TIME_ZONE: string;
  readonly POWERTOOLS_SERVICE_NAME: string;
  readonly POWERTOOLS_METRICS_NAMESPACE: string;
}

export interface TestEngines {
  readonly env: EngineEnv;
  /** A document client for the set's tables; it marshals as the functions' clients do: undefined values are left out. */
  readonly documents: DynamoDBDocumentClient;
  readonly dynamodb: DynamoDBClient;
  readonly model: LocalModel;
}

export interface UseEnginesOptions {
  /** Put `env` into `process.env`. Default: true. */
  readonly applyEnv?: boolean;
}

/** Makes a set of empty tables, queues and buckets and says how to reach it. See the top of this file. */
export async function useEngines({ applyEnv = true }: UseEnginesOptions = {}): Promise<TestEngines> {
  const provided = inject('engines');
  if (provided === undefined) {
    throw new Error('This test file runs without engines: vitest.config.ts says which folders have them.');
  }
  const model = readModel(
    resolveStacks(provided.stacks, {
      namePrefix: `t${randomBytes(4).toString('hex')}-`,
      sqsEndpoint: provided.sqsEndpoint,
    }),
  );
  const clients = {
    dynamodb: createJsonService(provided.dynamoDbEndpoint, 'dynamodb'),
    sqs: createJsonService(provided.sqsEndpoint, 'sqs'),
    s3Endpoint: provided.sqsEndpoint,
  };
  await makeResources(model, clients);
  clients.dynamodb.close();
  clients.sqs.close();

  const env = {
    ...sharedEnvironment(model),
    ...provided.environment,
    POWERTOOLS_SERVICE_NAME: 'test',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
  } as unknown as EngineEnv;
  if (applyEnv) Object.assign(process.env, env);
  const dynamodb = new DynamoDBClient({
    endpoint: env.AWS_ENDPOINT_URL_DYNAMODB,
    region: env.AWS_REGION,
    credentials: { accessKeyId: env.AWS_ACCESS_KEY_ID, secretAccessKey: env.AWS_SECRET_ACCESS_KEY },
  });
  const documents = DynamoDBDocumentClient.from(dynamodb, { marshallOptions: { removeUndefinedValues: true } });
  return { env, documents, dynamodb, model };
}
