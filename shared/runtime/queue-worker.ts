import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type * as z from 'zod';

export interface QueueWork<Schema extends z.ZodType> {
  readonly schema: Schema;
  readonly work: (message: z.output<Schema>, record: SQSRecord) => Promise<unknown>;
  /** Told of each message that will come again. */
  readonly onFailure: (messageId: string, error: unknown) => void;
}

/**
 * Works off messages of a queue. One that fails comes again by itself and ends in the dead-letter queue; the others of its batch are done.
 */
export function createQueueWorker<Schema extends z.ZodType>({
  schema,
  work,
  onFailure,
}: QueueWork<Schema>): (event: SQSEvent, context: Context) => Promise<SQSBatchResponse> {
  const handle = async (record: SQSRecord): Promise<void> => {
    try {
      await work(schema.parse(JSON.parse(record.body)), record);
    } catch (error) {
      onFailure(record.messageId, error);
      throw error;
    }
  };
  // A processor remembers its batch: one for each invocation.
  return (event, context) =>
    processPartialResponse(event, handle, new BatchProcessor(EventType.SQS), {
      context,
      throwOnFullBatchFailure: false,
    });
}
