import { parse as parseCsv } from 'csv-parse/sync';
import { importColumns, neededImportColumns, originImportColumns } from '../../shared/contracts/imports.ts';
import { parseJson } from '../../shared/runtime/http.ts';
import { type FieldError, HttpProblem, invalid, invalidField } from '../../shared/runtime/problems.ts';

/** A line of data: what it says, by the names of the columns, or why it cannot be read. */
export type DataLine =
  | { readonly line: number; readonly values: Readonly<Record<string, unknown>> }
  | { readonly line: number; readonly fault: string };

/** One record of RFC 4180 on one line. Of two ways to read on, the next character allows one: matching takes linear time. */
const CSV_RECORD = /^(?:"(?:[^"]|"")*"|[^",]*)(?:,(?:"(?:[^"]|"")*"|[^",]*))*$/;

const linesOf = (text: string): string[] => text.split(/\r?\n/);
const isBlank = (line: string): boolean => line.trim() === '';

/**
 * Reads CSV with a header, line by line: no column of an import can hold a line break, so a quote that is not closed spoils its own line
 * and no other. Lines are counted from 1, the header is the first. Throws 400 where the header lacks a column, or has one twice or an
 * unknown one.
 */
export function splitCsv(text: string): DataLine[] {
  const [header = '', ...lines] = linesOf(text);
  const columns = readHeader(header);
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

function readHeader(header: string): string[] {
  if (isBlank(header) || !CSV_RECORD.test(header)) throw invalidField('body', 'must begin with a header line');
  const columns = ((parseCsv(header) as string[][])[0] ?? []).map((name) => name.trim());
  const errors: FieldError[] = columns.flatMap((name, index) => {
    if (!(importColumns as readonly string[]).includes(name)) {
      return [
        {
          field: name.slice(0, MAX_NAME_CHARACTERS),
          message: `is not a column of an import: ${importColumns.join(', ')}`,
        },
      ];
    }
    return columns.indexOf(name) < index ? [{ field: name, message: 'must be a column only once' }] : [];
  });
  for (const name of neededImportColumns) {
    if (!columns.includes(name)) errors.push({ field: name, message: 'must be a column' });
  }
  if (!originImportColumns.some((name) => columns.includes(name))) {
    errors.push({ field: 'affiliate', message: 'must be a column, or else click_ref' });
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
    const value = parseJson(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? { line, values: value as Record<string, unknown> }
      : { line, fault: 'line: must be a JSON object' };
  } catch (error) {
    if (!(error instanceof HttpProblem)) throw error;
    return {
      line,
      fault: error.errors.map(({ field, message }) => `${field.replace('body', 'line')}: ${message}`).join('; '),
    };
  }
}
