import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { openLog } from './worker-log.ts';

/** What a worker is told at its start. */
export interface WorkerInit {
  readonly directory: string;
  /** `index.handler`. */
  readonly handler: string;
  readonly logFile: string;
  readonly functionName: string;
  readonly functionArn: string;
  readonly memoryMb: number;
  readonly timeoutMs: number;
}

/** One call: the event as JSON. */
export interface WorkerRequest {
  readonly id: number;
  readonly requestId: string;
  readonly event: string;
}

/** What a worker says: that it is ready, or how a call ended. */
export type WorkerReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'result'; readonly id: number; readonly result: string | undefined }
  | { readonly kind: 'error'; readonly id: number; readonly error: WorkerError };

/** An error of a handler, in the form in which Lambda reports it. */
export interface WorkerError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

type Handler = (event: unknown, context: object) => unknown;

const init = workerData as WorkerInit;
const port = parentPort;
if (port === null) throw new Error('this file is the start of a worker thread');

openLog(init.logFile).capture(process.stdout, process.stderr);
const handler = loadHandler();
port.on('message', (request: WorkerRequest) => {
  run(request).then(
    (reply) => port.postMessage(reply),
    (error: unknown) => port.postMessage(failed(request.id, error)),
  );
});
port.postMessage({ kind: 'ready' } satisfies WorkerReply);

function loadHandler(): Handler {
  const [moduleName = '', exportName = ''] = init.handler.split('.');
  const path = join(init.directory, `${moduleName}.js`);
  const loaded = (createRequire(path)(path) as Record<string, unknown>)[exportName];
  if (typeof loaded !== 'function') throw new Error(`${path} does not export ${exportName}`);
  return loaded as Handler;
}

async function run({ id, requestId, event }: WorkerRequest): Promise<WorkerReply> {
  const deadlineMs = Date.now() + init.timeoutMs;
  const result = await handler(JSON.parse(event), {
    awsRequestId: requestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName: init.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: init.functionArn,
    memoryLimitInMB: String(init.memoryMb),
    logGroupName: `/aws/lambda/${init.functionName}`,
    logStreamName: 'local',
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  });
  return { kind: 'result', id, result: JSON.stringify(result) };
}

function failed(id: number, error: unknown): WorkerReply {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  // Lambda logs it; so the log of the function says why even where its own logger did not.
  console.error(JSON.stringify({ level: 'ERROR', errorType: name, errorMessage: message, stack }));
  return { kind: 'error', id, error: { errorType: name, errorMessage: message, trace: stack?.split('\n') ?? [] } };
}
