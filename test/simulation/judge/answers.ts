import { verdictOnMessage } from '../../../shared/domain/leads/lead.ts';
import type { Stage } from '../actors/actor.ts';
import type { Sending } from '../postbacks.ts';
import type { Books } from './books.ts';

/** What was answered holds: each acknowledged message has exactly one verdict in the end, and the one it was told. */
export function judgeAnswers({ postbacks }: Stage, books: Books): string | undefined {
  for (const sending of postbacks.sendings) {
    const fault = answerFault(sending, books);
    if (fault !== undefined) {
      return `${sending.transactionId} answered ${sending.answer.status} ${JSON.stringify(sending.answer.body)} ${fault}`;
    }
  }
  return undefined;
}

function answerFault({ answer: { status, body } }: Sending, books: Books): string | undefined {
  if (status !== 200 && status !== 202 && status !== 409) return undefined;
  const { receiptId, leadId } = body as { readonly receiptId: string; readonly leadId?: string };
  const verdict = verdictsOf(receiptId, books);
  const receipt = books.receipts.get(receiptId);
  if (status === 202) {
    if (verdict.length > 1) return 'has more than one verdict';
    const isSettled = receipt !== undefined && ['duplicate', 'conflict', 'refused'].includes(receipt.outcome);
    if (verdict.length === 0 && !isSettled) return 'has no verdict';
    return verdict.length === 1 && isSettled ? `has a verdict and is ${receipt?.outcome}` : undefined;
  }
  if (status === 409 || body.status === 'duplicate') {
    if (verdict.length > 0) return 'made a lead all the same';
    const outcome = status === 409 ? 'conflict' : 'duplicate';
    return receipt?.outcome === outcome ? undefined : `is kept as ${receipt?.outcome}`;
  }
  const [only] = verdict;
  if (only === undefined) return 'is lost';
  if (verdict.length > 1) return 'has more than one verdict';
  if (only.leadId !== leadId) return `is the lead ${only.leadId}`;
  if (only.status !== body.status || (only.reason ?? null) !== body.reason) {
    return `is kept as ${only.status} ${only.reason}`;
  }
  return receipt === undefined || receipt.outcome === 'decided' ? undefined : `is kept as ${receipt.outcome} too`;
}

/** The verdicts that leads hold on a message. */
function verdictsOf(receiptId: string, { leads }: Books) {
  const found: { leadId: string; status: string; reason?: string | undefined }[] = [];
  for (const lead of leads.values()) {
    const verdict = verdictOnMessage(lead, receiptId);
    if (verdict !== undefined) found.push({ leadId: lead.leadId, status: verdict.status, reason: verdict.reason });
  }
  return found;
}
