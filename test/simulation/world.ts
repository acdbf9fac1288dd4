import { PutCommand } from '@aws-sdk/lib-dynamodb';
import * as sdk from '@aws-sdk/util-dynamodb';
import type { SQSEvent } from 'aws-lambda';
import { kidOf } from '../../shared/runtime/api-key.ts';
import { createEngine, type Engine } from './engine/engine.ts';
import type { Change } from './engine/table.ts';
import { Faults } from './faults.ts';
import { FileStore } from './files.ts';
import { Fleet } from './fleet.ts';
import type { Around, QueueName } from './functions/around.ts';
import type { RequestFunctionName, ScheduledFunctionName, WorkerFunctionName } from './functions/functions.ts';
import { SCHEDULED_TIMEOUT_MS } from './functions/schedules.ts';
import { DELIVERY_TIMEOUT_MS, MAX_FETCH_RECEIVES, MAX_RECEIVES } from './functions/workers.ts';
import { type Answer, httpEvent, NO_ANSWER, type Request } from './http.ts';
import { Ids } from './ids.ts';
import { type Instance, InstanceGone } from './instance.ts';
import { Machine } from './machine.ts';
import { ITEMS } from './network.ts';
import { Outside } from './outside.ts';
import { SimulatedQueue } from './queue.ts';
import { Scheduler } from './scheduler.ts';
import { freshSecrets } from './secrets.ts';
import { readSettings, type Settings } from './settings.ts';
import { StreamReader } from './stream.ts';
import { TABLES, type TableName } from './tables.ts';
import type { Tape } from './tape.ts';

const HTTP_TIMEOUT_MS = 10_000;
const MAX_TRIES = 3;
const TRY_AGAIN_MS = 1_000;
const WORKER_TIMEOUT_MS = 60_000;
/** How long a message is hidden from others, in timeouts of its worker. */
const VISIBILITY_TIMEOUTS = 6;
const STREAM_BATCH = 8;
/** Readers are through with what there is by then, mostly, and no write is still on its way. */
const ALL_ARRIVED_MS = 600_000;

type QueueWorker = Extract<
  WorkerFunctionName,
  'decide-postbacks' | 'decide-leads' | 'close-month' | 'fetch-leads' | 'send-deliveries'
>;
type StreamWorker = Exclude<WorkerFunctionName, QueueWorker>;

/** The stand-ins for the SDK take items as they are. */
const AS_THEY_ARE = 'AS_THEY_ARE' in sdk;

/** What is there when a run begins, put there once. */
const CHANGES = changesBefore();

function changesBefore(): readonly (readonly [table: TableName, changes: readonly Change[]])[] {
  const engine = createEngine({ tables: TABLES, now: () => 0, asTheyAre: AS_THEY_ARE });
  for (const [TableName, items] of ITEMS) {
    for (const Item of items) engine.apply(new PutCommand({ TableName, Item }));
  }
  return ITEMS.map(([table]) => [table, engine.changesOf(table)]);
}

/** What must never be, in a sentence. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/** One run's network: its functions with all that they find around them. */
export class World {
  readonly settings: Settings;
  readonly scheduler: Scheduler;
  readonly machine: Machine;
  readonly engine: Engine;
  readonly secrets = freshSecrets();
  readonly files = new FileStore();
  readonly outside: Outside;
  readonly queues: Readonly<Record<QueueName, SimulatedQueue>>;
  readonly readers: readonly StreamReader[];
  /** Why workers failed, for the judge to tell faults from mistakes. */
  readonly failures: unknown[] = [];
  /** Keys that are being revoked. */
  readonly revokedKeys = new Set<string>();
  /** How many entries the reconcile has posted. */
  reconciled = 0;
  private readonly ids: Ids;
  private readonly fleet: Fleet;

  constructor(tape: Tape, trace?: (line: string) => void) {
    this.settings = readSettings(tape.settings);
    const { startMs, lanes, jitter } = this.settings;
    this.scheduler = new Scheduler(startMs);
    this.ids = new Ids(this.scheduler.nowMs);
    this.engine = createEngine({ tables: TABLES, now: this.scheduler.nowMs, lanes, asTheyAre: AS_THEY_ARE });
    for (const [table, changes] of CHANGES) this.engine.redo(table, changes);
    this.machine = new Machine({
      scheduler: this.scheduler,
      faults: new Faults(tape.faults),
      engine: this.engine,
      catalogTable: 'Catalog',
      jitter,
      trace,
    });
    this.outside = new Outside(this.machine);
    this.fleet = new Fleet(this.machine, (instance) => this.aroundOf(instance));
    this.queues = {
      postbacks: this.queue('postbacks', 'decide-postbacks', 10),
      decisions: this.queue('decisions', 'decide-leads', 1),
      close: this.queue('close', 'close-month', 1),
      fetches: this.queue('fetches', 'fetch-leads', 1, MAX_FETCH_RECEIVES),
      deliveries: this.queue('deliveries', 'send-deliveries', 10),
      patientDeliveries: this.queue('patientDeliveries', 'send-deliveries', 10),
    };
    this.readers = this.streamReaders();
    this.machine.onCommit = () => {
      for (const reader of this.readers) reader.poll();
    };
  }

  /** Sends a request to a function; a status of 0 where it dies or its answer is lost. Throws Violation where a good key is refused. */
  async call(name: RequestFunctionName, request: Request, instance = 0): Promise<Answer> {
    const { machine, scheduler, fleet } = this;
    await scheduler.sleep(machine.latency());
    const result = await fleet
      .invoke(name, instance, HTTP_TIMEOUT_MS, (handler) =>
        handler(httpEvent(request), {} as Parameters<typeof handler>[1]),
      )
      .catch((error: unknown) => {
        if (error instanceof InstanceGone) return undefined;
        throw error;
      });
    const isLost = result === undefined || machine.faults.at('answer') !== undefined;
    machine.trace?.(
      `${request.route} ${JSON.stringify(request.query ?? request.path ?? {})} → ${isLost ? 'no answer' : `${result.statusCode} ${result.body}`}`,
    );
    if (isLost) return NO_ANSWER;
    const { statusCode = 200, headers = {}, body } = result;
    if (statusCode === 401 && !this.mayBeRefused(request))
      throw new Violation(`${request.route} was refused a key that is good`);
    if (statusCode === 500) throw new Violation(`${request.route} was answered 500`);
    const isJson = body !== undefined && String(headers['content-type']).includes('json');
    return { status: statusCode, headers, body: isJson ? JSON.parse(body) : body };
  }

  /** Sends a request again while no answer comes or it is one that asks for it. */
  async insist(name: RequestFunctionName, request: Request, instance = 0): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.call(name, request, (instance + attempt - 1) % 2);
      if ((answer.status !== 0 && answer.status < 500) || attempt === MAX_TRIES) return answer;
      await this.scheduler.sleep(TRY_AGAIN_MS);
    }
  }

  /** The hour strikes for the close: what was in review for long enough is issued. */
  async strike(): Promise<void> {
    await this.fleet
      .invoke('close-month', 0, WORKER_TIMEOUT_MS, (handler) => handler({} as SQSEvent))
      .catch((error: unknown) => this.note(error));
  }

  private mayBeRefused({ key, query }: Request): boolean {
    return this.revokedKeys.has(kidOf(key ?? query?.['key'] ?? '') ?? '');
  }

  /** Turns the clocks on by more than a day, in which streams would have been read and writes have come: so they have before. */
  async pass(milliseconds: number): Promise<void> {
    await this.scheduler.sleep(ALL_ARRIVED_MS);
    this.scheduler.jump(milliseconds);
  }

  /** Runs what a schedule runs; true where it came through. */
  async runScheduled(name: ScheduledFunctionName, event: unknown = {}, instance = 0): Promise<boolean> {
    try {
      await this.fleet.invoke(name, instance, SCHEDULED_TIMEOUT_MS, (handler) => handler(event));
      return true;
    } catch (error) {
      this.note(error);
      return false;
    }
  }

  /** Notes why something failed. */
  readonly note = (error: unknown): void => {
    if (!(error instanceof InstanceGone)) this.failures.push(error);
  };

  private aroundOf(instance: Instance): Around {
    const { machine, ids, secrets, files, settings, queues, outside } = this;
    return {
      machine,
      instance,
      ids,
      secrets,
      files,
      timeZone: settings.timeZone,
      queueOf: (name) => queues[name].senderFor(instance),
      putOff: async (name, id, seconds) => {
        await instance.sleep(machine.latency());
        queues[name].putOff(id, seconds * 1000);
      },
      sendRequest: outside.senderFor(instance),
      delivers: settings.delivers,
      queueDepths: () => ({ waiting: queues.postbacks.waiting, deadLetters: queues.postbacks.deadLetters.length }),
      onReconciled: (entries) => {
        this.reconciled += entries;
      },
      onFailure: this.note,
    };
  }

  private queue(
    name: QueueName,
    worker: QueueWorker,
    batchSize: number,
    maxReceives: number = MAX_RECEIVES,
  ): SimulatedQueue {
    let batches = 0;
    const timeoutMs = worker === 'send-deliveries' ? DELIVERY_TIMEOUT_MS : WORKER_TIMEOUT_MS;
    return new SimulatedQueue({
      machine: this.machine,
      name,
      batchSize,
      maxReceives,
      visibilityMs: VISIBILITY_TIMEOUTS * timeoutMs,
      work: (event) => {
        batches += 1;
        return this.fleet.invoke(worker, batches % 2, timeoutMs, (handler) => handler(event));
      },
    });
  }

  private streamReaders(): StreamReader[] {
    const { rollups, closes, delivers } = this.settings;
    return [
      ...this.readersOf('Leads', 'post-journal-entries'),
      ...(rollups ? [...this.readersOf('Leads', 'roll-up'), ...this.readersOf('Touches', 'roll-up')] : []),
      ...(closes ? this.readersOf('Journal', 'watch-journal') : []),
      ...(closes && delivers
        ? [...this.readersOf('Billing', 'announce-events'), ...this.readersOf('Payouts', 'announce-events')]
        : []),
    ];
  }

  private readersOf(table: TableName, worker: StreamWorker): StreamReader[] {
    return this.engine.streamOf(table).lanes.map((lane, number) => {
      const options = { machine: this.machine, name: `${table} → ${worker}/${number}`, lane, batchSize: STREAM_BATCH };
      return new StreamReader({
        ...options,
        work: (event) =>
          this.fleet
            .invoke(worker, number, WORKER_TIMEOUT_MS, (handler) => handler(event))
            .catch((error: unknown) => {
              this.note(error);
              throw error;
            }),
      });
    });
  }
}
