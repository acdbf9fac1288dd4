import type { Told } from '../../../shared/dialects/dialect.ts';
import { type Lead, pricedAt, verdictOnMessage } from '../../../shared/domain/leads/lead.ts';
import { MAX_PARTS } from '../../../shared/domain/leads/transitions/reverse-part.ts';
import { parseMicros } from '../../../shared/domain/money/micros.ts';
import { formatAmount } from '../../../shared/domain/money/money.ts';
import { millisecondsOf } from '../../../shared/domain/time/calendar.ts';
import type { Stage } from '../actors/actor.ts';
import { WORTH } from '../actors/tell.ts';
import { CAMPAIGNS } from '../network.ts';
import type { Answered } from '../sender.ts';
import type { Telling } from '../tellings.ts';
import type { Books } from './books.ts';

/** What endpoints were told holds: each acknowledged message has one verdict, its sender's last word counts, and refunds are taken once each. */
export function judgeTold({ world, tellings }: Stage, books: Books): string | undefined {
  if (!world.settings.endpoints) return undefined;
  for (const lead of books.leads.values()) {
    const fault = refundFault(lead);
    if (fault !== undefined) return `${lead.leadId} ${fault}`;
  }
  for (const telling of tellings.all) {
    for (const [index, result] of (telling.results ?? []).entries()) {
      const told = telling.told[index];
      const fault = told && (answerFault(told, result, books) ?? lossFault(telling, told, result, books));
      if (fault !== undefined) return `${telling.transactionId} told ${told?.kind} ${told?.id} ${fault}`;
    }
  }
  return lastWordFault(tellings.all, books);
}

const WORTH_MICROS = parseMicros(WORTH) ?? 0n;

/** Of a lead no more is taken back than it cost, and of its refunds together the share that they are of its worth, each counted once. */
function refundFault(lead: Lead): string | undefined {
  const { chargeMinor, commissionMinor } = lead;
  const priced = pricedAt(lead);
  if (chargeMinor < 0n || commissionMinor < 0n) return `costs ${chargeMinor}/${commissionMinor}`;
  if (chargeMinor > priced.chargeMinor || commissionMinor > priced.commissionMinor) return 'costs more than its price';
  const refunds = lead.history.filter(({ refund }) => refund !== undefined);
  const ids = new Set(refunds.map(({ refund }) => refund?.refundId));
  if (ids.size < refunds.length) return 'was taken back twice for one refund';
  // Judged again, it may have cost something else when they were taken.
  if (refunds.length === 0 || lead.history.some(({ action }) => REJUDGED.has(action))) return undefined;
  const micros = refunds.reduce((sum, { refund }) => sum + (refund?.refundedMicros ?? 0n), 0n);
  if (micros >= WORTH_MICROS) return 'stands though all of it was refunded';
  const takenMinor = refunds.reduce((sum, { takenBack }) => sum + (takenBack?.chargeMinor ?? 0n), 0n);
  const dueMinor = (2n * priced.chargeMinor * micros + WORTH_MICROS) / (2n * WORTH_MICROS);
  return takenMinor === dueMinor ? undefined : `was taken back by ${takenMinor} for refunds, and not by ${dueMinor}`;
}

const REJUDGED: ReadonlySet<string> = new Set(['updated', 'revalued', 'replaced', 'undone', 'opted_in']);

/** What was answered stands in the books. */
function answerFault(told: Told, result: Answered, books: Books): string | undefined {
  const { kind } = told;
  const { receiptId, leadId, status } = result;
  if (kind === 'conversion' && receiptId !== undefined) {
    const verdicts = [...books.leads.values()].filter((lead) => verdictOnMessage(lead, receiptId) !== undefined);
    const outcome = books.receipts.get(receiptId)?.outcome;
    const isSettled = outcome !== undefined && ['duplicate', 'conflict', 'refused'].includes(outcome);
    if (result.kind === 'refused') return verdicts.length === 0 ? undefined : 'was refused, and has a verdict';
    if (verdicts.length > 1) return `has ${verdicts.length} verdicts`;
    if (verdicts.length === 0 && !isSettled) return `was answered ${status} and has no verdict`;
    if (verdicts.length === 1 && isSettled) return `has a verdict and is ${outcome}`;
    // The repeat of what another message has told meanwhile decides that one's lead.
    const [verdict = { leadId }] = verdicts;
    if (leadId !== undefined && verdict.leadId !== leadId) return `is the lead ${verdict.leadId}`;
  }
  if (leadId === undefined || status === 'erased') return undefined;
  const lead = books.leads.get(leadId);
  const wasSo = lead?.history.some((transition) => transition.status === status) === true;
  return wasSo ? wordOnAnotherFault(told, lead, status) : `was answered ${status}, and ${leadId} never was`;
}

/** What a sender decides is the lead of the affiliate that it names, at what it says that it is worth. */
function wordOnAnotherFault(told: Told, lead: Lead, status: string | undefined): string | undefined {
  // What was rejected may have become somebody else's since; what is still pending was not moved.
  const isMoved = status !== 'pending' && !lead.history.some(({ action }) => action === 'replaced');
  if (told.kind !== 'conversion' || !DECISIONS.has(told.status) || !isMoved) return undefined;
  const { affiliate, parameters } = told.report;
  if (affiliate !== lead.affiliateId) return `moved ${lead.leadId} of ${lead.affiliateId}`;
  const { amount } = parameters;
  const worth = lead.amount && formatAmount(lead.amount.amountMinor, lead.amount.currency);
  const isAtAnotherWorth = amount !== undefined && worth !== undefined && amount !== worth;
  return told.status === 'approved' && isAtAnotherWorth ? `confirmed ${lead.leadId} at ${worth}` : undefined;
}

/** What is told and cannot be done is tried again for so long. */
const TRIED_FOR_MS = 4 * 3_600_000;

/** What was acknowledged was done. */
function lossFault(telling: Telling, told: Told, result: Answered, books: Books): string | undefined {
  const { endpoint, campaignId, transactionId, sentAt } = telling;
  const leads = [...books.leads.values()].filter(
    (lead) => lead.campaignId === campaignId && lead.transactionId === transactionId,
  );
  if (result.kind === 'refused') return undefined;
  if (told.kind === 'conversion' || told.kind === 'fetch') {
    const isKnown = [...books.leads.values()].some((lead) => lead.transactionId === transactionId);
    const isElsewhere = !isToldByTransaction(campaignId);
    return isKnown || isElsewhere || result.receiptId !== undefined
      ? undefined
      : 'was acknowledged, and no lead is known';
  }
  if (endpoint.token === undefined || !isToldByTransaction(campaignId)) return undefined;
  // Where there is a claim too, it may have been taken back of that; what was rejected costs nothing, whatever became of it later.
  const [lead] = leads;
  if (lead === undefined || leads.some(({ claimant, history }) => claimant !== undefined || history.some(isRejection)))
    return undefined;
  if (millisecondsOf(lead.receivedAt) > millisecondsOf(sentAt) + TRIED_FOR_MS) return undefined;
  if (lead.status === 'reversed') return undefined;
  if (told.kind === 'erasure') return `was acknowledged, and ${lead.leadId} is ${lead.status}`;
  if (told.kind !== 'return') return undefined;
  const parts = lead.history.filter(({ takenBack }) => takenBack !== undefined);
  if (parts.length >= MAX_PARTS || parts.some(({ refund }) => refund?.refundId === told.id)) return undefined;
  return `was acknowledged, and ${lead.leadId} is ${lead.status}, nothing taken back for it`;
}

const isRejection = ({ status }: Lead['history'][number]): boolean => status === 'rejected';

/** Whether leads of a campaign are found by their transactions. */
function isToldByTransaction(campaignId: string): boolean {
  const dedupe = CAMPAIGNS.find((campaign) => campaign.campaignId === campaignId)?.dedupe;
  return dedupe?.windowMs === undefined && dedupe?.by.length === 1 && dedupe.by[0] === 'transaction_id';
}

interface Word extends Telling {
  readonly status: 'approved' | 'declined';
  readonly result: Answered | undefined;
}

/** What a sender said last of an order, once all that it had said before was acknowledged, is what counts of its words. */
function lastWordFault(tellings: readonly Telling[], { leads }: Books): string | undefined {
  const words = tellings.flatMap((telling) => wordOf(telling) ?? []);
  const ofOrders = Map.groupBy(
    words.filter(({ endpoint }) => endpoint.token !== undefined),
    ({ campaignId, transactionId }) => `${campaignId} ${transactionId}`,
  );
  for (const said of ofOrders.values()) {
    const last = said.reduce((one, other) => (other.sentMs > one.sentMs ? other : one));
    if (said.some((word) => word !== last && word.answeredMs >= last.sentMs)) continue;
    const { campaignId, transactionId, status, result, sentAt } = last;
    if (result?.kind !== 'taken' || !isToldByTransaction(campaignId)) continue;
    for (const lead of leads.values()) {
      if (lead.campaignId !== campaignId || lead.transactionId !== transactionId || lead.claimant !== undefined)
        continue;
      const fault = wordFault(lead, status, result, sentAt);
      if (fault !== undefined) return `${lead.leadId} ${fault}`;
    }
  }
  return undefined;
}

function wordOf(telling: Telling): Word | undefined {
  const { told, results } = telling;
  const isWord = (one: Told) => one.kind === 'conversion' && DECISIONS.has(one.status);
  const index = told.findIndex(isWord);
  const found = told[index];
  if (found?.kind !== 'conversion') return undefined;
  // Which of several in one message was the last, is not known once they wait in a queue.
  const isOne = told.filter(isWord).length === 1;
  return { ...telling, status: found.status as Word['status'], result: isOne ? results?.[index] : undefined };
}

const DECISIONS: ReadonlySet<string> = new Set(['approved', 'declined']);

function wordFault(lead: Lead, word: Word['status'], result: Answered, sentAt: string): string | undefined {
  const { history } = lead;
  const of = (status: Lead['status']) => history.findLast((transition) => transition.status === status);
  // What was so already is not made so anew: when it was said, nobody remembers. A lead that is reversed by now was confirmed when its
  // sender's approval was taken, which is refused of one that is reversed.
  const said = history.filter(({ reason }) => reason === word);
  const wasSo = said.length > 0 || (word === 'approved' && lead.status === 'reversed');
  if (wasSo && !said.some(({ at }) => at >= sentAt)) return undefined;
  if (word === 'declined') {
    const confirmed = lead.status === 'confirmed' ? firstOfRun(lead) : undefined;
    // Others may have decided otherwise since, and so may a message have that says more.
    return confirmed !== undefined && isOfSenderBefore(confirmed, sentAt)
      ? 'is confirmed, and its sender has declined it since'
      : undefined;
  }
  const taken = lead.status === 'reversed' || lead.status === 'rejected' ? of(lead.status) : undefined;
  const isOfDecline = taken?.reason === 'declined' && isOfSenderBefore(taken, sentAt);
  return result.status === 'confirmed' && isOfDecline
    ? 'was declined, and its sender has approved it since'
    : undefined;
}

/** Whether a sender's word, or a message of the time before, made a transition. */
const isOfSenderBefore = ({ actor, at }: Lead['history'][number], sentAt: string): boolean =>
  (actor.startsWith('ep_') || actor === 'system') && at <= sentAt;

/** Where a lead came to be confirmed as it is now. */
function firstOfRun({ history }: Lead): Lead['history'][number] | undefined {
  const before = history.findLastIndex(({ status }) => status !== 'confirmed');
  return history[before + 1];
}
