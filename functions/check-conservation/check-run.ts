import { type Difference, differencesOf, signatureOf, textOf } from '../../shared/domain/conservation/compare.ts';
import { daysOf, type Span } from '../../shared/domain/conservation/spans.ts';
import { NO_COUNTS, type TallyKey, tallyKeyText } from '../../shared/domain/conservation/tally.ts';
import type { Day } from '../../shared/domain/time/calendar.ts';
import type { KeptTally, QueueDepths, TallyStore } from '../../shared/ports/conservation.ts';
import { forEachConcurrently } from '../../shared/runtime/workers.ts';
import { type BookDependencies, keptOf, type Row, readBooks } from './read-books.ts';

/** A difference that has lasted. */
export type FoundDifference =
  | (Difference & TallyKey)
  /** Messages that wait by their receipts and those that queues hold; dead letters by both. */
  | { readonly against: 'queues' | 'dead_letters'; readonly counted: number; readonly found: number };

export interface CheckRunDependencies extends BookDependencies {
  readonly tallies: TallyStore;
  readonly queueDepths: () => Promise<QueueDepths>;
  /** Resolves after a time in which streams and indexes that work are sure to have caught up. */
  readonly waitForStreams: () => Promise<void>;
}

/** What is read at once: an advertiser's days, or those of messages whose advertiser is not known. */
export interface Unit {
  readonly advertiserId: string | undefined;
  readonly span: Span;
}

/** Messages without an answer. */
export interface Waiting {
  readonly queued: number;
  readonly deadLettered: number;
}

const CONCURRENT_UNITS = 8;
const CONCURRENT_WRITES = 8;
/** How often what differs is read: twice in a row the same is a difference, and what still moves then is left to the next run. */
export const MAX_READINGS = 4;
const QUEUES = 'queues';

const NONE_WAITING: Waiting = { queued: 0, deadLettered: 0 };
const addWaiting = (left: Waiting, right: Waiting): Waiting => ({
  queued: left.queued + right.queued,
  deadLettered: left.deadLettered + right.deadLettered,
});

/**
 * Reads units, keeps their tallies and finds what differs. Traffic moves books while they are read, and some are fed later than others:
 * a difference only counts where a second reading, after a wait, finds it again and nothing else of its key moved in between.
 */
export class CheckRun {
  /** Tallies that were looked at. */
  checked = 0;
  /** Those of them that differed and never stood still. */
  moving = 0;
  private readonly dependencies: CheckRunDependencies;
  private readonly lasting = new Map<string, readonly FoundDifference[]>();
  private readonly waiting = new Map<string, { readonly unit: Unit; readonly day: Day; readonly messages: Waiting }>();
  /** Signatures of what differed in this reading and in the one before. */
  private differing = new Map<string, string>();
  private before = new Map<string, string>();

  constructor(dependencies: CheckRunDependencies) {
    this.dependencies = dependencies;
  }

  differences(): FoundDifference[] {
    return [...this.lasting.values()].flat();
  }

  /** What waits of the messages of one day, or of all days. */
  waitingOn(day?: Day): Waiting {
    const found = [...this.waiting.values()].filter((each) => day === undefined || each.day === day);
    return found.reduce((sum, { messages }) => addWaiting(sum, messages), NONE_WAITING);
  }

  /** Checks units; `withQueues` where they hold every day of which messages may wait. Throws StoreUnavailable. */
  async check(units: readonly Unit[], withQueues: boolean): Promise<void> {
    let due = units;
    for (let reading = 1; ; reading += 1) {
      const isLast = reading === MAX_READINGS;
      this.before = this.differing;
      this.differing = new Map();
      const again: Unit[] = [];
      await forEachConcurrently(due, CONCURRENT_UNITS, async (unit) => {
        const rows = await readBooks(this.dependencies, unit.advertiserId, unit.span);
        if (reading === 1) this.checked += rows.length;
        const movingDays = await this.keep(unit, rows, isLast);
        const [from, to] = [movingDays[0], movingDays.at(-1)];
        if (from !== undefined && to !== undefined) again.push({ ...unit, span: { ...unit.span, from, to } });
      });
      const queuesMove = withQueues && (await this.checkQueues());
      if (isLast || (again.length === 0 && !queuesMove)) return;
      await this.dependencies.waitForStreams();
      due = queuesMove ? [...again, ...this.unitsThatWait()] : again;
    }
  }

  /** Keeps the tallies of a unit, but for those that are still to be read again: returns their days, in order. */
  private async keep(unit: Unit, rows: readonly Row[], isLast: boolean): Promise<Day[]> {
    this.noteWaiting(unit, rows);
    const movingDays: Day[] = [];
    await forEachConcurrently(rows, CONCURRENT_WRITES, async (row) => {
      const { key } = row.tally;
      const differences = differencesOf(row);
      const lasts = this.lasts(
        `${unit.advertiserId ?? '-'}#${tallyKeyText(key)}`,
        signatureOf(row),
        differences.map((difference) => ({ ...difference, ...key })),
      );
      const isMoving = differences.length > 0 && !lasts;
      if (isMoving && !isLast) movingDays.push(key.day);
      else await this.put(row, lasts ? differences : []);
      if (isMoving && isLast) this.moving += 1;
    });
    return movingDays.sort();
  }

  /** Whether differences were there at the reading before, with all else as it is. */
  private lasts(name: string, signature: string, differences: readonly FoundDifference[]): boolean {
    if (differences.length === 0) {
      this.lasting.delete(name);
      return false;
    }
    this.differing.set(name, signature);
    const lasts = this.before.get(name) === signature;
    if (lasts) this.lasting.set(name, differences);
    return lasts;
  }

  private async put(row: Row, differences: KeptTally['differences']): Promise<void> {
    const tally = keptOf(row, differences);
    const { kept = { ...tally, counts: NO_COUNTS, seen: 0, differences: [] } } = row;
    if (textOf(kept) !== textOf(tally)) await this.dependencies.tallies.put(tally);
  }

  private noteWaiting(unit: Unit, rows: readonly Row[]): void {
    for (const day of daysOf(unit.span)) {
      const counts = rows.filter(({ tally }) => tally.key.day === day).map(({ tally }) => tally.counts);
      const messages = counts.reduce(addWaiting, NONE_WAITING);
      const name = `${unit.advertiserId ?? '-'}#${day}`;
      if (messages.queued + messages.deadLettered > 0) this.waiting.set(name, { unit, day, messages });
      else this.waiting.delete(name);
    }
  }

  private unitsThatWait(): Unit[] {
    return [...this.waiting.values()].map(({ unit, day }) => ({ ...unit, span: { ...unit.span, from: day, to: day } }));
  }

  /** Whether the queues differ from what the receipts say, and may not do so for good. */
  private async checkQueues(): Promise<boolean> {
    const { queued, deadLettered } = this.waitingOn();
    const { waiting, deadLetters } = await this.dependencies.queueDepths();
    const differences: FoundDifference[] = [];
    // A message whose last try was cut short is a dead letter that its receipt does not know of yet.
    if (queued > waiting + deadLetters) {
      differences.push({ against: 'queues', counted: queued, found: waiting + deadLetters });
    }
    if (deadLetters > deadLettered)
      differences.push({ against: 'dead_letters', counted: deadLettered, found: deadLetters });
    const signature = [queued, deadLettered, waiting, deadLetters].join();
    return !this.lasts(QUEUES, signature, differences) && differences.length > 0;
  }
}
