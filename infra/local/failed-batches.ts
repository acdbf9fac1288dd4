import { randomUUID } from 'node:crypto';
import type { BucketModel, FunctionModel, QueueModel } from './model.ts';
import type { EngineClients } from './resources.ts';
import { putObject } from './resources.ts';
import type { StreamRecord } from './stream-reader.ts';

/** A batch of changes that failed for good. */
export interface FailedBatch {
  readonly sourceId: string;
  readonly shardId: string;
  readonly streamArn: string;
  readonly records: readonly StreamRecord[];
  /** The event as the function got it last. */
  readonly event: string;
  readonly attempts: number;
}

/** Keeps what a stream source could not get through: whole in a bucket, or as a note of where it was in a queue. */
export type KeepFailedBatch = (destinationArn: string, target: FunctionModel, batch: FailedBatch) => Promise<void>;

/** https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html */
export function createKeepFailedBatch(
  clients: EngineClients,
  buckets: readonly BucketModel[],
  queues: readonly QueueModel[],
): KeepFailedBatch {
  const send = async (queueArn: string, body: object): Promise<void> => {
    const queue = queues.find(({ arn }) => arn === queueArn);
    if (queue === undefined) throw new Error(`there is no queue ${queueArn}`);
    await clients.sqs.call('SendMessage', { QueueUrl: queue.url, MessageBody: JSON.stringify(body) });
  };

  return async (destinationArn, target, batch) => {
    const now = new Date();
    const report = describe(target, batch, now);
    const bucket = buckets.find(({ arn }) => arn === destinationArn);
    if (bucket === undefined) {
      await send(destinationArn, report);
      return;
    }
    const day = now.toISOString().slice(0, 10).replaceAll('-', '/');
    const time = now.toISOString().slice(0, 19).replaceAll(':', '.');
    const key = `aws/lambda/${batch.sourceId}/${batch.shardId}/${day}/${time}-${randomUUID()}`;
    const body = JSON.stringify({ ...report, payload: batch.event });
    await putObject(clients.s3Endpoint, bucket.name, key, body);
    const notice = { Records: [objectCreated(bucket, key, Buffer.byteLength(body), now)] };
    for (const queueArn of bucket.notifiedQueueArns) await send(queueArn, notice);
  };
}

function describe(target: FunctionModel, { records, shardId, streamArn, attempts }: FailedBatch, now: Date): object {
  const first = records.at(0)?.dynamodb;
  const last = records.at(-1)?.dynamodb;
  const arrival = (seconds = 0): string => new Date(seconds * 1000).toISOString();
  return {
    requestContext: {
      requestId: randomUUID(),
      functionArn: target.arn,
      condition: 'RetryAttemptsExhausted',
      approximateInvokeCount: attempts,
    },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    version: '1.0',
    timestamp: now.toISOString(),
    DDBStreamBatchInfo: {
      shardId,
      startSequenceNumber: first?.SequenceNumber,
      endSequenceNumber: last?.SequenceNumber,
      approximateArrivalOfFirstRecord: arrival(first?.ApproximateCreationDateTime),
      approximateArrivalOfLastRecord: arrival(last?.ApproximateCreationDateTime),
      batchSize: records.length,
      streamArn,
    },
  };
}

function objectCreated(bucket: BucketModel, key: string, size: number, now: Date): object {
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    eventTime: now.toISOString(),
    eventName: 'ObjectCreated:Put',
    s3: { bucket: { name: bucket.name, arn: bucket.arn }, object: { key: encodeURIComponent(key), size } },
  };
}
