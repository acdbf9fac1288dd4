import { type Dedupe, type DedupeBy, isWithinWindow } from '../../../shared/domain/leads/dedupe.ts';
import { type Lead, wasEverConfirmed } from '../../../shared/domain/leads/lead.ts';
import type { Stage } from '../actors/actor.ts';
import type { Engine } from '../engine/engine.ts';
import { CAMPAIGNS } from '../network.ts';
import type { Books } from './books.ts';

/** No two leads are billed that have in common what their campaign tells leads from repeats by. */
export function judgeRepeats({ world: { engine } }: Stage, { leads }: Books): string | undefined {
  const billed = [...leads.values()].filter(wasEverConfirmed);
  for (const { campaignId, dedupe } of CAMPAIGNS) {
    const own = billed.filter((lead) => lead.campaignId === campaignId);
    for (const by of dedupe.by) {
      const fault = repeatFault(own, dedupe, by, (lead) => valueAt(engine, lead, by));
      if (fault !== undefined) return fault;
    }
  }
  return undefined;
}

function repeatFault(
  leads: readonly Lead[],
  dedupe: Dedupe,
  by: DedupeBy,
  valueIn: (lead: Lead) => string | undefined,
): string | undefined {
  const before = new Map<string, Lead>();
  for (const lead of leads.toSorted((left, right) => (left.occurredAt < right.occurredAt ? -1 : 1))) {
    const value = valueIn(lead);
    if (value === undefined) continue;
    const key = `${lead.event} ${value}`;
    const other = before.get(key);
    if (other !== undefined && isWithinWindow(dedupe, other.occurredAt, lead.occurredAt)) {
      return `${lead.leadId} and ${other.leadId} were both confirmed for ${by} ${value}`;
    }
    before.set(key, lead);
  }
  return undefined;
}

/** What a lead has of it: contact data stand apart, and here in the clear. */
function valueAt(engine: Engine, { leadId, transactionId }: Lead, by: DedupeBy): string | undefined {
  if (by === 'transaction_id') return transactionId;
  for (const item of engine.itemsOf('Contacts')) {
    if (item['leadId'] !== leadId) continue;
    return JSON.parse(Buffer.from(item['ciphertext'] as Uint8Array).toString())[by] as string | undefined;
  }
  return undefined;
}
