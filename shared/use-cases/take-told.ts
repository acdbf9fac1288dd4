import type { ConversionMessage } from '../contracts/postback.ts';
import type { Result, Told } from '../dialects/dialect.ts';
import { awaitsSender, isOfConversion, isOfMessage, type Lead, verdictOnMessage } from '../domain/leads/lead.ts';
import { confirmLead } from '../domain/leads/transitions/confirm-lead.ts';
import { type ReadRefund, readRefund, refundLead } from '../domain/leads/transitions/refund-lead.ts';
import { rejectLead } from '../domain/leads/transitions/reject-lead.ts';
import { returnLead } from '../domain/leads/transitions/return-lead.ts';
import { reverseLead } from '../domain/leads/transitions/reverse-lead.ts';
import type { DecidedUnder, Decision, TransitionResult } from '../domain/leads/transitions/transition.ts';
import { undoRejection } from '../domain/leads/transitions/undo-rejection.ts';
import { isSameMoney, parseAmount } from '../domain/money/money.ts';
import { StoreUnavailable } from '../ports/errors.ts';
import type { Receipt } from '../ports/receipts.ts';
import type { FindLead } from './find-lead.ts';
import { REFUSED_BECAUSE, receiptOfRefusal } from './message-receipt.ts';
import { type NamesAnotherSourceDependencies, namesAnotherSource } from './record-conversion/names-another-source.ts';
import type { RecordOutcome } from './record-conversion.ts';
import type { NotDecided } from './take-conversion.ts';
import {
  messageOf,
  occurredAtOf,
  type Refused,
  type ResolvedReport,
  type ResolveReportDependencies,
  refusal,
  resolveReport,
  type ToldTo,
} from './take-told/resolve-report.ts';
import { waitsFor } from './take-told/waits-for.ts';
import type { TransitionLead } from './transition-lead.ts';

/** Those that are done here: the others are answered or fetched where messages come in. */
export type Doable = Extract<Told, { kind: 'conversion' | 'return' | 'erasure' }>;

export interface TakeToldDependencies extends ResolveReportDependencies, NamesAnotherSourceDependencies {
  readonly catalog: ResolveReportDependencies['catalog'] & NamesAnotherSourceDependencies['catalog'];
  readonly recordConversion: (message: ConversionMessage) => Promise<RecordOutcome>;
  /** As `recordConversion`, for what need not be decided at once: it may be queued as it is. */
  readonly takeConversion: (message: ConversionMessage) => Promise<RecordOutcome | NotDecided>;
  /** Keeps the receipt of what was refused. */
  readonly keepReceipt: (receipt: Receipt) => Promise<void>;
  readonly findLead: FindLead;
  readonly transitionLead: TransitionLead;
  readonly eraseContact: (lead: Lead) => Promise<void>;
}

/**
 * Does what an endpoint was told: records a conversion, moves it as its sender decides, takes it back, erases its person. Doing it again
 * ends the same. Throws StoreUnavailable and VersionConflict: then nothing is known, and it must be done again.
 */
export type TakeTold = (to: ToldTo, told: Doable) => Promise<Result>;

export function createTakeTold(dependencies: TakeToldDependencies): TakeTold {
  return async (to, told) => {
    const resolved = await resolveReport(dependencies, to, told.report);
    if ('code' in resolved) return refuseReport(dependencies, to, told, resolved);
    const given = { ...dependencies, to, resolved };
    switch (told.kind) {
      case 'conversion':
        return takeReported(given, told);
      case 'return':
        return takeReturn(given, told);
      case 'erasure':
        return takeErasure(given, told);
    }
  };
}

/** What cannot be read, or is for no campaign: of a conversion a receipt is kept, as of one that was sent to `/postback`. */
async function refuseReport(
  { keepReceipt }: TakeToldDependencies,
  { endpoint, receivedAt, receiptId }: ToldTo,
  told: Doable,
  { code, errors }: Refused,
): Promise<Result> {
  const refused: Result = { kind: 'refused', told, code, errors };
  // What waits has its receipt once it is settled.
  if (told.kind !== 'conversion' || waitsFor(refused) !== undefined) return refused;
  await keepReceipt({
    receiptId,
    at: receivedAt,
    occurredAt: occurredAtOf(told.report, receivedAt),
    kid: endpoint.endpointId,
    outcome: 'refused',
    reason: REFUSED_BECAUSE[code === 'unknown' ? 404 : 400],
    detail: errors.map(({ field, message }) => `${field}: ${message}`).join('; '),
  });
  return { ...refused, receiptId };
}

interface Given extends TakeToldDependencies {
  readonly to: ToldTo;
  readonly resolved: ResolvedReport;
}

type ToldConversion = Extract<Told, { kind: 'conversion' }>;

async function takeReported(given: Given, told: ToldConversion): Promise<Result> {
  const { to, resolved } = given;
  const take = async (defers?: ConversionMessage['defers']) => {
    const message = messageOf(to, resolved, defers);
    return resultOf(given, told, message, await given.takeConversion(message));
  };
  switch (told.status) {
    case 'open':
      return take();
    case 'pending':
      return take('defers');
    case 'opt_in':
      return take('opt_in');
    case 'approved':
      // Whose word does not count cannot approve: it is a claim like any other of its kind.
      return to.trusted ? takeDecision(given, told, approve) : take();
    case 'declined':
      return takeDecision(given, told, decline);
  }
}

type Move = (lead: Lead, decision: Decision, under: DecidedUnder) => TransitionResult;

/** What the sender rejected itself, it may approve after all. */
const approve: Move = (lead, decision, under) =>
  lead.status === 'rejected' && lead.history.at(-1)?.actor === decision.actor
    ? undoRejection(lead, decision, under)
    : confirmLead(lead, decision);

const wasBilled = ({ status }: Lead): boolean => status === 'confirmed' || status === 'reversed';

/** What was billed is returned, as far as the terms let its advertiser return leads. */
const decline: Move = (lead, decision, { terms }) =>
  wasBilled(lead) ? returnLead(lead, decision, terms?.returns) : rejectLead(lead, decision);

/** Whatever the terms say of returns: the person comes first. */
const erase: Move = (lead, decision) => (wasBilled(lead) ? reverseLead(lead, decision) : rejectLead(lead, decision));

/** Whether the sender has decided otherwise since: its word may have waited in the queue meanwhile. What it refunds says nothing of that. */
const isOvertaken = ({ history }: Lead, { actor, at }: Decision): boolean =>
  history.some((later) => later.actor === actor && later.at > at && later.action !== 'reversed_in_part');

/** A sender's word on a conversion that was told before, or else is recorded first. `met`: the lead, where it is known already. */
async function takeDecision(given: Given, told: ToldConversion, word: Move, met?: Lead): Promise<Result> {
  const { to, resolved } = given;
  const move: Move = (lead, decision, under) =>
    isOvertaken(lead, decision) ? { ok: false, fault: 'already', status: lead.status } : word(lead, decision, under);
  const { campaignId } = resolved.campaign;
  const isTold = (lead: Lead) => isOfConversion(lead, { ...resolved.conversion, campaignId });
  const moves = (lead: Lead, receiptId?: string) => moved(given, told, lead, told.status, move, receiptId);
  const known = met ?? (await findToldLead(given, resolved));
  if (known !== undefined && isForSender(known)) {
    if (await isOfAnother(given, known, told)) return { kind: 'refused', told, ...CONFLICT };
    // What it is worth by now is recorded before it is approved.
    const isRevalued =
      told.status === 'approved' && awaitsSender(known, to.endpoint.endpointId) && saysWorth(known, resolved);
    if (!isRevalued) return moves(known);
  }
  const message = messageOf(to, resolved, 'defers');
  const recorded = await given.recordConversion(message);
  // Another message made the lead in the meantime: this word is on it.
  const made = recorded.kind === 'conflict' && known === undefined ? await findToldLead(given, resolved) : undefined;
  if (made !== undefined) return takeDecision(given, told, word, made);
  const isNew =
    recorded.kind === 'decided' &&
    recorded.lead.status === 'pending' &&
    (resolved.conversion.transactionId === undefined || isTold(recorded.lead));
  // Where the campaign does not tell its leads apart by their transactions, one that was told before is found by what it repeats.
  const isAgain = recorded.kind === 'duplicate' && isForSender(recorded.lead) && isTold(recorded.lead);
  // What it adds to, or repeats by its person alone, may be another conversion.
  const isIts =
    (isNew || isAgain) &&
    !(told.status === 'approved' && contradicts(recorded.lead, resolved)) &&
    !(await namesAnotherSource(given, recorded.lead, resolved.conversion));
  return isIts ? moves(recorded.lead, to.receiptId) : resultOf(given, told, message, recorded);
}

/** Whether a sender's word moves a lead as it stands. What was rejected for what a message said may have been told in full this time. */
export function isForSender({ status, history }: Lead): boolean {
  const last = history.at(-1);
  return status !== 'rejected' || last === undefined || !isOfMessage(last);
}

export const CONFLICT = refusal(
  'conflict',
  'transaction_id',
  'was reported before with other content; nothing was changed',
);

/** Whether a message says of a conversion that it is worth something, and the lead does not say so. */
function saysWorth({ amount, currency: billed }: Lead, { conversion }: ResolvedReport): boolean {
  if (conversion.amount === undefined) return false;
  const currency = conversion.currency ?? billed;
  const read = parseAmount(conversion.amount, currency);
  return !read.ok || !isSameMoney(amount, { amountMinor: read.amountMinor, currency });
}

/** Whether a later message says that a conversion was worth something else. */
const contradicts = (lead: Lead, resolved: ResolvedReport): boolean =>
  lead.amount !== undefined && saysWorth(lead, resolved);

/**
 * Whether what is told is of another conversion than a lead's, though its transaction is the same: by its click or affiliate, or by what it
 * is worth. What is declined may have been changed before, and what waits for its sender may still be.
 */
export async function isOfAnother(
  given: NamesAnotherSourceDependencies & { readonly to: ToldTo; readonly resolved: ResolvedReport },
  lead: Lead,
  told: Doable,
): Promise<boolean> {
  const { to, resolved } = given;
  const mayChange =
    told.kind === 'conversion' && (told.status === 'declined' || awaitsSender(lead, to.endpoint.endpointId));
  return (!mayChange && contradicts(lead, resolved)) || namesAnotherSource(given, lead, resolved.conversion);
}

/** The lead that was told before under the same transaction. */
export async function findToldLead(
  { findLead }: Pick<TakeToldDependencies, 'findLead'>,
  { campaign, conversion }: ResolvedReport,
): Promise<Lead | undefined> {
  const { transactionId, event } = conversion;
  if (transactionId === undefined) return undefined;
  return findLead({ campaign: campaign.campaignId, event, transactionId });
}

/** Moves a lead by its sender's word. Whose word does not count moves the claims alone that it made itself, and confirms none. */
async function moved(
  { to, transitionLead }: Given,
  told: Doable,
  lead: Lead,
  reason: string,
  move: Move,
  receiptId?: string,
): Promise<Result> {
  const isOwnClaim = lead.claimant !== undefined && lead.toldBy === to.endpoint.endpointId;
  if (!to.trusted && (!isOwnClaim || lead.status === 'confirmed')) {
    return { kind: 'refused', told, ...NOT_TRUSTED };
  }
  const decision = { at: to.receivedAt, actor: to.endpoint.endpointId, reason };
  let last = lead;
  const result = await transitionLead(lead, (current, under) => {
    last = current;
    return move(current, decision, under);
  });
  const { leadId } = lead;
  if (result.ok || result.fault === 'already') {
    const now = result.ok ? result.lead : last;
    return { kind: 'taken', told, status: now.status, reason: now.reason, leadId, receiptId };
  }
  switch (result.fault) {
    case 'key_taken':
      return { kind: 'taken', told, status: 'duplicate', reason: 'duplicate_transaction', receiptId };
    case 'cap_reached':
      return { kind: 'taken', told, status: last.status, reason: result.reason, leadId, receiptId };
    case 'return_refused':
      return {
        kind: 'refused',
        told,
        ...refusal('conflict', `returns.${result.broken.rule}`, 'the terms of the campaign do not let it be returned'),
      };
    case 'too_many_parts':
      return {
        kind: 'refused',
        told,
        ...refusal('conflict', 'part', `is the lead's ${result.most + 1}th: reverse it by hand`),
      };
    default:
      return { kind: 'refused', told, ...refusal('conflict', 'status', `the lead is ${result.status} and stays so`) };
  }
}

const NOT_TRUSTED = refusal(
  'forbidden',
  'status',
  'is not taken from a sender that proves nothing: give the endpoint its secret, or trust: confirm',
);

/** Takes back what was given back of a conversion, once for each id that the sender gives: of what is rejected there is nothing. */
async function takeReturn(given: Given, told: Extract<Told, { kind: 'return' }>): Promise<Result> {
  const lead = await findToldLead(given, given.resolved);
  // Of what somebody merely claims, the shop itself may not have told the order yet.
  const isMereClaim = lead?.claimant !== undefined && lead.status === 'pending' && given.to.trusted;
  if (lead === undefined || isMereClaim) return { kind: 'refused', told, ...NO_LEAD };
  if (await isOfAnother(given, lead, told)) return { kind: 'refused', told, ...CONFLICT };
  if (lead.status === 'rejected')
    return { kind: 'taken', told, status: 'rejected', reason: lead.reason, leadId: lead.leadId };
  const read = told.part === undefined ? WHOLE : readRefund(lead, told.part);
  if (!read.ok) return { kind: 'refused', told, ...refusal('invalid', read.field, read.message) };
  const refund = { refundId: told.id, part: read.part };
  return moved(given, told, lead, told.reason, (current, decision, { terms }) =>
    refundLead(current, decision, refund, terms?.returns),
  );
}

const WHOLE: ReadRefund = { ok: true, part: undefined };

export const NO_LEAD = refusal('unknown', 'transaction_id', 'no lead holds it in this campaign');

async function takeErasure(given: Given, told: Extract<Told, { kind: 'erasure' }>): Promise<Result> {
  const lead = await findToldLead(given, given.resolved);
  if (lead === undefined) return { kind: 'refused', told, ...NO_LEAD };
  if (await isOfAnother(given, lead, told)) return { kind: 'refused', told, ...CONFLICT };
  if (!given.to.trusted) return { kind: 'refused', told, ...NOT_TRUSTED };
  if (told.keepsLead !== true && lead.status !== 'rejected' && lead.status !== 'reversed') {
    const result = await moved(given, told, lead, told.reason, erase);
    if (result.kind === 'refused') return result;
  }
  await given.eraseContact(lead);
  return { kind: 'taken', told, status: 'erased', leadId: lead.leadId };
}

/** What became of a conversion that was to be recorded. */
async function resultOf(
  { keepReceipt }: TakeToldDependencies,
  told: Doable,
  message: ConversionMessage,
  recorded: RecordOutcome | NotDecided,
): Promise<Result> {
  const { receiptId } = message;
  switch (recorded.kind) {
    case 'queued':
      return { kind: 'taken', told, status: 'queued', receiptId };
    case 'unavailable':
      throw new StoreUnavailable('neither the store nor the queue takes it');
    case 'decided': {
      const { lead } = recorded;
      const { status, reason } = verdictOnMessage(lead, receiptId) ?? lead;
      return { kind: 'taken', told, status, reason, receiptId, leadId: lead.leadId };
    }
    case 'duplicate':
      return { kind: 'taken', told, status: 'duplicate', reason: recorded.receipt.reason, receiptId };
    case 'conflict':
      return { kind: 'refused', told, ...CONFLICT, receiptId };
    case 'refused': {
      await keepReceipt(receiptOfRefusal(message, recorded));
      const code = REFUSED_AS[recorded.status];
      return { kind: 'refused', told, ...refusal(code, recorded.field, recorded.message), receiptId };
    }
  }
}

/** The code of a refusal, by the status that `/postback` answers. */
export const REFUSED_AS = { 400: 'invalid', 403: 'forbidden', 404: 'unknown' } as const;
