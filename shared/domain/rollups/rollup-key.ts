import type { Day, Month } from '../time/calendar.ts';

/**
 * Whose figures, and how fine. `adv` and `aff` answer most reports; `advsub` and `affsub` also tell source and sub1 apart, and are only
 * read by reports that do.
 */
export type RollupScope = 'adv' | 'aff' | 'advsub' | 'affsub';

/** All items of one owner's month. */
export interface RollupPartition {
  readonly scope: RollupScope;
  /** An advertiser in the scopes `adv` and `advsub`, an affiliate in the others. */
  readonly ownerId: string;
  readonly month: Month;
}

/** One rollup item. `source` and `sub1` are only used in the finer scopes, `affiliateId` only in an advertiser's. */
export interface RollupKey {
  readonly scope: RollupScope;
  readonly ownerId: string;
  readonly day: Day;
  readonly campaignId: string;
  readonly affiliateId?: string | undefined;
  readonly source?: string | undefined;
  readonly sub1?: string | undefined;
}

const NOTHING = '-';

/** A value as part of a key: whatever it is, `#` only ever separates and `-` only ever stands for nothing. */
function encode(value: string | undefined): string {
  if (value === undefined) return NOTHING;
  return value === NOTHING ? '%2D' : value.replaceAll('%', '%25').replaceAll('#', '%23');
}

function decode(text: string | undefined): string | undefined {
  return text === NOTHING ? undefined : text?.replaceAll('%23', '#').replaceAll('%2D', '-').replaceAll('%25', '%');
}

/** The text key of a partition: `R#scope#owner#yyyy-mm`. */
export const partitionText = ({ scope, ownerId, month }: RollupPartition): string => `R#${scope}#${ownerId}#${month}`;

/** The partition that an item stands in. */
export const partitionOf = ({ scope, ownerId, day }: RollupKey): RollupPartition => ({
  scope,
  ownerId,
  month: day.slice(0, 7),
});

/** The text key of an item within its partition: its day first, then its dimensions. */
export function itemText(key: RollupKey): string {
  const parts = [key.day, key.campaignId];
  if (key.scope === 'adv' || key.scope === 'advsub') parts.push(encode(key.affiliateId));
  if (key.scope === 'advsub' || key.scope === 'affsub') parts.push(encode(key.source), encode(key.sub1));
  return parts.join('#');
}

/** Reads a key back from its two texts; undefined where they are not a rollup item's. */
export function readRollupKey(partition: string, item: string): RollupKey | undefined {
  const match = /^R#(?<scope>adv|aff|advsub|affsub)#(?<ownerId>[^#]+)#/.exec(partition)?.groups;
  const [day = '', campaignId = '', ...rest] = item.split('#');
  if (match === undefined) return undefined;
  const { ownerId = '' } = match;
  const common = { ownerId, day, campaignId };
  switch (match['scope'] as RollupScope) {
    case 'adv':
      return { scope: 'adv', ...common, affiliateId: decode(rest[0]) };
    case 'aff':
      return { scope: 'aff', ...common };
    case 'advsub':
      return {
        scope: 'advsub',
        ...common,
        affiliateId: decode(rest[0]),
        source: decode(rest[1]),
        sub1: decode(rest[2]),
      };
    case 'affsub':
      return { scope: 'affsub', ...common, source: decode(rest[0]), sub1: decode(rest[1]) };
  }
}
