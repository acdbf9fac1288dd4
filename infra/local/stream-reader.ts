import { createHash } from 'node:crypto';
import type { JsonService } from './aws-json.ts';
import { ServiceError } from './aws-json.ts';
import { REGION } from './template.ts';

/** One change of an item, as functions get it. */
export interface StreamRecord {
  readonly eventID: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly eventVersion: string;
  readonly eventSource: string;
  readonly awsRegion: string;
  readonly eventSourceARN: string;
  readonly dynamodb: {
    readonly ApproximateCreationDateTime: number;
    readonly SequenceNumber: string;
    readonly Keys: Readonly<Record<string, unknown>>;
  };
}

/** How far a stream has been read. Without a sequence number: to before the first record of the shard. */
export interface StreamPosition {
  readonly shardId: string;
  readonly sequenceNumber?: string | undefined;
}

/** Reads the stream of one table, shard after shard, each change once. */
export interface StreamReader {
  /** The next records, at most `limit`; none where the end is reached for now. Rejects where the engine does not answer. */
  read(limit: number): Promise<{ readonly shardId: string; readonly records: readonly StreamRecord[] }>;
  /** Goes back to a position: what was read since, but not worked off, is read again. */
  seek(position: StreamPosition | undefined): void;
  /** The ARN that events name: the engines' own says another region. Known once something was read. */
  streamArn(): string;
}

export interface StreamReaderOptions {
  readonly tableName: string;
  readonly dynamodb: JsonService;
  readonly streams: JsonService;
  readonly start: StreamPosition | undefined;
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST';
}

interface Shard {
  readonly ShardId: string;
}

type IteratorRequest = { readonly ShardIteratorType: string; readonly SequenceNumber?: string };

export function createStreamReader(options: StreamReaderOptions): StreamReader {
  const { tableName, dynamodb, streams } = options;
  let engineArn: string | undefined;
  let eventArn = '';
  let position = options.start;
  let iterator: string | undefined;
  let shardStart = 'TRIM_HORIZON';
  let isShardClosed = false;

  async function arn(): Promise<string> {
    if (engineArn !== undefined) return engineArn;
    const { Table } = await dynamodb.call<{ Table: { LatestStreamArn?: string } }>('DescribeTable', {
      TableName: tableName,
    });
    if (Table.LatestStreamArn === undefined) throw new Error(`the table ${tableName} has no stream`);
    eventArn = Table.LatestStreamArn.replace(/^(arn:aws:dynamodb:)[^:]+/, `$1${REGION}`);
    engineArn = Table.LatestStreamArn;
    return engineArn;
  }

  /** The shard to read from, or undefined while the one after a closed shard is not there yet. */
  async function shard(): Promise<string | undefined> {
    if (position !== undefined && !isShardClosed) return position.shardId;
    const { StreamDescription } = await streams.call<{ StreamDescription: { Shards: readonly Shard[] } }>(
      'DescribeStream',
      { StreamArn: await arn() },
    );
    const ids = StreamDescription.Shards.map(({ ShardId }) => ShardId);
    const first = options.startingPosition === 'LATEST' ? ids.at(-1) : ids[0];
    const next = position === undefined ? first : ids[ids.indexOf(position.shardId) + 1];
    if (next === undefined) return undefined;
    // Only the very first read of a stream may skip what is there.
    shardStart = position === undefined ? options.startingPosition : 'TRIM_HORIZON';
    position = { shardId: next };
    isShardClosed = false;
    return next;
  }

  async function openIterator(shardId: string): Promise<string> {
    const sequenceNumber = position?.sequenceNumber;
    const request: IteratorRequest =
      sequenceNumber === undefined
        ? { ShardIteratorType: shardStart }
        : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: sequenceNumber };
    const { ShardIterator } = await streams.call<{ ShardIterator: string }>('GetShardIterator', {
      StreamArn: await arn(),
      ShardId: shardId,
      ...request,
    });
    return ShardIterator;
  }

  async function read(limit: number): ReturnType<StreamReader['read']> {
    await arn();
    const shardId = await shard();
    if (shardId === undefined) return { shardId: position?.shardId ?? '', records: [] };
    try {
      iterator ??= await openIterator(shardId);
      const { Records, NextShardIterator } = await streams.call<{
        Records: readonly StreamRecord[];
        NextShardIterator?: string;
      }>('GetRecords', { ShardIterator: iterator, Limit: limit });
      iterator = NextShardIterator;
      isShardClosed = NextShardIterator === undefined;
      const last = Records.at(-1);
      if (last !== undefined) position = { shardId, sequenceNumber: last.dynamodb.SequenceNumber };
      return { shardId, records: Records.map((record) => toEventRecord(record, eventArn)) };
    } catch (error) {
      iterator = undefined;
      // What the stream no longer has cannot be read after: go on with the oldest that it has.
      if (error instanceof ServiceError && error.name === 'TrimmedDataAccessException') position = { shardId };
      throw error;
    }
  }

  return {
    read,
    seek: (back) => {
      position = back;
      iterator = undefined;
      isShardClosed = false;
    },
    streamArn: () => eventArn,
  };
}

function toEventRecord(record: StreamRecord, eventSourceARN: string): StreamRecord {
  const id = `${eventSourceARN}/${record.dynamodb.SequenceNumber}`;
  return {
    ...record,
    // The engine counts from 1 in each table; a real one is never the same twice.
    eventID: createHash('md5').update(id).digest('hex'),
    awsRegion: REGION,
    eventSourceARN,
  };
}
