import { type ImportLine, importLine } from '../../shared/contracts/imports.ts';
import { subIdNames } from '../../shared/contracts/postback.ts';
import type { FailedLine, ImportRow } from '../../shared/domain/imports/rows.ts';
import { CLOCK_SKEW_MS } from '../../shared/domain/leads/decide-lead.ts';
import { type Instant, instantOf, millisecondsOf } from '../../shared/domain/time/calendar.ts';
import { fieldErrors, REPLACEMENT_CHARACTER } from '../../shared/runtime/http.ts';
import type { DataLine } from './split-lines.ts';

const MAX_ERRORS_A_LINE = 10;
const MAX_ERROR_CHARACTERS = 200;

export interface ReadRows {
  readonly rows: readonly ImportRow[];
  readonly refused: readonly FailedLine[];
}

/** Checks each line by itself: the good ones become rows, of the others everything that is wrong is said. */
export function readRows(lines: readonly DataLine[], now: Instant): ReadRows {
  const latest = instantOf(millisecondsOf(now) + CLOCK_SKEW_MS);
  const rows: ImportRow[] = [];
  const refused: FailedLine[] = [];
  for (const dataLine of lines) {
    const read = 'fault' in dataLine ? [dataLine.fault] : readRow(dataLine.line, dataLine.values, latest);
    if (!Array.isArray(read)) rows.push(read);
    else refused.push({ line: dataLine.line, errors: read.slice(0, MAX_ERRORS_A_LINE).map(shortened) });
  }
  return { rows, refused };
}

const shortened = (error: string): string =>
  error.length > MAX_ERROR_CHARACTERS ? `${error.slice(0, MAX_ERROR_CHARACTERS - 1)}…` : error;

function readRow(line: number, values: Readonly<Record<string, unknown>>, latest: Instant): ImportRow | string[] {
  // An empty cell is a column without a value, and so is null.
  const given = Object.entries(values).filter(([, value]) => value !== '' && value !== null);
  const controls = given.filter(([, value]) => typeof value === 'string' && /\p{Cc}/u.test(value));
  if (controls.length > 0) return controls.map(([name]) => `${name}: must not hold control characters`);
  const undecoded = given.filter(([, value]) => typeof value === 'string' && value.includes(REPLACEMENT_CHARACTER));
  if (undecoded.length > 0) return undecoded.map(([name]) => `${name}: must be UTF-8`);
  const parsed = importLine.safeParse(Object.fromEntries(given));
  if (!parsed.success) {
    return fieldErrors(parsed.error, 'line').map(({ field, message }) => `${field}: ${message}`);
  }
  return parsed.data.at > latest ? ['at: must not be in the future'] : rowOf(line, parsed.data);
}

function rowOf(line: number, data: ImportLine): ImportRow {
  const shared = {
    line,
    at: data.at,
    campaign: data.campaign,
    affiliate: data.affiliate,
    clickRef: data.click_ref,
    subIds: Object.fromEntries(subIdNames.flatMap((name) => (data[name] === undefined ? [] : [[name, data[name]]]))),
  };
  return data.type === 'click'
    ? { type: 'click', ...shared, source: data.source }
    : {
        type: 'conversion',
        ...shared,
        transactionId: data.transaction_id,
        event: data.event,
        amount: data.amount,
        currency: data.currency,
      };
}
