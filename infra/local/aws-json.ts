import { Agent, request } from 'node:http';

/** An error that a service answered: `name` is its code without a namespace, e.g. `ResourceInUseException`. */
export class ServiceError extends Error {
  readonly status: number;

  constructor(name: string, message: string, status: number) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

/** Calls one service that speaks AWS's JSON protocol. */
export interface JsonService {
  /**
   * Calls an operation. Rejects with a `ServiceError` where the service refuses, else with the error of the connection.
   * An abort of `signal` rejects too: the service may have done its work all the same.
   */
  call<Output>(operation: string, input: object, signal?: AbortSignal): Promise<Output>;
  close(): void;
}

const targets = {
  dynamodb: { prefix: 'DynamoDB_20120810', contentType: 'application/x-amz-json-1.0' },
  streams: { prefix: 'DynamoDBStreams_20120810', contentType: 'application/x-amz-json-1.0' },
  sqs: { prefix: 'AmazonSQS', contentType: 'application/x-amz-json-1.0' },
} as const;

/** Engines check no signature, but read the access key and region from where one would be. */
const authorization =
  'AWS4-HMAC-SHA256 Credential=local/20250101/us-east-1/local/aws4_request, SignedHeaders=host, Signature=0';

/**
 * A client for the engines, without the SDK: the runner polls all the time, and a call through the SDK costs some ten times
 * the processor time of this.
 */
export function createJsonService(endpoint: string, service: keyof typeof targets): JsonService {
  const agent = new Agent({ keepAlive: true, scheduling: 'lifo' });
  const { prefix, contentType } = targets[service];
  const url = new URL(endpoint);

  async function call<Output>(operation: string, input: object, signal?: AbortSignal): Promise<Output> {
    const body = Buffer.from(JSON.stringify(input));
    const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
      const outgoing = request(
        url,
        {
          method: 'POST',
          agent,
          headers: {
            'content-type': contentType,
            'content-length': body.length,
            'x-amz-target': `${prefix}.${operation}`,
            authorization,
            'x-amz-date': '20250101T000000Z',
          },
          ...(signal === undefined ? {} : { signal }),
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
          );
          response.on('error', reject);
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
    if (status === 200) return JSON.parse(text) as Output;
    throw toServiceError(text, status);
  }

  return { call, close: () => agent.destroy() };
}

function toServiceError(text: string, status: number): ServiceError {
  try {
    const { __type, message, Message } = JSON.parse(text) as { __type?: string; message?: string; Message?: string };
    return new ServiceError((__type ?? 'UnknownError').replace(/^.*#/, ''), message ?? Message ?? text, status);
  } catch {
    return new ServiceError('UnknownError', text.slice(0, 500), status);
  }
}
