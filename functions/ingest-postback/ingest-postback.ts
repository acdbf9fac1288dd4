import type { Conversion, ConversionMessage } from '../../shared/contracts/postback.ts';
import { millisecondsOf } from '../../shared/domain/time/calendar.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import { StoreUnavailable, VersionConflict } from '../../shared/ports/errors.ts';
import type { Queue } from '../../shared/ports/queues.ts';
import type { Receipt, ReceiptStore } from '../../shared/ports/receipts.ts';
import { authenticateKey, bearerKey } from '../../shared/runtime/authenticate.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { HttpHandler, HttpResult } from '../../shared/runtime/http.ts';
import type { MakeId } from '../../shared/runtime/ids.ts';
import { type StartTimer, systemTimer } from '../../shared/runtime/pace.ts';
import { forbidden, HttpProblem, unavailable } from '../../shared/runtime/problems.ts';
import { receiptOfRefusal, receiptOfSender } from '../../shared/use-cases/message-receipt.ts';
import type { Outcome } from '../../shared/use-cases/record-conversion.ts';
import { type AnswerDependencies, createAnswers, problemOf } from './answers.ts';
import { keyInParameters, readPostback, requestHash } from './read-postback.ts';

export interface IngestPostbackDependencies extends AnswerDependencies {
  readonly catalog: Pick<CatalogReader, 'apiKey'>;
  readonly recordConversion: (message: ConversionMessage) => Promise<Outcome>;
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
/** A receipt that is not written in this time is left to the worker, or to its signed copy. */
const RECEIPT_BUDGET_MS = 500;
const RETRY_AFTER_SECONDS = 30;
const MAX_DETAIL_CHARACTERS = 500;

/**
 * Answers a postback with its verdict; where the store does not answer in time, with a receipt once the message is queued. From the
 * moment that the sender is known to be one, every answer but 503 leaves a receipt and carries it, signed.
 */
export function createIngestPostback(dependencies: IngestPostbackDependencies): HttpHandler {
  const { decisionBudgetMs = DECISION_BUDGET_MS, startTimer = systemTimer } = dependencies;
  const answers = createAnswers(dependencies);

  /** Keeps a receipt as far as the store lets it: what it tells holds without it. */
  const keep = async (receipt: Receipt): Promise<void> => {
    try {
      await withinBudget(dependencies.receipts.put(receipt), RECEIPT_BUDGET_MS, startTimer);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
    }
  };

  const refuse = async (problem: HttpProblem, receipt: Receipt): Promise<HttpProblem> => {
    await keep(receipt);
    return answers.refused(problem, receipt);
  };

  const enqueue = async (message: ConversionMessage): Promise<HttpResult> => {
    try {
      await dependencies.queue.send(message);
    } catch {
      throw unavailable(
        'Neither the store nor the queue takes the postback: nothing was promised, send it again.',
        RETRY_AFTER_SECONDS,
      );
    }
    // After the queue has it: a receipt never says `queued` of what is nowhere. Should the worker be quicker, its outcome stands.
    const receipt: Receipt = { ...receiptOfSender(message), outcome: 'queued' };
    await keep(receipt);
    return answers.queued(receipt);
  };

  return async (event) => {
    const key = bearerKey(event) ?? keyInParameters(event);
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
    let outcome: Outcome;
    try {
      outcome = await withinBudget(dependencies.recordConversion(message), decisionBudgetMs, startTimer);
    } catch (error) {
      if (!(error instanceof StoreUnavailable || error instanceof VersionConflict)) throw error;
      const answer = await enqueue({ ...message, requestHash: requestHash(event) });
      dependencies.onQueued(error);
      return answer;
    }
    switch (outcome.kind) {
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

/** The result, or StoreUnavailable when the budget is spent: a write that ends later is met again as the message's own. */
async function withinBudget<Result>(work: Promise<Result>, budgetMs: number, startTimer: StartTimer): Promise<Result> {
  let callOff = (): void => undefined;
  const spent = new Promise<never>((_resolve, reject) => {
    callOff = startTimer(budgetMs, () => reject(new StoreUnavailable('the decision took too long')));
  });
  try {
    return await Promise.race([work, spent]);
  } finally {
    callOff();
  }
}
