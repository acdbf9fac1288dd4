import type { Terms } from '../catalog/campaign.ts';
import type { Instant } from '../time/calendar.ts';
import type { Cap } from './caps.ts';
import {
  amountsOf,
  type CappedCampaign,
  type CountedLead,
  type CounterItem,
  codeOf,
  concerns,
  counterOf,
  shardItemId,
  suffixOf,
} from './counter.ts';
import { labelsOf, type PeriodLabel } from './period-label.ts';

/** What tells whose count of a cap is looked at, and when. */
export type CountedParty = Omit<CountedLead, 'chargeMinor'>;

/** The count of a cap at an instant, in the items of one counter. */
export interface CapCount {
  readonly cap: Cap;
  readonly itemIds: readonly string[];
  readonly label: PeriodLabel;
  readonly name: string;
}

/** Where those of some caps count that concern a party. */
export function countsOf(limits: readonly Cap[], campaign: CappedCampaign, party: CountedParty): CapCount[] {
  const lead = { ...party, chargeMinor: 0n };
  const labels = labelsOf(party.occurredAt, campaign.timeZone);
  return limits
    .filter((cap) => concerns(cap, lead))
    .map((cap) => {
      const counter = counterOf(codeOf(cap), campaign, lead);
      const itemIds = Array.from({ length: counter.shards }, (_, shard) => shardItemId(counter, shard));
      const label = labels[cap.period];
      return { cap, itemIds, label, name: label + suffixOf(cap, lead) };
    });
}

/** What a count has come to, in its present period: older ones are elsewhere. */
export const usedOf = ({ itemIds, name }: CapCount, items: ReadonlyMap<string, CounterItem>): bigint =>
  itemIds.reduce((sum, itemId) => sum + (items.get(itemId)?.counts[name] ?? 0n), 0n);

/** The counts that would send a visitor elsewhere at an instant, once they are full. */
export function fallbackCounts(
  terms: Pick<Terms, 'caps'> | undefined,
  campaign: CappedCampaign,
  visitor: Omit<CountedParty, 'occurredAt'>,
  at: Instant,
): CapCount[] {
  const limits = terms?.caps?.limits.filter(({ over }) => over === 'fallback') ?? [];
  return limits.length === 0 ? [] : countsOf(limits, campaign, { ...visitor, occurredAt: at });
}

/** Whether a count has no room for one more lead at a price. */
export function isFull(
  count: CapCount,
  items: ReadonlyMap<string, CounterItem>,
  price: Pick<CountedLead, 'chargeMinor' | 'currency'>,
): boolean {
  const need = amountsOf(price)[suffixOf(count.cap, price)];
  return need !== undefined && usedOf(count, items) + need > count.cap.limit;
}
