import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { WorkerError, WorkerInit, WorkerReply, WorkerRequest } from './lambda-worker.ts';
import type { FunctionModel } from './model.ts';

/** Requests are mostly short-lived objects: with room for them the collector takes a fifth less of the threads’ time. */
const YOUNG_GENERATION_MIB = 64;
const INIT_TIMEOUT_MS = 10_000;
/** What an account may run at once, unless it asks for more. */
const MAX_IN_FLIGHT = 1000;

/** A call that did not end with a result: the handler threw, timed out or its process ended. */
export class FunctionError extends Error {
  readonly functionName: string;
  readonly report: WorkerError;

  constructor(functionName: string, report: WorkerError) {
    super(`${functionName}: ${report.errorType}: ${report.errorMessage}`);
    this.name = 'FunctionError';
    this.functionName = functionName;
    this.report = report;
  }
}

/** More calls at once than an account may make. */
export class ThrottledError extends Error {}

export interface LambdaHostOptions {
  readonly functions: readonly FunctionModel[];
  readonly directoryOf: (model: FunctionModel) => string;
  /** Where the engines are; the functions' own variables come on top. */
  readonly environment: Readonly<Record<string, string>>;
  readonly logDir: string;
  /**
   * How many calls one instance of a function takes at once. More than one is not what Lambda does: it spares a thread for
   * each of hundreds of concurrent requests, and is for functions that keep nothing of a request outside it.
   */
  readonly callsPerInstance: (model: FunctionModel) => number;
  readonly instances: (model: FunctionModel) => number;
  /** Told of each failed call. */
  readonly onError: (error: FunctionError) => void;
}

/** Runs the functions' bundles, each in worker threads of its own with its own environment and memory limit. */
export interface LambdaHost {
  /** Calls a function with an event, given as JSON, and returns what it returned. Rejects with a `FunctionError`. */
  invoke(functionName: string, event: string): Promise<unknown>;
  stop(): Promise<void>;
}

interface Call {
  readonly request: WorkerRequest;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  timer: NodeJS.Timeout | undefined;
}

interface Instance {
  readonly worker: Worker;
  readonly calls: Map<number, Call>;
  isReady: boolean;
  /** It takes no more calls and ends with the last that it has. */
  isRetired: boolean;
}

interface Pool {
  readonly model: FunctionModel;
  readonly instances: Set<Instance>;
  readonly waiting: Call[];
}

export function createLambdaHost(options: LambdaHostOptions): LambdaHost {
  mkdirSync(options.logDir, { recursive: true });
  const pools = new Map<string, Pool>(
    options.functions.map((model) => [model.functionName, { model, instances: new Set(), waiting: [] }]),
  );
  let inFlight = 0;
  let nextId = 0;
  let isStopping = false;

  function invoke(functionName: string, event: string): Promise<unknown> {
    const pool = pools.get(functionName);
    if (pool === undefined) return Promise.reject(new Error(`There is no function ${functionName}.`));
    if (isStopping || inFlight >= MAX_IN_FLIGHT) return Promise.reject(new ThrottledError('Rate exceeded'));
    inFlight += 1;
    nextId += 1;
    const request = { id: nextId, requestId: randomUUID(), event };
    return new Promise<unknown>((resolve, reject) => {
      pool.waiting.push({ request, resolve, reject, timer: undefined });
      dispatch(pool);
    }).finally(() => {
      inFlight -= 1;
    });
  }

  function dispatch(pool: Pool): void {
    while (pool.waiting.length > 0) {
      const instance = freeInstance(pool);
      const call = instance === undefined ? undefined : pool.waiting.shift();
      if (instance === undefined || call === undefined) return;
      instance.calls.set(call.request.id, call);
      if (instance.isReady) startTimer(pool, instance, call);
      instance.worker.postMessage(call.request);
    }
  }

  function freeInstance(pool: Pool): Instance | undefined {
    const most = options.callsPerInstance(pool.model);
    for (const instance of pool.instances) {
      if (instance.calls.size < most) return instance;
    }
    return pool.instances.size < options.instances(pool.model) ? startInstance(pool) : undefined;
  }

  function startInstance(pool: Pool): Instance {
    const { model } = pool;
    const worker = new Worker(new URL('./lambda-worker.ts', import.meta.url), {
      env: functionEnvironment(model, options),
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: model.memoryMb, maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB },
      stdout: true,
      stderr: true,
      workerData: {
        directory: options.directoryOf(model),
        handler: model.handler,
        logFile: join(options.logDir, `${model.name}.log`),
        functionName: model.functionName,
        functionArn: model.arn,
        memoryMb: model.memoryMb,
        timeoutMs: model.timeoutMs,
      } satisfies WorkerInit,
    });
    const instance: Instance = { worker, calls: new Map(), isReady: false, isRetired: false };
    pool.instances.add(instance);
    const initTimer = setTimeout(() => void worker.terminate(), INIT_TIMEOUT_MS);
    let cause: WorkerError = { errorType: 'Runtime.ExitError', errorMessage: 'The runtime exited.', trace: [] };
    worker.on('message', (reply: WorkerReply) => {
      if (reply.kind === 'ready') {
        clearTimeout(initTimer);
        instance.isReady = true;
        for (const call of instance.calls.values()) startTimer(pool, instance, call);
      } else {
        settle(pool, instance, reply);
      }
    });
    worker.on('error', (error: Error) => {
      cause = { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') ?? [] };
    });
    worker.on('exit', () => {
      clearTimeout(initTimer);
      pool.instances.delete(instance);
      for (const id of instance.calls.keys()) settle(pool, instance, { kind: 'error', id, error: cause });
      if (!isStopping) dispatch(pool);
    });
    return instance;
  }

  function startTimer(pool: Pool, instance: Instance, call: Call): void {
    const { timeoutMs } = pool.model;
    call.timer = setTimeout(() => {
      instance.isRetired = true;
      pool.instances.delete(instance);
      const errorMessage = `${call.request.requestId} Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`;
      const error = { errorType: 'Sandbox.Timedout', errorMessage, trace: [] };
      settle(pool, instance, { kind: 'error', id: call.request.id, error });
    }, timeoutMs);
  }

  function settle(pool: Pool, instance: Instance, reply: Exclude<WorkerReply, { kind: 'ready' }>): void {
    const call = instance.calls.get(reply.id);
    if (call === undefined) return;
    instance.calls.delete(reply.id);
    clearTimeout(call.timer);
    if (reply.kind === 'result') {
      call.resolve(reply.result === undefined ? undefined : JSON.parse(reply.result));
    } else {
      const error = new FunctionError(pool.model.name, reply.error);
      options.onError(error);
      call.reject(error);
    }
    if (instance.isRetired && instance.calls.size === 0) void instance.worker.terminate();
    if (!isStopping) dispatch(pool);
  }

  return {
    invoke,
    stop: async () => {
      isStopping = true;
      const instances = [...pools.values()].flatMap((pool) => [...pool.instances]);
      await Promise.all(instances.map(({ worker }) => worker.terminate()));
    },
  };
}

function functionEnvironment(model: FunctionModel, options: LambdaHostOptions): Record<string, string> {
  return {
    ...options.environment,
    ...model.environment,
    // Nobody checks it; it says in each call whose it is, as the credentials of a role do.
    AWS_ACCESS_KEY_ID: model.functionName,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(model.memoryMb),
    AWS_LAMBDA_FUNCTION_NAME: model.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${model.functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    LAMBDA_TASK_ROOT: options.directoryOf(model),
    TZ: 'UTC',
    _HANDLER: model.handler,
  };
}
