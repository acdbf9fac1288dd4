import { stringify } from 'csv-stringify/sync';

/** A column of a CSV file: `name` is its heading and the field of the rows it shows. */
export interface CsvColumn<Name extends string = string> {
  readonly name: Name;
  /** What strangers may have written is `text`; `number` is for plain decimals, which are written as they are. */
  readonly type: 'text' | 'number';
}

export type CsvCell = string | number | bigint | null | undefined;

/** How a file is to be read: by RFC 4180, or by a spreadsheet that is set to a country with decimal commas. */
export type CsvProfile = 'rfc4180' | 'excel-eu';

const PROFILES = {
  rfc4180: { delimiter: ',', decimalMark: '.', bom: false },
  // Without the mark such a spreadsheet takes the file for Windows-1252.
  'excel-eu': { delimiter: ';', decimalMark: ',', bom: true },
} as const;

export const CSV_MEDIA_TYPE = 'text/csv; charset=utf-8; header=present';

/** What spreadsheets take for the start of a formula. */
const FORMULA_START = /^[=+\-@\t\r\0]/;
const PLAIN_DECIMAL = /^-?[0-9]+(?:\.[0-9]+)?$/;

/** The first line of a file, with the mark before it where the profile has one. */
export function csvHeading(columns: readonly CsvColumn[], profile: CsvProfile = 'rfc4180'): string {
  const { bom } = PROFILES[profile];
  return (bom ? '\ufeff' : '') + write([columns.map(({ name }) => name)], profile);
}

/** The lines of a file after its heading. */
export function csvLines<Name extends string>(
  columns: readonly CsvColumn<Name>[],
  rows: Iterable<Readonly<Partial<Record<Name, CsvCell>>>>,
  profile: CsvProfile = 'rfc4180',
): string {
  const { decimalMark } = PROFILES[profile];
  return write(
    Array.from(rows, (row) => columns.map(({ name, type }) => cellOf(type, row[name], decimalMark))),
    profile,
  );
}

/**
 * Writes rows as CSV with a heading line, by RFC 4180 (comma, CRLF, no BOM) unless told otherwise, columns in the given order. Text that
 * a spreadsheet would run as a formula gets a leading `'`; so does what a number column holds that is no plain decimal. Empty cells for
 * null and undefined.
 */
export const toCsv = <Name extends string>(
  columns: readonly CsvColumn<Name>[],
  rows: Iterable<Readonly<Partial<Record<Name, CsvCell>>>>,
  profile: CsvProfile = 'rfc4180',
): string => csvHeading(columns, profile) + csvLines(columns, rows, profile);

// A lone CR or LF within a cell is quoted too: left to itself the writer looks only for the whole line end.
const write = (lines: readonly (readonly string[])[], profile: CsvProfile): string =>
  stringify([...lines], {
    delimiter: PROFILES[profile].delimiter,
    record_delimiter: '\r\n',
    quoted_match: /[\r\n]/,
  });

function cellOf(type: CsvColumn['type'], value: CsvCell, decimalMark: string): string {
  const text = value?.toString() ?? '';
  if (type === 'number' && PLAIN_DECIMAL.test(text)) return text.replace('.', decimalMark);
  return FORMULA_START.test(text) ? `'${text}` : text;
}
