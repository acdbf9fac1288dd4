import { verdictOnMessage } from '../../../shared/domain/leads/lead.ts';
import type { Stage } from '../actors/actor.ts';
import type { Sending } from '../postbacks.ts';
import type { Books } from './books.ts';

/** What was answered holds: each acknowledged message has exactly one verdict in the end, and the one it was told. */
export function judgeAnswers({ postbacks }: Stage, books: Books): string | undefined {
  for (const sending of postbacks.sendings) {
    const fault = answerFault(sending, books) ?? othersLeadFault(sending, books);
    if (fault !== undefined) {
      return `${sending.transactionId} answered ${sending.answer.status} ${JSON.stringify(sending.answer.body)} ${fault}`;
    }
  }
  return contradiction(postbacks.sendings, books);
}

/** An affiliate is never told which lead is another's; what was its own may have given way since. */
function othersLeadFault({ key, answer }: Sending, { leads }: Books): string | undefined {
  const { affiliateId } = key.record;
  const leadId = answer.body?.leadId as string | undefined;
  if (affiliateId === undefined || leadId === undefined) return undefined;
  const lead = leads.get(leadId);
  if (lead?.affiliateId === affiliateId) return undefined;
  const gaveWay = lead?.history.some(({ action }) => action === 'replaced') === true;
  return gaveWay ? undefined : `tells ${affiliateId} of another's lead`;
}

/**
 * The same message is never taken once and called a contradiction another time, unless its lead gave way to another. An affiliate's is
 * left out: new terms may make a claim of what was none.
 */
function contradiction(sendings: readonly Sending[], { leads }: Books): string | undefined {
  const taken = new Map<string, Sending>();
  const contents = ({ key, query }: Sending): string => JSON.stringify([key.record.scopes, query]);
  const ofAdvertisers = sendings.filter(({ key }) => key.record.role === 'advertiser');
  for (const sending of ofAdvertisers) if (sending.answer.status === 200) taken.set(contents(sending), sending);
  for (const sending of ofAdvertisers) {
    const other = sending.answer.status === 409 ? taken.get(contents(sending)) : undefined;
    const lead = leads.get(other?.answer.body.leadId);
    // A rejected lead gives way to what says something else: the one that was taken since, or the one that was contradicted before.
    const gaveWay = [lead, leads.get(sending.answer.body?.leadId)].some(
      (one) => one?.status === 'rejected' || one?.history.some(({ action }) => action === 'replaced'),
    );
    // A repeat of another order's lead, by its address, may contradict who has taken its own order since.
    if (other !== undefined && lead?.transactionId === sending.transactionId && !gaveWay) {
      return `${sending.transactionId} was taken as ${lead?.leadId}, and the same message called a contradiction`;
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
