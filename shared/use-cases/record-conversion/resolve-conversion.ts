import type { Conversion, ConversionMessage } from '../../contracts/postback.ts';
import { amountIn } from '../../contracts/primitives.ts';
import {
  type Attribution,
  type AttributionCandidates,
  attribute,
  type Touch,
} from '../../domain/attribution/attribute.ts';
import { type Campaign, isPausedAt, type Terms, versionAt } from '../../domain/catalog/campaign.ts';
import { type Click, readClickId } from '../../domain/clicks/click-id.ts';
import {
  CLOCK_SKEW_MS,
  type DecisionInputs,
  hasQualification,
  recordedSender,
  type Sender,
} from '../../domain/leads/decide-lead.ts';
import { type DedupeValues, missingDedupeValue } from '../../domain/leads/dedupe.ts';
import type { ConsideredSource, Evidence } from '../../domain/leads/lead.ts';
import type { Money } from '../../domain/money/money.ts';
import { asksCountry } from '../../domain/prices/pricing.ts';
import type { Signals } from '../../domain/qualification/signals.ts';
import { type Instant, instantOf, millisecondsOf } from '../../domain/time/calendar.ts';
import type { CatalogReader } from '../../ports/catalog.ts';
import type { ContactChecks } from '../../ports/contact-checks.ts';
import type { ClickSecrets } from '../../ports/crypto.ts';
import type { TouchReader } from '../../ports/touches.ts';
import type { ReadSignals } from '../read-signals.ts';

export interface ResolveConversionDependencies {
  readonly catalog: CatalogReader;
  readonly touches: TouchReader;
  readonly clickSecrets: () => Promise<ClickSecrets>;
  readonly readSignals: ReadSignals;
  readonly contactChecks: ContactChecks;
}

/** Why a conversion cannot be taken at all; nothing was written. `field` is the parameter as its sender writes it. */
export interface Refusal {
  readonly kind: 'refused';
  readonly status: 400 | 403 | 404;
  readonly field: string;
  readonly message: string;
  /** The campaign that it was sent for, where that was found. */
  readonly campaign?: Pick<Campaign, 'campaignId' | 'advertiserId'>;
}

/** A conversion of which all is known that its verdict is made from. */
export interface ResolvedConversion {
  readonly campaign: Campaign;
  readonly inputs: DecisionInputs;
  readonly dedupeValues: DedupeValues;
  readonly evidence: Evidence;
}

const refused = (status: Refusal['status'], field: string, message: string): Refusal => ({
  kind: 'refused',
  status,
  field,
  message,
});

/** Finds a conversion's campaign, source, terms and signals. Throws StoreUnavailable. */
export async function resolveConversion(
  dependencies: ResolveConversionDependencies,
  message: ConversionMessage,
): Promise<ResolvedConversion | Refusal> {
  const { catalog } = dependencies;
  const { party, conversion, occurredAt } = message;

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
  if (amount !== undefined && 'kind' in amount) return { ...amount, campaign };

  const namedAffiliateId = await nameAffiliate(catalog, message);
  if (typeof namedAffiliateId === 'object') return { ...namedAffiliateId, campaign };

  const { candidates, considered } = await candidatesFor(dependencies, message, campaign, click, namedAffiliateId);
  const attribution = attribute(candidates);
  const dedupeValues = await dedupeValuesOf(dependencies, conversion, campaign, attribution.clickId);
  const missing = missingDedupeValue(campaign.dedupe, dedupeValues);
  if (missing !== undefined) return { ...refusedWithout(missing), campaign };

  const decidedBy = attribution.clickedAt ?? occurredAt;
  const terms = versionAt(campaign.terms, decidedBy);
  const affiliateTerms =
    attribution.affiliateId === undefined
      ? undefined
      : versionAt(await catalog.affiliateTerms(campaign.campaignId, attribution.affiliateId), decidedBy);
  const sender = senderOf(message);
  const signals = await signalsOf(dependencies, message, attribution, campaign, terms);
  const priced = {
    event: conversion.event,
    amount,
    subIds: { ...attribution.subIds, ...conversion.subIds },
    country: asksCountry(terms?.pricing) ? conversion.signals?.['country'] : undefined,
  };
  const parties = { sender, namedAffiliateId, attribution };
  const inputs = { occurredAt, campaign, terms, affiliateTerms, ...parties, conversion: priced, signals };
  return { campaign, inputs, dedupeValues, evidence: evidenceOf(inputs, considered) };
}

/** What the terms look at of a message; undefined where they look at nothing. */
export async function signalsOf(
  { readSignals }: Pick<ResolveConversionDependencies, 'readSignals'>,
  message: ConversionMessage,
  attribution: Attribution,
  campaign: Campaign,
  terms: Terms | undefined,
): Promise<Signals | undefined> {
  if (terms === undefined || !hasQualification(terms)) return undefined;
  return readSignals(message, attribution, campaign, terms);
}

const PARAMETER_OF = {
  transaction_id: 'transaction_id',
  email: 'email',
  phone: 'phone',
  click: 'click_id',
  visitor: 'visitor_id',
} as const satisfies Record<keyof DedupeValues, string>;

function refusedWithout(missing: readonly (keyof DedupeValues)[]): Refusal {
  const [first = 'transaction_id'] = missing;
  const names = missing.map((by) => PARAMETER_OF[by]);
  return refused(
    400,
    PARAMETER_OF[first],
    first === 'transaction_id'
      ? 'must be given: the advertiser’s own number of the order or lead'
      : `must be given: the campaign tells its leads from repeats by ${names.join(' or ')}`,
  );
}

async function dedupeValuesOf(
  { contactChecks }: ResolveConversionDependencies,
  { transactionId, contact, signals }: Conversion,
  { dedupe }: Campaign,
  clickId: string | undefined,
): Promise<DedupeValues> {
  const asksFor = (by: keyof DedupeValues) => dedupe.by.includes(by);
  return {
    transaction_id: transactionId,
    email: contact['email']?.toLowerCase(),
    phone:
      asksFor('phone') && contact['phone'] !== undefined
        ? await contactChecks.phoneNumber(contact['phone'], signals?.['country'])
        : undefined,
    click: clickId,
    visitor: signals?.['visitor_id'],
  };
}

function senderOf({ party, defers }: ConversionMessage): Sender {
  if ('pixelOnly' in party && party.pixelOnly) return defers === 'opt_in' ? 'pixel_opt_in' : 'pixel';
  if (party.role === 'affiliate') return 'affiliate';
  return defers ?? 'decides';
}

async function readClick(
  { clickSecrets }: ResolveConversionDependencies,
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

interface Candidates {
  readonly candidates: AttributionCandidates;
  /** Where else than by its click a source was looked for. */
  readonly considered: readonly ConsideredSource[];
}

async function candidatesFor(
  { catalog, touches }: ResolveConversionDependencies,
  { conversion, occurredAt }: ConversionMessage,
  campaign: Campaign,
  click: Click | undefined,
  namedAffiliateId: string | undefined,
): Promise<Candidates> {
  const clickNamedBy = conversion.clickRef === undefined ? 'click_id' : 'click_ref';
  if (click !== undefined) {
    return { candidates: { click, clickNamedBy, touch: await touches.byClickId(click.clickId) }, considered: [] };
  }
  if (conversion.clickRef !== undefined) {
    const touch = await touches.byClickRef(campaign.campaignId, conversion.clickRef);
    return { candidates: { click: touch ?? 'unknown', clickNamedBy, touch }, considered: [] };
  }
  const { platformClickIds, promoCode, adPlatform } = conversion;
  const platformTouches = await touchesOf(touches, campaign.campaignId, platformClickIds, occurredAt);
  const promoCodeAffiliateId =
    promoCode === undefined
      ? undefined
      : await catalog.affiliateByPromoCode(campaign.campaignId, promoCode, occurredAt);
  const considered: ConsideredSource[] = [
    ...platformTouches.map(({ affiliateId, clickId, clickedAt }) => ({
      way: 'platform_click_id' as const,
      found: true,
      affiliateId,
      clickId,
      clickedAt,
    })),
    ...(platformClickIds.length > 0 && platformTouches.length === 0
      ? [{ way: 'platform_click_id' as const, found: false }]
      : []),
    ...(promoCode === undefined
      ? []
      : [{ way: 'promo_code' as const, found: promoCodeAffiliateId !== undefined, affiliateId: promoCodeAffiliateId }]),
    ...(namedAffiliateId === undefined
      ? []
      : [{ way: 'named_affiliate' as const, found: true, affiliateId: namedAffiliateId }]),
    ...(adPlatform === undefined ? [] : [{ way: 'ad_platform' as const, found: true }]),
  ];
  const candidates = {
    clickNamedBy,
    platformTouch: platformTouches[0],
    promoCodeAffiliateId,
    namedAffiliateId,
    adPlatform,
  } as const;
  return { candidates, considered };
}

/** The touches on which ad platforms' click ids were seen, the latest first. */
export async function touchesOf(
  touches: Pick<TouchReader, 'byPlatformClickId'>,
  campaignId: string,
  platformClickIds: readonly string[],
  occurredAt: Instant,
): Promise<Touch[]> {
  // A visitor may click again while the message waits in the queue: that click did not bring this conversion.
  const notAfter = instantOf(millisecondsOf(occurredAt) + CLOCK_SKEW_MS);
  const found = await Promise.all(platformClickIds.map((id) => touches.byPlatformClickId(campaignId, id, notAfter)));
  return found
    .filter((touch) => touch !== undefined)
    .sort((left, right) => right.clickedAt.localeCompare(left.clickedAt));
}

/** What the verdict is made from and the lead does not tell by itself. Empty for a plain lead: an item over 1 KB costs more. */
function evidenceOf(
  { occurredAt, sender, campaign, affiliateTerms, attribution, namedAffiliateId, conversion, signals }: DecisionInputs,
  considered: readonly ConsideredSource[],
): Evidence {
  const isShown =
    !attribution.clickNotFound &&
    (attribution.campaignId === undefined || attribution.campaignId === campaign.campaignId) &&
    (namedAffiliateId === undefined || namedAffiliateId === attribution.affiliateId);
  return {
    sender: recordedSender(sender),
    namedAffiliateId,
    affiliateTermsFrom: affiliateTerms?.effectiveFrom,
    approval: campaign.affiliateApproval === 'manual' ? 'manual' : undefined,
    paused: attribution.clickedAt === undefined && isPausedAt(campaign, occurredAt) ? true : undefined,
    attribution: isShown ? undefined : attribution,
    considered: considered.length > 0 ? considered : undefined,
    signals,
    country: conversion.country,
  };
}
