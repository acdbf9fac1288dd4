import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { parse as parseCsv } from 'csv-parse/sync';

export type FileFormat = 'csv' | 'ndjson';

/** A piece of a file that is small enough for one request. */
export interface FilePart {
  readonly body: Buffer;
  /** The line of the file that a line of this part is; both are counted from 1. */
  fileLine(line: number): number;
}

/** What is known of a file before it is sent. */
export interface FileSurvey {
  readonly format: FileFormat;
  /** Of the whole file, hexadecimal: the same content is the same import. */
  readonly digest: string;
  readonly bytes: number;
  /** Lines that are not blank, without the header. */
  readonly rows: number;
}

const NDJSON_EXTENSIONS = ['.ndjson', '.jsonl'];

/** Reads a file through once. Throws where it cannot be read or is not UTF-8. */
export async function surveyFile(path: string): Promise<FileSurvey> {
  const format = NDJSON_EXTENSIONS.includes(extname(path).toLowerCase()) ? 'ndjson' : 'csv';
  const hash = createHash('sha256');
  let lines = 0;
  for await (const { text } of linesOf(path, (bytes) => hash.update(bytes))) {
    if (text.trim() !== '') lines += 1;
  }
  const rows = format === 'csv' ? Math.max(lines - 1, 0) : lines;
  return { format, digest: hash.digest('hex'), bytes: (await stat(path)).size, rows };
}

/**
 * Cuts a file into parts of at most `limitBytes`: the whole file where it fits, else all that is not a conversion first, as conversions
 * wait for the clicks that were sent before them and for no others. CSV parts repeat the header. The same file gives the same parts.
 */
export async function* splitFile(path: string, survey: FileSurvey, limitBytes: number): AsyncGenerator<FilePart> {
  if (survey.bytes <= limitBytes) {
    yield { body: await readFile(path), fileLine: (line) => line };
    return;
  }
  for (const conversions of [false, true]) yield* partsOf(path, survey.format, limitBytes, conversions);
}

async function* partsOf(
  path: string,
  format: FileFormat,
  limitBytes: number,
  conversions: boolean,
): AsyncGenerator<FilePart> {
  let header: string | undefined;
  let isConversion = isConversionInJson;
  let part: PartInTheMaking | undefined;
  for await (const { text, line } of linesOf(path)) {
    if (format === 'csv' && header === undefined) {
      header = text;
      isConversion = conversionsInCsv(text);
      continue;
    }
    if (text.trim() === '' || isConversion(text) !== conversions) continue;
    part ??= startPart(header);
    if (part.bytes + Buffer.byteLength(text) + 1 > limitBytes) {
      if (part.isEmpty) throw new Error(`Line ${line} of ${path} is longer than ${limitBytes} bytes.`);
      yield part.finish();
      part = startPart(header);
    }
    part.add(text, line);
  }
  if (part !== undefined) yield part.finish();
}

interface PartInTheMaking {
  readonly bytes: number;
  readonly isEmpty: boolean;
  add(text: string, line: number): void;
  finish(): FilePart;
}

function startPart(header: string | undefined): PartInTheMaking {
  const texts = header === undefined ? [] : [header];
  const lines = header === undefined ? [] : [1];
  let bytes = header === undefined ? 0 : Buffer.byteLength(header) + 1;
  return {
    get bytes() {
      return bytes;
    },
    get isEmpty() {
      return texts.length === (header === undefined ? 0 : 1);
    },
    add(text, line) {
      texts.push(text);
      lines.push(line);
      bytes += Buffer.byteLength(text) + 1;
    },
    finish: () => ({ body: Buffer.from(`${texts.join('\n')}\n`), fileLine: (line) => lines[line - 1] ?? line }),
  };
}

function isConversionInJson(text: string): boolean {
  try {
    return JSON.parse(text)?.type === 'conversion';
  } catch {
    return false;
  }
}

/** Tells conversions from all else under this header; what cannot be read is left to the service to refuse by its line. */
function conversionsInCsv(header: string): (text: string) => boolean {
  const typeColumn = cellsOf(header).findIndex((name) => name.trim() === 'type');
  return (text) => cellsOf(text)[typeColumn] === 'conversion';
}

function cellsOf(text: string): string[] {
  if (!text.includes('"')) return text.split(',');
  try {
    return (parseCsv(text, { relax_column_count: true }) as string[][])[0] ?? [];
  } catch {
    return [];
  }
}

/** The lines of a UTF-8 file with their numbers, without a byte order mark and line ends. */
async function* linesOf(
  path: string,
  onBytes: (bytes: Buffer) => void = () => undefined,
): AsyncGenerator<{ text: string; line: number }> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  let line = 0;
  const next = (text: string) => {
    line += 1;
    return { text: text.endsWith('\r') ? text.slice(0, -1) : text, line };
  };
  try {
    for await (const chunk of createReadStream(path)) {
      onBytes(chunk as Buffer);
      const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const text of lines) yield next(text);
    }
    rest += decoder.decode();
  } catch (error) {
    throw error instanceof TypeError ? new Error(`${path} is not UTF-8.`, { cause: error }) : error;
  }
  if (rest !== '') yield next(rest);
}
