import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping, FilterCriteria, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { LedgerTable } from './ledger-table.ts';
import type { ServiceFunction, ServiceScope } from './service-function.ts';

const RETRY_ATTEMPTS = 10;
const ITERATOR_AGE_ALARM = Duration.minutes(10);

export interface StreamSource {
  readonly table: LedgerTable;
  readonly batchSize: number;
  readonly maxBatchingWindow: Duration;
  /** Hands the state of a window from call to call; the function then gets the shard id and the window with each batch. */
  readonly tumblingWindow?: Duration;
  /** The changes that wake the function, as patterns: each leaf lists what the value may be. All, where there are none. */
  readonly filters?: readonly Readonly<Record<string, unknown>>[];
}

/**
 * Feeds the changes of tables to a function: in order for each item, bisected and retried on failure. A batch that has failed
 * for good goes to `failedBatches` whole: a stream keeps its records for a day only.
 *
 * The function names the first record that failed, but not with a tumbling window, whose state is all or nothing.
 */
export function feedStreams(
  service: ServiceScope,
  target: ServiceFunction,
  failedBatches: Bucket,
  sources: readonly StreamSource[],
): void {
  target.grant(['dynamodb:ListStreams'], '*');
  target.grant(['s3:ListBucket'], failedBatches.bucketArn);
  target.grantObjects(failedBatches, ['PutObject']);
  for (const source of sources) feedStream(target, failedBatches, source);

  const age = target.function.metric('IteratorAge', { statistic: 'Maximum', period: Duration.minutes(1) });
  service.monitoring.alarm(`${target.name}-iterator-age`, {
    metric: age,
    atLeast: ITERATOR_AGE_ALARM.toMilliseconds(),
    periods: 5,
    description: `${target.name} lags behind the changes it reads; after 24 hours a stream forgets them.`,
  });
  service.monitoring.row(`Streams of ${target.name}`, { 'Age of the oldest change (ms)': [age] });
}

function feedStream(target: ServiceFunction, failedBatches: Bucket, source: StreamSource): void {
  const streamArn = source.table.tableStreamArn;
  if (streamArn === undefined) throw new Error(`the table ${source.table.node.id} has no stream`);
  target.grant(['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'], streamArn);
  const mapping = new EventSourceMapping(target, `${source.table.node.id}Stream`, {
    target: target.function,
    eventSourceArn: streamArn,
    startingPosition: StartingPosition.TRIM_HORIZON,
    batchSize: source.batchSize,
    maxBatchingWindow: source.maxBatchingWindow,
    tumblingWindow: source.tumblingWindow,
    ...(source.filters !== undefined && {
      filters: source.filters.map((pattern) => FilterCriteria.filter({ ...pattern })),
    }),
    parallelizationFactor: 1,
    bisectBatchOnError: true,
    retryAttempts: RETRY_ATTEMPTS,
    reportBatchItemFailures: source.tumblingWindow === undefined,
    onFailure: { bind: () => ({ destination: failedBatches.bucketArn }) },
    supportS3OnFailureDestination: true,
  });
  target.allowsBefore(mapping);
}
