import type { Conversion, ConversionMessage } from '../contracts/postback.ts';
import { amountIn } from '../contracts/primitives.ts';
import { type Attribution, attribute, type Touch } from '../domain/attribution/attribute.ts';
import { type Campaign, versionAt } from '../domain/catalog/campaign.ts';
import { type Click, readClickId } from '../domain/clicks/click-id.ts';
import { CLOCK_SKEW_MS, decideLead, type Sender, type Verdict } from '../domain/leads/decide-lead.ts';
import { type Lead, type LeadAction, type LeadTransition, wasEverConfirmed } from '../domain/leads/lead.ts';
import type { Money } from '../domain/money/money.ts';
import { type Instant, instantOf, millisecondsOf } from '../domain/time/calendar.ts';
import type { CatalogReader } from '../ports/catalog.ts';
import type { ClickSecrets, Digest, LeadSecrets } from '../ports/crypto.ts';
import { VersionConflict } from '../ports/errors.ts';
import type { LeadStore } from '../ports/leads.ts';
import type { ReceiptStore } from '../ports/receipts.ts';
import type { TouchReader } from '../ports/touches.ts';
import { receiptOfLead, receiptOfRepeat } from './message-receipt.ts';

export interface RecordConversionDependencies {
  readonly catalog: CatalogReader;
  readonly touches: TouchReader;
  readonly leads: LeadStore;
  readonly receipts: ReceiptStore;
  readonly clickSecrets: () => Promise<ClickSecrets>;
  readonly leadSecrets: () => Promise<LeadSecrets>;
  readonly digest: Digest;
}

/** Why a conversion cannot be taken at all; nothing was written. `field` is the parameter as its sender writes it. */
export interface Refusal {
  readonly kind: 'refused';
  readonly status: 400 | 403 | 404;
  readonly field: string;
  readonly message: string;
}

export type Outcome =
  | { readonly kind: 'decided' | 'duplicate'; readonly lead: Lead }
  /** The transaction is known with other content; nothing was written. */
  | { readonly kind: 'conflict'; readonly lead: Lead }
  | Refusal;

const MAX_REPLACEMENTS = 3;
/** How many transitions a lead's history takes from postbacks: a sender that keeps changing its story is told to stop. */
const MAX_TRANSITIONS = 20;

const refused = (status: Refusal['status'], field: string, message: string): Refusal => ({
  kind: 'refused',
  status,
  field,
  message,
});

/**
 * Attributes, decides and stores a conversion: the one way to a lead, in the request and behind the queue. Doing it again with the
 * same message ends in the same lead. Throws StoreUnavailable where a store did not answer: then nothing is known, and the message
 * must come again.
 */
export function createRecordConversion(
  dependencies: RecordConversionDependencies,
): (message: ConversionMessage) => Promise<Outcome> {
  return async (message) => {
    const context = await resolve(dependencies, message);
    if ('kind' in context) return context;
    const secrets = await dependencies.leadSecrets();
    return store(dependencies, message, leadOf(context, message, secrets, dependencies.digest));
  };
}

interface Resolved {
  readonly campaign: Campaign;
  readonly attribution: Attribution;
  readonly namedAffiliateId: string | undefined;
  readonly amount: Money | undefined;
  readonly trusted: boolean;
  readonly verdict: Verdict;
  readonly termsFrom: string | undefined;
}

async function resolve(
  dependencies: RecordConversionDependencies,
  message: ConversionMessage,
): Promise<Resolved | Refusal> {
  const { catalog } = dependencies;
  const { party, conversion } = message;

  const click = await readClick(dependencies, conversion);
  if (click !== undefined && 'kind' in click) return click;
  if (click === undefined && conversion.campaign === undefined) {
    return refused(400, 'campaign_id', 'must be given where click_id is not');
  }
  const campaign = await catalog.campaign(conversion.campaign ?? click?.campaignId ?? '');
  if (campaign === undefined || (party.role === 'advertiser' && campaign.advertiserId !== party.advertiserId)) {
    return refused(404, conversion.campaign === undefined ? 'click_id' : 'campaign_id', 'there is no such campaign');
  }
  const amount = amountOf(conversion, campaign);
  if (amount !== undefined && 'kind' in amount) return amount;

  const namedAffiliateId = await nameAffiliate(catalog, message);
  if (typeof namedAffiliateId === 'object') return namedAffiliateId;

  const attribution = attribute(await candidatesFor(dependencies, message, campaign, click, namedAffiliateId));
  const decidedBy = attribution.clickedAt ?? message.occurredAt;
  const terms = versionAt(campaign.terms, decidedBy);
  const affiliateTerms =
    attribution.affiliateId === undefined
      ? undefined
      : versionAt(await catalog.affiliateTerms(campaign.campaignId, attribution.affiliateId), decidedBy);
  const sender = senderOf(message);
  return {
    campaign,
    attribution,
    namedAffiliateId,
    amount,
    trusted: sender === 'decides' || (sender === 'affiliate' && terms?.trustAffiliates === true),
    verdict: decideLead({
      occurredAt: message.occurredAt,
      sender,
      campaign,
      terms,
      affiliateTerms,
      attribution,
      namedAffiliateId,
    }),
    termsFrom: terms?.effectiveFrom,
  };
}

function senderOf({ party }: ConversionMessage): Sender {
  if ('pixelOnly' in party && party.pixelOnly) return 'pixel';
  return party.role === 'affiliate' ? 'affiliate' : 'decides';
}

async function readClick(
  { clickSecrets }: RecordConversionDependencies,
  { clickId }: Conversion,
): Promise<Click | Refusal | undefined> {
  if (clickId === undefined) return undefined;
  const read = readClickId(clickId, (await clickSecrets()).clickMac);
  if (read.ok) return read.click;
  return refused(400, 'click_id', 'is not a click id that was given out here: send it whole and unchanged');
}

/** The worth of the conversion in its own currency, or else the campaign's; undefined where none is given. */
function amountOf({ amount, currency }: Conversion, campaign: Campaign): Money | Refusal | undefined {
  if (amount === undefined) return undefined;
  const code = currency ?? campaign.currency;
  const read = amountIn(amount, code);
  return 'message' in read ? refused(400, 'amount', read.message) : { amountMinor: read.amountMinor, currency: code };
}

/** The id of the affiliate that sends the conversion, or whom the advertiser names in it. */
async function nameAffiliate(
  catalog: CatalogReader,
  { party, conversion }: ConversionMessage,
): Promise<string | Refusal | undefined> {
  const named = conversion.affiliate === undefined ? undefined : await catalog.affiliate(conversion.affiliate);
  if (party.role === 'affiliate') {
    if (conversion.affiliate !== undefined && named?.affiliateId !== party.affiliateId) {
      return refused(403, 'affiliate_id', 'is not the affiliate of this key');
    }
    return party.affiliateId;
  }
  if (conversion.affiliate !== undefined && named === undefined)
    return refused(404, 'affiliate_id', 'there is no such affiliate');
  return named?.affiliateId;
}

async function candidatesFor(
  { catalog, touches }: RecordConversionDependencies,
  { conversion, occurredAt }: ConversionMessage,
  campaign: Campaign,
  click: Click | undefined,
  namedAffiliateId: string | undefined,
): Promise<Parameters<typeof attribute>[0]> {
  const clickNamedBy = conversion.clickRef === undefined ? 'click_id' : 'click_ref';
  if (click !== undefined) return { click, clickNamedBy, touch: await touches.byClickId(click.clickId) };
  if (conversion.clickRef !== undefined) {
    const touch = await touches.byClickRef(campaign.campaignId, conversion.clickRef);
    return { click: touch ?? 'unknown', clickNamedBy, touch };
  }
  return {
    clickNamedBy,
    platformTouch: await latestPlatformTouch(touches, campaign.campaignId, conversion.platformClickIds, occurredAt),
    promoCodeAffiliateId:
      conversion.promoCode === undefined
        ? undefined
        : await catalog.affiliateByPromoCode(campaign.campaignId, conversion.promoCode, occurredAt),
    namedAffiliateId,
  };
}

async function latestPlatformTouch(
  touches: TouchReader,
  campaignId: string,
  platformClickIds: readonly string[],
  occurredAt: Instant,
): Promise<Touch | undefined> {
  // A visitor may click again while the message waits in the queue: that click did not bring this conversion.
  const notAfter = instantOf(millisecondsOf(occurredAt) + CLOCK_SKEW_MS);
  const found = await Promise.all(platformClickIds.map((id) => touches.byPlatformClickId(campaignId, id, notAfter)));
  return found
    .filter((touch) => touch !== undefined)
    .sort((left, right) => right.clickedAt.localeCompare(left.clickedAt))[0];
}

function leadOf(resolved: Resolved, message: ConversionMessage, secrets: LeadSecrets, digest: Digest): Lead {
  const { campaign, amount, trusted, verdict } = resolved;
  const { party, conversion, receivedAt, occurredAt, receiptId } = message;
  // What a sender says who is not trusted to confirm is kept under a key of its own: nobody takes an order's key by guessing its number.
  const claimant = trusted ? undefined : party.role === 'affiliate' ? party.affiliateId : 'pixel';
  const reason = 'reason' in verdict ? verdict.reason : undefined;
  // Somebody else's click stays theirs: who wrongly named it sees its own lead, and nothing of where the visitor came from.
  const attribution: Attribution = namesAnother(resolved)
    ? { attributedBy: resolved.attribution.attributedBy, affiliateId: resolved.namedAffiliateId, subIds: {} }
    : resolved.attribution;
  const price = verdict.status === 'rejected' ? { chargeMinor: 0n, commissionMinor: 0n } : verdict;
  return {
    leadId: secrets.leadId(dedupeKeyOf(campaign.campaignId, conversion, claimant)),
    campaignId: campaign.campaignId,
    advertiserId: campaign.advertiserId,
    affiliateId: attribution.affiliateId,
    event: conversion.event,
    transactionId: conversion.transactionId,
    claimant,
    status: verdict.status,
    reason,
    chargeMinor: price.chargeMinor,
    commissionMinor: price.commissionMinor,
    currency: campaign.currency,
    amount,
    termsFrom: resolved.termsFrom,
    attributedBy: attribution.attributedBy,
    clickId: attribution.clickId,
    clickedAt: attribution.clickedAt,
    source: attribution.source,
    subIds: { ...attribution.subIds, ...conversion.subIds },
    occurredAt,
    receivedAt,
    holdUntil: verdict.status === 'pending' ? verdict.holdUntil : undefined,
    receiptId,
    bodyHash: bodyHashOf(resolved, conversion, digest),
    version: 1,
    history: [transitionOf(1, 'decided', verdict.status, reason, receivedAt)],
  };
}

/** Whether the sender is, or names, somebody else than the affiliate that the source belongs to. */
const namesAnother = ({ attribution, namedAffiliateId }: Resolved): boolean =>
  namedAffiliateId !== undefined && namedAffiliateId !== attribution.affiliateId;

const transitionOf = (
  version: number,
  action: LeadAction,
  status: LeadTransition['status'],
  reason: string | undefined,
  at: string,
): LeadTransition => ({ version, action, status, reason, at, actor: 'system' });

/** What a lead is deduplicated by; a claim has its claimant in it. */
const dedupeKeyOf = (
  campaignId: string,
  { event, transactionId }: Conversion,
  claimant: string | undefined,
): string[] => [campaignId, event, transactionId, ...(claimant === undefined ? [] : [claimant])];

/** The dedupe key that a claim takes when it is confirmed. */
export const keyTakenBy = (claim: Lead, secrets: LeadSecrets): string =>
  secrets.leadId([claim.campaignId, claim.event, claim.transactionId]);

/**
 * Of what a repeat must repeat: campaign, event, transaction, what names the source, amount and currency. Never keys or times. Whoever
 * sends a click says the same with it, but for who names another affiliate than the click's own.
 */
function bodyHashOf(resolved: Resolved, conversion: Conversion, digest: Digest): string {
  const { campaign, amount, namedAffiliateId } = resolved;
  const { platformClickIds, promoCode } = conversion;
  const click = conversion.clickId ?? conversion.clickRef;
  const source =
    click === undefined
      ? [platformClickIds, promoCode ?? null, namedAffiliateId ?? null]
      : namesAnother(resolved)
        ? [click, namedAffiliateId]
        : click;
  return digest(
    JSON.stringify([
      campaign.campaignId,
      conversion.event,
      conversion.transactionId,
      source,
      amount?.amountMinor.toString() ?? null,
      amount?.currency ?? null,
    ]),
  );
}

async function store(
  { leads, receipts }: RecordConversionDependencies,
  message: ConversionMessage,
  lead: Lead,
): Promise<Outcome> {
  const contact = Object.keys(message.conversion.contact).length === 0 ? undefined : message.conversion.contact;
  let result = await leads.create(lead, contact);
  for (let attempt = 0; !result.created && attempt < MAX_REPLACEMENTS; attempt += 1) {
    const { existing } = result;
    // My own earlier write, whose answer was lost.
    if (existing.receiptId === message.receiptId) return { kind: 'decided', lead: existing };
    const repeats = existing.bodyHash === lead.bodyHash;
    if (repeats || !isReplaceable(existing)) {
      const kind = repeats ? 'duplicate' : 'conflict';
      await receipts.put(receiptOfRepeat(message, lead, kind, existing.leadId));
      return { kind, lead: existing };
    }
    const replacement = replace(existing, lead);
    // From now on the lead tells of this message; of the one that made it, this is true whatever becomes of the replacement.
    await receipts.put(receiptOfLead(existing));
    try {
      await leads.update(replacement, contact);
      return { kind: 'decided', lead: replacement };
    } catch (error) {
      if (!(error instanceof VersionConflict)) throw error;
      result = await leads.create(lead, contact);
    }
  }
  if (!result.created) throw new VersionConflict(`${lead.leadId} changes faster than it can be replaced`);
  return { kind: 'decided', lead };
}

/** A rejected lead that was never billed gives way to other content: the first try may have had a wrong click id. */
const isReplaceable = (lead: Lead): boolean =>
  lead.status === 'rejected' && !wasEverConfirmed(lead) && lead.history.length < MAX_TRANSITIONS;

/** Puts a new verdict in the place of a rejected lead that was never billed. */
function replace(rejected: Lead, lead: Lead): Lead {
  const version = rejected.version + 1;
  return {
    ...lead,
    version,
    history: [...rejected.history, transitionOf(version, 'replaced', lead.status, lead.reason, lead.receivedAt)],
  };
}
