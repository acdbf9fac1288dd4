import type { Answer, BadField, Outcome, Result } from './dialect.ts';

/** A body in the form that a sender's side reads. Nothing on the way keeps it. */
export const answerOf = (status: number, contentType: string, body: string): Answer => ({
  status,
  headers: { 'content-type': contentType, 'cache-control': 'no-store' },
  body,
});

/** What became of a message that tells one thing, in a line; `field` is what is wrong with it, in our parameter names. */
export type Summary =
  | { readonly kind: 'taken'; readonly result: Extract<Result, { kind: 'taken' }> }
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly field: string; readonly message: string };

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
      return { kind: 'refused', code: 'unverified', field: 'sender', message: outcome.reason };
    case 'unreadable':
      return refused('unreadable', outcome.errors);
    case 'unavailable':
      return { kind: 'refused', code: 'unavailable', field: 'message', message: 'is not kept now: send it again' };
  }
}

function refused(code: RefusalCode, errors: readonly BadField[]): Summary {
  const [{ field, message } = { field: 'message', message: 'says nothing' }] = errors;
  return { kind: 'refused', code, field, message };
}
