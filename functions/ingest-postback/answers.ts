import type { ConversionMessage } from '../../shared/contracts/postback.ts';
import type { ToldReceipt } from '../../shared/contracts/receipts.ts';
import { type Lead, originalVerdict } from '../../shared/domain/leads/lead.ts';
import type { Receipt } from '../../shared/ports/receipts.ts';
import { type HttpResult, json } from '../../shared/runtime/http.ts';
import { conflict, forbidden, type HttpProblem, invalidField, notFound } from '../../shared/runtime/problems.ts';
import { isOwn } from '../../shared/runtime/scope.ts';
import { receiptOfDecision, tellReceipt } from '../../shared/use-cases/message-receipt.ts';
import type { RecordOutcome, Refusal } from '../../shared/use-cases/record-conversion.ts';
import type { SignReceipt } from '../../shared/use-cases/sign-receipt.ts';

export interface AnswerDependencies {
  readonly signReceipt: SignReceipt;
  /** Told why an answer went without its signed receipt. */
  readonly onUnsigned: (error: unknown) => void;
}

type Repeat = Extract<RecordOutcome, { kind: 'duplicate' | 'conflict' }>;

/** The answers to postbacks, each with its signed receipt. */
export function createAnswers({ signReceipt, onUnsigned }: AnswerDependencies) {
  /** What is told is done already: where no keys can be read, the answer goes without. */
  const signed = async (told: ToldReceipt): Promise<{ readonly receipt?: string }> => {
    try {
      return { receipt: await signReceipt(told, told.receivedAt) };
    } catch (error) {
      onUnsigned(error);
      return {};
    }
  };

  return {
    /** 200 with the verdict on a message. */
    async decided(message: ConversionMessage, lead: Lead): Promise<HttpResult> {
      const told = tellReceipt(receiptOfDecision(message, lead));
      const { receiptId, leadId, status, reason } = told;
      return json(200, { receiptId, leadId, status, reason, ...(await signed(told)) });
    },
    /** Of another's lead the sender learns no more than that there is one. */
    async duplicate({ party }: ConversionMessage, { lead, receipt }: Repeat): Promise<HttpResult> {
      const { status, reason } = originalVerdict(lead);
      const own = isOwn(party, lead);
      const original = own ? { receiptId: lead.receiptId, status, reason: reason ?? null } : undefined;
      const leadId = own ? lead.leadId : undefined;
      const told = tellReceipt({ ...receipt, leadId, termsFrom: own ? lead.termsFrom : undefined }, original);
      return json(200, {
        receiptId: told.receiptId,
        leadId,
        status: told.status,
        reason: told.reason,
        ...(await signed(told)),
        original,
      });
    },
    async conflict({ party }: ConversionMessage, { lead, receipt }: Repeat): Promise<HttpProblem> {
      const leadId = isOwn(party, lead) ? lead.leadId : undefined;
      return conflict(
        'transaction-conflict',
        'This transaction was reported before with other content; nothing was changed.',
        { receiptId: receipt.receiptId, leadId, ...(await signed(tellReceipt({ ...receipt, leadId }))) },
      );
    },
    async refused(problem: HttpProblem, receipt: Receipt): Promise<HttpProblem> {
      return problem.with({ receiptId: receipt.receiptId, ...(await signed(tellReceipt(receipt))) });
    },
    /** 202: the message is kept and will be decided. */
    async queued(receipt: Receipt): Promise<HttpResult> {
      return json(202, { receiptId: receipt.receiptId, status: 'queued', ...(await signed(tellReceipt(receipt))) });
    },
  };
}

/** A refusal as an answer. */
export function problemOf({ status, field, message }: Refusal): HttpProblem {
  const errors = [{ field, message }];
  if (status === 404) return notFound(`${field}: ${message}`, errors);
  return status === 403 ? forbidden(`${field}: ${message}`, errors) : invalidField(field, message);
}
