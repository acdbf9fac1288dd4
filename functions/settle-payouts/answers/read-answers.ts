import { ANSWERS_LIMIT_BYTES, MAX_ANSWER_LINES } from '../../../shared/contracts/payouts.ts';
import type { DayOrder } from '../../../shared/domain/payouts/bank-values.ts';
import { bodyBytes, type HttpEvent } from '../../../shared/runtime/http.ts';
import { invalidField, tooManyLines } from '../../../shared/runtime/problems.ts';
import type { AnswerLine } from '../../../shared/use-cases/payouts/settle-answers.ts';
import { readCsvAnswers } from './read-csv.ts';
import { readXmlAnswers } from './read-xml.ts';

/** A line that cannot be read. */
export interface BadLine {
  readonly line: number;
  readonly error: string;
}

export interface ReadAnswers {
  readonly lines: readonly AnswerLine[];
  readonly bad: readonly BadLine[];
  /** Entries that are about no payout at all. */
  readonly ignored: number;
}

/**
 * Reads what a bank answered: pain.002 or camt.054, or CSV, told apart by the text itself. Throws 400 where it is none of them or has no
 * line, 413.
 */
export function readAnswers(event: HttpEvent, order: DayOrder | undefined): ReadAnswers {
  const text = decode(bodyBytes(event, ANSWERS_LIMIT_BYTES)).replace(/^\uFEFF/, '');
  const answers = /^\s*</.test(text) ? readXmlAnswers(text) : readCsvAnswers(text, order);
  const count = answers.lines.length + answers.bad.length;
  if (count + answers.ignored === 0) throw invalidField('body', 'must hold at least one payment');
  if (count > MAX_ANSWER_LINES) throw tooManyLines(MAX_ANSWER_LINES);
  return answers;
}

/** UTF-8 and UTF-16 by their marks, and what is not UTF-8 as Windows-1252, which spreadsheets write: what is read of it is ASCII. */
function decode(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
