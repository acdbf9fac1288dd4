import { contactNames } from '../../contracts/postback.ts';
import type { Report, Result } from '../../dialects/dialect.ts';
import type { LoggedTold } from '../../ports/endpoints.ts';

/** What of a report tells of a person: shown as far as it helps to see what came. */
const PERSONAL: ReadonlySet<string> = new Set([
  ...contactNames,
  'ip',
  'user_agent',
  'device_id',
  'visitor_id',
  'consent_url',
  'consent_token',
]);

const MAX_SHOWN = 60;
const MAX_SHOWN_CHARACTERS = 128;

const mask = (value: string): string => (value.length > 3 ? `${value.slice(0, 1)}***` : '***');

/** What has a name of ours: whole, but for an address that a sender puts where a number or a sub-id belongs. */
const plain = (value: string): string => (value.includes('@') ? mask(value) : value.slice(0, MAX_SHOWN_CHARACTERS));

/** A result as a row of the log: what tells of persons is masked, and so is whatever we have no name for. */
export function loggedOf(result: Result): LoggedTold {
  const { told } = result;
  const row = {
    id: plain(told.id),
    kind: told.kind,
    parameters: 'report' in told ? shown(told.report) : undefined,
  };
  if (result.kind === 'taken') {
    const { status, reason, receiptId, leadId } = result;
    return { ...row, status, reason, receiptId, leadId };
  }
  const { code, errors, receiptId } = result;
  return { ...row, status: 'refused', reason: code, errors, receiptId };
}

function shown({ click, campaign, affiliate, source, parameters, fields }: Report): Record<string, string> {
  const named = Object.entries({ click, campaign, affiliate, source, ...parameters }).flatMap(
    ([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, PERSONAL.has(name) || name.startsWith('field_') ? mask(value) : plain(value)]],
  );
  const unnamed = Object.entries(fields).map(([name, value]): [string, string] => [name, mask(value)]);
  const rows = [...named, ...unnamed].slice(0, MAX_SHOWN);
  return Object.fromEntries(rows.map(([name, value]) => [name.slice(0, MAX_SHOWN_CHARACTERS), value]));
}
