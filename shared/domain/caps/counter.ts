import type { Lead } from '../leads/lead.ts';
import type { Cap, Caps } from './caps.ts';
import type { PeriodLabel } from './period-label.ts';

/** What of a lead decides in which counters it counts, and how much. */
export type CountedLead = Pick<
  Lead,
  'campaignId' | 'advertiserId' | 'affiliateId' | 'source' | 'subIds' | 'occurredAt' | 'chargeMinor' | 'currency'
>;

/** What of a campaign decides in which counters its leads count. */
export interface CappedCampaign {
  readonly timeZone: string;
  readonly capShards: number;
  readonly terms: readonly { readonly effectiveFrom: string; readonly caps?: Caps | undefined }[];
}

/** What counts the leads of one campaign, affiliate or source, in `shards` items side by side. */
export interface Counter {
  /** Tells the counters of one lead apart: short, as it stands on every lead that is counted. */
  readonly code: string;
  readonly counterId: string;
  readonly shards: number;
}

/** One item of a counter as it was read; `writes` is 0 where it is not there. */
export interface CounterItem {
  readonly itemId: string;
  /** How often it was written: unchanged, it is the same item still. */
  readonly writes: number;
  /** See CounterState; the same on all sub-counters of a counter at any instant. */
  readonly state?: string | undefined;
  /** Leads by label of the period; minor units by label, a dot and the currency. */
  readonly counts: Readonly<Record<string, bigint>>;
}

/** One write of a transaction to an item of a counter. All of a transaction are made or none. */
export interface CounterWrite {
  readonly itemId: string;
  /** On condition that the item has this state (undefined: none). */
  readonly state?: string | undefined;
  /** On condition that it was written this often: that nothing of it changed. */
  readonly writes?: number | undefined;
  /** On condition that these counts are no higher; a count that is not there is 0. */
  readonly atMost: Readonly<Record<string, bigint>>;
  readonly add: Readonly<Record<string, bigint>>;
  readonly remove: readonly string[];
  readonly newState?: string | undefined;
}

/** Sources that a lead counts in, at most: one for each sub-id that caps name, those of its own terms first. */
export const MAX_SOURCES_OF_LEAD = 4;

export const shardItemId = (counter: Counter, shard: number): string => `${counter.counterId}#${shard}`;
export const pastItemId = (counter: Counter, label: PeriodLabel): string => `${counter.counterId}#past#${label}`;

/** What a lead adds to a count, by what follows the label in the count's name. */
export function amountsOf({
  chargeMinor,
  currency,
}: Pick<CountedLead, 'chargeMinor' | 'currency'>): Readonly<Record<string, bigint>> {
  return chargeMinor === 0n ? { '': 1n } : { '': 1n, [`.${currency}`]: chargeMinor };
}

/** What follows the label in the name of the count that a cap looks at. */
export const suffixOf = ({ measure }: Cap, { currency }: Pick<CountedLead, 'currency'>): string =>
  measure === 'leads' ? '' : `.${currency}`;

/** Whether a cap counts a lead. A lead of an ad platform has no affiliate. */
export function concerns(cap: Cap, lead: CountedLead): boolean {
  switch (cap.scope) {
    case 'campaign':
      return true;
    case 'affiliate':
    case 'affiliate_on_campaign':
      return lead.affiliateId !== undefined && (cap.affiliateId ?? lead.affiliateId) === lead.affiliateId;
    case 'source':
      return (
        (cap.affiliateId === undefined || cap.affiliateId === lead.affiliateId) &&
        (cap.value === undefined || cap.value === subValue(cap.sub ?? '', lead))
      );
  }
}

/** Whoever leaves a sub-id out is one source of its own, so that leaving it out does not lift the cap. */
const subValue = (sub: string, { subIds }: CountedLead): string => subIds[sub] ?? '';

/** The code of the counter that a cap looks at. */
export function codeOf({ scope, sub }: Cap): string {
  switch (scope) {
    case 'campaign':
      return 'c';
    case 'affiliate':
      return 'f';
    case 'affiliate_on_campaign':
      return 'a';
    case 'source':
      return sub ?? '';
  }
}

/** The counter of a lead that a code stands for. */
export function counterOf(
  code: string,
  campaign: Pick<CappedCampaign, 'timeZone' | 'capShards'>,
  lead: CountedLead,
): Counter {
  const { campaignId, advertiserId, affiliateId = '' } = lead;
  switch (code) {
    case 'c':
      return { code, counterId: `campaign#${campaignId}`, shards: campaign.capShards };
    case 'a':
      return { code, counterId: `campaign#${campaignId}#affiliate#${affiliateId}`, shards: campaign.capShards };
    case 'f': {
      const counterId = `advertiser#${advertiserId}#affiliate#${affiliateId}#${campaign.timeZone}`;
      return { code, counterId, shards: 1 };
    }
    default: {
      const source = JSON.stringify([lead.affiliateId ?? lead.source ?? '', code, subValue(code, lead)]);
      return { code, counterId: `campaign#${campaignId}#source#${source}`, shards: 1 };
    }
  }
}

/**
 * Every counter that a lead counts in: those of caps in any version of the campaign's terms, not only in the lead's own, so that a
 * version with a cap knows what was taken under one without.
 */
export function countersOf(campaign: CappedCampaign, ownCaps: Caps | undefined, lead: CountedLead): Counter[] {
  const newestFirst = campaign.terms.toReversed().map(({ caps }) => caps);
  const concerned = [ownCaps, ...newestFirst].flatMap((caps) =>
    (caps?.limits ?? []).filter((cap) => concerns(cap, lead)),
  );
  const codesOf = (wanted: (cap: Cap) => boolean) => [...new Set(concerned.filter(wanted).map(codeOf))];
  const codes = [
    ...codesOf(({ scope }) => scope !== 'source'),
    ...codesOf(({ scope }) => scope === 'source').slice(0, MAX_SOURCES_OF_LEAD),
  ];
  return codes.map((code) => counterOf(code, campaign, lead));
}

/** Where a lead counts, as it stands on the lead: `c.3 a.0 sub1.0`, the code of each counter and the number of the sub-counter. */
export const writeReserved = (taken: readonly { readonly code: string; readonly shard: number }[]): string =>
  taken.map(({ code, shard }) => `${code}.${shard}`).join(' ');

export function readReserved(text: string): { readonly code: string; readonly shard: number }[] {
  return text.split(' ').map((part) => {
    const [code = '', shard = ''] = part.split('.');
    return { code, shard: Number.parseInt(shard, 10) };
  });
}

/** A write on the conditions that are given, and no others. */
export const counterWrite = (write: Pick<CounterWrite, 'itemId' | 'add'> & Partial<CounterWrite>): CounterWrite => ({
  atMost: {},
  remove: [],
  ...write,
});

/** One write for each item, which does what all of them do: a transaction takes no two for the same. */
export function mergedWrites(writes: readonly CounterWrite[]): CounterWrite[] {
  const byItem = new Map<string, CounterWrite>();
  for (const write of writes) {
    const other = byItem.get(write.itemId);
    byItem.set(write.itemId, other === undefined ? write : merged(other, write));
  }
  return [...byItem.values()];
}

function merged(left: CounterWrite, right: CounterWrite): CounterWrite {
  const remove = [...left.remove, ...right.remove];
  return {
    itemId: left.itemId,
    state: left.state ?? right.state,
    writes: left.writes ?? right.writes,
    newState: left.newState ?? right.newState,
    atMost: { ...left.atMost, ...right.atMost },
    add: Object.fromEntries(Object.entries(plus(left.add, right.add)).filter(([name]) => !remove.includes(name))),
    remove,
  };
}

/** Counts with others added to them. */
export function plus(
  counts: Readonly<Record<string, bigint>>,
  add: Readonly<Record<string, bigint>>,
): Record<string, bigint> {
  const sum: Record<string, bigint> = { ...counts };
  for (const [name, amount] of Object.entries(add)) sum[name] = (sum[name] ?? 0n) + amount;
  return sum;
}
