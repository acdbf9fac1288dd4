import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createJsonService } from './aws-json.ts';
import type { DynamoDbEngine } from './engine-dynamodb.ts';
import { foreignDynamoDb, startDynamoDb } from './engine-dynamodb.ts';
import { startSqsS3 } from './engine-sqs-s3.ts';
import type { EngineClients } from './resources.ts';
import { REGION } from './template.ts';

export interface EnginesOptions {
  /** Where both engines keep their data. */
  readonly dataDir: string;
  /** Another DynamoDB engine, instead of one of our own. */
  readonly dynamoDbEndpoint?: string | undefined;
  /** Told when an engine has died by itself. */
  readonly onExit: (reason: string) => void;
}

/** The running engines, and clients for the runner's own calls. */
export interface Engines {
  readonly dynamodb: DynamoDbEngine;
  readonly sqsEndpoint: string;
  readonly clients: EngineClients;
  /** What the SDK reads from the environment to find the engines instead of AWS. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Starts DynamoDB, SQS and S3, all on this machine only. */
export async function startEngines({ dataDir, dynamoDbEndpoint, onExit }: EnginesOptions): Promise<Engines> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const [dynamodb, sqsS3] = await Promise.all([
    dynamoDbEndpoint === undefined
      ? startDynamoDb(join(dataDir, 'dynamodb.db'), onExit)
      : foreignDynamoDb(dynamoDbEndpoint),
    startSqsS3({ dataDir: join(dataDir, 'queues'), objectsDir: join(dataDir, 'objects') }),
  ]);
  const clients = {
    dynamodb: createJsonService(dynamodb.endpoint, 'dynamodb'),
    sqs: createJsonService(sqsS3.endpoint, 'sqs'),
    s3Endpoint: sqsS3.endpoint,
  };
  return {
    dynamodb,
    sqsEndpoint: sqsS3.endpoint,
    clients,
    environment: {
      AWS_REGION: REGION,
      AWS_DEFAULT_REGION: REGION,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
      AWS_ENDPOINT_URL_SQS: sqsS3.endpoint,
      AWS_ENDPOINT_URL_S3: sqsS3.endpoint,
    },
    stop: async () => {
      clients.dynamodb.close();
      clients.sqs.close();
      await Promise.all([dynamodb.stop(), sqsS3.stop()]);
    },
  };
}
