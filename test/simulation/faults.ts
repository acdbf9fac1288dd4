/**
 * What goes wrong in a run, and where. A fault names the place it happens at by counting from the begin of an action: the 7th write, the 2nd
 * batch of a stream since then. So each is independent of all others: one that is left out moves none, nor does an action before its own.
 */

/** A place where faults happen; each is counted by itself. */
export type Site = 'call' | 'write' | 'transaction' | 'index' | 'eventual' | 'batchGet' | 'secrets' | SiteOfEvents;
type SiteOfEvents = 'send' | 'receive' | 'batch' | 'invoke' | 'answer' | 'outgoing';

interface FaultRule {
  readonly site: Site;
  /** How many of its places there are within a few actions, about: a fault is drawn anywhere among them. */
  readonly places: number;
  /** How many degrees it has; what they mean is up to who makes it happen. */
  readonly degrees: number;
}

/** Every kind of fault. A tape names them by their place here: new ones go to the end. */
export const FAULTS = {
  /** The table takes no more: one attempt, or all of a call. */
  throttle: { site: 'call', places: 40, degrees: 2 },
  /** A request that never arrives: one attempt, or all of a call. */
  lostRequest: { site: 'call', places: 40, degrees: 2 },
  /** A write that is done, its answer lost: once, or at every attempt. */
  lostReply: { site: 'write', places: 20, degrees: 2 },
  /** A write that is done long after its sender has given it up. */
  lateWrite: { site: 'write', places: 20, degrees: 3 },
  /** For a while every call takes longer than a request can wait for some of them. */
  slowStore: { site: 'call', places: 40, degrees: 2 },
  /** Another transaction is at the item: once, or as often as it is tried. */
  transactionConflict: { site: 'transaction', places: 3, degrees: 2 },
  /** The instance dies before it sends a request. */
  crashBefore: { site: 'call', places: 40, degrees: 1 },
  /** The instance dies once its write is done. */
  crashAfter: { site: 'write', places: 20, degrees: 1 },
  /** The catalog does not answer for a while: older copies are served. */
  catalogOutage: { site: 'call', places: 40, degrees: 3 },
  /** An index tells of an earlier moment. */
  staleIndex: { site: 'index', places: 6, degrees: 3 },
  /** A read that need not be consistent is not. */
  staleRead: { site: 'eventual', places: 12, degrees: 3 },
  /** The store leaves part of a batch of reads for the next call. */
  unprocessedKeys: { site: 'batchGet', places: 4, degrees: 2 },
  /** The clock is turned on: by minutes, hours, days. */
  clockJump: { site: 'call', places: 40, degrees: 3 },
  /** The parameter store does not answer. */
  secretsOutage: { site: 'secrets', places: 6, degrees: 2 },
  /** The queue does not take a message. */
  sendFailure: { site: 'send', places: 4, degrees: 1 },
  /** The queue takes a message, and its sender never hears of it. */
  sendReplyLost: { site: 'send', places: 4, degrees: 1 },
  /** A message overtakes those before it. */
  reorder: { site: 'send', places: 4, degrees: 3 },
  /** A message is delivered once more, though it was done. */
  duplicateDelivery: { site: 'receive', places: 4, degrees: 2 },
  /** A message is delivered again while it is worked on. */
  visibilityExpiry: { site: 'receive', places: 4, degrees: 2 },
  /** A worker does a batch, and some of its messages are not taken off the queue. */
  partialBatch: { site: 'receive', places: 4, degrees: 2 },
  /** A stream's reader begins again further back. */
  streamReplay: { site: 'batch', places: 12, degrees: 4 },
  /** A batch is cut. */
  streamSplit: { site: 'batch', places: 12, degrees: 3 },
  /** A batch is done and its reader does not hear of it: it comes again, cut in two. */
  streamFailure: { site: 'batch', places: 12, degrees: 1 },
  /** An instance is taken away between two calls, and what it kept in memory with it. */
  coldStart: { site: 'invoke', places: 8, degrees: 1 },
  /** Whoever asked never gets the answer. */
  answerLost: { site: 'answer', places: 6, degrees: 1 },
  /** Others' servers answer 500, or not at all: once, or several requests long. */
  outsideFailure: { site: 'outgoing', places: 4, degrees: 4 },
  /** Others' servers take what they are sent and answer late: later than who is in a hurry waits, or anybody. */
  outsideSilence: { site: 'outgoing', places: 4, degrees: 4 },
} as const satisfies Record<string, FaultRule>;

export type FaultKind = keyof typeof FAULTS;
export const FAULT_KINDS = Object.keys(FAULTS) as readonly FaultKind[];

export interface Fault {
  readonly kind: FaultKind;
  /** From 0 for its mildest form. */
  readonly degree: number;
}

interface PlacedFault extends Fault {
  readonly place: number;
}

class Places {
  private count = 0;
  private readonly faults: PlacedFault[] = [];
  private nextPlace = Number.POSITIVE_INFINITY;

  /** Has a fault happen so many places from here. */
  add(fault: PlacedFault): void {
    this.faults.push({ ...fault, place: this.count + fault.place });
    this.faults.sort((left, right) => right.place - left.place);
    this.nextPlace = this.faults.at(-1)?.place ?? Number.POSITIVE_INFINITY;
  }

  next(): Fault | undefined {
    this.count += 1;
    if (this.count <= this.nextPlace) return undefined;
    const fault = this.faults.pop();
    this.nextPlace = this.faults.at(-1)?.place ?? Number.POSITIVE_INFINITY;
    return fault;
  }
}

/** The faults of one run. */
export class Faults {
  /** How many of each kind have happened. */
  readonly injected = new Map<FaultKind, number>();
  private readonly records: readonly (readonly number[])[];
  private readonly sites = new Map<Site, Places>();
  private over = false;

  /** Records are `[kind, action, place, degree]`; kind 0 is none. */
  constructor(records: readonly (readonly number[])[]) {
    this.records = records;
    for (const [kindNumber = 0] of records) {
      const kind = FAULT_KINDS[kindNumber - 1];
      if (kind !== undefined) this.sites.set(FAULTS[kind].site, new Places());
    }
  }

  /** An action begins: the places of its faults are counted from here. */
  begin(action: number): void {
    for (const [kindNumber = 0, own = 0, place = 0, degree = 0] of this.records) {
      const kind = own === action ? FAULT_KINDS[kindNumber - 1] : undefined;
      if (kind === undefined) continue;
      const { site, degrees } = FAULTS[kind];
      this.sites.get(site)?.add({ kind, place, degree: degree % degrees });
    }
  }

  /** The fault that happens here, if one does. */
  at(site: Site): Fault | undefined {
    if (this.over) return undefined;
    const fault = this.sites.get(site)?.next();
    if (fault !== undefined) this.injected.set(fault.kind, (this.injected.get(fault.kind) ?? 0) + 1);
    return fault;
  }

  /** Nothing goes wrong from now on. */
  end(): void {
    this.over = true;
  }
}
