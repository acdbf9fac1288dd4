import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { StorePatience } from '../../shared/adapters/dynamodb/client.ts';
import type { StoreCommand } from './engine/engine.ts';
import type { Circumstances } from './engine/store.ts';
import type { Fault, Site } from './faults.ts';
import type { Instance } from './instance.ts';
import type { Machine } from './machine.ts';

const LATE_MS = [4_000, 30_000, 400_000] as const;
const SLOW_MS = [1_500, 2_500] as const;
const SLOW_FOR_MS = 8_000;
const CATALOG_OUTAGE_MS = [20_000, 120_000, 600_000] as const;
const JUMP_MS = [660_000, 3 * 3_600_000, 30 * 3_600_000] as const;
const FIRST_BACKOFF_MS = 50;

/** The document client of an instance: the SDK's retries with their tokens, timeouts and errors, over the engine of the run. */
export function storeClient(machine: Machine, instance: Instance, patience: StorePatience): DynamoDBDocumentClient {
  const send = (command: StoreCommand): Promise<unknown> =>
    new Promise((resolve, reject) => new Call(machine, instance, patience, command, resolve, reject).attempt());
  return { send } as unknown as DynamoDBDocumentClient;
}

/** One call with all its attempts. */
class Call {
  private readonly machine: Machine;
  private readonly instance: Instance;
  private readonly patience: StorePatience;
  private readonly command: StoreCommand;
  private readonly name: string;
  private readonly resolve: (output: unknown) => void;
  private readonly reject: (error: unknown) => void;
  private attempts = 0;
  private token: string | undefined;
  /** Happens at every attempt of this call. */
  private lasting: Fault | undefined;

  constructor(
    machine: Machine,
    instance: Instance,
    patience: StorePatience,
    command: StoreCommand,
    resolve: (output: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    this.machine = machine;
    this.instance = instance;
    this.patience = patience;
    this.name = command.constructor.name;
    this.command = command;
    this.resolve = resolve;
    this.reject = reject;
  }

  attempt(): void {
    if (!this.instance.alive) return;
    this.attempts += 1;
    const { machine } = this;
    const fault = this.lasting ?? this.faultHere();
    if (fault !== undefined)
      machine.trace?.(`${this.instance.name} ${this.name} #${this.attempts} ! ${fault.kind} ${fault.degree}`);
    if (this.isSilent()) this.fails(this.patience.requestTimeoutMs, timeout());
    else if (fault === undefined) this.request(machine.latency());
    else this.faulty(fault);
  }

  /** The fault that is due at this attempt: each place it is at is counted. */
  private faultHere(): Fault | undefined {
    const { faults } = this.machine;
    let found = faults.at('call');
    for (const site of sitesOf(this.name, this.command)) found = found ?? faults.at(site);
    return found;
  }

  private isSilent(): boolean {
    return this.machine.isSilent(this.command.input.TableName);
  }

  private faulty({ kind, degree }: Fault): void {
    const { machine, instance, patience } = this;
    const latency = machine.latency();
    switch (kind) {
      case 'throttle':
        if (degree > 0) this.lasting = { kind, degree };
        this.fails(latency, sdkError('ProvisionedThroughputExceededException'));
        break;
      case 'lostRequest':
        if (degree > 0) this.lasting = { kind, degree };
        this.fails(patience.requestTimeoutMs, timeout());
        break;
      case 'lostReply':
        if (degree > 0) this.lasting = { kind, degree };
        machine.scheduler.after(latency, () => this.commitUnheard());
        this.fails(patience.requestTimeoutMs, timeout());
        break;
      case 'lateWrite':
        machine.scheduler.after(patience.requestTimeoutMs + (LATE_MS[degree] ?? 0), () => this.commitUnheard());
        this.fails(patience.requestTimeoutMs, timeout());
        break;
      case 'slowStore':
        machine.slow(SLOW_MS[degree] ?? 0, SLOW_FOR_MS);
        this.request(machine.latency());
        break;
      case 'transactionConflict':
        if (degree > 0) this.lasting = { kind, degree };
        machine.scheduler.after(latency, () => this.settleReject(conflictOf(this.command)));
        break;
      case 'crashBefore':
        instance.die();
        break;
      case 'crashAfter':
        machine.scheduler.after(latency, () => {
          this.commitUnheard();
          instance.die();
        });
        break;
      case 'catalogOutage':
        machine.silenceCatalog(CATALOG_OUTAGE_MS[degree] ?? 0);
        this.request(latency);
        break;
      case 'clockJump':
        machine.scheduler.jump(JUMP_MS[degree] ?? 0);
        this.request(latency);
        break;
      case 'staleIndex':
      case 'staleRead':
        this.request(latency, machine.stale(degree + 1));
        break;
      case 'unprocessedKeys':
        this.request(latency, { unprocessed: degree + 1 });
        break;
      default:
        throw new Error(`${kind} is no fault of the store`);
    }
  }

  /** Reaches the engine after a while, and its answer the caller at once. One that takes longer than its sender waits is lost. */
  private request(latencyMs: number, circumstances?: Circumstances): void {
    const { scheduler } = this.machine;
    const isTooSlow = latencyMs >= this.patience.requestTimeoutMs;
    if (isTooSlow) this.fails(this.patience.requestTimeoutMs, timeout());
    scheduler.after(latencyMs, () => {
      if (isTooSlow) return this.commitUnheard();
      let output: unknown;
      try {
        output = this.commit(circumstances);
      } catch (error) {
        return this.settleReject(error);
      }
      if (this.instance.alive) this.resolve(output);
    });
  }

  /** The SDK gives a transaction its token once, whatever happens to its attempts. */
  private commit(circumstances: Circumstances | undefined): unknown {
    if (this.name === 'TransactWriteCommand') {
      this.token ??= this.machine.nextToken();
      return this.machine.commit(this.instance, this.command, { ...circumstances, token: this.token });
    }
    return this.machine.commit(this.instance, this.command, circumstances);
  }

  private commitUnheard(): void {
    try {
      this.commit(undefined);
    } catch {
      // Whatever the store says, nobody hears it.
    }
  }

  /** The attempt fails after a while: the SDK tries again, or gives up. */
  private fails(afterMs: number, error: Error): void {
    this.machine.scheduler.after(afterMs, () => {
      if (!this.instance.alive) return;
      if (this.attempts >= this.patience.maxAttempts) return this.settleReject(error);
      this.machine.scheduler.after(FIRST_BACKOFF_MS * 2 ** this.attempts, () => this.attempt());
    });
  }

  private settleReject(error: unknown): void {
    if (this.instance.alive) this.reject(error);
  }
}

const WRITE_SITES: readonly Site[] = ['write'];
const TRANSACTION_SITES: readonly Site[] = ['write', 'transaction'];
const INDEX_SITES: readonly Site[] = ['index'];
const EVENTUAL_SITES: readonly Site[] = ['eventual'];
const BATCH_SITES: readonly Site[] = ['batchGet'];
const NO_SITES: readonly Site[] = [];

/** Where, beside `call`, an attempt counts. */
function sitesOf(name: string, { input }: StoreCommand): readonly Site[] {
  switch (name) {
    case 'PutCommand':
    case 'UpdateCommand':
    case 'DeleteCommand':
      return WRITE_SITES;
    case 'TransactWriteCommand':
      return TRANSACTION_SITES;
    case 'BatchGetCommand':
      return BATCH_SITES;
    case 'QueryCommand':
      if (input.IndexName !== undefined) return INDEX_SITES;
  }
  return input.ConsistentRead === true ? NO_SITES : EVENTUAL_SITES;
}

const sdkError = (name: string): Error => Object.assign(new Error(name), { name });
const timeout = (): Error => sdkError('TimeoutError');

/** What the store says where another transaction is at the first item. */
function conflictOf({ input }: StoreCommand): Error {
  const items = input.TransactItems as readonly unknown[];
  return Object.assign(sdkError('TransactionCanceledException'), {
    CancellationReasons: items.map((_item, index) => ({ Code: index === 0 ? 'TransactionConflict' : 'None' })),
  });
}
