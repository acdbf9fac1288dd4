import { type Campaign, type Terms, versionAt } from '../catalog/campaign.ts';
import { microsPerMinor, minorOfMicros } from '../money/micros.ts';
import { type Day, type Month, nextDay, nextMonth, startOfDay } from '../time/calendar.ts';
import type { LeadVolume } from './lead-volumes.ts';
import { type Pricing, pricingToText, type Tier } from './pricing.ts';
import { tierAdjustment } from './tiers.ts';

/** What is settled by the month. */
export const SETTLED_KINDS = ['click_cost', 'volume_price', 'bonus', 'minimum_guarantee'] as const;
export type SettledKind = (typeof SETTLED_KINDS)[number];

/** Clicks on a campaign on a day; without an affiliate: of an ad platform. */
export interface ClickVolume {
  readonly day: Day;
  readonly affiliateId?: string | undefined;
  readonly clicks: bigint;
}

/** What a campaign had in a month. */
export interface MonthFacts {
  readonly volumes: readonly LeadVolume[];
  readonly clicks: readonly ClickVolume[];
}

/** What a party is to be charged, or to earn, of one kind for a campaign's month in all: one for each party and kind. */
export interface MonthTarget {
  /** The advertiser, for what it is charged, or an affiliate, for what it earns. */
  readonly party: string;
  readonly kind: SettledKind;
  readonly amountMinor: bigint;
  /** How many leads or clicks it is for; 0n where it is for none. */
  readonly count: bigint;
  /** Of clicks, where all have the same. */
  readonly unitPriceMicros?: bigint | undefined;
}

export type PricedCampaign = Pick<Campaign, 'campaignId' | 'advertiserId' | 'currency' | 'terms'>;

/** Whether a campaign ever had anything that is settled by the month. */
export const isSettledByMonth = ({ terms }: Pick<Campaign, 'terms'>): boolean =>
  terms.some(
    ({ pricing }) =>
      pricing !== undefined &&
      (pricing.click !== undefined || pricing.tiers.length + pricing.bonuses.length + pricing.guarantees.length > 0),
  );

/** A part of a target. */
interface Part {
  readonly party: string;
  readonly kind: SettledKind;
  readonly micros: bigint;
  readonly count: bigint;
  readonly unitPriceMicros?: bigint | undefined;
}

/**
 * All that depends on a whole month: clicks at their price, prices by volume, bonuses and guarantees. Leads count under the version that
 * priced them; versions that say the same of tiers and bonuses count together. A click has the price in force as its day begins, a
 * guarantee is that in force as the month begins (or later, where the campaign began in it), both in the network's time zone.
 */
export function monthTargets(
  campaign: PricedCampaign,
  month: Month,
  { volumes, clicks }: MonthFacts,
  timeZone: string,
): MonthTarget[] {
  const earned = targetsOf(campaign, [
    ...clickParts(campaign, clicks, timeZone),
    ...groupsOf(campaign, volumes).flatMap(([pricing, counted]) => [
      ...tierParts(campaign, pricing, counted),
      ...bonusParts(campaign, pricing, counted),
    ]),
  ]);
  const inForce = versionFrom(campaign, `${month}-01`, `${nextMonth(month)}-01`, timeZone);
  return [...earned, ...targetsOf(campaign, guaranteeParts(campaign, inForce?.pricing, volumes, earned))];
}

/** Sums the parts of each target; rounded once, to the currency's minor unit. */
function targetsOf({ currency }: PricedCampaign, parts: readonly Part[]): MonthTarget[] {
  const groups = Map.groupBy(parts, ({ party, kind }) => `${party}#${kind}`);
  return [...groups.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const { party, kind, unitPriceMicros } = first;
    const sum = (of: 'micros' | 'count') => others.reduce((total, part) => total + part[of], first[of]);
    const isUniform = others.every((part) => part.unitPriceMicros === unitPriceMicros);
    return {
      party,
      kind,
      amountMinor: minorOfMicros(sum('micros'), currency),
      count: sum('count'),
      unitPriceMicros: isUniform ? unitPriceMicros : undefined,
    };
  });
}

/** The version in force as a day begins, or else the first that begins before another day does. */
function versionFrom({ terms }: PricedCampaign, day: Day, before: Day, timeZone: string): Terms | undefined {
  const inForce = versionAt(terms, startOfDay(day, timeZone));
  if (inForce !== undefined) return inForce;
  const end = startOfDay(before, timeZone);
  return terms.find(({ effectiveFrom }) => effectiveFrom < end);
}

function clickParts(campaign: PricedCampaign, clicks: readonly ClickVolume[], timeZone: string): Part[] {
  const days = [...Map.groupBy(clicks, ({ day }) => day)];
  return days.flatMap(([day, ofDay]) => {
    const price = versionFrom(campaign, day, nextDay(day), timeZone)?.pricing?.click;
    if (price === undefined) return [];
    return ofDay.flatMap(({ affiliateId, clicks: count }) => {
      const part = (party: string, unitPriceMicros: bigint): Part[] =>
        unitPriceMicros === 0n
          ? []
          : [{ party, kind: 'click_cost', micros: count * unitPriceMicros, count, unitPriceMicros }];
      return [
        ...part(campaign.advertiserId, price.chargeMicros),
        ...(affiliateId === undefined ? [] : part(affiliateId, price.commissionMicros)),
      ];
    });
  });
}

/** The volumes that count together, with what is said of them. */
function groupsOf({ terms }: PricedCampaign, volumes: readonly LeadVolume[]): [Pricing, LeadVolume[]][] {
  const pricingOf = new Map(terms.map(({ effectiveFrom, pricing }) => [effectiveFrom, pricing]));
  const groups = new Map<string, [Pricing, LeadVolume[]]>();
  for (const volume of volumes) {
    const pricing = volume.termsFrom === undefined ? undefined : pricingOf.get(volume.termsFrom);
    if (pricing === undefined) continue;
    const key = pricingToText({ ...NO_PRICING, tiers: pricing.tiers, bonuses: pricing.bonuses });
    const [, counted] = groups.get(key) ?? groups.set(key, [pricing, []]).get(key) ?? [];
    counted?.push(volume);
  }
  return [...groups.values()];
}

const NO_PRICING: Pricing = { events: {}, rules: [], tiers: [], bonuses: [], guarantees: [] };

const ofEvents = (volumes: readonly LeadVolume[], events: readonly string[] | undefined): readonly LeadVolume[] =>
  events === undefined ? volumes : volumes.filter(({ event }) => events.includes(event));

const sumOf = (volumes: readonly LeadVolume[], of: 'leads' | 'chargeMicros' | 'commissionMicros'): bigint =>
  volumes.reduce((sum, volume) => sum + volume[of], 0n);

/** The volumes of each affiliate; leads of ad platforms earn nobody anything. */
const byAffiliate = (volumes: readonly LeadVolume[]): [string, LeadVolume[]][] =>
  [...Map.groupBy(volumes, ({ affiliateId }) => affiliateId)].flatMap(([affiliateId, ofOne]) =>
    affiliateId === undefined ? [] : [[affiliateId, ofOne]],
  );

function tierParts(campaign: PricedCampaign, { tiers }: Pricing, volumes: readonly LeadVolume[]): Part[] {
  const part = (party: string, tier: Tier, counted: readonly LeadVolume[]): Part => {
    const leads = sumOf(counted, 'leads');
    const micros = sumOf(counted, tier.side === 'charge' ? 'chargeMicros' : 'commissionMicros');
    return { party, kind: 'volume_price', micros: tierAdjustment(tier, { leads, micros }), count: leads };
  };
  return tiers.flatMap((tier) => {
    const counted = ofEvents(volumes, tier.events);
    return tier.side === 'charge'
      ? part(campaign.advertiserId, tier, counted)
      : byAffiliate(counted).map(([affiliateId, ofOne]) => part(affiliateId, tier, ofOne));
  });
}

function bonusParts(campaign: PricedCampaign, { bonuses }: Pricing, volumes: readonly LeadVolume[]): Part[] {
  const perMinor = microsPerMinor(campaign.currency);
  return bonuses.flatMap(({ leads, events, commissionMinor, chargeMinor }) =>
    byAffiliate(ofEvents(volumes, events)).flatMap(([affiliateId, ofOne]): Part[] => {
      const count = sumOf(ofOne, 'leads');
      if (count < leads) return [];
      return [
        { party: affiliateId, kind: 'bonus', micros: commissionMinor * perMinor, count },
        { party: campaign.advertiserId, kind: 'bonus', micros: chargeMinor * perMinor, count },
      ];
    }),
  );
}

/** What affiliates have earned less than they were promised, by all versions of the terms; charged on where the terms say so. */
function guaranteeParts(
  campaign: PricedCampaign,
  pricing: Pricing | undefined,
  volumes: readonly LeadVolume[],
  earned: readonly MonthTarget[],
): Part[] {
  const perMinor = microsPerMinor(campaign.currency);
  return (pricing?.guarantees ?? []).flatMap(({ affiliateId, commissionMinor, isCharged }): Part[] => {
    const leadMicros = volumes.reduce(
      (sum, volume) => (volume.affiliateId === affiliateId ? sum + volume.earnedMicros : sum),
      0n,
    );
    const byLeads = minorOfMicros(leadMicros, campaign.currency);
    const inAll = earned.reduce(
      (sum, target) => (target.party === affiliateId ? sum + target.amountMinor : sum),
      byLeads,
    );
    if (inAll >= commissionMinor) return [];
    const part = { kind: 'minimum_guarantee', micros: (commissionMinor - inAll) * perMinor, count: 0n } as const;
    return [{ ...part, party: affiliateId }, ...(isCharged ? [{ ...part, party: campaign.advertiserId }] : [])];
  });
}
