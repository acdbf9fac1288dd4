import { type Instant, instantOf } from '../../shared/domain/time/calendar.ts';

/** Something that is to happen, unless it is called off before. */
export interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
  off: boolean;
}

/** More than any world needs to come to rest: whatever goes on beyond it never ends. */
const MAX_EVENTS = 60_000;

/**
 * Runs events in order of virtual time, one at a time: between two of them everything that the first set going has come to wait again. Events
 * of the same instant run in the order in which they were asked for.
 */
export class Scheduler {
  /** Since the start, whatever the clocks say. */
  elapsedMs = 0;
  private offsetMs: number;
  private readonly heap: Event[] = [];
  private asked = 0;
  private ran = 0;
  /** The last time that was told, and how. */
  private toldMs = Number.NaN;
  private told = '';

  private readonly maxEvents: number;

  constructor(startMs: number, maxEvents = MAX_EVENTS) {
    this.offsetMs = startMs;
    this.maxEvents = maxEvents;
  }

  /** Clocks tell whole milliseconds; who backs off waits for parts of them. */
  readonly nowMs = (): number => Math.floor(this.offsetMs + this.elapsedMs);
  readonly clock = (): Instant => {
    const nowMs = this.nowMs();
    if (nowMs !== this.toldMs) {
      this.toldMs = nowMs;
      this.told = instantOf(nowMs);
    }
    return this.told;
  };

  /** Runs something after a while. */
  after(milliseconds: number, run: () => void): Event {
    this.asked += 1;
    const event = { atMs: this.elapsedMs + milliseconds, order: this.asked, run, off: false };
    this.push(event);
    return event;
  }

  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.after(milliseconds, resolve));
  }

  /** Turns the clocks on. What waits does so no less: it counts by its own. */
  jump(milliseconds: number): void {
    this.offsetMs += milliseconds;
  }

  /** Runs until nothing waits any more. Throws where that never comes. */
  async run(): Promise<void> {
    // What was started before waits by now.
    await quiet();
    for (let event = this.pop(); event !== undefined; event = this.pop()) {
      if (event.off) continue;
      this.ran += 1;
      if (this.ran > this.maxEvents) throw new Error(`nothing comes to rest in ${this.maxEvents} events`);
      this.elapsedMs = event.atMs;
      event.run();
      await quiet();
    }
  }

  private push(event: Event): void {
    const { heap } = this;
    let index = heap.length;
    heap.push(event);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent] as Event;
      if (!isBefore(event, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = event;
  }

  private pop(): Event | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) child += 1;
      if (!isBefore(heap[child] as Event, last)) break;
      heap[index] = heap[child] as Event;
      index = child;
    }
    heap[index] = last;
    return first;
  }
}

const isBefore = (left: Event, right: Event): boolean =>
  left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);

/** Resolves once no promise has anything left to do: Node runs ticks only after all of them. */
const quiet = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));
