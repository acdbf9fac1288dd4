import { type AnswersResult, answersQuery, answersResult } from '../../shared/contracts/payouts.ts';
import { formatAmount } from '../../shared/domain/money/money.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import { type HttpHandler, json, mediaType, query } from '../../shared/runtime/http.ts';
import { HttpProblem, unsupportedMediaType } from '../../shared/runtime/problems.ts';
import type { createSettleAnswers, LineResult } from '../../shared/use-cases/payouts/settle-answers.ts';
import { type ReadAnswers, readAnswers } from './answers/read-answers.ts';

export interface ImportAnswersDependencies {
  readonly catalog: Pick<CatalogReader, 'apiKey'>;
  readonly settleAnswers: ReturnType<typeof createSettleAnswers>;
}

const MEDIA_TYPES = ['application/xml', 'text/xml', 'text/csv', 'text/plain', 'application/octet-stream'];
const MAX_ERRORS = 100;

/**
 * Takes in what a bank answered. A file with a line that cannot be true changes nothing, so that somebody looks at it first, unless the
 * call says to leave such lines out. Importing a file again changes nothing.
 */
export function createImportAnswers({ catalog, settleAnswers }: ImportAnswersDependencies): HttpHandler {
  return async (event) => {
    await authenticate(catalog, event, ['operator', 'finance']);
    const { skipRefused, dayOrder } = query(event, answersQuery);
    if (!MEDIA_TYPES.includes(mediaType(event))) throw unsupportedMediaType(MEDIA_TYPES);
    const read = readAnswers(event, dayOrder);
    // A line that cannot be read is refused as well: then the others are only looked at.
    const mode = skipRefused === 'true' ? 'valid' : read.bad.length > 0 ? 'look' : 'all';
    const { applied, results } = await settleAnswers(read.lines, mode);
    const lines = viewLines(results, read);
    if (!applied) throw refused(lines);
    return json(200, answersResult.parse({ counts: countsOf(lines, read.ignored), lines }));
  };
}

type Line = AnswersResult['lines'][number];

const viewLines = (results: readonly LineResult[], { bad }: ReadAnswers): Line[] =>
  [
    ...bad.map(({ line, error }): Line => ({ line, outcome: 'refused', error })),
    ...results.map((result): Line => {
      const { line, payoutId, outcome, state, reason } = result;
      return {
        line,
        ...(payoutId !== undefined && { payoutId }),
        outcome,
        ...(state !== undefined && { state }),
        ...(outcome === 'refused' ? { error: errorOf(result) } : reason !== undefined && { reason }),
      };
    }),
  ].sort((left, right) => left.line - right.line);

function errorOf({ payoutId, runId, fault, payout }: LineResult): string {
  const id = payoutId ?? runId ?? '';
  const sent = payout === undefined ? '' : `${formatAmount(payout.amountMinor, payout.currency)} ${payout.currency}`;
  switch (fault) {
    case 'other_amount':
    case 'other_currency':
      return `${id} was sent with ${sent}`;
    case 'not_sent':
      return `${id} is in a run that is not sent`;
    case 'was_cancelled':
      return `${id} was never sent: it was cancelled`;
    case 'paid_before':
      return `${id} was paid: a payment that is rejected never is. Where it came back, say returned`;
    case 'failed_before':
      return `${id} was rejected: a payment that is paid never is`;
    default:
      return `${id} is not known here`;
  }
}

const countsOf = (lines: readonly Line[], ignored: number): AnswersResult['counts'] => {
  const of = (outcome: Line['outcome']) => lines.filter((line) => line.outcome === outcome).length;
  return { settled: of('settled'), unchanged: of('unchanged'), refused: of('refused'), ignored };
};

function refused(lines: readonly Line[]): HttpProblem {
  const errors = lines.flatMap(({ line, error }) =>
    error === undefined ? [] : [{ field: `line ${line}`, message: error }],
  );
  return new HttpProblem({
    status: 409,
    code: 'answers-refused',
    title: 'This contradicts what is there',
    detail: `Nothing was done. Lines that cannot be true: ${errors.length}. Look at them; skipRefused=true settles the others.`,
    errors: errors.slice(0, MAX_ERRORS),
  });
}
