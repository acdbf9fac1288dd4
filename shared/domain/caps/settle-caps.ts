import type { Instant } from '../time/calendar.ts';
import type { Cap } from './caps.ts';
import {
  amountsOf,
  type CappedCampaign,
  type CountedLead,
  type CounterItem,
  type CounterWrite,
  counterOf,
  countersOf,
  counterWrite,
  mergedWrites,
  pastItemId,
  plus,
  readReserved,
  shardItemId,
  writeReserved,
} from './counter.ts';
import { readState } from './counter-state.ts';
import { labelsOf, oldestKept, partLabels } from './period-label.ts';
import { type CapReading, capInTheWay } from './readings.ts';
import { type Taken, type Taking, takeFrom } from './take-counter.ts';

export interface CapRequest {
  readonly campaign: CappedCampaign;
  readonly now: Instant;
  /** The lead that is to be counted, and the version of the terms that it is decided by. */
  readonly take?: Pick<Taking, 'lead' | 'terms'> | undefined;
  /** The lead as it was counted, and where: that is given back. */
  readonly free?: { readonly lead: CountedLead; readonly reserved: string } | undefined;
  /** The sub-counter to try first. */
  readonly start: number;
  /** Whether counts of old periods may be moved along with the lead. */
  readonly mayRoll: boolean;
}

export type CapStep =
  /** These must be read before anything can be said. */
  | { readonly kind: 'read'; readonly itemIds: readonly string[] }
  /** What was read does not belong together: read all of it again. */
  | { readonly kind: 'stale' }
  /** A cap is in the way. `writes` only give back what was taken before. */
  | {
      readonly kind: 'over';
      readonly cap: Cap;
      readonly readings: readonly CapReading[];
      readonly writes: readonly CounterWrite[];
    }
  | {
      readonly kind: 'settled';
      /** Where the lead is counted from now on; undefined where it is not. */
      readonly reserved?: string | undefined;
      readonly readings: readonly CapReading[];
      readonly writes: readonly CounterWrite[];
    };

type Known = ReadonlyMap<string, CounterItem>;

/**
 * Whether all caps of a lead's terms have room for it, and what must be written with it in one transaction; along with it, what an earlier
 * state of the lead took is given back. Where a condition of the writes fails nothing may be written: read, and settle again.
 */
export function settleCaps(request: CapRequest, known: Known): CapStep {
  const freed = free(request, known);
  const taken = take(request, withWrites(known, freed.writes));
  const itemIds = [...freed.itemIds, ...taken.flatMap(({ result }) => (result.kind === 'read' ? result.itemIds : []))];
  if (itemIds.length > 0) return { kind: 'read', itemIds: [...new Set(itemIds)] };
  if (taken.some(({ result }) => result.kind === 'stale')) return { kind: 'stale' };

  const readings = taken.flatMap(({ result }) => ('readings' in result ? result.readings : []));
  if (taken.some(({ result }) => result.kind === 'over')) {
    const cap = request.take?.terms.caps && capInTheWay(readings, request.take.terms.caps, request.take.lead);
    if (cap === undefined) throw new Error('a cap is in the way and cannot be named');
    return { kind: 'over', cap, readings, writes: freed.writes };
  }

  const places = taken.flatMap(({ code, result }) => (result.kind === 'taken' ? [{ code, shard: result.shard }] : []));
  return {
    kind: 'settled',
    reserved: places.length === 0 ? undefined : writeReserved(places),
    readings,
    writes: withFreed(
      freed.writes,
      taken.flatMap(({ result }) => (result.kind === 'taken' ? result.writes : [])),
    ),
  };
}

function take({ campaign, now, take, start, mayRoll }: CapRequest, known: Known) {
  if (take === undefined) return [];
  const taken: { readonly code: string; readonly result: Taken }[] = [];
  // One counter at a time moves its old periods: a transaction is bounded.
  let rolled = !mayRoll;
  const { timeZone } = campaign;
  const labels = labelsOf(take.lead.occurredAt, timeZone);
  const kept = oldestKept(now, timeZone);
  for (const counter of countersOf(campaign, take.terms.caps, take.lead)) {
    const taking = { ...take, timeZone, labels, kept, start, mayRoll: !rolled };
    const result = takeFrom(counter, taking, known);
    rolled ||= result.kind === 'taken' && result.rolled;
    taken.push({ code: counter.code, result });
  }
  return taken;
}

/** Takes a lead off every count that it is in. */
function free(
  { campaign, free }: CapRequest,
  known: Known,
): { readonly itemIds: readonly string[]; readonly writes: readonly CounterWrite[] } {
  if (free === undefined) return { itemIds: [], writes: [] };
  const { lead, reserved } = free;
  const labels = labelsOf(lead.occurredAt, campaign.timeZone);
  const under = (label: string) =>
    Object.fromEntries(Object.entries(amountsOf(lead)).map(([suffix, amount]) => [label + suffix, -amount]));
  const places = readReserved(reserved).map(({ code, shard }) => {
    const counter = counterOf(code, campaign, lead);
    return { counter, itemId: shardItemId(counter, shard) };
  });
  const itemIds = places.map(({ itemId }) => itemId).filter((itemId) => !known.has(itemId));
  if (itemIds.length > 0) return { itemIds, writes: [] };
  const writes = places.flatMap(({ counter, itemId }) => {
    const state = known.get(itemId)?.state;
    const { live, past } = partLabels(labels, readState(state).floor);
    const add = Object.assign({}, ...live.map((period) => under(labels[period])));
    return [
      counterWrite({ itemId, state, add }),
      ...past.map((period) =>
        counterWrite({ itemId: pastItemId(counter, labels[period]), add: under(labels[period]) }),
      ),
    ];
  });
  return { itemIds, writes };
}

/** Items as they are after writes. */
function withWrites(known: Known, writes: readonly CounterWrite[]): Known {
  const view = new Map(known);
  for (const { itemId, add } of writes) {
    const item = view.get(itemId);
    if (item !== undefined) view.set(itemId, { ...item, counts: plus(item.counts, add) });
  }
  return view;
}

/** Both kinds of writes in one; those that take were decided on counts from which the others had given back already. */
function withFreed(freed: readonly CounterWrite[], taken: readonly CounterWrite[]): CounterWrite[] {
  const given = new Map(freed.map(({ itemId, add }) => [itemId, add]));
  const onStoredCounts = taken.map((write) => ({
    ...write,
    atMost: Object.fromEntries(
      Object.entries(write.atMost).map(([name, max]) => [name, max - (given.get(write.itemId)?.[name] ?? 0n)]),
    ),
  }));
  return mergedWrites([...onStoredCounts, ...freed]);
}
