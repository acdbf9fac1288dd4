import { parse as parseCsv } from 'csv-parse/sync';
import type * as z from 'zod';
import { fieldErrors, parseJson, REPLACEMENT_CHARACTER } from './http.ts';
import { type FieldError, HttpProblem, invalid, invalidField } from './problems.ts';

/** A line of data: what it says, by the names of the columns, or why it cannot be read. */
export type DataLine =
  | { readonly line: number; readonly values: Readonly<Record<string, unknown>> }
  | { readonly line: number; readonly fault: string };

/** The columns that a file may have. */
export interface FileColumns {
  /** What the file is, as in `is not a column of an import`. */
  readonly file: string;
  readonly all: readonly string[];
  readonly needed: readonly string[];
  /** One of these must be there too. */
  readonly oneOf: readonly string[];
}

/** One record of RFC 4180 on one line. Of two ways to read on, the next character allows one: matching takes linear time. */
const CSV_RECORD = /^(?:"(?:[^"]|"")*"|[^",]*)(?:,(?:"(?:[^"]|"")*"|[^",]*))*$/;

const linesOf = (text: string): string[] => text.split(/\r?\n/);
const isBlank = (line: string): boolean => line.trim() === '';

/**
 * Reads CSV with a header, line by line: no column can hold a line break, so a quote that is not closed spoils its own line and no
 * other. Lines are counted from 1, the header is the first. Throws 400 where the header lacks a column, or has one twice or an unknown
 * one.
 */
export function splitCsv(text: string, columnsOfFile: FileColumns): DataLine[] {
  const [header = '', ...lines] = linesOf(text);
  const columns = readHeader(header, columnsOfFile);
  const readable = lines.filter((line) => !isBlank(line) && CSV_RECORD.test(line));
  const records = (parseCsv(readable.join('\n'), { relax_column_count: true }) as string[][]).values();
  return lines.flatMap((text, index): DataLine[] => {
    const line = index + 2;
    if (isBlank(text)) return [];
    if (!CSV_RECORD.test(text))
      return [{ line, fault: 'line: has a quote that is not closed, or not doubled inside a field' }];
    const record = records.next().value ?? [];
    if (record.length !== columns.length) {
      return [{ line, fault: `line: has ${record.length} fields where the header has ${columns.length}` }];
    }
    return [{ line, values: Object.fromEntries(columns.map((column, position) => [column, record[position]])) }];
  });
}

function readHeader(header: string, { file, all, needed, oneOf }: FileColumns): string[] {
  if (isBlank(header) || !CSV_RECORD.test(header)) throw invalidField('body', 'must begin with a header line');
  const columns = ((parseCsv(header) as string[][])[0] ?? []).map((name) => name.trim());
  const errors: FieldError[] = columns.flatMap((name, index) => {
    if (!all.includes(name)) {
      return [{ field: name.slice(0, MAX_NAME_CHARACTERS), message: `is not a column of ${file}: ${all.join(', ')}` }];
    }
    return columns.indexOf(name) < index ? [{ field: name, message: 'must be a column only once' }] : [];
  });
  for (const name of needed) {
    if (!columns.includes(name)) errors.push({ field: name, message: 'must be a column' });
  }
  const [first = '', ...others] = oneOf;
  if (!oneOf.some((name) => columns.includes(name))) {
    errors.push({ field: first, message: `must be a column, or else ${others.join(' or ')}` });
  }
  if (errors.length > 0) throw invalid(errors);
  return columns;
}

const MAX_NAME_CHARACTERS = 64;

/** Reads one JSON object a line, with the names of the columns. Lines are counted from 1. */
export function splitNdjson(text: string): DataLine[] {
  return linesOf(text).flatMap((text, index): DataLine[] => (isBlank(text) ? [] : [readObject(text, index + 1)]));
}

function readObject(text: string, line: number): DataLine {
  try {
    return lineOf(line, parseJson(text));
  } catch (error) {
    if (!(error instanceof HttpProblem)) throw error;
    return {
      line,
      fault: error.errors.map(({ field, message }) => `${field.replace('body', 'line')}: ${message}`).join('; '),
    };
  }
}

/** Reads a JSON array of objects with the names of the columns; their places in it count as lines, from 1. Throws 400. */
export function splitJson(text: string): DataLine[] {
  const values = parseJson(text);
  if (!Array.isArray(values)) throw invalidField('body', 'must be a JSON array');
  return values.map((value, index) => lineOf(index + 1, value));
}

const lineOf = (line: number, value: unknown): DataLine =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? { line, values: value as Record<string, unknown> }
    : { line, fault: 'line: must be a JSON object' };

const MAX_ERRORS_A_LINE = 10;
const MAX_ERROR_CHARACTERS = 200;

/** Reads a line by its schema, which sees no field that is empty; or says everything that is wrong with it, as `field: message`. */
export function readLine<Schema extends z.ZodType>(
  dataLine: DataLine,
  schema: Schema,
): { readonly ok: true; readonly data: z.output<Schema> } | { readonly ok: false; readonly errors: readonly string[] } {
  if ('fault' in dataLine) return { ok: false, errors: listed([dataLine.fault]) };
  // An empty cell is a column without a value, and so is null.
  const given = Object.entries(dataLine.values).filter(([, value]) => value !== '' && value !== null);
  const controls = given.filter(([, value]) => typeof value === 'string' && /\p{Cc}/u.test(value));
  if (controls.length > 0)
    return { ok: false, errors: listed(controls.map(([name]) => `${name}: must not hold control characters`)) };
  const undecoded = given.filter(([, value]) => typeof value === 'string' && value.includes(REPLACEMENT_CHARACTER));
  if (undecoded.length > 0) return { ok: false, errors: listed(undecoded.map(([name]) => `${name}: must be UTF-8`)) };
  const parsed = schema.safeParse(Object.fromEntries(given));
  if (parsed.success) return { ok: true, data: parsed.data };
  return {
    ok: false,
    errors: listed(fieldErrors(parsed.error, 'line').map(({ field, message }) => `${field}: ${message}`)),
  };
}

const listed = (errors: readonly string[]): string[] =>
  errors
    .slice(0, MAX_ERRORS_A_LINE)
    .map((error) => (error.length > MAX_ERROR_CHARACTERS ? `${error.slice(0, MAX_ERROR_CHARACTERS - 1)}…` : error));
