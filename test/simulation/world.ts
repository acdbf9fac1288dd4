import { PutCommand } from '@aws-sdk/lib-dynamodb';
import * as sdk from '@aws-sdk/util-dynamodb';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { instantOf } from '../../shared/domain/time/calendar.ts';
import type { Queue } from '../../shared/ports/queues.ts';
import { createEngine, type Engine } from './engine/engine.ts';
import type { AttributeMap } from './engine/images.ts';
import type { Item } from './engine/values.ts';
import { Faults } from './faults.ts';
import { FileStore } from './files.ts';
import {
  type Around,
  FUNCTIONS,
  type FunctionName,
  type FunctionOf,
  type QueueName,
  SCHEDULED_TIMEOUT_MS,
} from './functions.ts';
import { type Answer, httpEvent, NO_ANSWER, type Request } from './http.ts';
import { Ids } from './ids.ts';
import { Instance, InstanceGone } from './instance.ts';
import { Machine } from './machine.ts';
import { CATALOG_ITEMS } from './network.ts';
import { SimulatedQueue } from './queue.ts';
import { Scheduler } from './scheduler.ts';
import { freshSecrets } from './secrets.ts';
import { readSettings, type Settings } from './settings.ts';
import { StreamReader } from './stream.ts';
import { TABLES } from './tables.ts';
import type { Tape } from './tape.ts';

const HTTP_TIMEOUT_MS = 10_000;
const WORKER_TIMEOUT_MS = 60_000;

type HttpFunctionName = 'ingest-click' | 'ingest-postback' | 'manage-leads' | 'manage-catalog';

interface Running {
  readonly instance: Instance;
  readonly handler: unknown;
}

/** What must never be, in a sentence. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/** One run's network, functions and clients: everything that a tape decides about. */
export class World {
  readonly settings: Settings;
  readonly scheduler: Scheduler;
  readonly machine: Machine;
  readonly engine: Engine;
  readonly ids: Ids;
  readonly secrets = freshSecrets();
  readonly files = new FileStore();
  readonly queues: Readonly<Record<QueueName, SimulatedQueue>>;
  readonly readers: readonly StreamReader[];
  /** Why workers failed, for the judge to tell faults from mistakes. */
  readonly failures: unknown[] = [];
  /** How many entries the reconcile has posted. */
  reconciled = 0;
  private readonly running = new Map<string, Running>();
  private started = 0;

  constructor(tape: Tape, trace?: (line: string) => void) {
    this.settings = readSettings(tape.settings);
    this.scheduler = new Scheduler(this.settings.startMs);
    const { lanes } = this.settings;
    // Among the stand-ins for the SDK there is a quicker way to tell an item.
    const imageOf = 'imageAsItIs' in sdk ? (sdk.imageAsItIs as (item: Item) => AttributeMap) : undefined;
    this.engine = createEngine({ tables: TABLES, now: this.scheduler.nowMs, lanes, imageOf });
    this.machine = new Machine({
      scheduler: this.scheduler,
      faults: new Faults(tape.faults),
      engine: this.engine,
      catalogTable: 'Catalog',
      jitter: this.settings.jitter,
      trace,
    });
    this.ids = new Ids(this.scheduler.nowMs);
    for (const Item of CATALOG_ITEMS) this.engine.apply(new PutCommand({ TableName: 'Catalog', Item }));
    this.machine.firstChanges = this.engine.changeCount('Catalog');
    this.queues = {
      postbacks: this.queue('postbacks', 'decide-postbacks', 10, 5),
      close: this.queue('close', 'close-month', 1, 5),
    };
    this.readers = this.streamReaders();
    this.machine.onCommit = () => {
      for (const reader of this.readers) reader.poll();
    };
  }

  /** Sends a request to a function; a status of 0 where it dies or its answer is lost. */
  async call(name: HttpFunctionName, request: Request, instance = 0): Promise<Answer> {
    const { machine, scheduler } = this;
    await scheduler.sleep(machine.latency());
    const answer = await this.invoke(name, instance, HTTP_TIMEOUT_MS, (handler) =>
      handler(httpEvent(request), {} as Parameters<typeof handler>[1]),
    ).catch((error: unknown) => {
      if (error instanceof InstanceGone) return undefined;
      throw error;
    });
    const fault = answer === undefined ? undefined : machine.faults.at('answer');
    const isLost = answer === undefined || fault !== undefined;
    machine.trace?.(
      `${request.route} ${JSON.stringify(request.query ?? request.path)} → ${isLost ? 'no answer' : answer.statusCode} ${isLost ? '' : answer.body}`,
    );
    if (isLost) return NO_ANSWER;
    if (answer.statusCode === 401) throw new Violation(`${request.route} was refused a key that is good`);
    const { statusCode = 200, headers = {}, body } = answer;
    const isJson = body !== undefined && String(headers['content-type']).includes('json');
    return { status: statusCode, headers, body: isJson ? JSON.parse(body) : body };
  }

  /** Runs what a schedule runs; true where it came through. */
  async runScheduled(name: 'release-holds' | 'reconcile-leads', event: unknown = {}, instance = 0): Promise<boolean> {
    try {
      await this.invoke(name, instance, SCHEDULED_TIMEOUT_MS, (handler) => handler(event));
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

  private async invoke<Name extends FunctionName, Result>(
    name: Name,
    number: number,
    timeoutMs: number,
    work: (handler: FunctionOf<Name>) => Promise<Result>,
  ): Promise<Result> {
    const { instance, handler } = this.runningOf(name, number);
    return instance.invoke(timeoutMs, () => work(handler as FunctionOf<Name>));
  }

  /** An instance of a function: the one of that number, or a new one where that is gone. */
  private runningOf(name: FunctionName, number: number): Running {
    const place = `${name}/${number}`;
    const found = this.running.get(place);
    const fault = this.machine.faults.at('invoke');
    if (found?.instance.alive === true && fault === undefined) return found;
    this.started += 1;
    const instance = new Instance(`${place}.${this.started}`, this.scheduler);
    const around: Around = {
      machine: this.machine,
      instance,
      ids: this.ids,
      secrets: this.secrets,
      files: this.files,
      timeZone: this.settings.timeZone,
      queueOf: <Body>(queue: QueueName): Queue<Body> => this.queues[queue].senderFor<Body>(instance),
      onReconciled: (entries) => {
        this.reconciled += entries;
      },
      onFailure: this.note,
    };
    const running = { instance, handler: FUNCTIONS[name](around) };
    this.running.set(place, running);
    return running;
  }

  private queue(
    name: QueueName,
    worker: 'decide-postbacks' | 'close-month',
    batchSize: number,
    maxReceives: number,
  ): SimulatedQueue {
    let batches = 0;
    return new SimulatedQueue({
      machine: this.machine,
      name,
      batchSize,
      maxReceives,
      visibilityMs: 6 * WORKER_TIMEOUT_MS,
      work: (event: SQSEvent): Promise<SQSBatchResponse> => {
        batches += 1;
        return this.invoke(worker, batches % 2, WORKER_TIMEOUT_MS, (handler) => handler(event));
      },
    });
  }

  private streamReaders(): StreamReader[] {
    const sources = [
      { table: 'Leads', worker: 'post-journal-entries', batchSize: 8 },
      ...(this.settings.rollups
        ? ([
            { table: 'Leads', worker: 'roll-up', batchSize: 8 },
            { table: 'Touches', worker: 'roll-up', batchSize: 8 },
          ] as const)
        : []),
      ...(this.settings.closes ? ([{ table: 'Journal', worker: 'watch-journal', batchSize: 8 }] as const) : []),
    ] as const;
    return sources.flatMap(({ table, worker, batchSize }) =>
      this.engine.streamOf(table).lanes.map(
        (lane, number) =>
          new StreamReader({
            machine: this.machine,
            name: `${table} → ${worker}/${number}`,
            lane,
            batchSize,
            work: (event) =>
              this.invoke(worker, number, WORKER_TIMEOUT_MS, (handler) => handler(event) as Promise<unknown>).catch(
                (error: unknown) => {
                  this.note(error);
                  throw error;
                },
              ),
          }),
      ),
    );
  }
}

export const shown = (milliseconds: number): string => instantOf(milliseconds);
