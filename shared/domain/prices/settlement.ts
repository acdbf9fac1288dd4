import { amountOn, type BookEntry, payable, REVENUE, receivable } from '../ledger/entry.ts';
import type { Instant, Month } from '../time/calendar.ts';
import { type MonthTarget, type PricedCampaign, SETTLED_KINDS, type SettledKind } from './month-targets.ts';

/** What the entries of a campaign's month are caused by, in the journals of the advertiser and of its affiliates. */
export const settlementCause = (campaignId: string, month: Month): string => `settle:${campaignId}:${month}`;

const TEXTS: Readonly<Record<SettledKind, string>> = {
  click_cost: 'Clicks',
  volume_price: 'Price by volume',
  bonus: 'Bonus',
  minimum_guarantee: 'Minimum guarantee',
};

export interface SettlementTime {
  readonly month: Month;
  /** An instant of the month: the entries count in it. */
  readonly occurredAt: Instant;
  readonly decidedAt: Instant;
}

/**
 * The entries that a campaign's month still lacks: of each party and kind what it is to come to, less what stands in the journal. None
 * where nothing has changed. `posted` are all entries of this cause.
 */
export function settlementEntries(
  campaign: PricedCampaign,
  targets: readonly MonthTarget[],
  posted: readonly BookEntry[],
  time: SettlementTime,
): BookEntry[] {
  const parties = new Set([...targets.map(({ party }) => party), ...posted.map(({ party }) => party)]);
  return [...parties].sort().flatMap((party) =>
    SETTLED_KINDS.flatMap((kind) => {
      const before = posted.filter((entry) => entry.party === party && entry.kind === kind);
      const target = targets.find((one) => one.party === party && one.kind === kind);
      return entryTo(campaign, { party, kind, amountMinor: 0n, count: 0n, ...target }, before, time) ?? [];
    }),
  );
}

/** What takes one party and kind from where it stands to where it should be; undefined where it is there. */
function entryTo(
  { campaignId, advertiserId, currency }: PricedCampaign,
  { party, kind, amountMinor, count, unitPriceMicros }: MonthTarget,
  posted: readonly BookEntry[],
  { month, ...time }: SettlementTime,
): BookEntry | undefined {
  const isCharge = party === advertiserId;
  const account = isCharge ? receivable(party) : payable(party);
  const standing = posted.reduce((sum, entry) => sum + amountOn(entry, account), 0n);
  const difference = (isCharge ? amountMinor : -amountMinor) - standing;
  if (difference === 0n) return undefined;
  const text = kind === 'volume_price' || kind === 'bonus' ? `${TEXTS[kind]}: ${count} leads` : TEXTS[kind];
  const isFirst = posted.length === 0;
  return {
    party,
    month,
    causeId: settlementCause(campaignId, month),
    kind,
    sequence: posted.length + 1,
    currency,
    legs: [
      { account, amountMinor: difference },
      { account: REVENUE, amountMinor: -difference },
    ],
    ...time,
    campaignId,
    ...(!isCharge && { affiliateId: party }),
    text: isFirst ? text : `${text}, difference`,
    ...(isFirst && unitPriceMicros !== undefined && { quantity: Number(count), unitPriceMicros }),
  };
}
