import { createHash } from 'node:crypto';
import { AwsClient } from 'aws4fetch';
import { StoreUnavailable } from '../../ports/errors.ts';

const TIMEOUT_MS = 10_000;
const RETRIES = 3;

export interface BucketAnswer {
  readonly text: string;
  readonly headers: Headers;
}

/** Calls S3 about one bucket. */
export interface Bucket {
  /** `target` is a key, with a query where there is one. Throws RefusedByStore, StoreUnavailable. */
  call(target: string, init: RequestInit): Promise<BucketAnswer>;
  /** A link that opens an object without credentials, for so many seconds, or until those that signed it end. */
  link(key: string, seconds: number): Promise<string>;
}

/** Whole objects of one bucket. */
export interface ObjectStore {
  put(key: string, body: string, mediaType: string): Promise<void>;
  /** Puts what is kept for ever: an object that is there stays as it is. */
  putOnce(key: string, body: string, mediaType: string): Promise<void>;
  /** Throws where the object is not there. */
  get(key: string): Promise<string>;
}

/**
 * Calls S3 without the SDK's client, which would be a third of the bundle. Credentials and region are those that Lambda puts in the
 * environment. Keys take letters, digits and `_-./` only.
 */
export function createBucket(bucketName: string, env: NodeJS.ProcessEnv = process.env): Bucket {
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
  return {
    async call(target, init) {
      const request = { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) };
      try {
        const response = await client.fetch(`${bucketUrl}/${target}`, request);
        const text = await response.text();
        if (response.ok) return { text, headers: response.headers };
        const problem = `${init.method} ${target} was answered ${response.status}`;
        if (response.status < 500 && response.status !== 429) throw new RefusedByStore(problem, response.status);
        throw new StoreUnavailable(problem);
      } catch (error) {
        if (error instanceof RefusedByStore || error instanceof StoreUnavailable) throw error;
        throw new StoreUnavailable(`${init.method} ${target} was not answered`, { cause: error });
      }
    },
    async link(key, seconds) {
      const signed = await client.sign(`${bucketUrl}/${key}?X-Amz-Expires=${seconds}`, {
        method: 'GET',
        aws: { signQuery: true },
      });
      return signed.url;
    },
  };
}

/** Puts and gets whole objects. Throws RefusedByStore, StoreUnavailable. */
export function createObjectStore(bucketName: string, env: NodeJS.ProcessEnv = process.env): ObjectStore {
  const { call } = createBucket(bucketName, env);
  const put = async (key: string, body: string, headers: Record<string, string>): Promise<void> => {
    await call(key, { method: 'PUT', body, headers: { ...headers, ...digestHeader(body) } });
  };
  return {
    put: (key, body, mediaType) => put(key, body, { 'content-type': mediaType }),
    async putOnce(key, body, mediaType) {
      try {
        await put(key, body, { 'content-type': mediaType, 'if-none-match': '*' });
      } catch (error) {
        if (!isThereAlready(error)) throw error;
      }
    },
    get: async (key) => (await call(key, { method: 'GET' })).text,
  };
}

/** A bucket under object lock takes no object without its digest. */
export const digestHeader = (body: string | Uint8Array): Record<string, string> => ({
  'content-md5': createHash('md5').update(body).digest('base64'),
});

/** Whether a write was refused because it was only to be done where nothing is there. */
export const isThereAlready = (error: unknown): boolean => error instanceof RefusedByStore && error.status === 412;

/** The store answered, and will not do it: no bucket, no object, no right. */
export class RefusedByStore extends Error {
  override readonly name = 'RefusedByStore';
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}
