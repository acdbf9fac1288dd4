import type {
  BatchGetCommandInput,
  GetCommandInput,
  QueryCommandInput,
  ScanCommandInput,
  TransactGetCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { invalid } from './errors.ts';
import type { Bindings, CompiledCondition, Expression } from './expressions.ts';
import { bind, conditionOf, projectionOf } from './expressions.ts';
import type { KeyCondition } from './key-conditions.ts';
import { keyConditionOf, pathsIn } from './key-conditions.ts';
import { keyAttributes, readKey } from './keys.ts';
import type { Path } from './parser.ts';
import { project, refuseOverlaps, resolve } from './paths.ts';
import { namesIn } from './schema.ts';
import type { Circumstances, Store } from './store.ts';
import { hashOf } from './stream.ts';
import type { Index, Row, Table } from './table.ts';
import type { Item } from './values.ts';
import { handOut } from './values.ts';

const MAX_BATCH_KEYS = 100;
const MAX_PAGE_BYTES = 1024 * 1024;
const MAX_SEGMENTS = 1_000_000;

const OK = Object.freeze({ $metadata: Object.freeze({ httpStatusCode: 200 }) });

interface Projected {
  readonly ProjectionExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
}

/** The paths that a read is asked for; undefined for all. */
function wantedPaths(input: Projected): readonly Path[] | undefined {
  const projection = projectionOf(input.ProjectionExpression);
  const { names } = bind({ ExpressionAttributeNames: input.ExpressionAttributeNames }, projection);
  return projection === undefined ? undefined : resolved(projection, names);
}

function resolved(projection: Expression<readonly Path[]>, names: Bindings['names']): readonly Path[] {
  const paths = projection.compiled.map((path) => resolve(path, names));
  refuseOverlaps(paths);
  return paths;
}

const shown = (row: Row, paths: readonly Path[] | undefined): Record<string, unknown> =>
  handOut(paths === undefined ? row.item : project(row.item, paths), row.isMutable);

/** Changes that a read does not see yet. */
const unseen = (table: Table, isConsistent: boolean | undefined, { staleBy = 0, seenUntilMs }: Circumstances) =>
  table.lastChanges(isConsistent === true ? 0 : staleBy, seenUntilMs);

export function get(store: Store, input: GetCommandInput, circumstances: Circumstances): object {
  const table = store.table(input.TableName);
  const paths = wantedPaths(input);
  const { partition, sort } = readKey(table.schema, input.Key);
  const row = table.rowBefore(partition, sort, unseen(table, input.ConsistentRead, circumstances));
  return row === undefined ? OK : { ...OK, Item: shown(row, paths) };
}

/** Reads several items. The last `unprocessed` keys are left for another call. */
export function batchGet(store: Store, input: BatchGetCommandInput, circumstances: Circumstances): object {
  const requests = Object.entries(input.RequestItems ?? {}).map(([tableName, request]) => {
    const table = store.table(tableName);
    const keys = request.Keys ?? [];
    if (keys.length === 0) throw invalid('A batch names at least one key of each table');
    const read = keys.map((key) => readKey(table.schema, key));
    if (new Set(read.map(({ partition, sort }) => JSON.stringify([partition, sort]))).size < keys.length) {
      throw invalid('Provided list of item keys contains duplicates');
    }
    return { tableName, table, keys, read, request, paths: wantedPaths(request) };
  });
  const total = requests.reduce((sum, { keys }) => sum + keys.length, 0);
  if (total === 0 || total > MAX_BATCH_KEYS) throw invalid(`A batch has from 1 to ${MAX_BATCH_KEYS} keys`);

  let left = Math.max(0, total - (circumstances.unprocessed ?? 0));
  const Responses: Record<string, object[]> = {};
  const UnprocessedKeys: NonNullable<BatchGetCommandInput['RequestItems']> = {};
  for (const { tableName, table, keys, read, request, paths } of requests) {
    const undone = unseen(table, request.ConsistentRead, circumstances);
    Responses[tableName] = read.slice(0, left).flatMap(({ partition, sort }) => {
      const row = table.rowBefore(partition, sort, undone);
      return row === undefined ? [] : [shown(row, paths)];
    });
    if (keys.length > left) UnprocessedKeys[tableName] = { ...request, Keys: keys.slice(left) };
    left = Math.max(0, left - keys.length);
  }
  return { ...OK, Responses, UnprocessedKeys };
}

export function transactGet(store: Store, input: TransactGetCommandInput): object {
  const items = input.TransactItems ?? [];
  if (items.length === 0 || items.length > MAX_BATCH_KEYS) {
    throw invalid(`A transaction has from 1 to ${MAX_BATCH_KEYS} items`);
  }
  const reads = items.map(({ Get }) => {
    if (Get === undefined) throw invalid('A reading transaction consists of Get');
    const table = store.table(Get.TableName);
    return { table, key: readKey(table.schema, Get.Key), paths: wantedPaths(Get) };
  });
  const keys = reads.map(({ table, key }) => JSON.stringify([table.schema.name, key.partition, key.sort]));
  if (new Set(keys).size < keys.length) {
    throw invalid('Transaction request cannot include multiple operations on one item');
  }
  const Responses = reads.map(({ table, key, paths }) => {
    const row = table.row(key.partition, key.sort);
    const Item = row === undefined ? {} : shown(row, paths);
    return Object.keys(Item).length === 0 ? {} : { Item };
  });
  return { ...OK, Responses };
}

/** What a query or a scan goes through, and what it makes of it. */
interface Listing {
  readonly table: Table;
  readonly index: Index;
  readonly rows: Iterable<Row>;
  readonly filter: Expression<CompiledCondition> | undefined;
  readonly bindings: Bindings;
  readonly paths: readonly Path[] | undefined;
  readonly maxItems: number;
  readonly countsOnly: boolean;
}

/** Goes through rows until they, the limit or the page end. A limit reached tells where, even if nothing follows. */
function list({ table, index, rows, filter, bindings, paths, maxItems, countsOnly }: Listing): object {
  const Items: object[] = [];
  const { attributes } = index.schema;
  const seen: Row[] = [];
  let [Count, maxBytes] = [0, 0];
  let isCut = false;
  for (const row of rows) {
    seen.push(row);
    const item = attributes === undefined ? row.item : carried(row.item, attributes);
    if (filter === undefined || filter.compiled.test(item, bindings.names, bindings.values)) {
      Count += 1;
      if (!countsOnly) Items.push(handOut(paths === undefined ? item : project(item, paths), row.isMutable));
    }
    maxBytes += row.maxBytes;
    // The bytes are counted only where there may be too many.
    if (maxBytes > MAX_PAGE_BYTES) maxBytes = seen.reduce((sum, { bytes }) => sum + bytes, 0);
    isCut = seen.length === maxItems || maxBytes > MAX_PAGE_BYTES;
    if (isCut) break;
  }
  const last = seen.at(-1);
  return {
    ...OK,
    ...(!countsOnly && { Items }),
    Count,
    ScannedCount: seen.length,
    ...(isCut && last !== undefined && { LastEvaluatedKey: keyAttributes(last.item, table.schema, index.schema) }),
  };
}

function carried(item: Item, attributes: readonly string[]): Item {
  const part: Record<string, Item[string]> = {};
  for (const name of attributes) {
    const value = item[name];
    if (value !== undefined) part[name] = value;
  }
  return part;
}

/** The table itself, or the index that a read names. */
function indexOf(table: Table, { IndexName, ConsistentRead }: QueryCommandInput | ScanCommandInput): Index {
  if (IndexName === undefined) return table.primary;
  const index = table.index(IndexName);
  if (index === undefined) throw invalid(`The table does not have the specified index: ${IndexName}`);
  if (ConsistentRead === true) throw invalid('Consistent reads are not supported on global secondary indexes');
  return index;
}

export function query(store: Store, input: QueryCommandInput, circumstances: Circumstances): object {
  const table = store.table(input.TableName);
  const index = indexOf(table, input);
  const keyExpression = conditionOf(input.KeyConditionExpression);
  if (keyExpression === undefined) throw invalid('A query needs a key condition');
  const filter = conditionOf(input.FilterExpression);
  const projection = projectionOf(input.ProjectionExpression);
  const bindings = bind(input, keyExpression, filter, projection);
  refuseKeysInFilter(filter, index, bindings);
  const condition = keyConditionOf(keyExpression.compiled.condition, index.schema, bindings);
  const isForward = input.ScanIndexForward !== false;
  const all = index.rowsBefore(condition.partition, unseen(table, input.ConsistentRead, circumstances));
  const [from, to] = rangeOf(all, table, index, condition, input.ExclusiveStartKey, isForward);
  return list({
    table,
    index,
    rows: isForward ? between(all, from, to) : between(all, from, to).toReversed(),
    filter,
    bindings,
    ...selection(input, index, projection, bindings),
    maxItems: limitOf(input, circumstances),
  });
}

const between = (rows: readonly Row[], from: number, to: number): readonly Row[] =>
  from === 0 && to === rows.length ? rows : rows.slice(from, Math.max(from, to));

function selection(
  { Select }: QueryCommandInput | ScanCommandInput,
  index: Index,
  projection: Expression<readonly Path[]> | undefined,
  { names }: Bindings,
): Pick<Listing, 'paths' | 'countsOnly'> {
  const countsOnly = Select === 'COUNT';
  if (projection === undefined) {
    if (Select === 'SPECIFIC_ATTRIBUTES') throw invalid('SPECIFIC_ATTRIBUTES needs a projection');
    if (Select === 'ALL_ATTRIBUTES' && index.schema.attributes !== undefined) {
      throw invalid('The index does not carry all attributes');
    }
    return { paths: undefined, countsOnly };
  }
  if (Select !== undefined && Select !== 'SPECIFIC_ATTRIBUTES')
    throw invalid(`A projection does not go with ${Select}`);
  const paths = resolved(projection, names);
  const { attributes } = index.schema;
  const missing = paths.find(([name]) => attributes?.includes(name as string) === false);
  if (missing !== undefined) throw invalid(`The index does not carry ${missing[0]}`);
  return { paths, countsOnly };
}

function limitOf({ Limit }: { Limit?: number | undefined }, { pageItems }: Circumstances): number {
  if (Limit !== undefined && Limit < 1) throw invalid('The limit must be 1 or more');
  return Math.min(Limit ?? Number.POSITIVE_INFINITY, pageItems ?? Number.POSITIVE_INFINITY);
}

function refuseKeysInFilter(
  filter: Expression<CompiledCondition> | undefined,
  index: Index,
  { names }: Bindings,
): void {
  if (filter === undefined) return;
  for (const path of pathsIn(filter.compiled.condition)) {
    const [name] = resolve(path, names);
    if (name === index.schema.partition || name === index.schema.sort) {
      throw invalid(`Filter Expression can only contain non-primary key attributes: Primary key attribute: ${name}`);
    }
  }
}

/** The positions, from and to, of the rows that a key condition takes and that lie behind where the page before ended. */
function rangeOf(
  rows: readonly Row[],
  table: Table,
  index: Index,
  { rank, partition }: KeyCondition,
  startKey: Readonly<Record<string, unknown>> | undefined,
  isForward: boolean,
): readonly [from: number, to: number] {
  const from = firstWhere(rows, (row) => rank(index.sortOf(row)) >= 0);
  const to = firstWhere(rows, (row) => rank(index.sortOf(row)) > 0);
  if (startKey === undefined) return [from, to];
  const start = readStartKey(table, index, startKey);
  if (startKey[index.schema.partition] !== partition || rank(start.sortInIndex) !== 0) {
    throw invalid('The provided starting key is outside query boundaries based on provided conditions');
  }
  const position = index.position(rows, start.sortInIndex, start);
  const row = rows[position];
  const isThere =
    row !== undefined &&
    index.sortOf(row) === start.sortInIndex &&
    row.partition === start.partition &&
    row.sort === start.sort;
  return isForward ? [Math.max(from, isThere ? position + 1 : position), to] : [from, Math.min(to, position)];
}

/** A start key has the key of the item, and of the index, and nothing else. */
function readStartKey(table: Table, index: Index, startKey: Readonly<Record<string, unknown>>) {
  const names = new Set([...namesIn(table.schema), ...namesIn(index.schema)]);
  const given = Object.entries(startKey).filter(([, value]) => value !== undefined);
  if (given.length !== names.size || given.some(([name, value]) => !names.has(name) || typeof value !== 'string')) {
    throw invalid('The provided starting key is invalid');
  }
  const { partition, sort } = table.schema;
  return {
    partition: startKey[partition] as string,
    sort: sort === undefined ? '' : (startKey[sort] as string),
    sortInIndex: index.schema.sort === undefined ? '' : (startKey[index.schema.sort] as string),
  };
}

/** The first position whose row, and all behind it, holds. */
function firstWhere(rows: readonly Row[], holds: (row: Row) => boolean): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(rows[middle] as Row)) high = middle;
    else low = middle + 1;
  }
  return low;
}

export function scan(store: Store, input: ScanCommandInput, circumstances: Circumstances): object {
  const table = store.table(input.TableName);
  const index = indexOf(table, input);
  const filter = conditionOf(input.FilterExpression);
  const projection = projectionOf(input.ProjectionExpression);
  const bindings = bind(input, filter, projection);
  const { Segment = 0, TotalSegments = 1, ExclusiveStartKey } = input;
  if ((input.Segment === undefined) !== (input.TotalSegments === undefined)) {
    throw invalid('Segment and TotalSegments go together');
  }
  if (TotalSegments < 1 || TotalSegments > MAX_SEGMENTS || Segment < 0 || Segment >= TotalSegments) {
    throw invalid('The segment must be one of the total');
  }
  const undone = unseen(table, input.ConsistentRead, circumstances);
  const places = table
    .partitionsOf(index, undone)
    .map((partition) => ({ partition, hash: hashOf(partition) }))
    .filter(({ hash }) => hash % TotalSegments === Segment)
    .sort((left, right) => left.hash - right.hash || (left.partition < right.partition ? -1 : 1));
  const start = ExclusiveStartKey === undefined ? undefined : readStartKey(table, index, ExclusiveStartKey);
  const startPartition = ExclusiveStartKey?.[index.schema.partition] as string | undefined;
  const startHash = startPartition === undefined ? -1 : hashOf(startPartition);

  function* rows(): Iterable<Row> {
    for (const { partition, hash } of places) {
      if (hash < startHash || (hash === startHash && partition < (startPartition as string))) continue;
      const all = index.rowsBefore(partition, undone);
      const from = partition !== startPartition || start === undefined ? 0 : firstBehind(index, all, start);
      yield* all.slice(from);
    }
  }
  return list({
    table,
    index,
    rows: rows(),
    filter,
    bindings,
    ...selection(input, index, projection, bindings),
    maxItems: limitOf(input, circumstances),
  });
}

function firstBehind(index: Index, rows: readonly Row[], start: ReturnType<typeof readStartKey>): number {
  const position = index.position(rows, start.sortInIndex, start);
  const row = rows[position];
  return row?.partition === start.partition && row.sort === start.sort ? position + 1 : position;
}
