import type { WindowEvent } from '../../functions/roll-up/roll-up.ts';
import type { Lane } from './engine/stream.ts';
import type { Machine } from './machine.ts';

export interface StreamReaderOptions {
  readonly machine: Machine;
  readonly name: string;
  readonly lane: Lane;
  readonly batchSize: number;
  /** Gives a batch to a function. Rejects where it fails or dies. */
  readonly work: (event: WindowEvent) => Promise<unknown>;
}

const POLL_MS = 20;
const RETRY_MS = 100;
/** A stream forgets what is older. */
const KEPT_MS = 24 * 3_600_000;

/** Reads one lane of a table's stream for one function: in order, batch by batch, each again until it is done. */
export class StreamReader {
  /** Whether the stream has forgotten something before it was read. */
  hasMissed = false;
  private readonly options: StreamReaderOptions;
  private position = 0;
  /** Up to where all was read once. */
  private reached = 0;
  private size: number;
  private isReading = false;

  constructor(options: StreamReaderOptions) {
    this.options = options;
    this.size = options.batchSize;
  }

  /** Reads what has come to the lane since, in a while. */
  poll(): void {
    if (!this.isReading && this.position < this.options.lane.length) this.readAfter(POLL_MS);
  }

  /** Reads everything again from the beginning. */
  replay(): void {
    this.position = 0;
    this.poll();
  }

  private readAfter(milliseconds: number): void {
    this.isReading = true;
    this.options.machine.scheduler.after(milliseconds, () => this.read());
  }

  private read(): void {
    const { machine, name, lane } = this.options;
    const fault = machine.faults.at('batch');
    if (fault !== undefined) machine.trace?.(`${name} ! ${fault.kind} ${fault.degree}`);
    if (fault?.kind === 'streamReplay') this.position = Math.max(0, this.position - 2 ** (fault.degree + 1));
    this.skipForgotten();
    const size = fault?.kind === 'streamSplit' ? fault.degree + 1 : this.size;
    const { shardId, records } = lane.read(this.position, size);
    if (records.length === 0) {
      this.done(0);
      return;
    }
    machine.trace?.(`${name} reads ${records.length} from ${this.position} of ${shardId}`);
    this.options.work({ shardId, Records: [...records] }).then(
      () => (fault?.kind === 'streamFailure' ? this.failed(records.length) : this.done(records.length)),
      () => this.failed(records.length),
    );
  }

  private skipForgotten(): void {
    const { lane, machine } = this.options;
    const fromSeconds = (machine.scheduler.nowMs() - KEPT_MS) / 1000;
    for (; this.position < lane.length; this.position += 1) {
      const [record] = lane.read(this.position, 1).records;
      if ((record?.dynamodb.ApproximateCreationDateTime ?? 0) >= fromSeconds) return;
      this.hasMissed ||= this.position >= this.reached;
    }
  }

  private done(length: number): void {
    this.isReading = false;
    this.position += length;
    this.reached = Math.max(this.reached, this.position);
    this.size = this.options.batchSize;
    this.poll();
  }

  private failed(length: number): void {
    this.size = Math.max(1, length >> 1);
    this.readAfter(RETRY_MS);
  }
}
