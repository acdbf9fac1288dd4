import { stringify } from 'csv-stringify/sync';

/** A column of a CSV file: `name` is its heading and the field of the rows it shows. */
export interface CsvColumn<Name extends string = string> {
  readonly name: Name;
  /** What strangers may have written is `text`; `number` is for plain decimals, which are written as they are. */
  readonly type: 'text' | 'number';
}

export type CsvCell = string | number | bigint | null | undefined;

export const CSV_MEDIA_TYPE = 'text/csv; charset=utf-8; header=present';

/** What spreadsheets take for the start of a formula. */
const FORMULA_START = /^[=+\-@\t\r\0]/;
const PLAIN_DECIMAL = /^-?[0-9]+(?:\.[0-9]+)?$/;

/**
 * Writes rows as CSV by RFC 4180 (comma, CRLF, a heading line, no BOM), columns in the given order. Text that a spreadsheet would run
 * as a formula gets a leading `'`; so does what a number column holds that is no plain decimal. Empty cells for null and undefined.
 */
export function toCsv<Name extends string>(
  columns: readonly CsvColumn<Name>[],
  rows: Iterable<Readonly<Partial<Record<Name, CsvCell>>>>,
): string {
  const heading = columns.map((column) => column.name as string);
  const lines = Array.from(rows, (row) => columns.map(({ name, type }) => cellOf(type, row[name])));
  // A lone CR or LF within a cell is quoted too: left to itself the writer looks only for the whole line end.
  return stringify([heading, ...lines], { record_delimiter: '\r\n', quoted_match: /[\r\n]/ });
}

function cellOf(type: CsvColumn['type'], value: CsvCell): string {
  const text = value?.toString() ?? '';
  const isNumber = type === 'number' && PLAIN_DECIMAL.test(text);
  return !isNumber && FORMULA_START.test(text) ? `'${text}` : text;
}
