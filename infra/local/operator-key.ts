import type { Engines } from './emulators.ts';
import type { Secrets } from './secrets.ts';

/** The operator key of a data directory: made at its first start, the same ever after. */
export async function ensureOperatorKey(secrets: Secrets, engines: Engines, catalogTableName: string): Promise<string> {
  const known = secrets.operatorKey();
  if (known !== undefined) return known;
  // Loads the SDK, which takes longer than all else here: only the first start pays for that.
  const [{ DynamoDBClient }, { DynamoDBDocumentClient }, { makeOperatorKey }] = await Promise.all([
    import('@aws-sdk/client-dynamodb'),
    import('@aws-sdk/lib-dynamodb'),
    import('../tools/operator-key.ts'),
  ]);
  const dynamodb = new DynamoDBClient({
    endpoint: engines.dynamodb.endpoint,
    region: engines.environment['AWS_REGION'] ?? '',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const client = DynamoDBDocumentClient.from(dynamodb, { marshallOptions: { removeUndefinedValues: true } });
  const key = await makeOperatorKey(catalogTableName, 'made by npm start', client);
  dynamodb.destroy();
  secrets.setOperatorKey(key);
  return key;
}
