import type { Day } from '../time/calendar.ts';
import type { Contribution } from './contribution.ts';
import type { RollupKey } from './rollup-key.ts';

/** How many sources, and how many pairs of source and sub1, one sender's day tells apart. Senders choose these values freely. */
export const MAX_SLOTS = 1000;

/** What stands for every value beyond the limit. */
const OTHER = 'other';

/**
 * The values of one sender's day that are told apart, at most MAX_SLOTS. The sender is the affiliate or, without one, the advertiser, so
 * that both see the same values, and nobody's inventions crowd out another's. A slot is never taken back: the place of a value never changes.
 */
export interface SlotGroup {
  readonly ownerId: string;
  readonly day: Day;
  readonly kind: SlotKind | `shown_${SlotKind}`;
}

type SlotKind = 'sources' | 'pairs';

export interface SlotRequest {
  readonly group: SlotGroup;
  readonly values: readonly string[];
}

/** Whether a value has a slot in its group. */
export type HasSlot = (group: SlotGroup, value: string) => boolean;

/** A group as text, for maps. */
export const slotGroupText = ({ ownerId, day, kind }: SlotGroup): string => `${ownerId}#${day}#${kind}`;

const groupOf = ({ affiliateId, advertiserId, day, figures }: Contribution, kind: SlotKind): SlotGroup => ({
  ownerId: affiliateId ?? advertiserId,
  day,
  kind: figures.impressions === 0n ? kind : `shown_${kind}`,
});

const pairOf = ({ source, sub1 }: Contribution): string => JSON.stringify([source ?? null, sub1]);

/** The slots that contributions need before their keys are known, each value once. */
export function slotRequests(contributions: readonly Contribution[]): SlotRequest[] {
  const requests = new Map<string, { group: SlotGroup; values: Set<string> }>();
  const ask = (group: SlotGroup, value: string) => {
    const text = slotGroupText(group);
    const request = requests.get(text) ?? { group, values: new Set() };
    requests.set(text, request);
    request.values.add(value);
  };
  for (const contribution of contributions) {
    if (contribution.source !== undefined) ask(groupOf(contribution, 'sources'), contribution.source);
    if (contribution.sub1 !== undefined) ask(groupOf(contribution, 'pairs'), pairOf(contribution));
  }
  return [...requests.values()].map(({ group, values }) => ({ group, values: [...values] }));
}

/** The items that a contribution is added to: its advertiser's and, where there is one, its affiliate's, coarse and fine. */
export function rollupKeysOf(contribution: Contribution, hasSlot: HasSlot): RollupKey[] {
  const { advertiserId, affiliateId, day, campaignId, source, sub1 } = contribution;
  const fine = {
    source: source === undefined || hasSlot(groupOf(contribution, 'sources'), source) ? source : OTHER,
    sub1: sub1 === undefined || hasSlot(groupOf(contribution, 'pairs'), pairOf(contribution)) ? sub1 : OTHER,
  };
  const keys: RollupKey[] = [
    { scope: 'adv', ownerId: advertiserId, day, campaignId, affiliateId },
    { scope: 'advsub', ownerId: advertiserId, day, campaignId, affiliateId, ...fine },
  ];
  if (affiliateId !== undefined) {
    keys.push(
      { scope: 'aff', ownerId: affiliateId, day, campaignId },
      { scope: 'affsub', ownerId: affiliateId, day, campaignId, ...fine },
    );
  }
  return keys;
}
