import type { Cap } from '../domain/caps/caps.ts';
import type { CounterItem, CounterWrite } from '../domain/caps/counter.ts';
import { overCap } from '../domain/caps/over-cap.ts';
import { writeReadings } from '../domain/caps/readings.ts';
import { type CapRequest, settleCaps } from '../domain/caps/settle-caps.ts';
import type { Campaign } from '../domain/catalog/campaign.ts';
import { isOfMessage, type Lead, pricedAt } from '../domain/leads/lead.ts';
import { journalShard } from '../domain/ledger/entry.ts';
import type { CounterReader } from '../ports/counters.ts';
import { CountersChanged } from '../ports/errors.ts';

/** A lead as it is to be written, and the counters that must be written with it. */
export interface SettledLead {
  readonly lead: Lead;
  readonly counters: readonly CounterWrite[];
  /** The cap that was in the way. The lead is then what that cap makes of it. */
  readonly over?: Cap | undefined;
}

/**
 * Counts the next state of a lead towards the caps of its campaign, or takes it off; `previous` is the state it follows. Called again
 * with a higher `attempt` where the counters changed before they were written. Throws StoreUnavailable, CountersChanged.
 */
export type SettleLeadCaps = (
  campaign: Campaign,
  next: Lead,
  previous: Lead | undefined,
  attempt: number,
) => Promise<SettledLead>;

/** A counter, its old periods, its other sub-counters; and again before a rejection, and where it changed in between. */
const MAX_READS = 12;

export interface SettleLeadCapsDependencies {
  readonly counters: CounterReader;
}

export function createSettleLeadCaps({ counters }: SettleLeadCapsDependencies): SettleLeadCaps {
  return async (campaign, next, previous, attempt) => {
    // What is taken back in part stays counted whole.
    if (next.history.at(-1)?.takenBack !== undefined) return { lead: next, counters: [] };
    const terms = campaign.terms.find(({ effectiveFrom }) => effectiveFrom === next.termsFrom);
    const counts = isCounted(next, terms?.caps?.reversalFrees === true);
    if (counts && previous?.reserved !== undefined && isCountedAlike(next, previous)) {
      return { lead: { ...next, reserved: previous.reserved }, counters: [] };
    }
    const request: CapRequest = {
      campaign,
      now: next.history.at(-1)?.at ?? next.receivedAt,
      take: counts && terms !== undefined ? { lead: { ...next, ...pricedAt(next) }, terms } : undefined,
      free:
        previous?.reserved === undefined
          ? undefined
          : { lead: { ...previous, ...pricedAt(previous) }, reserved: previous.reserved },
      start: journalShard(next.leadId) + attempt,
      mayRoll: attempt === 0,
    };
    const settled = await settle(counters, request);
    const isMessage = next.history.some((transition) => transition.version === next.version && isOfMessage(transition));
    const readings =
      terms?.caps === undefined || settled.readings.length === 0
        ? undefined
        : writeReadings(settled.readings, terms.caps);
    const lead: Lead = {
      ...next,
      reserved: settled.kind === 'settled' ? settled.reserved : undefined,
      // What a person decides is not decided by caps, and the evidence is of what messages brought.
      evidence: isMessage ? { ...next.evidence, caps: readings } : next.evidence,
    };
    if (settled.kind === 'settled') return { lead, counters: settled.writes };
    return { lead: overCap(lead, settled.cap), counters: settled.writes, over: settled.cap };
  };
}

/** Whether a state of a lead takes up room: a claim only does once it is confirmed, and a reversed lead where the terms say so. */
function isCounted({ status, claimant, reserved }: Lead, reversalFrees: boolean): boolean {
  switch (status) {
    case 'confirmed':
      return true;
    case 'pending':
      return claimant === undefined;
    case 'rejected':
      return false;
    case 'reversed':
      return !reversalFrees && reserved !== undefined;
  }
}

/** Whether nothing has changed that counts. */
const isCountedAlike = (next: Lead, previous: Lead): boolean =>
  next.occurredAt === previous.occurredAt &&
  next.affiliateId === previous.affiliateId &&
  next.source === previous.source &&
  next.chargeMinor === previous.chargeMinor &&
  JSON.stringify(next.subIds) === JSON.stringify(previous.subIds);

async function settle(counters: CounterReader, request: CapRequest) {
  const known = new Map<string, CounterItem>();
  for (let reads = 0; reads < MAX_READS; reads += 1) {
    const step = settleCaps(request, known);
    if (step.kind === 'settled' || (step.kind === 'over' && known.size === 1)) return step;
    const itemIds = step.kind === 'read' ? step.itemIds : [...known.keys()];
    const items = await counters.read(itemIds, 'strong');
    // What was read one after the other may never have stood so at once, and no write would tell: only that nothing was written since.
    if (step.kind === 'over' && [...items].every(([itemId, { writes }]) => known.get(itemId)?.writes === writes)) {
      return step;
    }
    for (const [itemId, item] of items) known.set(itemId, item);
  }
  throw new CountersChanged('counters change faster than they can be read');
}
