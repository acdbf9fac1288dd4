import { type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { apiKeyToItem } from '../../shared/adapters/dynamodb/catalog-items.ts';
import { createDocumentClient, WORKER_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { makeApiKey } from '../../shared/runtime/api-key.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { tableName } from '../stage.ts';
import { readStageName } from './stage-argument.ts';

/** Makes an operator key, keeps its hash in the catalog and returns the key, which nobody can read again. */
export async function makeOperatorKey(
  catalogTableName: string,
  label: string,
  client: Pick<DynamoDBDocumentClient, 'send'> = createDocumentClient(WORKER_PATIENCE),
): Promise<string> {
  const { kid, key, secretHash } = makeApiKey();
  const item = apiKeyToItem({
    kid,
    secretHash,
    role: 'operator',
    scopes: ['postback', 'api'],
    label,
    createdAt: systemClock(),
  });
  await client.send(
    new PutCommand({ TableName: catalogTableName, Item: item, ConditionExpression: 'attribute_not_exists(pk)' }),
  );
  return key;
}

async function main(): Promise<void> {
  const { stageName } = readStageName(process.argv.slice(2));
  console.log(await makeOperatorKey(tableName(stageName, 'Catalog'), 'made by npm run operator-key'));
}

if (import.meta.main) {
  await main().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
