import type { Lead } from '../leads/lead.ts';
import { type Day, dayOf, type Instant } from '../time/calendar.ts';
import { addFigures, type Figures, figures, isNothing, NO_FIGURES, subtractFigures } from './figures.ts';

/** What a contribution is counted under. Without `affiliateId`: of an ad platform, or unattributed. */
export interface Dimensions {
  readonly advertiserId: string;
  readonly campaignId: string;
  readonly affiliateId?: string | undefined;
  /** The campaign's, which never changes. */
  readonly currency: string;
  /** Of the click or of the conversion, in the network's time zone; whatever happens to a lead later counts on its day. */
  readonly day: Day;
  readonly source?: string | undefined;
  readonly sub1?: string | undefined;
}

/** What a click, an impression or a lead adds to the figures. */
export interface Contribution extends Dimensions {
  readonly figures: Figures;
}

/** A click as it is counted: its own words, and whose campaign it was made on. */
export interface CountedClick {
  readonly campaignId: string;
  readonly affiliateId?: string | undefined;
  readonly clickedAt: Instant;
  readonly source?: string | undefined;
  readonly subIds: Readonly<Record<string, string>>;
}

/** An impression as it is counted. */
export interface CountedImpression extends Omit<CountedClick, 'clickedAt'> {
  readonly shownAt: Instant;
}

export type CountedTouch = CountedClick | CountedImpression;

/** What never changes about a campaign, and what a touch does not say itself. */
export interface CampaignOwner {
  readonly advertiserId: string;
  readonly currency: string;
}

/** One click more, on its day. */
export function clickContribution(click: CountedClick, owner: CampaignOwner, timeZone: string): Contribution {
  return {
    advertiserId: owner.advertiserId,
    campaignId: click.campaignId,
    affiliateId: click.affiliateId,
    currency: owner.currency,
    day: dayOf(click.clickedAt, timeZone),
    source: click.source,
    sub1: click.subIds['sub1'],
    figures: figures({ clicks: 1n }),
  };
}

/** One click or one impression more, on its day. */
export function touchContribution(touch: CountedTouch, owner: CampaignOwner, timeZone: string): Contribution {
  if ('clickedAt' in touch) return clickContribution(touch, owner, timeZone);
  const { shownAt, ...impression } = touch;
  return {
    ...clickContribution({ ...impression, clickedAt: shownAt }, owner, timeZone),
    figures: figures({ impressions: 1n }),
  };
}

/** What a lead in its present state counts for. Only a confirmed one has money, so that sums equal the net of the journal. */
export function leadContribution(lead: Lead, timeZone: string): Contribution {
  const { chargeMinor, commissionMinor } = lead;
  return {
    advertiserId: lead.advertiserId,
    campaignId: lead.campaignId,
    affiliateId: lead.affiliateId,
    currency: lead.currency,
    day: dayOf(lead.occurredAt, timeZone),
    source: lead.source,
    sub1: lead.subIds['sub1'],
    figures: figures({
      leads: 1n,
      [lead.status]: 1n,
      ...(lead.status === 'confirmed' && { chargeMinor, commissionMinor }),
    }),
  };
}

/**
 * What a change of a lead adds and takes away: the contribution after it minus the one before. Two contributions where the lead moved
 * to other dimensions, none where nothing that counts changed.
 */
export function leadDelta(before: Lead | undefined, after: Lead | undefined, timeZone: string): Contribution[] {
  const added = after && leadContribution(after, timeZone);
  const taken = before && leadContribution(before, timeZone);
  const taking = taken && { ...taken, figures: subtractFigures(NO_FIGURES, taken.figures) };
  const changes =
    added !== undefined && taking !== undefined && sameDimensions(added, taking)
      ? [{ ...added, figures: addFigures(added.figures, taking.figures) }]
      : [taking, added];
  return changes.filter((change) => change !== undefined && !isNothing(change.figures)) as Contribution[];
}

const sameDimensions = (left: Dimensions, right: Dimensions): boolean =>
  left.advertiserId === right.advertiserId &&
  left.campaignId === right.campaignId &&
  left.affiliateId === right.affiliateId &&
  left.currency === right.currency &&
  left.day === right.day &&
  left.source === right.source &&
  left.sub1 === right.sub1;
