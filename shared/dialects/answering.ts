import type { Answer, BadField, Outcome, Result } from './dialect.ts';

/** A body in the form that a sender's side reads. Nothing on the way keeps it; and browsers take nothing in it for a page. */
export const answerOf = (status: number, contentType: string, body: string): Answer => ({
  status,
  headers: { 'content-type': contentType, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
  body,
});

export const textAnswer = (status: number, body: string): Answer => answerOf(status, 'text/plain; charset=utf-8', body);

export const jsonAnswer = (status: number, body: unknown): Answer =>
  answerOf(status, 'application/json', JSON.stringify(body));

/** What became of a message that tells one thing; of what was refused, the first thing that is wrong with it. */
export type Summary =
  | { readonly kind: 'taken'; readonly result: Extract<Result, { kind: 'taken' }> }
  | ({ readonly kind: 'refused'; readonly code: RefusalCode } & BadField);

type RefusalCode = Extract<Result, { kind: 'refused' }>['code'] | 'unverified' | 'unreadable' | 'unavailable';

/** The outcome of a message that tells one thing. */
export function summaryOf(outcome: Outcome): Summary {
  switch (outcome.kind) {
    case 'results': {
      const [result] = outcome.results;
      if (result === undefined) return refused('invalid', []);
      return result.kind === 'taken' ? { kind: 'taken', result } : refused(result.code, result.errors);
    }
    case 'unverified':
      return refused('unverified', [{ field: 'message', message: outcome.reason }]);
    case 'unreadable':
      return refused('unreadable', outcome.errors);
    case 'unavailable':
      return refused('unavailable', [{ field: 'message', message: 'is not kept now: send it again' }]);
  }
}

function refused(code: RefusalCode, errors: readonly BadField[]): Summary {
  const [{ field, message } = { field: 'message', message: 'says nothing' }] = errors;
  return { kind: 'refused', code, field, message };
}

/** What is wrong with a message, in the words that systems of networks tell apart. */
export type Fault = 'click' | 'duplicate' | 'unverified' | 'unavailable' | 'other';

/** Reasons of verdicts that other systems answer as a click that they do not know. */
const CLICK_REASONS = new Set(['click_not_found', 'campaign_mismatch', 'unattributed']);

/** Why a message did not make a conversion of its own, as far as other systems tell; undefined where it did. */
export function faultOf(summary: Summary): Fault | undefined {
  if (summary.kind === 'taken') {
    const { status, reason } = summary.result;
    if (status === 'duplicate') return 'duplicate';
    return status === 'rejected' && reason !== undefined && CLICK_REASONS.has(reason) ? 'click' : undefined;
  }
  switch (summary.code) {
    case 'unknown':
      return summary.field.includes('click') ? 'click' : 'other';
    case 'conflict':
      return 'duplicate';
    case 'unverified':
    case 'unavailable':
      return summary.code;
    default:
      return 'other';
  }
}

/** What was wrong, in a line: the field and what would be right. Empty for what was taken. */
export const faultText = (summary: Summary): string =>
  summary.kind === 'refused' ? `${summary.field} ${summary.message}` : '';

/**
 * For senders that give a subscription up after a few failures: a success for all that sending again cannot mend, and what became of each
 * thing for whoever looks. Failures are left for a wrong signature, and for what was not kept.
 */
export function acknowledge(outcome: Outcome): Answer {
  switch (outcome.kind) {
    case 'results':
      return jsonAnswer(200, {
        results: outcome.results.map((result) =>
          result.kind === 'taken'
            ? { id: result.told.id, status: result.status, reason: result.reason }
            : { id: result.told.id, status: 'refused', errors: result.errors },
        ),
      });
    case 'unreadable':
      return jsonAnswer(200, { results: [], errors: outcome.errors });
    case 'unverified':
      return jsonAnswer(401, { errors: [{ field: 'signature', message: outcome.reason }] });
    case 'unavailable':
      return jsonAnswer(503, { errors: [{ field: 'message', message: 'is not kept now: send it again' }] });
  }
}

/**
 * For senders that send whatever is not answered 200 again for hours: only what was not kept is worth that. `taken` is what they read of all
 * else.
 */
export function acknowledgeInText(outcome: Outcome, taken: string, unverified: 401 | 403): Answer {
  const text = (status: number, body: string): Answer => answerOf(status, 'text/plain', body);
  switch (outcome.kind) {
    case 'results':
      return text(200, taken);
    case 'unverified':
      return text(unverified, outcome.reason);
    case 'unreadable':
      return text(400, outcome.errors.map(({ field, message }) => `${field} ${message}`).join('; '));
    case 'unavailable':
      return text(503, 'not kept now: send it again');
  }
}
