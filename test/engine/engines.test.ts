import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DecryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { expect, it } from 'vitest';
import { useEngines } from '../support/engines.ts';

const engines = await useEngines();
const { env } = engines;

it('makes tables with the keys and indexes of the template', async () => {
  await engines.documents.send(
    new PutCommand({ TableName: env.CATALOG_TABLE_NAME, Item: { pk: 'ADV#1', sk: 'A', listKey: 'ADV', listId: '1' } }),
  );
  const found = await engines.documents.send(
    new QueryCommand({
      TableName: env.CATALOG_TABLE_NAME,
      IndexName: 'byList',
      KeyConditionExpression: 'listKey = :key',
      ExpressionAttributeValues: { ':key': 'ADV' },
    }),
  );
  expect(found.Items).toEqual([{ pk: 'ADV#1', sk: 'A', listKey: 'ADV', listId: '1' }]);
});

it('gives every set tables of its own', async () => {
  const other = await useEngines({ applyEnv: false });
  await engines.documents.send(new PutCommand({ TableName: env.LEADS_TABLE_NAME, Item: { leadId: 'lead_1' } }));
  const found = await other.documents.send(
    new GetCommand({ TableName: other.env.LEADS_TABLE_NAME, Key: { leadId: 'lead_1' } }),
  );
  expect(found.Item).toBeUndefined();
});

it('answers with the error of a failed condition', async () => {
  const put = new PutItemCommand({
    TableName: env.LEADS_TABLE_NAME,
    Item: { leadId: { S: 'lead_2' } },
    ConditionExpression: 'attribute_not_exists(leadId)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  await engines.dynamodb.send(put);
  await expect(engines.dynamodb.send(put)).rejects.toMatchObject({
    name: 'ConditionalCheckFailedException',
    Item: { leadId: { S: 'lead_2' } },
  });
});

it('lets SDK clients find queues, buckets, parameters and keys by the environment alone', async () => {
  const sqs = new SQSClient({});
  await sqs.send(new SendMessageCommand({ QueueUrl: env.POSTBACKS_QUEUE_URL, MessageBody: 'hello' }));
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: env.POSTBACKS_QUEUE_URL }));
  expect(Messages?.map(({ Body }) => Body)).toEqual(['hello']);

  const s3 = new S3Client({});
  const at = { Bucket: env.DOCUMENTS_BUCKET_NAME, Key: 'a/b.txt' };
  await s3.send(new PutObjectCommand({ ...at, Body: 'text' }));
  expect(await (await s3.send(new GetObjectCommand(at))).Body?.transformToString()).toBe('text');

  const name = `${env.SECRETS_PREFIX}contact-data-key`;
  const { Parameters } = await new SSMClient({}).send(
    new GetParametersCommand({ Names: [name], WithDecryption: true }),
  );
  const blob = Buffer.from(Parameters?.[0]?.Value ?? '', 'base64');
  const { Plaintext } = await new KMSClient({}).send(new DecryptCommand({ CiphertextBlob: blob }));
  expect(Plaintext).toHaveLength(32);
});
