import writeXlsxFile, { type CellObject } from 'write-excel-file/node';
import type { CsvCell, CsvColumn } from '../../shared/runtime/csv.ts';

/** A sheet of a workbook: a heading line and rows, columns in the given order. */
export interface WorkbookSheet<Name extends string = string> {
  readonly name: string;
  readonly columns: readonly CsvColumn<Name>[];
  readonly rows: readonly Readonly<Partial<Record<Name, CsvCell>>>[];
}

const PLAIN_DECIMAL = /^-?(?<integer>[0-9]+)(?:\.(?<fraction>[0-9]+))?$/;
/** Digits that a number of a spreadsheet is sure to keep: it is a double. What has more is written as text. */
const MAX_DIGITS = 15;

/** Writes a workbook. Numbers are numbers and shown with the decimals they have; ids and whatever strangers wrote are text, never formulas. */
export function toWorkbook(sheets: readonly WorkbookSheet[]): Promise<Buffer> {
  return writeXlsxFile(
    sheets.map(({ name, columns, rows }) => ({
      sheet: name,
      stickyRowsCount: 1,
      columns: columns.map(({ name: heading, type }) => ({ width: widthOf(heading, type, rows) })),
      data: [
        columns.map(({ name: heading }): CellObject => ({ value: heading, type: String, fontWeight: 'bold' })),
        ...rows.map((row) => columns.map(({ name: column, type }) => cellOf(type, row[column]))),
      ],
    })),
  ).toBuffer();
}

function cellOf(type: CsvColumn['type'], value: CsvCell): CellObject | null {
  const text = value?.toString() ?? '';
  if (text === '') return null;
  const { integer = '', fraction = '' } = PLAIN_DECIMAL.exec(text)?.groups ?? {};
  if (type === 'text' || integer === '' || integer.length + fraction.length > MAX_DIGITS) {
    return { value: text, type: String };
  }
  return { value: Number(text), type: Number, format: fraction === '' ? '0' : `#,##0.${'0'.repeat(fraction.length)}` };
}

const MIN_WIDTH = 10;
const MAX_WIDTH = 48;
/** Rows that a column's width is taken from. */
const ROWS_LOOKED_AT = 50;

function widthOf(heading: string, type: CsvColumn['type'], rows: WorkbookSheet['rows']): number {
  const lengths = rows.slice(0, ROWS_LOOKED_AT).map((row) => (row[heading]?.toString() ?? '').length);
  const longest = Math.max(heading.length, ...lengths) + (type === 'number' ? 4 : 2);
  return Math.min(Math.max(longest, MIN_WIDTH), MAX_WIDTH);
}
