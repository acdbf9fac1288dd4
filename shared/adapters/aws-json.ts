import { AwsClient } from 'aws4fetch';
import { StoreUnavailable } from '../ports/errors.ts';

const TIMEOUT_MS = 2000;
const RETRIES = 2;

/** Calls one operation of an AWS service that speaks JSON, such as `AmazonSSM.GetParameters`; returns the parsed answer. */
export type CallAws = (target: string, body: unknown) => Promise<unknown>;

/**
 * A caller for a service of which a function needs one operation at start: the service's own SDK client would be a sixth of the bundle.
 * Credentials and region are those that Lambda puts in the environment. Throws StoreUnavailable where the service does not answer, or
 * refuses.
 */
export function createAwsCaller(service: 'ssm' | 'kms'): CallAws {
  const { env } = process;
  const region = env['AWS_REGION'] ?? '';
  const endpoint = env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] ?? `https://${service}.${region}.amazonaws.com`;
  const client = new AwsClient({
    accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
    secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
    ...(env['AWS_SESSION_TOKEN'] !== undefined && { sessionToken: env['AWS_SESSION_TOKEN'] }),
    service,
    region,
    retries: RETRIES,
  });
  return async (target, body) => {
    const response = await client
      .fetch(endpoint, {
        method: 'POST',
        headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      .catch((error: unknown) => {
        throw new StoreUnavailable(`${target} was not answered`, { cause: error });
      });
    if (!response.ok)
      throw new StoreUnavailable(`${target} was refused with ${response.status}: ${await response.text()}`);
    return response.json();
  };
}
