import type { Conversion, ConversionMessage } from '../../shared/contracts/postback.ts';
import { millisecondsOf } from '../../shared/domain/time/calendar.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import type { Queue } from '../../shared/ports/queues.ts';
import type { Receipt, ReceiptStore } from '../../shared/ports/receipts.ts';
import type { StartTimer } from '../../shared/ports/timer.ts';
import { authenticateKey, bearerKey } from '../../shared/runtime/authenticate.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { HttpEvent, HttpHandler, HttpResult } from '../../shared/runtime/http.ts';
import type { MakeId } from '../../shared/runtime/ids.ts';
import { systemTimer } from '../../shared/runtime/pace.ts';
import { forbidden, HttpProblem, unavailable } from '../../shared/runtime/problems.ts';
import { createKeepReceipt, receiptOfRefusal, receiptOfSender } from '../../shared/use-cases/message-receipt.ts';
import type { RecordOutcome } from '../../shared/use-cases/record-conversion.ts';
import { createTakeConversion } from '../../shared/use-cases/take-conversion.ts';
import { type AnswerDependencies, createAnswers, problemOf } from './answers.ts';
import { keyInParameters, readPostback, requestHash } from './read-postback.ts';

export interface IngestPostbackDependencies extends AnswerDependencies {
  readonly catalog: Pick<CatalogReader, 'apiKey'>;
  /** The answer of the endpoint whose domain a request came to; undefined where it came to none. */
  readonly forwardMessage: (event: HttpEvent) => Promise<HttpResult | undefined>;
  readonly recordConversion: (message: ConversionMessage) => Promise<RecordOutcome>;
  readonly receipts: Pick<ReceiptStore, 'put'>;
  readonly queue: Pick<Queue<ConversionMessage>, 'send'>;
  readonly clock: Clock;
  readonly makeId: MakeId;
  /** How long a sender waits for its verdict; after that the message is queued. */
  readonly decisionBudgetMs?: number;
  readonly startTimer?: StartTimer;
  /** Told why a message had to be queued. */
  readonly onQueued: (error: unknown) => void;
}

const DECISION_BUDGET_MS = 4000;
const RETRY_AFTER_SECONDS = 30;
const MAX_DETAIL_CHARACTERS = 500;

/**
 * Answers a postback with its verdict; where the store does not answer in time, with a receipt once the message is queued. From the
 * moment that the sender is known to be one, every answer but 503 leaves a receipt and carries it, signed.
 */
export function createIngestPostback(dependencies: IngestPostbackDependencies): HttpHandler {
  const { decisionBudgetMs = DECISION_BUDGET_MS, startTimer = systemTimer } = dependencies;
  const answers = createAnswers(dependencies);
  const keep = createKeepReceipt({ ...dependencies, startTimer });
  const take = createTakeConversion({
    ...dependencies,
    startTimer,
    decide: dependencies.recordConversion,
    receiptOf: receiptOfSender,
  });

  const refuse = async (problem: HttpProblem, receipt: Receipt): Promise<HttpProblem> => {
    await keep(receipt);
    return answers.refused(problem, receipt);
  };

  return async (event) => {
    const key = bearerKey(event) ?? keyInParameters(event);
    if (key === undefined) {
      const answer = await dependencies.forwardMessage(event);
      if (answer !== undefined) return answer;
    }
    const party = await authenticateKey(dependencies.catalog, key, ['postback', 'pixel']);
    if (party.role === 'operator' || party.role === 'finance') {
      throw forbidden('Postbacks are taken from advertisers and affiliates: use a key of one of them.');
    }
    const receivedAt = dependencies.clock();
    // By its time the lead of a receipt is found again, as the index of leads is by time.
    const receiptId = dependencies.makeId('rcp', millisecondsOf(receivedAt));
    const sent = { receiptId, receivedAt, occurredAt: receivedAt, party };
    let conversion: Conversion;
    try {
      conversion = readPostback(event);
    } catch (error) {
      if (!(error instanceof HttpProblem)) throw error;
      throw await refuse(error, {
        ...receiptOfSender({ ...sent, requestHash: requestHash(event) }),
        outcome: 'refused',
        reason: error.code.replaceAll('-', '_'),
        detail: error.message.slice(0, MAX_DETAIL_CHARACTERS),
      });
    }
    const message: ConversionMessage = { kind: 'postback', ...sent, conversion };
    const outcome = await take(message, decisionBudgetMs, (queued) => ({
      ...queued,
      requestHash: requestHash(event),
    }));
    switch (outcome.kind) {
      case 'queued':
        return answers.queued(outcome.receipt);
      case 'unavailable':
        throw unavailable(
          'Neither the store nor the queue takes the postback: nothing was promised, send it again.',
          RETRY_AFTER_SECONDS,
        );
      case 'decided':
        return answers.decided(message, outcome.lead);
      case 'duplicate':
        return answers.duplicate(message, outcome);
      case 'conflict':
        throw await answers.conflict(message, outcome);
      case 'refused': {
        const refused = { ...message, requestHash: requestHash(event) };
        throw await refuse(problemOf(outcome), receiptOfRefusal(refused, outcome));
      }
    }
  };
}
