import { CsvError, parse as parseCsv } from 'csv-parse/sync';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import * as z from 'zod';
import { MAX_RATE_DAYS } from '../../shared/contracts/rates.ts';
import { currencyExponent } from '../../shared/domain/money/currencies.ts';
import { BASE, type PublishedRates, rateText } from '../../shared/domain/money/published-rates.ts';
import { type Day, isDay } from '../../shared/domain/time/calendar.ts';
import { type FieldError, invalid, invalidField } from '../../shared/runtime/problems.ts';

const SOURCE = 'ecb';
const FORMS = 'must be the XML or the CSV of the European Central Bank (eurofxref), as it is published';

/** One rate as a file has it, unchecked. */
interface Cell {
  readonly line: number;
  readonly date: string;
  readonly currency: string;
  readonly rate: string;
}

export interface ReadRates {
  /** At least one, by day. */
  readonly days: readonly PublishedRates[];
  /** Currencies that no money is kept in here. */
  readonly ignored: readonly string[];
}

/**
 * Reads the reference rates of the European Central Bank, told apart by what they begin with: XML or CSV, of a day or of many. Throws 400
 * naming each bad line. `today` is the last day that a rate can be of.
 */
export function readRates(text: string, today: Day): ReadRates {
  const cells = text.trimStart().startsWith('<') ? readXml(text) : readCsv(text);
  const errors: FieldError[] = [];
  const days = new Map<Day, Record<string, string>>();
  const ignored = new Set<string>();
  for (const { line, date, currency, rate } of cells) {
    const refuse = (message: string) => errors.push({ field: `line ${line}, ${currency}`, message });
    const text = rateText(rate);
    const of = days.get(date) ?? {};
    if (!isDay(date)) refuse(`${date} is no day that exists`);
    else if (date > today) refuse(`${date} is yet to come`);
    else if (!/^[A-Z]{3}$/.test(currency) || currency === BASE) refuse('must be a currency code other than EUR');
    else if (text === undefined) refuse(`must have a rate above zero, a plain decimal such as 1.1648, not ${rate}`);
    else if (of[currency] !== undefined) refuse(`stands twice for ${date}`);
    else if (currencyExponent(currency) === undefined) ignored.add(currency);
    else days.set(date, { ...of, [currency]: text });
  }
  if (errors.length > 0) throw invalid(errors);
  if (days.size === 0) throw invalidField('body', 'must hold a rate');
  if (days.size > MAX_RATE_DAYS) {
    throw invalidField(
      'body',
      `holds ${days.size} days: at most ${MAX_RATE_DAYS} are taken at once, send them in parts`,
    );
  }
  return {
    days: [...days]
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([date, rates]) => ({ source: SOURCE, date, rates })),
    ignored: [...ignored].sort(),
  };
}

/** An element as the parser hands it over, which keeps under a symbol where it stood. */
interface Element {
  readonly currency?: string;
  readonly rate?: string;
}

const dayElement = z.object({
  time: z.string().default(''),
  Cube: z.array(z.custom<Element>((element) => typeof element === 'object' && element !== null)).default([]),
});
const envelope = z.object({
  Envelope: z.object({ Cube: z.tuple([z.object({ Cube: z.array(dayElement) })]) }),
});

const xmlParser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseAttributeValue: false,
  removeNSPrefix: true,
  processEntities: false,
  captureMetaData: true,
  isArray: (name) => name === 'Cube',
});

function readXml(given: string): Cell[] {
  const text = given.replace(/\r\n?/g, '\n');
  // Nothing that is published has one, and it is what XML is attacked with.
  if (text.includes('<!DOCTYPE')) throw invalidField('body', 'must not have a DOCTYPE');
  const valid = XMLValidator.validate(text);
  if (valid !== true) throw invalidField(`line ${valid.err.line}`, `is no XML: ${valid.err.msg}`);
  const parsed = envelope.safeParse(xmlParser.parse(text));
  if (!parsed.success) throw invalidField('body', FORMS);
  const lineOf = createLineFinder(text);
  return parsed.data.Envelope.Cube[0].Cube.flatMap(({ time, Cube }) =>
    Cube.map((element) => ({
      line: lineOf(element),
      date: time,
      currency: element.currency ?? '',
      rate: element.rate ?? '',
    })),
  );
}

/** Finds the line (from 1) that an element begins on; for elements in the order in which they stand. */
function createLineFinder(text: string): (element: Element) => number {
  const symbol = XMLParser.getMetaDataSymbol() as symbol;
  let line = 1;
  let counted = 0;
  return (element) => {
    const { startIndex } = (element as Record<symbol, { readonly startIndex: number }>)[symbol] ?? { startIndex: 0 };
    for (; counted < startIndex; counted += 1) if (text[counted] === '\n') line += 1;
    return line;
  };
}

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** `2025-11-14` as it is; what the CSV of a single day has, `14 November 2025`, as such. */
function dayIn(text: string): string {
  const [, day = '', name = '', year = ''] = /^([0-9]{1,2}) ([A-Z][a-z]+) ([0-9]{4})$/.exec(text) ?? [];
  const month = MONTHS.indexOf(name) + 1;
  return month === 0 ? text : `${year}-${String(month).padStart(2, '0')}-${day.padStart(2, '0')}`;
}

/** What the CSV has for a currency without a rate on a day. */
const NO_RATE: ReadonlySet<string> = new Set(['', 'N/A']);

function readCsv(text: string): Cell[] {
  const [heading, ...records] = csvRecords(text);
  const [first, ...currencies] = heading?.record ?? [];
  if (first !== 'Date') throw invalidField('body', FORMS);
  return records.flatMap(({ record: [date = '', ...rates], info: { lines } }) => {
    if (rates.length !== currencies.length) {
      throw invalidField(
        `line ${lines}`,
        `has ${rates.length + 1} fields where the header has ${currencies.length + 1}`,
      );
    }
    return rates.flatMap((rate, index) =>
      NO_RATE.has(rate) ? [] : [{ line: lines, date: dayIn(date), currency: currencies[index] ?? '', rate }],
    );
  });
}

function csvRecords(text: string): { record: string[]; info: { lines: number } }[] {
  try {
    const options = { bom: true, trim: true, relax_column_count: true, skip_empty_lines: true } as const;
    return parseCsv(text, { ...options, info: true }) as unknown as ReturnType<typeof csvRecords>;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw invalidField(`line ${error['lines'] ?? 1}`, 'has a quote that is not closed, or not doubled inside a field');
  }
}
