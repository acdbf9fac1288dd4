import type { TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Row, Table } from './table.ts';

/** What a correct store may do at any call. By default it does none of it. */
export interface Circumstances {
  /** How many of the table's last changes an index, and a read that is not strongly consistent, does not see yet. */
  readonly staleBy?: number;
  /** Changes before this instant, in milliseconds, are seen all the same: by default none. */
  readonly seenUntilMs?: number;
  /** How many of a batch's keys or writes, the last ones, are left unprocessed. */
  readonly unprocessed?: number;
  /** How many items a page of a query or scan goes through at most, as though it was full then. */
  readonly pageItems?: number;
  /** The token of a transaction that has none: retries of the SDK carry the one of the first attempt. */
  readonly token?: string;
}

/** What the commands work on. */
export interface Store {
  readonly now: () => number;
  /** Transactions that were done, by their tokens. */
  readonly tokens: Map<string, { readonly atMs: number; readonly input: TransactWriteCommandInput }>;
  /** Throws ResourceNotFoundException. */
  table(name: string | undefined): Table;
  commit(table: Table, before: Row | undefined, after: Row | undefined, isExpiry?: boolean): void;
}
