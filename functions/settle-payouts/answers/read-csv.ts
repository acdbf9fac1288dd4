import { parse } from 'csv-parse/sync';
import { currencyExponent } from '../../../shared/domain/money/currencies.ts';
import { type DayOrder, dayOrderOf, readBankAmount, readBankDay } from '../../../shared/domain/payouts/bank-values.ts';
import { placeOfPayout } from '../../../shared/domain/payouts/run.ts';
import { invalid, invalidField } from '../../../shared/runtime/problems.ts';
import type { AnswerLine } from '../../../shared/use-cases/payouts/settle-answers.ts';
import type { BadLine, ReadAnswers } from './read-answers.ts';
import { kindOfWord } from './statuses.ts';

type Column = 'id' | 'status' | 'amount' | 'currency' | 'day' | 'reason';

/** Headings in small letters and without anything else, the better ones first. */
const HEADINGS: Readonly<Record<Column, readonly string[]>> = {
  id: [
    'payoutid',
    'endtoendid',
    'endtoendreference',
    'endezuendereferenz',
    'customerid',
    'uniqueid',
    'customid',
    'customnumber',
    'paymentreference',
    'referenceid',
    'reference',
    'verwendungszweck',
  ],
  status: ['status', 'transactionstatus', 'paymentstatus', 'state'],
  amount: ['amount', 'paymentamount', 'targetamount', 'targetamountafterfees', 'grossamount', 'gross', 'betrag'],
  currency: ['currency', 'currencycode', 'targetcurrency', 'paymentcurrency', 'währung', 'waehrung'],
  day: [
    'date',
    'valuedate',
    'bookingdate',
    'paymentdate',
    'transactiondate',
    'executiondate',
    'finishedon',
    'completedon',
    'valuta',
    'wertstellung',
    'buchungstag',
    'buchungsdatum',
    'ausführungsdatum',
    'datum',
  ],
  reason: ['reason', 'statusreason', 'reasoncode', 'error', 'errormessage', 'errorcode', 'grund'],
};
const NEEDED = ['id', 'status', 'amount', 'currency'] as const satisfies readonly Column[];
const DELIMITERS = [',', ';', '\t', '|'] as const;
const MAX_SHOWN_CHARACTERS = 60;

const nameOf = (heading: string): string => heading.toLowerCase().replace(/[^\p{L}]/gu, '');

interface Row {
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * Reads the answers of PayPal, Wise and others: CSV with a heading, whatever is between its fields, in whatever order its columns are.
 * Throws 400 where it is not CSV or lacks a column.
 */
export function readCsvAnswers(text: string, given: DayOrder | undefined): ReadAnswers {
  const [heading, ...rows] = rowsOf(text);
  const columns = columnsOf(heading?.cells ?? []);
  const dayAt = columns.day;
  const order = given ?? (dayAt === undefined ? undefined : dayOrderOf(rows.map(({ cells }) => cells[dayAt] ?? '')));
  const read = rows.map((row) => tooLong(row, heading?.cells.length ?? 0) ?? readRow(row, columns, order));
  return {
    lines: read.filter((line): line is AnswerLine => 'answer' in line),
    bad: read.filter((line): line is BadLine => 'error' in line),
    ignored: 0,
  };
}

/** A row with something beyond the last column: its cells have moved, as by a decimal comma that is not in quotes. */
function tooLong({ line, cells }: Row, width: number): BadLine | undefined {
  const used = cells.findLastIndex((cell) => cell !== '') + 1;
  return used <= width
    ? undefined
    : { line, error: `has ${used} cells, and the heading ${width}: what holds the delimiter must be in quotes` };
}

/** The rows that are not blank, with the lines that they begin on. */
function rowsOf(text: string): Row[] {
  const first = text.split(/\r?\n/).find((line) => line.trim() !== '') ?? '';
  const delimiter = DELIMITERS.reduce((best, each) => (count(first, each) > count(first, best) ? each : best), ',');
  try {
    const records = parse(text, {
      delimiter,
      info: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as { readonly record: string[]; readonly info: { readonly lines: number } }[];
    return records
      .map(({ record, info }) => ({ line: info.lines, cells: record }))
      .filter(({ cells }) => cells.some((cell) => cell !== ''));
  } catch (error) {
    throw invalidField('body', `is neither XML nor CSV: ${(error as Error).message}`);
  }
}

const count = (text: string, delimiter: string): number => text.split(delimiter).length;

type Places = Readonly<Record<(typeof NEEDED)[number], number>> & Partial<Readonly<Record<Column, number>>>;

function columnsOf(headings: readonly string[]): Places {
  const names = headings.map(nameOf);
  const place = (column: Column): number | undefined => {
    const first = HEADINGS[column].map((name) => names.indexOf(name)).find((index) => index !== -1);
    if (first !== undefined && names.lastIndexOf(names[first] ?? '') !== first) {
      throw invalidField(column, `must be named once: "${headings[first]}" is the heading of two columns`);
    }
    return first;
  };
  const [id, status, amount, currency] = NEEDED.map(place);
  if (id === undefined || status === undefined || amount === undefined || currency === undefined) {
    throw invalid(
      NEEDED.filter((column) => place(column) === undefined).map((column) => ({
        field: column,
        message: `must be a column of the file, named one of: ${HEADINGS[column].join(', ')}`,
      })),
    );
  }
  return { id, status, amount, currency, ...optional('day', place('day')), ...optional('reason', place('reason')) };
}

const optional = (column: Column, place: number | undefined) => (place === undefined ? {} : { [column]: place });

function readRow({ line, cells }: Row, columns: Places, order: DayOrder | undefined): AnswerLine | BadLine {
  const cell = (column: Column): string => cells[columns[column] ?? -1] ?? '';
  const bad = (field: Column, message: string): BadLine => ({
    line,
    error: `${field} "${cell(field).slice(0, MAX_SHOWN_CHARACTERS)}": ${message}`,
  });
  const payoutId = cell('id').replace(/^'/, '').toUpperCase();
  if (placeOfPayout(payoutId) === undefined) return bad('id', 'is not the id of a payout');
  const kind = kindOfWord(cell('status'));
  if (kind === undefined)
    return bad('status', 'is not a status that is known: write paid, failed, returned or pending');
  const currency = cell('currency').toUpperCase();
  if (currencyExponent(currency) === undefined) return bad('currency', 'must be an ISO 4217 currency');
  const amountMinor = readBankAmount(cell('amount'), currency);
  if (amountMinor === undefined) return bad('amount', `is not an amount in ${currency}`);
  const day = cell('day') === '' ? undefined : readBankDay(cell('day'), order);
  if (cell('day') !== '' && day === undefined)
    return bad('day', 'is no day, or could be two: write 2026-11-30, or say dayOrder=dmy or dayOrder=mdy');
  const reason = cell('reason') === '' ? undefined : cell('reason');
  return { line, about: { payoutId }, answer: { kind, amountMinor, currency, reason, day } };
}
