import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Queue } from '../../shared/ports/queues.ts';
import type { Instance } from './instance.ts';
import type { Machine } from './machine.ts';

interface Message {
  readonly id: string;
  readonly body: string;
  receives: number;
  /** Off the queue: it was worked off, or given up. */
  gone: boolean;
  /** Nobody else sees it before. */
  hiddenUntilMs: number;
}

export interface QueueOptions {
  readonly machine: Machine;
  readonly name: string;
  readonly batchSize: number;
  readonly maxReceives: number;
  readonly visibilityMs: number;
  /** Gives a batch to a worker. Rejects where the worker dies. */
  readonly work: (event: SQSEvent) => Promise<SQSBatchResponse>;
}

const DELIVERY_MS = 25;
const OVERTAKEN_MS = [200, 20_000, 2_000_000] as const;
/** How soon a message comes again whose worker is still at it: at once, or when it should be through. */
const EARLY_AGAIN_MS = [2, 1000] as const;

/** A queue as SQS keeps it: each message at least once, in whatever order, with a queue of dead letters. */
export class SimulatedQueue {
  readonly deadLetters: Message[] = [];
  private readonly options: QueueOptions;
  private readonly messages: Message[] = [];
  private sent = 0;

  constructor(options: QueueOptions) {
    this.options = options;
  }

  /** The queue as an instance sends to it. */
  senderFor<Body>(instance: Instance): Queue<Body> {
    const send = (message: Body, delayMs = 0): Promise<void> =>
      new Promise((resolve, reject) => {
        const { machine } = this.options;
        const fault = machine.faults.at('send');
        if (fault !== undefined) machine.trace?.(`${instance.name} ! ${fault.kind} ${fault.degree}`);
        machine.scheduler.after(machine.latency(), () => {
          if (fault?.kind === 'sendFailure') {
            if (instance.alive) reject(new Error('the queue does not answer'));
            return;
          }
          this.take(
            JSON.stringify(message),
            delayMs + (fault?.kind === 'reorder' ? (OVERTAKEN_MS[fault.degree] ?? 0) : 0),
          );
          if (!instance.alive) return;
          if (fault?.kind === 'sendReplyLost') reject(new Error('the queue does not answer'));
          else resolve();
        });
      });
    return {
      send: (message, options) => send(message, (options?.delaySeconds ?? 0) * 1000),
      async sendAll(messages) {
        for (const message of messages) await send(message);
      },
    };
  }

  /** Takes a message of which nobody doubts that it arrives. */
  put(message: unknown): void {
    this.take(JSON.stringify(message), 0);
  }

  /** Hides a message that is in work for so long from now on, as who works on it asks. */
  putOff(id: string, milliseconds: number): void {
    const message = this.messages.find((one) => one.id === id);
    if (message === undefined) return;
    this.hide(message, milliseconds);
    this.options.machine.scheduler.after(milliseconds, () => this.deliver());
  }

  /** Puts what was given up back on the queue. */
  redrive(): void {
    for (const { body } of this.deadLetters.splice(0)) this.take(body, 0);
  }

  /** How many messages are neither worked off nor given up. */
  get waiting(): number {
    return this.messages.filter(({ gone }) => !gone).length;
  }

  private take(body: string, delayMs: number): void {
    this.sent += 1;
    const message = { id: `${this.options.name}-${this.sent}`, body, receives: 0, gone: false, hiddenUntilMs: 0 };
    const { machine } = this.options;
    machine.trace?.(`queue ${message.id} ${body}`);
    this.messages.push(message);
    this.hide(message, delayMs);
    machine.scheduler.after(delayMs + DELIVERY_MS, () => this.deliver());
  }

  private hide(message: Message, milliseconds: number): void {
    message.hiddenUntilMs = this.options.machine.scheduler.elapsedMs + milliseconds;
  }

  private deliver(): void {
    const { machine, batchSize, maxReceives, visibilityMs } = this.options;
    const batch: Message[] = [];
    for (const message of this.messages) {
      if (message.gone || message.hiddenUntilMs > machine.scheduler.elapsedMs) continue;
      if (message.receives >= maxReceives) {
        message.gone = true;
        this.deadLetters.push(message);
        machine.trace?.(`queue ${message.id} is a dead letter`);
        continue;
      }
      batch.push(message);
      if (batch.length === batchSize) break;
    }
    if (batch.length === 0) return;
    const fault = machine.faults.at('receive');
    if (fault !== undefined) machine.trace?.(`queue ${this.options.name} ! ${fault.kind} ${fault.degree}`);
    if (fault?.kind === 'visibilityExpiry')
      machine.scheduler.after(EARLY_AGAIN_MS[fault.degree] ?? 0, () => this.deliver());
    for (const message of batch) {
      message.receives += 1;
      this.hide(message, fault?.kind === 'visibilityExpiry' ? (EARLY_AGAIN_MS[fault.degree] ?? 0) : visibilityMs);
    }
    machine.scheduler.after(visibilityMs, () => this.deliver());
    this.options.work(eventOf(this.options.name, batch)).then(
      ({ batchItemFailures }) => {
        const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
        const done = batch.filter(({ id }) => !failed.has(id));
        const kept = fault?.kind === 'partialBatch' ? Math.ceil(done.length / (fault.degree + 1)) : 0;
        for (const message of done.slice(kept)) message.gone = true;
        if (fault?.kind === 'duplicateDelivery') this.again(batch, fault.degree);
      },
      // The worker died: all of its batch comes again.
      () => undefined,
    );
  }

  /** Delivers messages once more that are off the queue. */
  private again(batch: readonly Message[], degree: number): void {
    const { machine } = this.options;
    for (const message of batch) {
      message.gone = false;
      this.hide(message, 0);
    }
    machine.scheduler.after(degree === 0 ? DELIVERY_MS : 40_000, () => this.deliver());
  }
}

const eventOf = (name: string, batch: readonly Message[]): SQSEvent => ({
  Records: batch.map(
    ({ id, body, receives }) =>
      ({
        messageId: id,
        receiptHandle: id,
        body,
        attributes: { ApproximateReceiveCount: receives.toString(), SentTimestamp: '0' },
        messageAttributes: {},
        eventSource: 'aws:sqs',
        eventSourceARN: name,
      }) as unknown as SQSRecord,
  ),
});
