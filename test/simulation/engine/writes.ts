import type {
  BatchWriteCommandInput,
  DeleteCommandInput,
  PutCommandInput,
  TransactWriteCommandInput,
  UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import {
  type CancellationReason,
  conditionFailed,
  conditionReason,
  invalid,
  isInvalid,
  NOT_IN_THE_WAY,
  tokenMismatch,
  transactionCanceled,
  validationReason,
} from './errors.ts';
import type { Bindings, CompiledCondition, Expression } from './expressions.ts';
import { bind, conditionOf, updateOf } from './expressions.ts';
import type { Key } from './keys.ts';
import { checkIndexKeys, checkItemKeys, readKey } from './keys.ts';
import type { Path } from './parser.ts';
import { project } from './paths.ts';
import type { Store } from './store.ts';
import { Row, type Table } from './table.ts';
import { resolveTargets } from './updates.ts';
import { handOut, type Item, sameItem, take } from './values.ts';

const MAX_ITEM_BYTES = 400 * 1024;
const MAX_TRANSACTION_ITEMS = 100;
const MAX_TRANSACTION_BYTES = 4 * 1024 * 1024;
const MAX_BATCH_WRITES = 25;
const TOKEN_LIFE_MS = 10 * 60_000;

const NO_ITEM: Item = {};

type Write = NonNullable<TransactWriteCommandInput['TransactItems']>[number];
type ConditionCheckInput = NonNullable<Write['ConditionCheck']>;
type AnyInput = PutCommandInput | UpdateCommandInput | DeleteCommandInput | ConditionCheckInput;

/** A write that is well formed. Whether it succeeds is then up to what is there. */
interface Prepared {
  readonly table: Table;
  readonly key: Key;
  readonly condition: Expression<CompiledCondition> | undefined;
  readonly bindings: Bindings;
  readonly tellsOld: boolean;
  /** The row that takes the place of another; undefined deletes it. Throws ValidationException. */
  readonly next: (before: Row | undefined) => Row | undefined;
  /** What an update writes to. */
  readonly targets?: readonly Path[];
}

/** A write and what it met. */
interface Evaluated {
  readonly write: Prepared;
  readonly before: Row | undefined;
  readonly after: Row | undefined;
}

function preparePut(store: Store, input: PutCommandInput): Prepared {
  const table = store.table(input.TableName);
  const condition = conditionOf(input.ConditionExpression);
  const bindings = bind(input, condition);
  const row = rowOf(table, input.Item);
  return { table, key: row, condition, bindings, tellsOld: tellsOld(input), next: () => row };
}

function rowOf(table: Table, input: Readonly<Record<string, unknown>> | undefined): Row {
  if (input === undefined) throw invalid('The request has no item');
  const { values, maxBytes, isMutable } = take(input);
  checkItemKeys(table.schema, values);
  return withinLimit(new Row(values, table.schema, maxBytes, isMutable));
}

function withinLimit(row: Row): Row {
  if (row.maxBytes <= MAX_ITEM_BYTES) return row;
  const { bytes } = row;
  if (bytes > MAX_ITEM_BYTES) throw invalid('Item size has exceeded the maximum allowed size');
  return row;
}

function prepareUpdate(store: Store, input: UpdateCommandInput): Prepared {
  const table = store.table(input.TableName);
  const { schema } = table;
  const update = updateOf(input.UpdateExpression);
  const condition = conditionOf(input.ConditionExpression);
  const bindings = bind(input, update, condition);
  const key = readKey(schema, input.Key);
  const targets = update === undefined ? [] : resolveTargets(update.compiled, bindings.names);
  for (const [name] of targets) {
    if (name === schema.partition || name === schema.sort) {
      throw invalid(`Cannot update attribute ${name}. This attribute is part of the key`);
    }
  }
  const next = (before: Row | undefined): Row => {
    const item = before?.item ?? newItem(table, key);
    if (update === undefined) return before ?? new Row(item, schema, MAX_KEY_BYTES, false);
    const changed = update.compiled.apply(item, targets, bindings.names, bindings.values);
    checkIndexKeys(schema, changed);
    const ownBytes = (before?.maxBytes ?? MAX_KEY_BYTES) * (1 + update.compiled.copies);
    const maxBytes = ownBytes + bindings.maxBytes + targets.length * MAX_NAME_BYTES;
    return withinLimit(new Row(changed, schema, maxBytes, bindings.isMutable || before?.isMutable === true));
  };
  return { table, key, condition, bindings, tellsOld: tellsOld(input), next, targets };
}

/** What an item may take beside the values of an update: its key and the names of attributes. */
const MAX_KEY_BYTES = 4096;
const MAX_NAME_BYTES = 256;

const newItem = ({ schema: { partition, sort } }: Table, key: Key): Item =>
  sort === undefined ? { [partition]: key.partition } : { [partition]: key.partition, [sort]: key.sort };

function prepareDelete(store: Store, input: DeleteCommandInput): Prepared {
  const table = store.table(input.TableName);
  const condition = conditionOf(input.ConditionExpression);
  const bindings = bind(input, condition);
  const key = readKey(table.schema, input.Key);
  return { table, key, condition, bindings, tellsOld: tellsOld(input), next: () => undefined };
}

function prepareCheck(store: Store, input: ConditionCheckInput): Prepared {
  if (input.ConditionExpression === undefined) throw invalid('A condition check needs a condition');
  const table = store.table(input.TableName);
  const condition = conditionOf(input.ConditionExpression);
  const bindings = bind(input, condition);
  const key = readKey(table.schema, input.Key);
  return { table, key, condition, bindings, tellsOld: tellsOld(input), next: (before) => before };
}

const tellsOld = (input: AnyInput): boolean => input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD';

const rowAt = ({ table, key }: Prepared): Row | undefined => table.row(key.partition, key.sort);

function isMet({ condition, bindings }: Prepared, before: Row | undefined): boolean {
  return condition === undefined || condition.compiled.test(before?.item ?? NO_ITEM, bindings.names, bindings.values);
}

/** Runs a single write. Throws ConditionalCheckFailedException, ValidationException. */
function run(store: Store, write: Prepared): Evaluated {
  const before = rowAt(write);
  if (!isMet(write, before)) throw conditionFailed(write.tellsOld ? before?.asErrorImage() : undefined);
  const evaluated = { write, before, after: write.next(before) };
  commit(store, evaluated);
  return evaluated;
}

/** What changes nothing is no change: no stream tells of it. */
function commit(store: Store, { write, before, after }: Evaluated): void {
  if (before === after || (before !== undefined && after !== undefined && sameItem(before.item, after.item))) return;
  store.commit(write.table, before, after);
}

const OK = Object.freeze({ $metadata: Object.freeze({ httpStatusCode: 200 }) });

const withAttributes = (Attributes: Record<string, unknown> | undefined): object =>
  Attributes === undefined || Object.keys(Attributes).length === 0 ? OK : { ...OK, Attributes };

const whole = (row: Row | undefined): Record<string, unknown> | undefined =>
  row === undefined ? undefined : handOut(row.item, row.isMutable);

export function put(store: Store, input: PutCommandInput): object {
  refuseReturnValues(input.ReturnValues, PUT_RETURNS);
  const { before } = run(store, preparePut(store, input));
  return input.ReturnValues === 'ALL_OLD' ? withAttributes(whole(before)) : OK;
}

export function remove(store: Store, input: DeleteCommandInput): object {
  refuseReturnValues(input.ReturnValues, PUT_RETURNS);
  const { before } = run(store, prepareDelete(store, input));
  return input.ReturnValues === 'ALL_OLD' ? withAttributes(whole(before)) : OK;
}

export function update(store: Store, input: UpdateCommandInput): object {
  refuseReturnValues(input.ReturnValues, UPDATE_RETURNS);
  const { write, before, after } = run(store, prepareUpdate(store, input));
  switch (input.ReturnValues) {
    case 'ALL_OLD':
      return withAttributes(whole(before));
    case 'ALL_NEW':
      return withAttributes(whole(after));
    case 'UPDATED_OLD':
      return withAttributes(written(before, write));
    case 'UPDATED_NEW':
      return withAttributes(written(after, write));
    default:
      return OK;
  }
}

const written = (row: Row | undefined, { targets = [] }: Prepared): Record<string, unknown> | undefined =>
  row === undefined ? undefined : handOut(project(row.item, targets), row.isMutable);

const PUT_RETURNS: ReadonlySet<string | undefined> = new Set([undefined, 'NONE', 'ALL_OLD']);
const UPDATE_RETURNS: ReadonlySet<string | undefined> = new Set([
  ...PUT_RETURNS,
  'ALL_NEW',
  'UPDATED_OLD',
  'UPDATED_NEW',
]);

function refuseReturnValues(value: string | undefined, known: ReadonlySet<string | undefined>): void {
  if (!known.has(value)) throw invalid(`Return values set to invalid value ${value}`);
}

function prepare(store: Store, { Put, Update, Delete, ConditionCheck }: Write): Prepared {
  const given = [Put, Update, Delete, ConditionCheck].filter((input) => input !== undefined);
  if (given.length !== 1) throw invalid('A transaction item is one of Put, Update, Delete and ConditionCheck');
  if (Put !== undefined) return preparePut(store, Put);
  if (Update !== undefined) {
    if (Update.UpdateExpression === undefined) throw invalid('An update in a transaction needs an expression');
    return prepareUpdate(store, Update);
  }
  if (Delete !== undefined) return prepareDelete(store, Delete);
  return prepareCheck(store, ConditionCheck as ConditionCheckInput);
}

/**
 * Writes all or nothing. The same request with the same token within 10 minutes is answered as the first was and writes nothing. Throws
 * TransactionCanceledException with a reason for each write, in order.
 */
export function transactWrite(store: Store, input: TransactWriteCommandInput, token: string | undefined): object {
  const known = token === undefined ? undefined : store.tokens.get(token);
  if (known !== undefined && store.now() < known.atMs + TOKEN_LIFE_MS) {
    if (known.input !== input && bodyOf(known.input) !== bodyOf(input)) throw tokenMismatch();
    return OK;
  }
  const items = input.TransactItems ?? [];
  if (items.length === 0 || items.length > MAX_TRANSACTION_ITEMS) {
    throw invalid(`A transaction has from 1 to ${MAX_TRANSACTION_ITEMS} items`);
  }
  const writes = items.map((item) => prepare(store, item));
  refuseRepeats(writes);
  const evaluated: Evaluated[] = [];
  const reasons = writes.map((write) => evaluate(write, evaluated));
  if (evaluated.length < writes.length) throw transactionCanceled(reasons);
  refuseLargeTransaction(evaluated);
  for (const each of evaluated) commit(store, each);
  if (token !== undefined) store.tokens.set(token, { atMs: store.now(), input });
  return OK;
}

function evaluate(write: Prepared, evaluated: Evaluated[]): CancellationReason {
  const before = rowAt(write);
  if (!isMet(write, before)) return conditionReason(write.tellsOld ? before?.asErrorImage() : undefined);
  try {
    evaluated.push({ write, before, after: write.next(before) });
    return NOT_IN_THE_WAY;
  } catch (error) {
    if (!isInvalid(error)) throw error;
    return validationReason(error.message);
  }
}

function refuseRepeats(writes: readonly Prepared[]): void {
  for (let one = 1; one < writes.length; one += 1) {
    for (let other = 0; other < one; other += 1) {
      const [left, right] = [writes[one] as Prepared, writes[other] as Prepared];
      if (
        left.table === right.table &&
        left.key.partition === right.key.partition &&
        left.key.sort === right.key.sort
      ) {
        throw invalid('Transaction request cannot include multiple operations on one item');
      }
    }
  }
}

function refuseLargeTransaction(evaluated: readonly Evaluated[]): void {
  const maxBytes = evaluated.reduce((sum, { after }) => sum + (after?.maxBytes ?? 0), 0);
  if (maxBytes <= MAX_TRANSACTION_BYTES) return;
  const bytes = evaluated.reduce((sum, { after }) => sum + (after?.bytes ?? 0), 0);
  if (bytes > MAX_TRANSACTION_BYTES) throw invalid('Transaction request size has exceeded the maximum allowed size');
}

/** What must be the same where a token is. */
const bodyOf = ({ TransactItems }: TransactWriteCommandInput): string =>
  JSON.stringify(TransactItems, (_name, value: unknown) => {
    if (typeof value === 'bigint') return Number(value);
    if (value instanceof Set) return { set: [...value] };
    return value instanceof Uint8Array ? { bytes: Buffer.from(value).toString('hex') } : value;
  });

/** Puts and deletes of several items, each for itself. The last `unprocessed` are left for another call. */
export function batchWrite(store: Store, input: BatchWriteCommandInput, unprocessed: number): object {
  const requests = Object.entries(input.RequestItems ?? {}).flatMap(([TableName, writes]) =>
    writes.map((write) => ({ TableName, write })),
  );
  if (requests.length === 0 || requests.length > MAX_BATCH_WRITES) {
    throw invalid(`A batch has from 1 to ${MAX_BATCH_WRITES} writes`);
  }
  const writes = requests.map(({ TableName, write: { PutRequest, DeleteRequest } }) =>
    PutRequest === undefined
      ? prepareDelete(store, { TableName, Key: DeleteRequest?.Key })
      : preparePut(store, { TableName, Item: PutRequest.Item }),
  );
  refuseRepeats(writes);
  const done = Math.max(0, requests.length - unprocessed);
  for (const write of writes.slice(0, done)) run(store, write);
  const UnprocessedItems: NonNullable<BatchWriteCommandInput['RequestItems']> = {};
  for (const { TableName, write } of requests.slice(done)) {
    UnprocessedItems[TableName] = [...(UnprocessedItems[TableName] ?? []), write];
  }
  return { ...OK, UnprocessedItems };
}
