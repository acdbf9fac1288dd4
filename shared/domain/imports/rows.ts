import { cutChunks } from '../jobs/job.ts';
import type { Instant } from '../time/calendar.ts';

interface RowBase {
  /** Its line in the file that was sent, counted from 1, the header included. */
  readonly line: number;
  readonly at: Instant;
  /** An id, or `ext:` and an external id. */
  readonly campaign: string;
  readonly affiliate?: string | undefined;
  /** The id that the tracker it comes from gave the click; unique per campaign. */
  readonly clickRef?: string | undefined;
  readonly subIds: Readonly<Record<string, string>>;
}

export interface ClickRow extends RowBase {
  readonly type: 'click';
  /** The ad platform or channel. A conversion has the source of its click. */
  readonly source?: string | undefined;
}

export interface ConversionRow extends RowBase {
  readonly type: 'conversion';
  readonly transactionId: string;
  readonly event: string;
  readonly amount?: string | undefined;
  readonly currency?: string | undefined;
}

/** A good line of an import: what an operator brings over from another tracker. */
export type ImportRow = ClickRow | ConversionRow;

/** A line that was not taken, and everything that is wrong with it. */
export interface FailedLine {
  readonly line: number;
  readonly errors: readonly string[];
}

/** The chunks of an import, in the order in which they are numbered: first those of clicks, then those of conversions. */
export interface ImportPlan {
  readonly clickChunks: readonly (readonly ImportRow[])[];
  readonly conversionChunks: readonly (readonly ImportRow[])[];
}

/** Cuts the good rows of an import into chunks of one type each, in the file's order. */
export function planChunks(rows: readonly ImportRow[]): ImportPlan {
  return {
    clickChunks: cutChunks(rows.filter((row) => row.type === 'click')),
    conversionChunks: cutChunks(rows.filter((row) => row.type === 'conversion')),
  };
}

/** The part of a row that says which rows must be worked off one after another: the same click, or the same transaction. */
export function sequenceKey(row: ImportRow): string {
  return row.type === 'click'
    ? JSON.stringify([row.campaign, row.clickRef ?? row.line])
    : JSON.stringify([row.campaign, row.transactionId]);
}
