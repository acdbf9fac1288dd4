import { type Day, dayOf, type Instant, instantOf, type Month, millisecondsOf, monthOf } from '../time/calendar.ts';
import { createMerkleTree, type MerkleTree, type Sha256 } from './merkle-tree.ts';

/** An item of the journal as it is stored: everything about it as text, always the same for the same item. */
export interface StoredEntry {
  readonly recordedAt: Instant;
  readonly text: string;
}

/** The entries of one shard that were recorded on a day (UTC): how many, and the root of the tree over them. */
export interface SealedDay {
  readonly day: Day;
  readonly entries: number;
  readonly root: string;
}

/** What stood in one shard of a party's month, day by day; days without entries are left out. */
export interface Seal {
  /** The last day that is sealed. */
  readonly through: Day;
  readonly days: readonly SealedDay[];
}

/** A sealed day that is not what it was; undefined where there were, or are, no entries. */
export interface BrokenDay {
  readonly day: Day;
  readonly before: SealedDay | undefined;
  readonly now: SealedDay | undefined;
}

export interface SealFold {
  /** Takes up an entry, in the order of the journal, unless it was recorded after the last day to seal. */
  add(entry: StoredEntry): void;
  seal(): Seal;
}

/** Seals the entries of a shard, one by one: any number of them needs the room of a tree a day. */
export function createSealFold(sha256: Sha256, through: Day): SealFold {
  const days = new Map<Day, { entries: number; readonly tree: MerkleTree }>();
  return {
    add({ recordedAt, text }) {
      const day = dayOf(recordedAt, 'UTC');
      if (day > through) return;
      const ofDay = days.get(day) ?? { entries: 0, tree: createMerkleTree(sha256) };
      days.set(day, ofDay);
      ofDay.entries += 1;
      ofDay.tree.add(text);
    },
    seal: () => ({
      through,
      days: [...days]
        .map(([day, { entries, tree }]) => ({ day, entries, root: tree.root() }))
        .sort((left, right) => (left.day < right.day ? -1 : 1)),
    }),
  };
}

/** The days that were sealed before and hold something else now: an entry was changed, is gone, or claims to be older than it is. */
export function brokenDays(before: Seal, now: Seal): BrokenDay[] {
  const beforeByDay = new Map(before.days.map((day) => [day.day, day]));
  const nowByDay = new Map(now.days.map((day) => [day.day, day]));
  const days = [...new Set([...beforeByDay.keys(), ...nowByDay.keys()])].sort();
  return days
    .filter((day) => day <= before.through && day <= now.through)
    .map((day) => ({ day, before: beforeByDay.get(day), now: nowByDay.get(day) }))
    .filter((day) => day.before?.entries !== day.now?.entries || day.before?.root !== day.now?.root);
}

/** How long after its end a day takes no more entries: longer than any call that records one. */
const SETTLED_AFTER_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** The last day (UTC) whose entries are all recorded. */
export const lastSettledDay = (now: Instant): Day =>
  dayOf(instantOf(millisecondsOf(now) - SETTLED_AFTER_MS - DAY_MS), 'UTC');

/** Months that are checked every day, from the present one backwards, and those before them, one a day in turn. */
const RECENT_MONTHS = 3;
const OLDER_MONTHS = 33;

/** The months whose journal a day checks: the present one and the two before, and one of the 33 before those. */
export function monthsToCheck(now: Instant, timeZone: string): Month[] {
  const dayNumber = Math.floor(millisecondsOf(now) / DAY_MS);
  const ages = [...Array(RECENT_MONTHS).keys(), RECENT_MONTHS + (dayNumber % OLDER_MONTHS)];
  return ages.map((age) => monthsBack(monthOf(now, timeZone), age));
}

function monthsBack(month: Month, age: number): Month {
  const [year = 0, number = 0] = month.split('-').map((part) => Number.parseInt(part, 10));
  return instantOf(Date.UTC(year, number - 1 - age, 1)).slice(0, 7);
}
