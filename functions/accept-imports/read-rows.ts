import { type ImportLine, importLine } from '../../shared/contracts/imports.ts';
import { subIdNames } from '../../shared/contracts/postback.ts';
import type { FailedLine, ImportRow } from '../../shared/domain/imports/rows.ts';
import { CLOCK_SKEW_MS } from '../../shared/domain/leads/decide-lead.ts';
import { type Instant, later } from '../../shared/domain/time/calendar.ts';
import { type DataLine, readLine } from '../../shared/runtime/lines.ts';

export interface ReadRows {
  readonly rows: readonly ImportRow[];
  readonly refused: readonly FailedLine[];
}

/** Checks each line by itself: the good ones become rows, of the others everything that is wrong is said. */
export function readRows(lines: readonly DataLine[], now: Instant): ReadRows {
  const latest = later(now, CLOCK_SKEW_MS);
  const rows: ImportRow[] = [];
  const refused: FailedLine[] = [];
  for (const dataLine of lines) {
    const { line } = dataLine;
    const read = readLine(dataLine, importLine);
    if (!read.ok) refused.push({ line, errors: read.errors });
    else if (read.data.at > latest) refused.push({ line, errors: ['at: must not be in the future'] });
    else rows.push(rowOf(line, read.data));
  }
  return { rows, refused };
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
