import type { Engine, StoreCommand } from './engine/engine.ts';
import type { Circumstances } from './engine/store.ts';
import type { Faults } from './faults.ts';
import type { Instance } from './instance.ts';
import { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

export interface MachineOptions {
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  readonly engine: Engine;
  readonly catalogTable: string;
  /** Seeds how long calls take; 0: all the same. */
  readonly jitter: number;
  /** Told what happens, line by line. */
  readonly trace?: ((line: string) => void) | undefined;
}

const LATENCY_MS = 5;
const MAX_JITTER_MS = 16;
/** Indexes, and reads that need not be consistent, are never further behind. */
const MAX_LAG_MS = 2_000;

/** What all instances of a run share: time, the store, what goes wrong, and the record of it all. */
export class Machine {
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  readonly trace: ((line: string) => void) | undefined;
  /** When the run began: what was there then is seen by everybody. */
  private readonly startMs: number;
  /** Told after each commit. */
  onCommit: () => void = () => undefined;
  private readonly engine: Engine;
  private readonly catalogTable: string;
  private readonly jitter: Random | undefined;
  /** Whether nothing goes wrong any more. */
  isHealed = false;
  private slowMs = 0;
  private slowUntilMs = 0;
  private catalogSilentUntilMs = 0;
  private tokens = 0;

  constructor({ scheduler, faults, engine, catalogTable, jitter, trace }: MachineOptions) {
    this.scheduler = scheduler;
    this.faults = faults;
    this.engine = engine;
    this.startMs = scheduler.nowMs();
    this.catalogTable = catalogTable;
    this.jitter = jitter === 0 ? undefined : new Random(jitter);
    this.trace = trace === undefined ? undefined : (line) => trace(`${scheduler.clock()} ${line}`);
  }

  /** How long the next call takes to arrive. */
  latency(): number {
    const jitterMs = this.jitter === undefined ? 0 : this.jitter.below(MAX_JITTER_MS);
    const isSlow = this.slowMs > 0 && this.scheduler.elapsedMs < this.slowUntilMs;
    return LATENCY_MS + jitterMs + (isSlow ? this.slowMs : 0);
  }

  /** From 0 to under 1, for backing off. */
  readonly random = (): number => (this.jitter === undefined ? 0.5 : this.jitter.below(1000) / 1000);

  /** Of the changes of the last moments so many are not seen. */
  stale(changes: number): Circumstances {
    return { staleBy: changes, seenUntilMs: Math.max(this.scheduler.nowMs() - MAX_LAG_MS, this.startMs + 1) };
  }

  slow(byMs: number, forMs: number): void {
    this.slowMs = byMs;
    this.slowUntilMs = this.scheduler.elapsedMs + forMs;
  }

  silenceCatalog(forMs: number): void {
    this.catalogSilentUntilMs = this.scheduler.elapsedMs + forMs;
  }

  isSilent(tableName: string | undefined): boolean {
    return tableName === this.catalogTable && this.scheduler.elapsedMs < this.catalogSilentUntilMs;
  }

  /** Ends what goes wrong for a while, and all faults to come. */
  heal(): void {
    this.isHealed = true;
    this.faults.end();
    this.slowMs = 0;
    this.catalogSilentUntilMs = 0;
  }

  /** A token for a transaction. */
  nextToken(): string {
    this.tokens += 1;
    return `token-${this.tokens}`;
  }

  /** Has the engine carry out a command now. */
  commit(instance: Instance, command: StoreCommand, circumstances?: Circumstances): unknown {
    try {
      const output = this.engine.apply(command, circumstances);
      this.trace?.(`${instance.name} ${lineOf(command)} → ${isWrite(command) ? 'done' : textOf(output)}`);
      return output;
    } catch (error) {
      this.trace?.(`${instance.name} ${lineOf(command)} → ${(error as Error).name}`);
      throw error;
    } finally {
      this.onCommit();
    }
  }
}

const isWrite = ({ constructor: { name } }: StoreCommand): boolean => /^(Put|Update|Delete|TransactWrite)/.test(name);

const lineOf = ({ constructor: { name }, input }: StoreCommand): string =>
  `${name.replace(/Command$/, '')} ${textOf(input)}`;

const textOf = (value: unknown): string =>
  JSON.stringify(value, (_name, part: unknown) =>
    typeof part === 'bigint' ? `${part}` : part instanceof Set ? [...part] : part,
  );
