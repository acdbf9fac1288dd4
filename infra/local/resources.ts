import { createHash } from 'node:crypto';
import type { JsonService } from './aws-json.ts';
import { ServiceError } from './aws-json.ts';
import type { BucketModel, LocalModel, QueueModel, TableModel } from './model.ts';

export interface EngineClients {
  readonly dynamodb: JsonService;
  readonly sqs: JsonService;
  readonly s3Endpoint: string;
}

/**
 * Makes the tables, queues and buckets that are not there yet, and adapts queues and indexes that have changed since.
 *
 * Throws where a table is there with other keys: its items cannot be kept.
 */
export async function makeResources(model: LocalModel, clients: EngineClients): Promise<void> {
  await Promise.all([
    ...model.tables.map((table) => makeTable(table, clients.dynamodb)),
    ...model.queues.map((queue) => makeQueue(queue, clients.sqs)),
    ...model.buckets.map((bucket) => makeBucket(bucket, clients.s3Endpoint)),
  ]);
}

interface TableDescription {
  readonly KeySchema: unknown;
  readonly GlobalSecondaryIndexes?: readonly { readonly IndexName: string }[];
  readonly StreamSpecification?: { readonly StreamEnabled?: boolean };
}

async function makeTable({ name, create, timeToLiveAttribute }: TableModel, dynamodb: JsonService): Promise<void> {
  try {
    await dynamodb.call('CreateTable', create);
    if (timeToLiveAttribute !== undefined) {
      const specification = { AttributeName: timeToLiveAttribute, Enabled: true };
      await dynamodb.call('UpdateTimeToLive', { TableName: name, TimeToLiveSpecification: specification });
    }
  } catch (error) {
    if (!(error instanceof ServiceError && error.name === 'ResourceInUseException')) throw error;
    await adaptTable(name, create, dynamodb);
  }
}

async function adaptTable(name: string, create: TableModel['create'], dynamodb: JsonService): Promise<void> {
  const { Table } = await dynamodb.call<{ Table: TableDescription }>('DescribeTable', { TableName: name });
  if (JSON.stringify(Table.KeySchema) !== JSON.stringify(create['KeySchema'])) {
    throw new Error(
      `The keys of the table ${name} have changed since this data was written; \`npm run reset\` empties it.`,
    );
  }
  const existing = new Set(Table.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName));
  const wanted = (create['GlobalSecondaryIndexes'] ?? []) as { IndexName: string }[];
  for (const index of wanted.filter(({ IndexName }) => !existing.has(IndexName))) {
    await dynamodb.call('UpdateTable', {
      TableName: name,
      AttributeDefinitions: create['AttributeDefinitions'],
      GlobalSecondaryIndexUpdates: [{ Create: index }],
    });
  }
  if (create['StreamSpecification'] !== undefined && Table.StreamSpecification?.StreamEnabled !== true) {
    await dynamodb.call('UpdateTable', { TableName: name, StreamSpecification: create['StreamSpecification'] });
  }
}

async function makeQueue({ name, url, attributes }: QueueModel, sqs: JsonService): Promise<void> {
  try {
    await sqs.call('CreateQueue', { QueueName: name, Attributes: attributes });
  } catch (error) {
    if (!(error instanceof ServiceError && /QueueNameExists|QueueAlreadyExists/.test(error.name))) throw error;
    await sqs.call('SetQueueAttributes', { QueueUrl: url, Attributes: attributes });
  }
}

async function makeBucket({ name }: BucketModel, s3Endpoint: string): Promise<void> {
  const response = await fetch(`${s3Endpoint}/${name}`, { method: 'PUT' });
  const text = await response.text();
  if (!response.ok && response.status !== 409) throw new Error(`The bucket ${name} was not made: ${text}`);
}

/** Stores an object. Rejects unless the engine has taken it. */
export async function putObject(s3Endpoint: string, bucket: string, key: string, body: string): Promise<void> {
  const response = await fetch(`${s3Endpoint}/${bucket}/${key}`, {
    method: 'PUT',
    body,
    headers: { 'content-type': 'application/json', 'content-md5': createHash('md5').update(body).digest('base64') },
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`The object ${bucket}/${key} was not stored: ${text}`);
}
