import {
  DECISIONS_LIMIT_BYTES,
  decisionFileColumns,
  decisionLine,
  decisionMediaTypes,
  decisionOf,
  MAX_DECISION_LINES,
} from '../../shared/contracts/decisions.ts';
import { type DecisionRow, refuseRepeats } from '../../shared/domain/decisions/decisions.ts';
import { bodyText, type HttpEvent, mediaType } from '../../shared/runtime/http.ts';
import { type DataLine, readLine, splitCsv, splitJson, splitNdjson } from '../../shared/runtime/lines.ts';
import { invalidField, tooManyLines, unsupportedMediaType } from '../../shared/runtime/problems.ts';

type Format = (typeof decisionMediaTypes)[keyof typeof decisionMediaTypes];

export interface ReadDecisions {
  readonly rows: readonly DecisionRow[];
  /** The body and how it is to be read: where these are the same, so are the decisions. */
  readonly content: readonly [Format, string];
}

const splitters: Readonly<Record<Format, (text: string) => DataLine[]>> = {
  json: splitJson,
  csv: (text) => splitCsv(text, decisionFileColumns),
  ndjson: splitNdjson,
};

/** Reads the decisions in a body, each line by itself. Throws 400 on a body that cannot be read or has no line, 413, 415. */
export function readDecisions(event: HttpEvent): ReadDecisions {
  const type = mediaType(event);
  if (!Object.hasOwn(decisionMediaTypes, type)) throw unsupportedMediaType(Object.keys(decisionMediaTypes));
  const format = decisionMediaTypes[type as keyof typeof decisionMediaTypes];
  const text = bodyText(event, DECISIONS_LIMIT_BYTES);
  const lines = splitters[format](text);
  if (lines.length === 0) throw invalidField('body', 'must hold at least one decision');
  if (lines.length > MAX_DECISION_LINES) throw tooManyLines(MAX_DECISION_LINES);
  return { rows: refuseRepeats(lines.map(readDecision)), content: [format, text] };
}

function readDecision(dataLine: DataLine): DecisionRow {
  const read = readLine(dataLine, decisionLine);
  return read.ok ? decisionOf(dataLine.line, read.data) : { line: dataLine.line, errors: read.errors };
}
