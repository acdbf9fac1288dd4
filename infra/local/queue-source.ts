import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonService } from './aws-json.ts';
import { matchesAny } from './event-filter.ts';
import type { QueueModel, QueueSourceModel } from './model.ts';
import type { Invoke, Source, SourceTimings } from './source.ts';
import { REGION } from './template.ts';

/** The most that one receive returns. */
const MAX_RECEIVE = 10;
const LONG_POLL_SECONDS = 20;
const ERROR_PAUSE_MS = 500;
const DRAIN_POLL_MS = 20;
/** A function whose messages are tried more often than this spaces the tries itself, and means it. */
const MANY_TRIES = 10;

interface Message {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly MD5OfBody: string;
  readonly Attributes?: Readonly<Record<string, string>>;
  readonly MessageAttributes?: Readonly<Record<string, MessageAttribute>>;
}

interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: string;
}

export interface QueueSourceOptions {
  readonly source: QueueSourceModel;
  readonly queue: QueueModel;
  readonly sqs: JsonService;
  readonly invoke: Invoke;
  readonly timings: SourceTimings;
  /** Batches in work at once. */
  readonly concurrency: number;
}

/**
 * Feeds a queue to a function as Lambda does: a batch is deleted where the function succeeds, but for the messages it names
 * as failed; a failed message comes back after the visibility timeout, and the queue moves it aside after its last try.
 */
export function createQueueSource(options: QueueSourceOptions): Source {
  const { source, queue, sqs, invoke, timings } = options;
  const aborter = new AbortController();
  const batchingWindowMs = Math.min(source.batchingWindowMs, timings.maxBatchingWindowMs ?? source.batchingWindowMs);
  const inWork = new Set<Promise<void>>();
  let handled = 0;
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    while (!aborter.signal.aborted) {
      try {
        const batch = await receiveBatch();
        if (batch.length === 0) continue;
        const work = handle(batch).finally(() => inWork.delete(work));
        inWork.add(work);
        if (inWork.size >= options.concurrency) await Promise.race(inWork);
      } catch {
        // The engine is away or being restarted; what was received comes back by itself.
        if (!aborter.signal.aborted) await sleep(ERROR_PAUSE_MS);
      }
    }
  }

  async function receiveBatch(): Promise<Message[]> {
    const batch = await receive(Math.min(MAX_RECEIVE, source.batchSize), LONG_POLL_SECONDS);
    const deadline = Date.now() + batchingWindowMs;
    while (batch.length > 0 && batch.length < source.batchSize) {
      const more = await receive(Math.min(MAX_RECEIVE, source.batchSize - batch.length), 0);
      batch.push(...more);
      if (more.length > 0) continue;
      if (Date.now() >= deadline) break;
      await sleep(DRAIN_POLL_MS);
    }
    return batch;
  }

  async function receive(most: number, waitSeconds: number): Promise<Message[]> {
    const { Messages = [] } = await sqs.call<{ Messages?: Message[] }>(
      'ReceiveMessage',
      {
        QueueUrl: queue.url,
        MaxNumberOfMessages: most,
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      },
      aborter.signal,
    );
    return Messages;
  }

  async function handle(batch: readonly Message[]): Promise<void> {
    const wanted = batch.filter(isWanted);
    const failed = wanted.length === 0 ? new Set<string>() : await call(wanted);
    handled += batch.length;
    await remove(batch.filter(({ MessageId }) => !failed.has(MessageId)));
    await putBack(batch.filter(({ MessageId }) => failed.has(MessageId)));
  }

  function isWanted(message: Message): boolean {
    if (source.filters.length === 0) return true;
    return matchesAny(source.filters, { body: parseOrKeep(message.Body) });
  }

  /** The ids of the messages that failed. */
  async function call(batch: readonly Message[]): Promise<ReadonlySet<string>> {
    const all = new Set(batch.map(({ MessageId }) => MessageId));
    try {
      const event = { Records: batch.map((message) => toRecord(message, queue.arn)) };
      const result = await invoke(source.functionName, JSON.stringify(event));
      return source.reportsFailures ? failedIds(result, all) : new Set();
    } catch {
      return all;
    }
  }

  async function remove(messages: readonly Message[]): Promise<void> {
    for (let at = 0; at < messages.length; at += MAX_RECEIVE) {
      const Entries = messages
        .slice(at, at + MAX_RECEIVE)
        .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await sqs.call('DeleteMessageBatch', { QueueUrl: queue.url, Entries });
    }
  }

  async function putBack(messages: readonly Message[]): Promise<void> {
    if (timings.failedMessageDelayMs === undefined || triesOf(queue) > MANY_TRIES) return;
    const VisibilityTimeout = timings.failedMessageDelayMs / 1000;
    for (const { ReceiptHandle } of messages) {
      await sqs.call('ChangeMessageVisibility', { QueueUrl: queue.url, ReceiptHandle, VisibilityTimeout });
    }
  }

  return {
    id: source.id,
    start: () => {
      running ??= run();
    },
    drain: async () => {
      const before = handled;
      while (inWork.size > 0 || (await messagesLeft(sqs, queue.url)) > 0) await sleep(DRAIN_POLL_MS);
      return handled > before;
    },
    stop: async () => {
      aborter.abort();
      await running;
      await Promise.allSettled(inWork);
    },
  };
}

async function messagesLeft(sqs: JsonService, queueUrl: string): Promise<number> {
  const { Attributes } = await sqs.call<{ Attributes: Readonly<Record<string, string>> }>('GetQueueAttributes', {
    QueueUrl: queueUrl,
    AttributeNames: [
      'ApproximateNumberOfMessages',
      'ApproximateNumberOfMessagesNotVisible',
      'ApproximateNumberOfMessagesDelayed',
    ],
  });
  return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
}

/** How often a message of a queue is tried before it is a dead letter. */
function triesOf({ attributes: { RedrivePolicy = '{}' } }: QueueModel): number {
  return (JSON.parse(RedrivePolicy) as { maxReceiveCount?: number }).maxReceiveCount ?? 0;
}

/** A response that names what is not in the batch, or nothing readable, fails the whole batch. */
function failedIds(result: unknown, all: ReadonlySet<string>): ReadonlySet<string> {
  const failures = (result as { batchItemFailures?: unknown } | null | undefined)?.batchItemFailures ?? [];
  if (!Array.isArray(failures)) return all;
  const ids = failures.map((failure: { itemIdentifier?: unknown } | null) => failure?.itemIdentifier);
  return ids.every((id) => typeof id === 'string' && all.has(id)) ? new Set(ids as string[]) : all;
}

function toRecord(message: Message, queueArn: string): object {
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes ?? {},
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, { DataType, StringValue, BinaryValue }]) => [
        name,
        {
          dataType: DataType,
          stringValue: StringValue,
          binaryValue: BinaryValue,
          stringListValues: [],
          binaryListValues: [],
        },
      ]),
    ),
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: REGION,
  };
}

function parseOrKeep(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
