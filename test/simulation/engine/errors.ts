import {
  ConditionalCheckFailedException,
  DynamoDBServiceException,
  IdempotentParameterMismatchException,
  ResourceNotFoundException,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import type { AttributeMap } from './images.ts';

/** Why one write of a transaction did, or did not, stand in its way. */
export interface CancellationReason {
  readonly Code: string;
  readonly Message?: string;
  readonly Item?: AttributeMap;
}

const CONDITION_FAILED = 'The conditional request failed';
const refused = () => ({ $metadata: { httpStatusCode: 400, attempts: 1, totalRetryDelay: 0 } });

/** A request that the store does not take, whatever it holds. */
export const invalid = (message: string): DynamoDBServiceException =>
  new DynamoDBServiceException({ name: 'ValidationException', $fault: 'client', message, ...refused() });

/** A write that its own condition refused; `Item` is what stands there, where the writer asked for it. */
export const conditionFailed = (Item: AttributeMap | undefined): ConditionalCheckFailedException =>
  new ConditionalCheckFailedException({
    message: CONDITION_FAILED,
    ...refused(),
    ...(Item !== undefined && { Item }),
  } as ConstructorParameters<typeof ConditionalCheckFailedException>[0]);

export const noSuchTable = (): ResourceNotFoundException =>
  new ResourceNotFoundException({ message: 'Requested resource not found', ...refused() });

export const tokenMismatch = (): IdempotentParameterMismatchException =>
  new IdempotentParameterMismatchException({
    message: 'The ClientRequestToken was used before with other parameters',
    ...refused(),
  });

export const NOT_IN_THE_WAY: CancellationReason = { Code: 'None' };

export const conditionReason = (Item: AttributeMap | undefined): CancellationReason => ({
  Code: 'ConditionalCheckFailed',
  Message: CONDITION_FAILED,
  ...(Item !== undefined && { Item }),
});

export const validationReason = (Message: string): CancellationReason => ({ Code: 'ValidationError', Message });

export const transactionCanceled = (reasons: readonly CancellationReason[]): TransactionCanceledException =>
  new TransactionCanceledException({
    message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons
      .map(({ Code }) => Code)
      .join(', ')}]`,
    ...refused(),
    CancellationReasons: [...reasons],
  } as ConstructorParameters<typeof TransactionCanceledException>[0]);

export const isInvalid = (error: unknown): error is DynamoDBServiceException =>
  error instanceof DynamoDBServiceException && error.name === 'ValidationException';
