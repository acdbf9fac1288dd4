import type { ConversionMessage } from '../../shared/contracts/postback.ts';
import { type Lead, originalVerdict } from '../../shared/domain/leads/lead.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import { StoreUnavailable, VersionConflict } from '../../shared/ports/errors.ts';
import type { Queue } from '../../shared/ports/queues.ts';
import { authenticateKey, bearerKey } from '../../shared/runtime/authenticate.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { type HttpHandler, type HttpResult, json } from '../../shared/runtime/http.ts';
import type { MakeId } from '../../shared/runtime/ids.ts';
import { type StartTimer, systemTimer } from '../../shared/runtime/pace.ts';
import { conflict, forbidden, invalidField, notFound, unavailable } from '../../shared/runtime/problems.ts';
import type { Outcome, Refusal } from '../../shared/use-cases/record-conversion.ts';
import { keyInParameters, readPostback } from './read-postback.ts';

export interface IngestPostbackDependencies {
  readonly catalog: Pick<CatalogReader, 'apiKey'>;
  readonly recordConversion: (message: ConversionMessage) => Promise<Outcome>;
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

/** Answers a postback with its verdict; where the store does not answer in time, with a receipt once the message is queued. */
export function createIngestPostback(dependencies: IngestPostbackDependencies): HttpHandler {
  const { decisionBudgetMs = DECISION_BUDGET_MS, startTimer = systemTimer } = dependencies;
  return async (event) => {
    const key = bearerKey(event) ?? keyInParameters(event);
    const party = await authenticateKey(dependencies.catalog, key, ['postback', 'pixel']);
    if (party.role === 'operator' || party.role === 'finance') {
      throw forbidden('Postbacks are taken from advertisers and affiliates: use a key of one of them.');
    }
    const conversion = readPostback(event);
    const receivedAt = dependencies.clock();
    const receiptId = dependencies.makeId('rcp');
    const message: ConversionMessage = {
      kind: 'postback',
      receiptId,
      receivedAt,
      occurredAt: receivedAt,
      party,
      conversion,
    };
    try {
      return answer(message, await withinBudget(dependencies.recordConversion(message), decisionBudgetMs, startTimer));
    } catch (error) {
      if (!(error instanceof StoreUnavailable || error instanceof VersionConflict)) throw error;
      return enqueue(dependencies, message, error);
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

async function enqueue(
  dependencies: IngestPostbackDependencies,
  message: ConversionMessage,
  cause: Error,
): Promise<HttpResult> {
  try {
    await dependencies.queue.send(message);
  } catch {
    throw unavailable(
      'Neither the store nor the queue takes the postback: nothing was promised, send it again.',
      RETRY_AFTER_SECONDS,
    );
  }
  dependencies.onQueued(cause);
  return json(202, { receiptId: message.receiptId, status: 'queued' });
}

function answer({ receiptId, party }: ConversionMessage, outcome: Outcome): HttpResult {
  switch (outcome.kind) {
    case 'decided':
      return json(200, { receiptId, leadId: outcome.lead.leadId, ...verdictOf(outcome.lead) });
    case 'duplicate':
      return json(200, {
        receiptId,
        leadId: outcome.lead.leadId,
        status: 'duplicate',
        reason: 'duplicate_transaction',
        original: { receiptId: outcome.lead.receiptId, ...verdictOf(outcome.lead) },
      });
    case 'conflict':
      throw conflict(
        'transaction-conflict',
        'This transaction was reported before with other content; nothing was changed.',
        {
          receiptId,
          // Whose lead it is that stands there is nothing for another affiliate to know.
          ...((party.role !== 'affiliate' || party.affiliateId === outcome.lead.affiliateId) && {
            leadId: outcome.lead.leadId,
          }),
        },
      );
    case 'refused':
      throw problemOf(outcome);
  }
}

function verdictOf(lead: Lead) {
  const { status, reason } = originalVerdict(lead);
  return { status, reason: reason ?? null };
}

function problemOf({ status, field, message }: Refusal) {
  const errors = [{ field, message }];
  if (status === 404) return notFound(`${field}: ${message}`, errors);
  return status === 403 ? forbidden(`${field}: ${message}`, errors) : invalidField(field, message);
}
