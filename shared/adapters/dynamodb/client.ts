import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { StoreUnavailable } from '../../ports/errors.ts';
import { LeanDocumentClient } from './document-client.ts';
import { SigningSha256 } from './sha256.ts';

/** How long and how often a call to the store is tried. Requests have little patience and a queue behind them; workers have time. */
export interface StorePatience {
  readonly maxAttempts: number;
  readonly connectionTimeoutMs: number;
  readonly requestTimeoutMs: number;
}

export const REQUEST_PATIENCE: StorePatience = { maxAttempts: 2, connectionTimeoutMs: 500, requestTimeoutMs: 1800 };
/** A visitor waits for the touch to be stored: what takes longer is given up, and the visitor sent on. */
export const CLICK_PATIENCE: StorePatience = { maxAttempts: 2, connectionTimeoutMs: 300, requestTimeoutMs: 700 };
export const WORKER_PATIENCE: StorePatience = { maxAttempts: 6, connectionTimeoutMs: 3000, requestTimeoutMs: 10_000 };

const MAX_SOCKETS = 128;

/**
 * A client whose calls end in bounded time. Numbers beyond 2^53 come back as bigint. A retried write may meet its own first attempt:
 * every write here is conditional on a deterministic key and tells that apart by the body.
 */
export function createDocumentClient(patience: StorePatience): DynamoDBDocumentClient {
  const agent = { keepAlive: true, maxSockets: MAX_SOCKETS };
  return new LeanDocumentClient({
    maxAttempts: patience.maxAttempts,
    sha256: SigningSha256,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: patience.connectionTimeoutMs,
      requestTimeout: patience.requestTimeoutMs,
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    }),
  });
}

const UNAVAILABLE_ERRORS: ReadonlySet<string> = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
  'ThrottlingError',
  'InternalServerError',
  'InternalServerErrorException',
  'ServiceUnavailable',
  'ServiceUnavailableException',
  'TimeoutError',
  'TransactionConflictException',
  'TransactionInProgressException',
  'LimitExceededException',
  'AbortError',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** Cancellation reasons that say nothing about the data: another transaction was at it, or load. */
const TRANSIENT_CANCELLATIONS: ReadonlySet<string> = new Set([
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
]);

interface SdkError {
  readonly name?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly CancellationReasons?: readonly { readonly Code?: string; readonly Item?: Record<string, unknown> }[];
  readonly Item?: Record<string, unknown>;
}

/** Runs a call; what says nothing about the data becomes StoreUnavailable, all else is thrown as it is. */
export async function callStore<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    if (isUnavailable(error as SdkError)) throw new StoreUnavailable('the store did not answer', { cause: error });
    throw error;
  }
}

function isUnavailable(error: SdkError): boolean {
  if (error.name === 'TransactionCanceledException') {
    // Every reason that is not `None` must be transient: one failed condition is an answer.
    const codes = (error.CancellationReasons ?? [])
      .map((reason) => reason.Code ?? 'None')
      .filter((code) => code !== 'None');
    return codes.length > 0 && codes.every((code) => TRANSIENT_CANCELLATIONS.has(code));
  }
  return (
    UNAVAILABLE_ERRORS.has(error.name ?? '') ||
    UNAVAILABLE_ERRORS.has(error.code ?? '') ||
    (error.$metadata?.httpStatusCode ?? 0) >= 500
  );
}

/** Whether a single write was refused by its own condition. */
export const isConditionFailure = (error: unknown): boolean =>
  (error as SdkError).name === 'ConditionalCheckFailedException';

/** Runs a write; false where its condition refused it, as somebody else was first. */
export async function unlessRefused(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await callStore(write);
    return true;
  } catch (error) {
    if (isConditionFailure(error)) return false;
    throw error;
  }
}

/** The cancellation code of each write of a refused transaction, in order; undefined where the error is another. */
export function cancellationCodes(error: unknown): readonly string[] | undefined {
  const { name, CancellationReasons } = error as SdkError;
  return name === 'TransactionCanceledException'
    ? (CancellationReasons ?? []).map((reason) => reason.Code ?? 'None')
    : undefined;
}
