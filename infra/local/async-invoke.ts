import { randomUUID } from 'node:crypto';
import type { JsonService } from './aws-json.ts';
import { FunctionError } from './lambda-host.ts';
import type { FunctionModel, QueueModel } from './model.ts';
import type { Invoke } from './source.ts';
import { createPause } from './source.ts';

/** Lambda waits a minute before the first retry of an asynchronous call and two before the second. */
const RETRY_DELAYS_MS: readonly number[] = [60_000, 120_000];

export interface AsyncInvokerOptions {
  readonly functions: readonly FunctionModel[];
  readonly queues: readonly QueueModel[];
  readonly sqs: JsonService;
  readonly invoke: Invoke;
  /** Between two tries. Undefined: as Lambda waits. */
  readonly retryDelayMs?: number | undefined;
}

/** Calls whose caller does not wait: tried again where they fail, and set aside in a queue in the end. */
export interface AsyncInvoker {
  invoke(functionName: string, event: string): void;
  /** Resolves once no call is under way, with whether there was one. */
  drain(): Promise<boolean>;
  stop(): Promise<void>;
}

export function createAsyncInvoker(options: AsyncInvokerOptions): AsyncInvoker {
  const underWay = new Set<Promise<void>>();
  const pauses = new Set<ReturnType<typeof createPause>>();
  let isStopping = false;

  async function run(target: FunctionModel, event: string): Promise<void> {
    for (let attempt = 0; !isStopping; attempt += 1) {
      try {
        await options.invoke(target.functionName, event);
        return;
      } catch (error) {
        if (attempt >= target.retryAttempts) {
          await setAside(target, event, error, attempt + 1);
          return;
        }
        const pause = createPause();
        pauses.add(pause);
        await pause.wait(options.retryDelayMs ?? RETRY_DELAYS_MS[attempt] ?? 0);
        pauses.delete(pause);
      }
    }
  }

  async function setAside(target: FunctionModel, event: string, error: unknown, attempts: number): Promise<void> {
    const queue = options.queues.find(({ arn }) => arn === target.onFailureQueueArn);
    if (queue === undefined) return;
    const responsePayload = error instanceof FunctionError ? error.report : { errorMessage: String(error) };
    const message = {
      version: '1.0',
      timestamp: new Date().toISOString(),
      requestContext: {
        requestId: randomUUID(),
        functionArn: `${target.arn}:$LATEST`,
        condition: 'RetriesExhausted',
        approximateInvokeCount: attempts,
      },
      requestPayload: JSON.parse(event) as unknown,
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      responsePayload,
    };
    await options.sqs.call('SendMessage', { QueueUrl: queue.url, MessageBody: JSON.stringify(message) });
  }

  return {
    invoke: (functionName, event) => {
      const target = options.functions.find((model) => model.functionName === functionName);
      if (target === undefined) throw new Error(`there is no function ${functionName}`);
      const call = run(target, event)
        .catch(() => undefined)
        .finally(() => underWay.delete(call));
      underWay.add(call);
    },
    drain: async () => {
      const hadCalls = underWay.size > 0;
      while (underWay.size > 0) await Promise.allSettled(underWay);
      return hadCalls;
    },
    stop: async () => {
      isStopping = true;
      for (const pause of pauses) pause.wake();
      await Promise.allSettled(underWay);
    },
  };
}
