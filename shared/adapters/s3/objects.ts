import { AwsClient } from 'aws4fetch';
import { StoreUnavailable } from '../../ports/errors.ts';

const TIMEOUT_MS = 10_000;
const RETRIES = 3;

/** Whole objects of one bucket. */
export interface ObjectStore {
  put(key: string, body: string, mediaType: string): Promise<void>;
  /** Throws where the object is not there. */
  get(key: string): Promise<string>;
}

/**
 * Puts and gets whole objects without the SDK's S3 client, which would be a third of the bundle. Credentials and region are those that
 * Lambda puts in the environment. `key` takes letters, digits and `_-./` only. Throws StoreUnavailable where S3 does not answer.
 */
export function createObjectStore(bucketName: string, env: NodeJS.ProcessEnv = process.env): ObjectStore {
  const region = env['AWS_REGION'] ?? '';
  const endpoint = env['AWS_ENDPOINT_URL_S3'];
  const bucketUrl =
    endpoint === undefined ? `https://${bucketName}.s3.${region}.amazonaws.com` : `${endpoint}/${bucketName}`;
  const client = new AwsClient({
    accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
    secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
    ...(env['AWS_SESSION_TOKEN'] !== undefined && { sessionToken: env['AWS_SESSION_TOKEN'] }),
    service: 's3',
    region,
    retries: RETRIES,
  });

  async function call(key: string, init: RequestInit): Promise<string> {
    const request = { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) };
    try {
      const response = await client.fetch(`${bucketUrl}/${key}`, request);
      const text = await response.text();
      if (response.ok) return text;
      const problem = `${init.method} ${key} was answered ${response.status}`;
      if (response.status < 500 && response.status !== 429) throw new RefusedByStore(problem);
      throw new StoreUnavailable(problem);
    } catch (error) {
      if (error instanceof RefusedByStore || error instanceof StoreUnavailable) throw error;
      throw new StoreUnavailable(`${init.method} ${key} was not answered`, { cause: error });
    }
  }

  return {
    async put(key, body, mediaType) {
      await call(key, { method: 'PUT', body, headers: { 'content-type': mediaType } });
    },
    get: (key) => call(key, { method: 'GET' }),
  };
}

/** The store answered, and will not do it: no bucket, no object, no right. */
class RefusedByStore extends Error {
  override readonly name = 'RefusedByStore';
}
