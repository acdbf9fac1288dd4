import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactGetCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { noSuchTable } from './errors.ts';
import { batchGet, get, query, scan, transactGet } from './reads.ts';
import type { TableSchema } from './schema.ts';
import type { Circumstances, Store } from './store.ts';
import type { Stream } from './stream.ts';
import { StreamLog } from './stream.ts';
import { type Change, Table } from './table.ts';
import type { Item } from './values.ts';
import { batchWrite, put, remove, transactWrite, update } from './writes.ts';

/** A command of the document client, with what some of their inputs have. */
export interface StoreCommand {
  readonly input: {
    readonly TableName?: string | undefined;
    readonly IndexName?: string | undefined;
    readonly ConsistentRead?: boolean | undefined;
    readonly TransactItems?: readonly object[] | undefined;
    readonly ReturnConsumedCapacity?: string | undefined;
  };
}

export interface EngineOptions {
  readonly tables: readonly TableSchema[];
  /** The time, in milliseconds. */
  readonly now: () => number;
  /** Among how many lanes the keys of each stream are spread; by default 1. */
  readonly lanes?: number;
  /** How long a shard of a stream takes records; by default 4 hours, as real ones do. */
  readonly shardLifeMs?: number;
  /** Whether items go round as they are, frozen: nobody gets a copy, nor sees the store's own notation. By default not. */
  readonly asTheyAre?: boolean;
}

/** A store in memory, as correct as the real one and without any faults of its own. */
export interface Engine {
  /** Does each call at once and answers in the next microtask. */
  readonly client: DynamoDBDocumentClient;
  /** Does a call and tells its answer, or throws what the SDK would. When this returns, what was written is there. */
  apply(command: StoreCommand, circumstances?: Circumstances): object;
  /** The stream of a table. Throws where it has none. */
  streamOf(tableName: string): Stream;
  /** All items of a table as they are now, in no order. They are the store's own: not to be changed. */
  itemsOf(tableName: string): Iterable<Item>;
  /** How many changes a table has seen. */
  changeCount(tableName: string): number;
  /** All of them, in their order. */
  changesOf(tableName: string): readonly Change[];
  /** Does to a table what another engine's has seen: quicker than what led to it. */
  redo(tableName: string, changes: readonly Change[]): void;
  /** Deletes what has outlived its time to live, as the store does some time later. Tells how many items. */
  expire(tableName: string): number;
}

const DEFAULT_SHARD_LIFE_MS = 4 * 3_600_000;
const NONE: Circumstances = {};

type Handler = (store: Store, input: never, circumstances: Circumstances) => object;

const HANDLERS: ReadonlyMap<unknown, Handler> = new Map<unknown, Handler>([
  [GetCommand, get],
  [PutCommand, put],
  [UpdateCommand, update],
  [DeleteCommand, remove],
  [QueryCommand, query],
  [ScanCommand, scan],
  [BatchGetCommand, batchGet],
  [TransactGetCommand, transactGet],
  [
    BatchWriteCommand,
    (store, input: BatchWriteCommand['input'], { unprocessed = 0 }) => batchWrite(store, input, unprocessed),
  ],
  [
    TransactWriteCommand,
    (store, input: TransactWriteCommand['input'], { token }) =>
      transactWrite(store, input, input.ClientRequestToken ?? token),
  ],
]);

/** Makes an empty store. Cheap: one for each run. */
export function createEngine({
  tables: schemas,
  now,
  lanes = 1,
  shardLifeMs = DEFAULT_SHARD_LIFE_MS,
  asTheyAre = false,
}: EngineOptions): Engine {
  const startMs = now();
  const tables = new Map<string, Table>();
  const streams = new Map<string, StreamLog>();
  let sequence = 0;

  const store: Store = {
    now,
    tokens: new Map(),
    table(name = '') {
      const known = tables.get(name);
      if (known !== undefined) return known;
      const schema = schemas.find((each) => each.name === name);
      if (schema === undefined) throw noSuchTable();
      const table = new Table(schema);
      tables.set(name, table);
      if (schema.stream !== undefined) streams.set(name, new StreamLog(schema, { lanes, shardLifeMs, startMs }));
      return table;
    },
    commit(table, before, after, isExpiry = false) {
      sequence += 1;
      if (asTheyAre && after?.isMutable === false) Object.freeze(after.item);
      const change = { before, after, sequence, atMs: now(), isExpiry };
      table.commit(change);
      if (table.schema.stream !== undefined) streams.get(table.schema.name)?.append(change);
    },
  };

  const apply = (command: StoreCommand, circumstances = NONE): object => {
    const handler = HANDLERS.get(command.constructor);
    if (handler === undefined) throw new Error(`the simulated store does not know ${command.constructor.name}`);
    return handler(store, command.input as never, circumstances);
  };
  const send = async (command: StoreCommand): Promise<object> => apply(command);

  return {
    client: { send } as unknown as DynamoDBDocumentClient,
    apply,
    streamOf(tableName) {
      store.table(tableName);
      const stream = streams.get(tableName);
      if (stream === undefined) throw new Error(`${tableName} has no stream`);
      return stream;
    },
    *itemsOf(tableName) {
      for (const { item } of store.table(tableName).rows()) yield item;
    },
    changeCount: (tableName) => store.table(tableName).changes.length,
    changesOf: (tableName) => store.table(tableName).changes,
    redo(tableName, changes) {
      const table = store.table(tableName);
      for (const change of changes) table.commit(change);
      sequence += changes.length;
    },
    expire(tableName) {
      const table = store.table(tableName);
      const { timeToLive } = table.schema;
      if (timeToLive === undefined) return 0;
      const expired = [...table.rows()].filter(({ item }) => isOver(item[timeToLive], now()));
      for (const row of expired) store.commit(table, row, undefined, true);
      return expired.length;
    },
  };
}

const isOver = (expiresAtSeconds: unknown, nowMs: number): boolean =>
  typeof expiresAtSeconds === 'number' && expiresAtSeconds * 1000 < nowMs;
