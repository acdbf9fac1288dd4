import type { AttributeMap } from './images.ts';
import { imageOf } from './images.ts';
import type { IndexSchema, KeySchema, TableSchema } from './schema.ts';
import type { Item } from './values.ts';
import { bytesOfItem, compareText } from './values.ts';

/** One state of an item. It never changes: what follows is another row. */
export class Row {
  readonly item: Item;
  readonly partition: string;
  /** Empty in a table without sort key. */
  readonly sort: string;
  readonly maxBytes: number;
  /** Whether it holds what cannot be frozen. */
  readonly isMutable: boolean;
  private exactBytes: number | undefined;
  private eventImage: AttributeMap | undefined;

  constructor(item: Item, { partition, sort }: KeySchema, maxBytes: number, isMutable: boolean) {
    this.item = item;
    this.partition = item[partition] as string;
    this.sort = sort === undefined ? '' : (item[sort] as string);
    this.maxBytes = maxBytes;
    this.isMutable = isMutable;
  }

  get bytes(): number {
    this.exactBytes ??= bytesOfItem(this.item);
    return this.exactBytes;
  }

  /** As events tell it. Made once, as it is told as what was there before, too. */
  asEventImage(): AttributeMap {
    this.eventImage ??= Object.isFrozen(this.item)
      ? (this.item as object as AttributeMap)
      : imageOf(this.item, 'base64');
    return this.eventImage;
  }

  /** As errors tell it. */
  asErrorImage(): AttributeMap {
    return imageOf(this.item, 'bytes');
  }
}

/** One change of an item: `before` is undefined where it was made, `after` where it was deleted. */
export interface Change {
  readonly before: Row | undefined;
  readonly after: Row | undefined;
  /** Counts all changes of an engine, from 1. */
  readonly sequence: number;
  readonly atMs: number;
  /** Whether the store deleted the item by itself, as its time had come. */
  readonly isExpiry: boolean;
}

/** Rows by the key of a table or of one of its indexes, in the order of their sort keys. Rows without the key are not in it. */
export class Index {
  readonly schema: KeySchema & Pick<IndexSchema, 'attributes'>;
  private readonly partitions = new Map<string, Row[]>();

  constructor(schema: KeySchema & Pick<IndexSchema, 'attributes'>) {
    this.schema = schema;
  }

  rows(partition: string): readonly Row[] {
    return this.partitions.get(partition) ?? NO_ROWS;
  }

  allPartitions(): Iterable<string> {
    return this.partitions.keys();
  }

  /** Puts one row in the place of another, either of which may be missing. */
  replace(before: Row | undefined, after: Row | undefined): void {
    const [from, to] = [this.partitionOf(before), this.partitionOf(after)];
    if (before !== undefined && from !== undefined && from !== to) {
      const rows = this.partitions.get(from);
      if (rows?.length === 1) this.partitions.delete(from);
      else if (rows !== undefined) this.exchange(rows, before, undefined);
    }
    if (after === undefined || to === undefined) return;
    const rows = this.partitions.get(to);
    if (rows === undefined) this.partitions.set(to, [after]);
    else this.exchange(rows, from === to ? before : undefined, after);
  }

  /** The rows of a partition as they were before some changes. */
  rowsBefore(partition: string, undone: readonly Change[]): readonly Row[] {
    if (undone.length === 0) return this.rows(partition);
    const rows = [...this.rows(partition)];
    for (const { before, after } of undone.toReversed()) {
      this.exchange(
        rows,
        this.partitionOf(after) === partition ? after : undefined,
        this.partitionOf(before) === partition ? before : undefined,
      );
    }
    return rows;
  }

  /** Where a row with these keys is, or would be, among others. */
  position(rows: readonly Row[], sort: string, key: { readonly partition: string; readonly sort: string }): number {
    let [low, high] = [0, rows.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const row = rows[middle] as Row;
      const rank =
        compareText(this.sortOf(row), sort) ||
        compareText(row.partition, key.partition) ||
        compareText(row.sort, key.sort);
      if (rank < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  sortOf(row: Row): string {
    return this.schema.sort === undefined ? '' : (row.item[this.schema.sort] as string);
  }

  private partitionOf(row: Row | undefined): string | undefined {
    if (row === undefined) return undefined;
    const { partition, sort } = this.schema;
    if (sort !== undefined && row.item[sort] === undefined) return undefined;
    return row.item[partition] as string | undefined;
  }

  private exchange(rows: Row[], before: Row | undefined, after: Row | undefined): void {
    const from = before === undefined ? -1 : this.position(rows, this.sortOf(before), before);
    if (before !== undefined && after !== undefined && this.sortOf(before) === this.sortOf(after)) {
      rows[from] = after;
      return;
    }
    if (from >= 0) rows.splice(from, 1);
    if (after !== undefined) rows.splice(this.position(rows, this.sortOf(after), after), 0, after);
  }
}

const NO_ROWS: readonly Row[] = [];

/** One table: its rows, its indexes and all of its changes. */
export class Table {
  readonly schema: TableSchema;
  readonly primary: Index;
  readonly changes: Change[] = [];
  private readonly indexes: readonly Index[];

  constructor(schema: TableSchema) {
    this.schema = schema;
    this.primary = new Index({ partition: schema.partition, sort: schema.sort, attributes: undefined });
    this.indexes = schema.indexes.map((index) => new Index(index));
  }

  index(name: string): Index | undefined {
    return this.indexes[this.schema.indexes.findIndex((index) => index.name === name)];
  }

  row(partition: string, sort: string): Row | undefined {
    const rows = this.primary.rows(partition);
    if (this.schema.sort === undefined || rows.length === 0) return rows[0];
    const row = rows[this.primary.position(rows, sort, { partition, sort })];
    return row?.sort === sort ? row : undefined;
  }

  /** The row as it was before some changes. */
  rowBefore(partition: string, sort: string, undone: readonly Change[]): Row | undefined {
    const first = undone.find(({ before, after }) => {
      const row = (before ?? after) as Row;
      return row.partition === partition && row.sort === sort;
    });
    return first === undefined ? this.row(partition, sort) : first.before;
  }

  /** The last changes, none before an instant. */
  lastChanges(count: number, fromMs = Number.NEGATIVE_INFINITY): readonly Change[] {
    return count <= 0 ? NO_CHANGES : this.changes.slice(-count).filter(({ atMs }) => atMs >= fromMs);
  }

  /** The partitions that have rows, or had some before some changes. */
  partitionsOf(index: Index, undone: readonly Change[]): string[] {
    const partitions = new Set(index.allPartitions());
    for (const { before } of undone) {
      const partition = before?.item[index.schema.partition];
      if (typeof partition === 'string') partitions.add(partition);
    }
    return [...partitions];
  }

  *rows(): Iterable<Row> {
    for (const partition of this.primary.allPartitions()) yield* this.primary.rows(partition);
  }

  commit(change: Change): void {
    this.primary.replace(change.before, change.after);
    for (const index of this.indexes) index.replace(change.before, change.after);
    this.changes.push(change);
  }
}

const NO_CHANGES: readonly Change[] = [];
