/** Postbacks of affiliate networks on their way through a dialect, in a line each. */
import type { Dialect, Outcome, RawMessage, Result, Told } from '../../shared/dialects/dialect.ts';
import { got, OUTCOMES, passage, setupOf } from './dialects.ts';

/** A GET as it is written in a browser: `aff_lsr?offer_id=26&transaction_id=...`. */
export function fired(url: string): RawMessage {
  const [path = '', query = ''] = url.split(/\?(.*)/s);
  return got(query, { path });
}

/** What a postback tells, or why it does not: what the sender sees of that is `answer`. */
export function heard(
  dialect: Dialect,
  message: RawMessage | string,
  secrets: Readonly<Record<string, string>> = {},
  settings: Readonly<Record<string, unknown>> = {},
) {
  const raw = typeof message === 'string' ? fired(message) : message;
  const { by, reading, answer } = passage(dialect, raw, setupOf(dialect, secrets, settings));
  if (reading === undefined) return { refused: by };
  if (reading.kind === 'unreadable')
    return { unreadable: reading.errors.map(({ field }) => field), answer: answer.body };
  const told: Told | undefined = reading.kind === 'told' ? reading.told[0] : undefined;
  if (told?.kind !== 'conversion') return { by, kind: told?.kind, id: told?.id };
  const { click, campaign, affiliate, occurredAt, parameters, fields } = told.report;
  const { transaction_id: number, ...others } = parameters;
  return JSON.parse(
    JSON.stringify({
      by,
      status: told.status,
      id: told.id,
      number,
      click,
      campaign,
      affiliate,
      occurredAt,
      ...others,
      fields,
    }),
  );
}

const told: Told = { kind: 'ignored', id: 'id', reason: 'nothing' };
const rejected = (reason: string): Result => ({ kind: 'taken', told, status: 'rejected', reason });

/** What may become of a postback, and how the sender is told. */
const VERDICTS = {
  ...OUTCOMES,
  taken: {
    kind: 'results',
    results: [{ kind: 'taken', told, status: 'confirmed', receiptId: 'rcp_01JD3Y8Q5T9Z6V2K4M7N1P0R8S' }],
  },
  noSuchClick: { kind: 'results', results: [rejected('click_not_found')] },
  outsideWindow: { kind: 'results', results: [rejected('outside_click_window')] },
  unknownClick: {
    kind: 'results',
    results: [{ kind: 'refused', told, code: 'unknown', errors: [{ field: 'click_id', message: 'is not known' }] }],
  },
} as const satisfies Record<string, Outcome>;

/** Status and body of an answer. */
export function said(
  dialect: Dialect,
  verdict: keyof typeof VERDICTS,
  url = '',
  secrets: Readonly<Record<string, string>> = {},
  settings: Readonly<Record<string, unknown>> = {},
): readonly [number, string] {
  const { status, body } = dialect.answer(VERDICTS[verdict], fired(url), setupOf(dialect, secrets, settings));
  return [status, body];
}
