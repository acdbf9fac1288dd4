import type { Instant } from '../time/calendar.ts';
import { type Cap, type CapPeriod, type Caps, capPeriods } from './caps.ts';
import {
  amountsOf,
  type CountedLead,
  type Counter,
  type CounterItem,
  type CounterWrite,
  codeOf,
  concerns,
  counterWrite,
  mergedWrites,
  pastItemId,
  plus,
  shardItemId,
  suffixOf,
} from './counter.ts';
import {
  type CounterState,
  type Quota,
  quotaTotal,
  readState,
  type Shares,
  shareOf,
  writeState,
} from './counter-state.ts';
import { labelsOf, type PeriodLabel, type PeriodLabels, partLabels } from './period-label.ts';
import type { CapReading } from './readings.ts';

/** A lead that is to be counted, and how. */
export interface Taking {
  readonly lead: CountedLead;
  /** The version of the terms that the lead is decided by. */
  readonly terms: { readonly effectiveFrom: Instant; readonly caps?: Caps | undefined };
  readonly timeZone: string;
  /** The periods of the lead, and the oldest ones that are kept together by now. */
  readonly labels: PeriodLabels;
  readonly kept: PeriodLabels;
  /** The sub-counter to try first. */
  readonly start: number;
  /** Whether counts of old periods may be moved to items of their own along with it. */
  readonly mayRoll: boolean;
}

export type Taken =
  /** These must be read before anything can be said. */
  | { readonly kind: 'read'; readonly itemIds: readonly string[] }
  /** What was read does not belong together: read all of it again. */
  | { readonly kind: 'stale' }
  | { readonly kind: 'over'; readonly readings: readonly CapReading[] }
  | {
      readonly kind: 'taken';
      readonly shard: number;
      readonly rolled: boolean;
      readonly writes: readonly CounterWrite[];
      readonly readings: readonly CapReading[];
    };

/** A cap of the lead's terms on the counter, and what the lead takes of it. */
interface Bound {
  readonly cap: Cap;
  readonly suffix: string;
  readonly need: bigint;
}

interface Context extends Taking {
  readonly counter: Counter;
  readonly amounts: Readonly<Record<string, bigint>>;
  readonly bounds: readonly Bound[];
  /** The numbers of the sub-counters in the order in which they are tried. */
  readonly order: readonly [number, ...number[]];
}

/** How many labels of a period are moved at once, at the most: a transaction is bounded. */
const MAX_MOVED = 2;

type Known = ReadonlyMap<string, CounterItem>;
type Counts = Readonly<Record<string, bigint>>;

/**
 * Whether one counter has room for a lead under the caps of the lead's terms, and what must be written where it has. Nothing is rejected
 * before every sub-counter was looked at.
 *
 * Written on its conditions, no cap of those terms counts more than its limit at that instant, the lead included:
 * - The count of a single item is bounded by the condition itself.
 * - Under shares each sub-counter is bounded by its share, for every lead whatever its terms, and shares sum to no more than the limit.
 * - Else the write names how often every sub-counter was written, and so their sum. It may put other shares in place, where all counts
 *   keep to them.
 * - Shares and floor change on all sub-counters at once, and every write names those that it was decided under.
 */
export function takeFrom(counter: Counter, taking: Taking, known: Known): Taken {
  const context = contextOf(counter, taking);
  const itemIds = context.order.map((shard) => shardItemId(counter, shard));
  const first = known.get(itemIds[0] ?? '');
  if (first === undefined) return { kind: 'read', itemIds: itemIds.slice(0, 1) };
  // A counter begins with a floor: conversions of long ago are never counted in it.
  const state = first.state === undefined ? { floor: context.kept } : readState(first.state);
  const rolls = first.state === undefined || (taking.mayRoll && isRollDue(context, state, first));
  if (!rolls) {
    const past = takePast(context, state.floor, NO_COUNTS, known);
    if (past.needs.length > 0) return { kind: 'read', itemIds: past.needs };
    const taken = takeShare(context, state, first, context.order[0], past);
    if (taken !== undefined) return taken;
  }
  const missing = itemIds.filter((itemId) => !known.has(itemId));
  if (missing.length > 0) return { kind: 'read', itemIds: missing };
  const items = itemIds.flatMap((itemId) => known.get(itemId) ?? []);
  if (items.some((item) => item.state !== first.state)) return { kind: 'stale' };
  return takeAny(context, rolls ? roll(context, state, items) : { state, items, moved: NO_COUNTS }, items, known);
}

const NO_COUNTS: Counts = {};

function contextOf(counter: Counter, taking: Taking): Context {
  const { lead, terms, start } = taking;
  const amounts = amountsOf(lead);
  const bounds = (terms.caps?.limits ?? []).flatMap((cap): Bound[] => {
    const suffix = suffixOf(cap, lead);
    const need = amounts[suffix];
    // What costs nothing never exceeds a budget.
    return need === undefined || codeOf(cap) !== counter.code || !concerns(cap, lead) ? [] : [{ cap, suffix, need }];
  });
  const first = start % counter.shards;
  const others = Array.from({ length: counter.shards - 1 }, (_, index) => (first + 1 + index) % counter.shards);
  return {
    ...taking,
    counter,
    amounts,
    bounds,
    order: [first, ...others],
  };
}

const countIn = ({ counts }: CounterItem, name: string): bigint => counts[name] ?? 0n;
const sumOf = (items: readonly CounterItem[], name: string): bigint =>
  items.reduce((sum, item) => sum + countIn(item, name), 0n);
const labelIn = (name: string): PeriodLabel => name.split('.', 1)[0] ?? name;

// ---- the items of old periods

interface PastTaking {
  readonly needs: readonly string[];
  readonly isOver: boolean;
  readonly readings: readonly CapReading[];
  readonly writes: readonly CounterWrite[];
}

/** Counts a lead in the items of those of its periods that lie before the floor. `moved`: what the same transaction brings there. */
function takePast(context: Context, floor: PeriodLabels | undefined, moved: Counts, known: Known): PastTaking {
  const { counter, labels, amounts, bounds } = context;
  const { past } = partLabels(labels, floor);
  const needs = past.map((period) => pastItemId(counter, labels[period])).filter((itemId) => !known.has(itemId));
  if (needs.length > 0) return { needs, isOver: false, readings: [], writes: [] };
  const used = (period: CapPeriod, suffix: string): bigint => {
    const name = labels[period] + suffix;
    return (known.get(pastItemId(counter, labels[period]))?.counts[name] ?? 0n) + (moved[name] ?? 0n);
  };
  const concerned = bounds.filter(({ cap }) => past.includes(cap.period));
  return {
    needs,
    isOver: concerned.some(({ cap, suffix, need }) => used(cap.period, suffix) + need > cap.limit),
    readings: concerned.map(({ cap, suffix }) => ({ cap, used: used(cap.period, suffix), limit: cap.limit })),
    writes: past.map((period) =>
      counterWrite({
        itemId: pastItemId(counter, labels[period]),
        add: under(labels[period], amounts),
        atMost: lowest(
          concerned
            .filter(({ cap }) => cap.period === period)
            .map(({ cap, suffix, need }) => {
              const name = labels[period] + suffix;
              return [name, cap.limit - need - (moved[name] ?? 0n)];
            }),
        ),
      }),
    ),
  };
}

/** What is added under the label of one period, by the name of the count. */
const under = (label: PeriodLabel, amounts: Counts): Counts =>
  Object.fromEntries(Object.entries(amounts).map(([suffix, amount]) => [label + suffix, amount]));

/** What a lead adds to a sub-counter. */
function additions({ labels, amounts }: Context, floor: PeriodLabels | undefined): Counts {
  return Object.assign({}, ...partLabels(labels, floor).live.map((period) => under(labels[period], amounts)));
}

/** The lowest bound of each count. */
function lowest(bounds: readonly (readonly [name: string, max: bigint])[]): Counts {
  const found: Record<string, bigint> = {};
  for (const [name, max] of bounds) {
    const other = found[name];
    if (other === undefined || max < other) found[name] = max;
  }
  return found;
}

// ---- one sub-counter

/** Takes from one sub-counter by what it knows alone; undefined where it has no room, or cannot know. */
function takeShare(
  context: Context,
  state: CounterState,
  item: CounterItem,
  shard: number,
  past: PastTaking,
): Taken | undefined {
  const limits = limitsOfShard(context, state, shard);
  if (limits === undefined || limits.some(({ name, max }) => countIn(item, name) > max)) return undefined;
  const live = context.bounds.filter(({ cap }) => partLabels(context.labels, state.floor).live.includes(cap.period));
  const readings = live.map(({ cap, suffix, need }) => {
    const name = context.labels[cap.period] + suffix;
    if (context.counter.shards === 1) return { cap, used: countIn(item, name), limit: cap.limit };
    const max = limits.find((limit) => limit.name === name)?.max ?? 0n;
    return { cap, used: countIn(item, name), limit: max + need, shard };
  });
  if (past.isOver) return { kind: 'over', readings: [...readings, ...past.readings] };
  const write = counterWrite({
    itemId: item.itemId,
    state: item.state,
    add: additions(context, state.floor),
    atMost: lowest(limits.map(({ name, max }) => [name, max])),
  });
  return {
    kind: 'taken',
    shard,
    rolled: false,
    writes: [write, ...past.writes],
    readings: [...readings, ...past.readings],
  };
}

/** How high each count of a sub-counter may be for the lead to be added; undefined where that depends on other sub-counters. */
function limitsOfShard(
  { counter, labels, amounts, bounds, timeZone }: Context,
  { floor, shares }: CounterState,
  shard: number,
): readonly { readonly name: string; readonly max: bigint }[] | undefined {
  const { live } = partLabels(labels, floor);
  const liveBounds = bounds.filter(({ cap }) => live.includes(cap.period));
  if (counter.shards === 1) {
    return liveBounds.map(({ cap, suffix, need }) => ({ name: labels[cap.period] + suffix, max: cap.limit - need }));
  }
  if (shares === undefined) return liveBounds.length === 0 ? [] : undefined;
  const since = labelsOf(shares.since, timeZone);
  const quotas = shares.quotas.filter(({ period }) => live.includes(period) && labels[period] >= since[period]);
  const isShared = ({ cap, suffix }: Bound) =>
    quotas.some((quota) => quota.period === cap.period && quota.suffix === suffix && quotaTotal(quota) <= cap.limit);
  if (!liveBounds.every(isShared)) return undefined;
  return quotas.flatMap((quota) => {
    const need = amounts[quota.suffix];
    if (need === undefined) return [];
    return [{ name: labels[quota.period] + quota.suffix, max: shareOf(quota, shard, counter.shards) - need }];
  });
}

// ---- all sub-counters

/** A counter as it is after old periods have left it. */
interface Rolled {
  readonly state: CounterState;
  readonly items: readonly CounterItem[];
  /** What has left it, by the name of the count. */
  readonly moved: Counts;
}

const isOlder = (label: PeriodLabel, than: PeriodLabels): boolean =>
  capPeriods.some((period) => label[0] === than[period][0] && label < than[period]);

function isRollDue({ kept, labels }: Context, { floor }: CounterState, { counts }: CounterItem): boolean {
  const own = partLabels(labels, floor).live.map((period) => labels[period]);
  return [...Object.keys(counts).map(labelIn), ...own].some((label) => isOlder(label, kept));
}

/** Moves the counts of the oldest periods out of a counter, a few at a time. */
function roll({ kept }: Context, { floor = kept, shares }: CounterState, items: readonly CounterItem[]): Rolled {
  const names = [...new Set(items.flatMap(({ counts }) => Object.keys(counts)))];
  const floorOf = (period: CapPeriod): PeriodLabel => {
    const old = [...new Set(names.map(labelIn))]
      .filter((label) => label[0] === kept[period][0] && label < kept[period])
      .sort();
    const next = old[MAX_MOVED] ?? kept[period];
    return next > floor[period] ? next : floor[period];
  };
  const newFloor: PeriodLabels = {
    hour: floorOf('hour'),
    day: floorOf('day'),
    week: floorOf('week'),
    month: floorOf('month'),
    total: 't',
  };
  const leaving = names.filter((name) => isOlder(labelIn(name), newFloor));
  return {
    state: { floor: newFloor, shares },
    items: items.map((item) => ({
      ...item,
      counts: Object.fromEntries(Object.entries(item.counts).filter(([name]) => !leaving.includes(name))),
    })),
    moved: Object.fromEntries(leaving.map((name) => [name, sumOf(items, name)])),
  };
}

/**
 * Takes from any sub-counter that has room by itself, else from one by what all of them hold together; or tells what is in the way.
 * `read` are the items as they stand, `rolled.items` as they will.
 */
function takeAny(context: Context, rolled: Rolled, read: readonly CounterItem[], known: Known): Taken {
  const { counter, bounds, labels, order } = context;
  const past = takePast(context, rolled.state.floor, rolled.moved, known);
  if (past.needs.length > 0) return { kind: 'read', itemIds: past.needs };
  const rolls = rolled.items !== read;
  if (!rolls) {
    for (const [index, item] of read.entries()) {
      const taken = takeShare(context, rolled.state, item, order[index] ?? 0, past);
      if (taken !== undefined) return taken;
    }
  }
  const { live } = partLabels(labels, rolled.state.floor);
  const liveBounds = bounds.filter(({ cap }) => live.includes(cap.period));
  const used = ({ cap, suffix }: Bound) => sumOf(read, labels[cap.period] + suffix);
  const readings = [
    ...liveBounds.map((bound) => ({ cap: bound.cap, used: used(bound), limit: bound.cap.limit })),
    ...past.readings,
  ];
  const isOver = past.isOver || liveBounds.some((bound) => used(bound) + bound.need > bound.cap.limit);
  if (isOver) return { kind: 'over', readings };

  const { index, shares } = placeOf(context, rolled);
  const newState = writeState({ floor: rolled.state.floor, shares });
  const add = additions(context, rolled.state.floor);
  const leaving = Object.keys(rolled.moved);
  const writes = read.map((item, at) =>
    counterWrite({
      itemId: item.itemId,
      writes: item.writes,
      add: at === index ? add : {},
      remove: leaving.filter((name) => item.counts[name] !== undefined),
      newState,
    }),
  );
  const moves = Object.entries(rolled.moved).map(([name, count]) =>
    counterWrite({ itemId: pastItemId(counter, labelIn(name)), add: { [name]: count } }),
  );
  return {
    kind: 'taken',
    shard: order[index] ?? 0,
    rolled: rolls,
    writes: mergedWrites([...writes, ...past.writes, ...moves]),
    readings,
  };
}

/** Where a lead goes that there is room for in all, and the shares that hold from then on: those of its own terms where they can. */
function placeOf(
  context: Context,
  { state, items }: Rolled,
): { readonly index: number; readonly shares?: Shares | undefined } {
  const { counter, order } = context;
  const add = additions(context, state.floor);
  if (counter.shards > 1) {
    const own = sharesOfTerms(context);
    const isNewer = state.shares === undefined || (own !== undefined && own.from >= state.shares.from);
    for (const shares of isNewer ? [own, state.shares] : [state.shares]) {
      if (shares === undefined) continue;
      const after = (index: number) =>
        items.map((item, at) => (at === index ? { ...item, counts: plus(item.counts, add) } : item));
      const index = order.findIndex((_, at) => keepsTo(shares, after(at), context));
      if (index >= 0) return { index, shares };
    }
  }
  return { index: 0 };
}

/** The shares that the terms of the lead would make; undefined where they set no limit. */
function sharesOfTerms({ bounds, terms, lead }: Context): Shares | undefined {
  const quotas: Quota[] = [];
  for (const { cap, suffix, need } of bounds) {
    const at = quotas.findIndex((quota) => quota.period === cap.period && quota.suffix === suffix);
    const other = quotas[at];
    if (other !== undefined && other.limit <= cap.limit) continue;
    quotas.splice(at < 0 ? quotas.length : at, at < 0 ? 0 : 1, {
      period: cap.period,
      suffix,
      limit: cap.limit,
      unit: need,
    });
  }
  return quotas.length === 0 ? undefined : { from: terms.effectiveFrom, since: lead.occurredAt, quotas };
}

/** Whether every count of the periods that shares are for keeps to the share of its sub-counter. */
function keepsTo(shares: Shares, items: readonly CounterItem[], { counter, order, timeZone }: Context): boolean {
  const since = labelsOf(shares.since, timeZone);
  return items.every(({ counts }, at) =>
    Object.entries(counts).every(([name, count]) => {
      const label = labelIn(name);
      const quota = shares.quotas.find(
        ({ period, suffix }) => label[0] === since[period][0] && label + suffix === name && label >= since[period],
      );
      return quota === undefined || count <= shareOf(quota, order[at] ?? 0, counter.shards);
    }),
  );
}
