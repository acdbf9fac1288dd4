import type { DynamoDBRecord } from 'aws-lambda';
import { imageOf } from './images.ts';
import type { TableSchema } from './schema.ts';
import { namesIn } from './schema.ts';
import type { Change, Row } from './table.ts';

/** A change of an item, as the functions that read a stream get it. */
export type StreamRecord = DynamoDBRecord & {
  readonly eventID: string;
  readonly dynamodb: NonNullable<DynamoDBRecord['dynamodb']> & { readonly SequenceNumber: string };
};

/** Records of one shard, in order. */
export interface StreamBatch {
  readonly shardId: string;
  readonly records: readonly StreamRecord[];
}

/** The shards that follow each other for the same keys: what is in one lane is in order, what is in two is not. */
export interface Lane {
  readonly length: number;
  /** Records from a position on, at most `limit`, never of two shards; and none, of the shard that would be next, where all are read. */
  read(from: number, limit: number): StreamBatch;
}

export interface Stream {
  readonly arn: string;
  readonly lanes: readonly Lane[];
}

export interface StreamOptions {
  /** Among how many lanes the partition keys are spread. */
  readonly lanes: number;
  /** How long a shard takes records before another follows it. */
  readonly shardLifeMs: number;
  readonly startMs: number;
}

const SEQUENCE_DIGITS = 21;

/** The log of a table's changes, as its readers see it. Records are made when they are first read. */
export class StreamLog implements Stream {
  readonly arn: string;
  readonly lanes: readonly LaneLog[];

  constructor(schema: TableSchema, options: StreamOptions) {
    this.arn = `arn:aws:dynamodb:us-east-1:000000000000:table/${schema.name}/stream/2025-01-01T00:00:00.000`;
    this.lanes = Array.from({ length: options.lanes }, (_, number) => new LaneLog(schema, this.arn, number, options));
  }

  append(change: Change): void {
    const { partition } = (change.before ?? change.after) as Row;
    const lane = this.lanes.length === 1 ? 0 : hashOf(partition) % this.lanes.length;
    this.lanes[lane]?.append(change);
  }
}

class LaneLog implements Lane {
  private readonly schema: TableSchema;
  private readonly arn: string;
  private readonly number: number;
  private readonly shardLifeMs: number;
  private readonly entries: { readonly change: Change; readonly shardId: string; record?: StreamRecord }[] = [];
  private shardId: string;
  private shardStartMs: number;

  constructor(schema: TableSchema, arn: string, number: number, { shardLifeMs, startMs }: StreamOptions) {
    this.schema = schema;
    this.arn = arn;
    this.number = number;
    this.shardLifeMs = shardLifeMs;
    this.shardStartMs = startMs;
    this.shardId = shardIdOf(startMs, number);
  }

  get length(): number {
    return this.entries.length;
  }

  append(change: Change): void {
    if (change.atMs >= this.shardStartMs + this.shardLifeMs) {
      this.shardStartMs = change.atMs;
      this.shardId = shardIdOf(change.atMs, this.number);
    }
    this.entries.push({ change, shardId: this.shardId });
  }

  read(from: number, limit: number): StreamBatch {
    const shardId = this.entries[from]?.shardId ?? this.shardId;
    const records: StreamRecord[] = [];
    for (let at = from; at < Math.min(this.entries.length, from + limit); at += 1) {
      const entry = this.entries[at] as (typeof this.entries)[number];
      if (entry.shardId !== shardId) break;
      entry.record ??= this.recordOf(entry.change);
      records.push(entry.record);
    }
    return { shardId, records };
  }

  private recordOf({ before, after, sequence, atMs, isExpiry }: Change): StreamRecord {
    const { item } = (after ?? before) as Row;
    const view = this.schema.stream;
    const [hasNew, hasOld] = [view?.startsWith('NEW') === true, view?.includes('OLD') === true];
    const keys = Object.fromEntries(namesIn(this.schema).map((name) => [name, item[name] as string]));
    return {
      eventID: `${this.schema.name}-${sequence}`,
      eventName: before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: 'us-east-1',
      eventSourceARN: this.arn,
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(atMs / 1000),
        Keys: imageOf(keys, 'base64'),
        ...(hasNew && after !== undefined && { NewImage: after.asEventImage() }),
        ...(hasOld && before !== undefined && { OldImage: before.asEventImage() }),
        SequenceNumber: sequence.toString().padStart(SEQUENCE_DIGITS, '100000000000000000000'),
        StreamViewType: view,
      },
      ...(isExpiry && { userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' } }),
    } as StreamRecord;
  }
}

/** Named as real ones are: by the millisecond of their making. */
const shardIdOf = (atMs: number, lane: number): string =>
  `shardId-${Math.floor(atMs).toString().padStart(20, '0')}-${lane.toString(16).padStart(8, '0')}`;

/** FNV-1a. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
