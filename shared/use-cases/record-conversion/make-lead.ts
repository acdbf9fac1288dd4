import { type Conversion, type ConversionMessage, OPT_IN_LINK } from '../../contracts/postback.ts';
import type { Attribution } from '../../domain/attribution/attribute.ts';
import { hasQualification, isTrusted, type Judgement } from '../../domain/leads/decide-lead.ts';
import { type Dedupe, type KeyParts, keyPartsOf } from '../../domain/leads/dedupe.ts';
import type { DedupeKey, Lead, LeadAction, LeadTransition } from '../../domain/leads/lead.ts';
import { NO_PRICE, priceIn } from '../../domain/leads/price.ts';
import type { Digest, LeadSecrets } from '../../ports/crypto.ts';
import type { ResolvedConversion } from './resolve-conversion.ts';

/** A new lead, and the keys that it must hold from the start beside its own id. */
export interface MadeLead {
  readonly lead: Lead;
  readonly keys: readonly DedupeKey[];
}

/** Makes the lead that a judged conversion is. */
export function makeLead(
  resolved: ResolvedConversion,
  { verdict, score }: Judgement,
  message: ConversionMessage,
  secrets: LeadSecrets,
  digest: Digest,
): MadeLead {
  const { campaign, inputs, evidence } = resolved;
  const { conversion, receivedAt, occurredAt, receiptId } = message;
  const claimant = claimantOf(resolved, message);
  const reason = 'reason' in verdict ? verdict.reason : undefined;
  // Somebody else's click stays theirs: who wrongly named it sees its own lead, and nothing of where the visitor came from.
  const attribution: Attribution = namesAnother(resolved)
    ? { attributedBy: inputs.attribution.attributedBy, affiliateId: inputs.namedAffiliateId, subIds: {} }
    : inputs.attribution;
  const { leadId, dedupeKeys, keys } = keysOf(resolved, message, claimant, secrets);
  const lead: Lead = {
    leadId,
    campaignId: campaign.campaignId,
    advertiserId: campaign.advertiserId,
    affiliateId: attribution.affiliateId,
    event: conversion.event,
    transactionId: conversion.transactionId ?? receiptId,
    dedupeKeys,
    claimant,
    toldBy: claimant === undefined && inputs.sender !== 'defers' ? undefined : message.party.kid,
    evidence: { ...evidence, fieldsHash: fieldsHashOf(resolved, conversion, secrets) },
    score,
    status: verdict.status,
    reason,
    ...priceIn(verdict.status === 'rejected' ? NO_PRICE : verdict),
    currency: campaign.currency,
    amount: inputs.conversion.amount,
    termsFrom: inputs.terms?.effectiveFrom,
    attributedBy: attribution.attributedBy,
    clickId: attribution.clickId,
    clickedAt: attribution.clickedAt,
    source: attribution.source,
    subIds: namesAnother(resolved) ? conversion.subIds : inputs.conversion.subIds,
    occurredAt,
    receivedAt,
    holdUntil: verdict.status === 'pending' ? verdict.holdUntil : undefined,
    receiptId,
    bodyHash: bodyHashOf(resolved, conversion, digest),
    version: 1,
    history: [transitionOf(1, 'decided', { status: verdict.status, reason }, receivedAt)],
  };
  return { lead, keys };
}

export const transitionOf = (
  version: number,
  action: LeadAction,
  { status, reason }: Pick<LeadTransition, 'status' | 'reason'>,
  at: string,
): LeadTransition => ({ version, action, status, reason, at, actor: 'system' });

/**
 * Whose word the lead is, where the sender is not trusted to confirm. What such a sender says is kept under a key of its own: nobody takes
 * an order's key by guessing its number.
 */
function claimantOf({ inputs }: ResolvedConversion, { party }: ConversionMessage): string | undefined {
  const { sender, terms } = inputs;
  if (isTrusted(sender) || (sender === 'affiliate' && terms?.trustAffiliates === true)) return undefined;
  return party.role === 'affiliate' ? party.affiliateId : 'pixel';
}

/** Tells whether a later message brings anything new, where that makes a difference. */
function fieldsHashOf(
  { campaign, inputs: { terms } }: ResolvedConversion,
  { contact, signals = {} }: Conversion,
  secrets: LeadSecrets,
): string | undefined {
  const matter = campaign.dedupe.repeat === 'update_pending' || (terms !== undefined && hasQualification(terms));
  if (!matter) return undefined;
  const { [OPT_IN_LINK]: _made, ...said } = contact;
  const fields = Object.entries({ ...said, ...signals }).sort(([left], [right]) => (left < right ? -1 : 1));
  return secrets.leadId(['fields', JSON.stringify(fields)]);
}

/** Whether the sender is, or names, somebody else than the affiliate that the source belongs to. */
const namesAnother = ({ inputs: { attribution, namedAffiliateId } }: ResolvedConversion): boolean =>
  namedAffiliateId !== undefined && namedAffiliateId !== attribution.affiliateId;

/**
 * Under which id a lead stands, and by which keys it is told from repeats. By transaction, for ever, in its campaign, the id is the key; a
 * claim has its claimant in it. By anything else the keys are items of their own.
 */
function keysOf(
  { campaign, dedupeValues }: ResolvedConversion,
  { conversion, occurredAt, receiptId }: ConversionMessage,
  claimant: string | undefined,
  secrets: LeadSecrets,
): { leadId: string; dedupeKeys?: readonly DedupeKey[]; keys: readonly DedupeKey[] } {
  const parts = keyPartsOf(campaign.dedupe, campaign, conversion.event, dedupeValues, occurredAt);
  const withClaimant = (texts: readonly string[]) => (claimant === undefined ? texts : [...texts, claimant]);
  const [only] = parts;
  if (only !== undefined && isOwnKey(campaign.dedupe, only)) {
    return { leadId: secrets.leadId(withClaimant(only.own)), keys: [] };
  }
  const idsOf = (map: (texts: readonly string[]) => readonly string[]): DedupeKey[] =>
    parts.map(({ by, own, before, after }) => ({
      by,
      own: secrets.leadId(map(own)),
      before: before && secrets.leadId(map(before)),
      after: after && secrets.leadId(map(after)),
      windowMs: campaign.dedupe.windowMs,
    }));
  const dedupeKeys = idsOf((texts) => texts);
  return {
    leadId: secrets.leadId(['message', receiptId]),
    dedupeKeys,
    keys: claimant === undefined ? dedupeKeys : idsOf(withClaimant),
  };
}

/** The key of an order in its campaign, for ever, is made of campaign, event and transaction. */
const OWN_KEY_PARTS = 3;
/** Whether the campaign has no other keys: a lead that has none of them meets those that have. */
const isOwnKey = (dedupe: Dedupe, { by, own }: KeyParts): boolean =>
  dedupe.by.length === 1 && by === 'transaction_id' && own.length === OWN_KEY_PARTS;

/** The keys that a lead must hold once it is billed: those of a claim are the order's, not the claimant's. */
export function keysToTake(lead: Lead, secrets: LeadSecrets): readonly DedupeKey[] {
  if (lead.dedupeKeys !== undefined) return lead.dedupeKeys;
  if (lead.claimant === undefined) return [];
  return [{ by: 'transaction_id', own: secrets.leadId([lead.campaignId, lead.event, lead.transactionId]) }];
}

/**
 * Of what a repeat must repeat: campaign, event, transaction, what names the source, amount and currency. Never keys or times. Whoever
 * sends a click says the same with it, but for who names another affiliate than the click's own.
 */
function bodyHashOf(resolved: ResolvedConversion, conversion: Conversion, digest: Digest): string {
  const { campaign, inputs } = resolved;
  const { amount, event } = inputs.conversion;
  const { transactionId } = conversion;
  const source = sourceSaid({ ...conversion, affiliate: inputs.namedAffiliateId }, namesAnother(resolved));
  return hashOf({ campaignId: campaign.campaignId, event, transactionId, amount }, source, digest);
}

/** Whether the message that made a lead named its source just as a conversion of the same transaction does. */
export function saysSameSource(lead: Lead, conversion: Conversion, digest: Digest): boolean {
  const { affiliate } = conversion;
  const isAnothers = affiliate !== undefined && affiliate !== (lead.evidence.attribution ?? lead).affiliateId;
  return hashOf(lead, sourceSaid(conversion, isAnothers), digest) === lead.bodyHash;
}

type SourceSaid = string | readonly unknown[];

function sourceSaid(conversion: Conversion, namesAnotherThanTheClick: boolean): SourceSaid {
  const { clickId, clickRef, platformClickIds, promoCode, affiliate } = conversion;
  const click = clickId ?? clickRef;
  if (click === undefined) return [platformClickIds, promoCode ?? null, affiliate ?? null];
  return namesAnotherThanTheClick ? [click, affiliate] : click;
}

const hashOf = (
  {
    campaignId,
    event,
    transactionId,
    amount,
  }: Pick<Lead, 'campaignId' | 'event' | 'amount'> & {
    readonly transactionId?: string | undefined;
  },
  source: SourceSaid,
  digest: Digest,
): string =>
  digest(
    JSON.stringify([
      campaignId,
      event,
      transactionId ?? null,
      source,
      amount?.amountMinor.toString() ?? null,
      amount?.currency ?? null,
    ]),
  );
