import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { assembleApp } from './app-assembly.ts';
import type { Assembly } from './assembly.ts';
import { assetDirectory } from './assembly.ts';
import { createAsyncInvoker } from './async-invoke.ts';
import { createJsonService } from './aws-json.ts';
import { startAwsServices } from './aws-services.ts';
import { removeStackFile } from './data-dir.ts';
import type { Engines } from './emulators.ts';
import { startEngines } from './emulators.ts';
import { type DynamoDbEngine, freePort } from './engine-dynamodb.ts';
import { createKeepFailedBatch } from './failed-batches.ts';
import { startHttpApi } from './http.ts';
import type { LambdaHost } from './lambda-host.ts';
import { createLambdaHost } from './lambda-host.ts';
import type { LocalModel, QueueSourceModel } from './model.ts';
import { readModel, sharedEnvironment } from './model.ts';
import { ensureOperatorKey } from './operator-key.ts';
import { createQueueSource } from './queue-source.ts';
import { makeResources } from './resources.ts';
import type { SchedulerClock } from './schedule.ts';
import { createScheduler, systemClock } from './schedule.ts';
import { openSecrets } from './secrets.ts';
import type { Source, SourceTimings } from './source.ts';
import type { StateStore } from './state-store.ts';
import { openStateStore } from './state-store.ts';
import { createStreamSource } from './stream-source.ts';
import { resolveStacks } from './template.ts';

const CALLS_PER_HTTP_INSTANCE = 500;
const WORKER_INSTANCES = 2;
/**
 * Of what Lambda would work on at once, this machine does one part in so many, and two at least. Those with the most are the ones that wait
 * for others' servers, which costs a thread and no processor.
 */
const SHARE_OF_CONCURRENCY = 20;
const DRAIN_TIMEOUT_MS = 60_000;

export interface StackOptions {
  /** Where everything is kept: tables, queues, objects, secrets, logs. */
  readonly dataDir: string;
  /** Default: any free one. */
  readonly port?: number | undefined;
  /** Default: this machine only. */
  readonly host?: string | undefined;
  /** Another DynamoDB engine, instead of one of our own. */
  readonly dynamoDbEndpoint?: string | undefined;
  /** Told where an engine is, says where functions are to look for it: for who stands in between. The runner's own calls go straight. */
  readonly between?: ((engine: 'dynamodb' | 'sqs', endpoint: string) => Promise<string>) | undefined;
  /** Default: the CDK app with the functions as they are in the working tree, built where they have changed. */
  readonly assemble?: ((outdir: string) => Promise<Assembly>) | undefined;
  readonly timings?: StackTimings | undefined;
  /** Whether schedules fire by themselves. Default: true. */
  readonly schedules?: boolean | undefined;
  readonly clock?: SchedulerClock | undefined;
  /** Told in a line what went wrong: a failed call, an engine that died. Default: standard error. */
  readonly onTrouble?: ((line: string) => void) | undefined;
}

export interface StackTimings extends SourceTimings {
  readonly asyncRetryDelayMs?: number | undefined;
}

/** The whole service on this machine. */
export interface RunningStack {
  readonly url: string;
  readonly operatorKey: string;
  readonly model: LocalModel;
  /** The variables of all functions together and where the engines are: enough for adapters and tools to work on the same data. */
  readonly env: Readonly<Record<string, string>>;
  /** To kill the DynamoDB engine and start it again. */
  readonly engine: Pick<DynamoDbEngine, 'pid' | 'kill' | 'restart'>;
  /** Calls a function by its folder's name and returns what it returned. Rejects with a `FunctionError`. */
  invoke(name: string, event: unknown): Promise<unknown>;
  /** Fires a schedule by the name of its function, and waits for the function. */
  fireSchedule(name: string): Promise<unknown>;
  /** Resolves once all queues and streams have been worked off, and what that led to. Rejects after `timeoutMs`. */
  drain(timeoutMs?: number): Promise<void>;
  /** Lets what is under way end, then ends everything. */
  stop(): Promise<void>;
}

/** Starts the service. Rejects with a sentence where the data is in use, the port is taken or an engine is missing. */
export async function startStack(options: StackOptions): Promise<RunningStack> {
  const closers: (() => Promise<void> | void)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    return await start(options, closers, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  options: StackOptions,
  closers: (() => Promise<void> | void)[],
  stop: () => Promise<void>,
): Promise<RunningStack> {
  const { dataDir, timings = {}, between = async (_engine, endpoint) => endpoint } = options;
  const onTrouble = options.onTrouble ?? ((line: string) => console.error(line));
  const state = openStateStore(dataDir);
  closers.push(() => state.close());
  // Of a run that was killed: nothing answers there.
  removeStackFile(dataDir);

  const startingEngines = startEngines({
    dataDir,
    dynamoDbEndpoint: options.dynamoDbEndpoint,
    onExit: onTrouble,
  });
  const assembling = (options.assemble ?? assembleApp)(join(dataDir, 'cdk.out'));
  const [started, assembled] = await Promise.allSettled([startingEngines, assembling]);
  if (started.status === 'rejected') throw started.reason;
  const engines = started.value;
  closers.push(() => engines.stop());
  if (assembled.status === 'rejected') throw assembled.reason;
  const assembly = assembled.value;

  // Functions are told where the API is before it is there.
  const port = options.port || (await freePort());
  const apiEndpoint = `http://localhost:${port}`;
  const sqsEndpoint = await between('sqs', engines.sqsEndpoint);
  const model = readModel(resolveStacks(assembly.stacks, { sqsEndpoint, apiEndpoint }));
  await makeResources(model, engines.clients);
  const shared = sharedEnvironment(model);
  const [contactsKeyArn = ''] = Object.values(model.keyArns);
  const secrets = await openSecrets(dataDir, shared['SECRETS_PREFIX'] ?? '', contactsKeyArn);
  const services = await startAwsServices(secrets, model.keyArns);
  closers.push(() => services.stop());
  const environment = {
    ...engines.environment,
    AWS_ENDPOINT_URL_DYNAMODB: await between('dynamodb', engines.dynamodb.endpoint),
    AWS_ENDPOINT_URL_SQS: sqsEndpoint,
    AWS_ENDPOINT_URL_SSM: services.endpoint,
    AWS_ENDPOINT_URL_KMS: services.endpoint,
  };

  const httpFunctions = new Set(model.routes.map(({ functionName }) => functionName));
  const host = createLambdaHost({
    functions: model.functions,
    directoryOf: ({ assetHash }) => assetDirectory(assembly, assetHash),
    environment,
    logDir: join(dataDir, 'logs'),
    callsPerInstance: ({ functionName }) => (httpFunctions.has(functionName) ? CALLS_PER_HTTP_INSTANCE : 1),
    instances: ({ functionName }) => (httpFunctions.has(functionName) ? 1 : instancesOf(model, functionName)),
    onError: (error) => onTrouble(error.message),
  });
  closers.push(() => host.stop());

  const calls = createAsyncInvoker({
    functions: model.functions,
    queues: model.queues,
    sqs: engines.clients.sqs,
    invoke: host.invoke,
    retryDelayMs: timings.asyncRetryDelayMs,
  });
  closers.push(() => calls.stop());
  const sources = createSources(model, engines, host, state, timings);
  closers.push(async () => {
    await Promise.all(sources.map((source) => source.stop()));
  });
  const clock = options.clock ?? systemClock;
  const scheduler = createScheduler({ schedules: model.schedules, clock, state, invoke: calls.invoke });
  closers.push(() => scheduler.stop());

  const catalogTableName = shared['CATALOG_TABLE_NAME'];
  const operatorKey = catalogTableName === undefined ? '' : await ensureOperatorKey(secrets, engines, catalogTableName);
  const api = await startHttpApi({
    routes: model.routes,
    invoke: host.invoke,
    host: options.host ?? '127.0.0.1',
    port,
  });
  closers.push(() => api.stop());
  for (const source of sources) source.start();
  if (options.schedules ?? true) scheduler.start();

  const functionNameOf = (name: string): string =>
    model.functions.find((one) => one.name === name || one.functionName === name)?.functionName ?? name;
  return {
    url: apiEndpoint,
    operatorKey,
    model,
    env: { ...shared, ...environment },
    engine: engines.dynamodb,
    invoke: (name, event) => host.invoke(functionNameOf(name), JSON.stringify(event)),
    fireSchedule: (name) => {
      const { functionName, event } = scheduler.event(functionNameOf(name));
      return host.invoke(functionName, event);
    },
    drain: (timeoutMs = DRAIN_TIMEOUT_MS) => drainAll([...sources, { id: 'asynchronous calls', ...calls }], timeoutMs),
    stop,
  };
}

function createSources(
  model: LocalModel,
  engines: Engines,
  { invoke }: LambdaHost,
  state: StateStore,
  timings: SourceTimings,
): Source[] {
  const { dynamodb, sqs } = engines.clients;
  const streams = createJsonService(engines.dynamodb.endpoint, 'streams');
  const keepFailed = createKeepFailedBatch(engines.clients, model.buckets, model.queues);
  return model.sources.map((source) => {
    const target = model.functions.find(({ functionName }) => functionName === source.functionName);
    if (target === undefined) throw new Error(`the source ${source.id} feeds no function`);
    if (source.kind === 'stream') {
      const keep = source.onFailureArn;
      return createStreamSource({
        source,
        dynamodb,
        streams,
        invoke,
        state,
        timings,
        keepFailed: (batch) => (keep === undefined ? Promise.resolve() : keepFailed(keep, target, batch)),
      });
    }
    const queue = model.queues.find(({ arn }) => arn === source.queueArn);
    if (queue === undefined) throw new Error(`the source ${source.id} reads no queue of the template`);
    return createQueueSource({ source, queue, sqs, invoke, timings, concurrency: concurrencyOf(source) });
  });
}

/** How many batches of a queue are worked on at once. */
function concurrencyOf({ maxConcurrency = WORKER_INSTANCES }: QueueSourceModel): number {
  return Math.min(maxConcurrency, Math.max(WORKER_INSTANCES, Math.round(maxConcurrency / SHARE_OF_CONCURRENCY)));
}

/** Enough for every queue that feeds a function, so that one never waits for another. */
function instancesOf({ sources }: LocalModel, functionName: string): number {
  const ofQueues = sources
    .filter((source) => source.functionName === functionName)
    .map((source) => (source.kind === 'queue' ? concurrencyOf(source) : 0));
  return Math.max(
    WORKER_INSTANCES,
    ofQueues.reduce((sum, count) => sum + count, 0),
  );
}

/** Rounds until one in which nobody had anything to do: what one source feeds may put work before another. */
async function drainAll(parts: readonly Pick<Source, 'id' | 'drain'>[], timeoutMs: number): Promise<void> {
  const waiting = new Set<string>();
  const giveUp = new AbortController();
  const timeout = sleep(timeoutMs, undefined, { signal: giveUp.signal, ref: false }).then(() => {
    throw new Error(`Not drained within ${timeoutMs} ms: ${[...waiting].join(', ')}`);
  });
  const rounds = (async () => {
    for (;;) {
      const busy = await Promise.all(
        parts.map(async (part) => {
          waiting.add(part.id);
          const hadWork = await part.drain();
          waiting.delete(part.id);
          return hadWork;
        }),
      );
      if (!busy.some(Boolean)) return;
    }
  })();
  try {
    await Promise.race([rounds, timeout]);
  } finally {
    giveUp.abort();
    timeout.catch(() => undefined);
  }
}
