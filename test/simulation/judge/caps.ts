import type { Cap, Caps } from '../../../shared/domain/caps/caps.ts';
import { amountsOf, concerns, counterOf, readReserved, suffixOf } from '../../../shared/domain/caps/counter.ts';
import { labelsOf } from '../../../shared/domain/caps/period-label.ts';
import type { Campaign } from '../../../shared/domain/catalog/campaign.ts';
import { type Lead, pricedAt } from '../../../shared/domain/leads/lead.ts';
import type { Stage } from '../actors/actor.ts';
import type { Books } from './books.ts';
import { readCatalog } from './catalog.ts';

/** No cap is exceeded, and counters hold what the leads that count come to, no more and no less. */
export function judgeCaps({ world: { engine } }: Stage, { leads }: Books): string | undefined {
  const { campaigns } = readCatalog(engine);
  const counted = new Map<string, bigint>();
  for (const campaign of campaigns.values()) {
    const caps = campaign.terms[0]?.caps;
    if (caps === undefined) continue;
    const own = [...leads.values()].filter(({ campaignId }) => campaignId === campaign.campaignId);
    for (const lead of own) {
      if ((lead.reserved !== undefined) !== isCounted(lead, caps)) {
        return `${lead.leadId} is ${lead.status} and ${lead.reserved === undefined ? 'not ' : ''}counted`;
      }
      count(lead, campaign, counted);
    }
    for (const cap of caps.limits) {
      const fault = capFault(cap, campaign, own);
      if (fault !== undefined) return fault;
    }
  }
  return counterFault(engine.itemsOf('Counters'), counted);
}

/** Billed leads count, and those that will be without anybody's doing; a reversed one as the terms say. */
function isCounted({ status, holdUntil, reserved }: Lead, caps: Caps): boolean {
  if (status === 'reversed') return !caps.reversalFrees;
  // Of the others that are pending some have their place and some have not.
  if (status === 'pending') return holdUntil !== undefined || reserved !== undefined;
  return status === 'confirmed';
}

function capFault(cap: Cap, campaign: Campaign, leads: readonly Lead[]): string | undefined {
  const sums = new Map<string, bigint>();
  for (const lead of leads) {
    if (lead.reserved === undefined || !concerns(cap, lead)) continue;
    const owner = cap.scope === 'campaign' ? '' : lead.affiliateId;
    const key = `${owner} ${labelsOf(lead.occurredAt, campaign.timeZone)[cap.period]}`;
    const sum = (sums.get(key) ?? 0n) + (cap.measure === 'leads' ? 1n : pricedAt(lead).chargeMinor);
    if (sum > cap.limit)
      return `${campaign.name}: ${sum} of ${cap.limit} are taken, ${cap.scope} ${key} ${suffixOf(cap, lead)}`;
    sums.set(key, sum);
  }
  return undefined;
}

/** Adds up what a lead counts, by counter and name of the count. */
function count(lead: Lead, campaign: Campaign, counted: Map<string, bigint>): void {
  if (lead.reserved === undefined) return;
  const labels = Object.values(labelsOf(lead.occurredAt, campaign.timeZone));
  for (const { code } of readReserved(lead.reserved)) {
    const { counterId } = counterOf(code, campaign, lead);
    for (const label of labels) {
      for (const [suffix, amount] of Object.entries(amountsOf({ ...lead, ...pricedAt(lead) }))) {
        const key = `${counterId} ${label}${suffix}`;
        counted.set(key, (counted.get(key) ?? 0n) + amount);
      }
    }
  }
}

const COUNT_NAME = /^[hdwmt][0-9T:-]*(?:\.[A-Z]{3})?$/;

function counterFault(
  items: Iterable<Readonly<Record<string, unknown>>>,
  counted: Map<string, bigint>,
): string | undefined {
  const stored = new Map<string, bigint>();
  for (const item of items) {
    const itemId = item['counterId'] as string;
    const counterId = itemId.replace(/#(?:past#)?[^#]*$/, '');
    for (const [name, value] of Object.entries(item)) {
      if (!COUNT_NAME.test(name) || itemId.startsWith('seen#')) continue;
      const key = `${counterId} ${name}`;
      stored.set(key, (stored.get(key) ?? 0n) + BigInt(value as number | bigint));
    }
  }
  for (const key of new Set([...stored.keys(), ...counted.keys()])) {
    const [is, due] = [stored.get(key) ?? 0n, counted.get(key) ?? 0n];
    if (is !== due) return `the counter ${key} is ${is}, and its leads come to ${due}`;
  }
  return undefined;
}
