import type { DeliveryMessage } from '../../shared/contracts/deliveries.ts';
import { newDelivery, streamOf } from '../../shared/domain/deliveries/delivery.ts';
import type { OutgoingEvent } from '../../shared/domain/deliveries/event.ts';
import { type Instant, instantOf, millisecondsOf } from '../../shared/domain/time/calendar.ts';
import { StoreUnavailable } from '../../shared/ports/errors.ts';
import type { OutgoingResponse } from '../../shared/ports/outgoing-http.ts';
import { createRedeliver } from '../../shared/use-cases/redeliver.ts';
import { createResumeDeliveries } from '../../shared/use-cases/resume-deliveries.ts';
import type { Lane } from '../../shared/use-cases/send-deliveries/dependencies.ts';
import { createSendDeliveries } from '../../shared/use-cases/send-deliveries.ts';
import { Instance, InstanceGone } from '../simulation/instance.ts';
import { Scheduler } from '../simulation/scheduler.ts';
import { MemoryDeliveries } from './memory-deliveries.ts';

/** How a receiver answers the n-th request that it gets, at a time since the start. */
export type Receiver = (
  request: number,
  elapsedMs: number,
) => {
  readonly afterMs: number;
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
};

export const quick: Receiver = () => ({ afterMs: 50, status: 200 });
export const slow: Receiver = () => ({ afterMs: 5000, status: 200 });
export const refusing: Receiver = () => ({ afterMs: 1 });
export const hanging: Receiver = () => ({ afterMs: Number.POSITIVE_INFINITY });
export const failing: Receiver = () => ({ afterMs: 50, status: 500 });

/** What goes wrong at a call of a worker to what lies around it. */
export const faults = ['crash_before', 'crash_after', 'unavailable_before', 'unavailable_after'] as const;
export type Fault = (typeof faults)[number];

export interface WorldOptions {
  readonly receivers: Readonly<Record<string, Receiver>>;
  /** By the number of the call, counted over all workers. */
  readonly faults?: ReadonlyMap<number, Fault>;
  /** Which messages come twice, by their number. */
  readonly doubled?: ReadonlySet<number>;
  /** Batches worked on at once, per lane. */
  readonly instances?: Readonly<Record<Lane, number>>;
  /** Whether nothing is to be sent to a destination, what is to be sent cannot be made, or it holds contact data. */
  readonly rendering?: (
    destinationId: string,
    subject: string,
  ) => 'undeliverable' | 'impossible' | 'personal' | undefined;
  readonly random?: () => number;
  readonly maxEvents?: number;
}

export interface Received {
  readonly destinationId: string;
  readonly subject: string;
  readonly sequence: number;
  readonly atMs: number;
  /** Whether the sender was told that it arrived. */
  readonly isGood: boolean;
}

interface Message {
  readonly body: DeliveryMessage;
  receives: number;
}

export const START: Instant = '2025-11-01T00:00:00.000Z';
const STORE_MS = 4;
const BATCH = 10;
const TIMEOUT_MS = 30_000;
const VISIBILITY_MS = 6 * TIMEOUT_MS;
const MAX_RECEIVES = 5;
const RESUME_EVERY_MS = 60_000;

/**
 * The machine that delivers, under a virtual clock: the very use-cases over stores in memory, two queues that are read as Lambda reads them,
 * the schedule, and receivers that answer as they are told to. Workers die and stores fail where a test says so.
 */
export class DeliveryWorld {
  readonly tables = new MemoryDeliveries();
  readonly received: Received[] = [];
  readonly notices: string[] = [];
  readonly deadLetters: DeliveryMessage[] = [];
  readonly scheduler: Scheduler;
  private readonly options: WorldOptions;
  private readonly queues: Record<Lane, Message[]> = { quick: [], patient: [] };
  private readonly busy: Record<Lane, number> = { quick: 0, patient: 0 };
  private readonly requests = new Map<string, number>();
  private calls = 0;
  private sent = 0;
  private announcedUntilMs = 0;

  constructor(options: WorldOptions) {
    this.options = options;
    this.scheduler = new Scheduler(millisecondsOf(START), options.maxEvents);
  }

  /** Adds an event for a destination at a time, as the announcer does; without a message where that was lost. */
  announce(destinationId: string, event: OutgoingEvent, atMs: number, { woken = true } = {}): void {
    this.announcedUntilMs = Math.max(this.announcedUntilMs, atMs);
    this.scheduler.after(atMs - this.scheduler.elapsedMs, async () => {
      const digest = (text: string) => text;
      await this.tables.store.add(newDelivery(destinationId, event, this.scheduler.clock(), digest));
      if (woken) this.push('quick', { kind: 'stream', stream: streamOf(destinationId, event) });
    });
  }

  push(lane: Lane, body: DeliveryMessage): void {
    const copies = this.options.doubled?.has(this.sent) === true ? 2 : 1;
    this.sent += 1;
    for (let copy = 0; copy < copies; copy += 1) this.queues[lane].push({ body, receives: 0 });
    this.scheduler.after(0, () => this.pump(lane));
  }

  /** Runs to the time given, with the schedule every minute. */
  async run(untilMs: number): Promise<void> {
    const tick = (): void => {
      if (this.scheduler.elapsedMs + RESUME_EVERY_MS > untilMs) return;
      this.scheduler.after(RESUME_EVERY_MS, () => {
        void this.resume();
        // Nothing is due any more once nothing waits: the rest of the time would pass without anything in it.
        if (this.scheduler.elapsedMs < this.announcedUntilMs || this.waits()) tick();
      });
    };
    tick();
    await this.scheduler.run();
  }

  private waits = (): boolean => this.tables.all.some(({ status }) => status === 'waiting');

  private async resume(): Promise<void> {
    const instance = new Instance('resume-deliveries', this.scheduler);
    const { due } = this.tables;
    const resume = createResumeDeliveries({
      due: {
        shards: due.shards,
        due: this.unreliable(instance, due.due),
        hide: this.unreliable(instance, due.hide),
      },
      queue: {
        sendAll: this.unreliable(instance, async (messages) =>
          messages.forEach((one) => void this.push('patient', one)),
        ),
      },
      now: this.scheduler.clock,
    });
    await instance.invoke(TIMEOUT_MS, () => resume(() => TIMEOUT_MS)).catch(ignoreFaults);
  }

  private pump(lane: Lane): void {
    const { instances = { quick: 2, patient: 2 } } = this.options;
    while (this.busy[lane] < instances[lane] && this.queues[lane].length > 0) {
      this.busy[lane] += 1;
      const batch = this.queues[lane].splice(0, BATCH);
      void this.invoke(lane, batch).finally(() => {
        this.busy[lane] -= 1;
        this.pump(lane);
      });
    }
  }

  private async invoke(lane: Lane, batch: readonly Message[]): Promise<void> {
    const instance = new Instance('send-deliveries', this.scheduler);
    const endsMs = this.scheduler.elapsedMs + TIMEOUT_MS;
    const work = this.worker(instance, lane, () => endsMs - this.scheduler.elapsedMs);
    const done = new Set<Message>();
    for (const message of batch) message.receives += 1;
    await instance
      .invoke(TIMEOUT_MS, () =>
        Promise.all(batch.map((message) => work(message.body).then(() => done.add(message), ignoreFaults))),
      )
      .then(
        () =>
          this.bringBack(
            lane,
            batch.filter((message) => !done.has(message)),
          ),
        // Of a batch whose worker died nothing is deleted.
        () => this.bringBack(lane, batch),
      );
  }

  private bringBack(lane: Lane, messages: readonly Message[]): void {
    for (const message of messages) {
      if (message.receives >= MAX_RECEIVES) this.deadLetters.push(message.body);
      else {
        this.scheduler.after(VISIBILITY_MS, () => {
          this.queues[lane].push(message);
          this.pump(lane);
        });
      }
    }
  }

  private worker(instance: Instance, lane: Lane, timeLeftMs: () => number): (body: DeliveryMessage) => Promise<void> {
    const { store, health, log } = this.tables;
    const { random = () => 0 } = this.options;
    const deliveries = {
      add: store.add,
      waiting: this.unreliable(instance, store.waiting),
      replace: this.unreliable(instance, store.replace),
    };
    const push = this.unreliable(instance, async (message: DeliveryMessage) => this.push('patient', message));
    const sendDeliveries = createSendDeliveries({
      deliveries,
      health: {
        get: this.unreliable(instance, health.get),
        replace: this.unreliable(instance, health.replace),
      },
      render: async ({ destinationId, event }) => {
        const outcome = this.options.rendering?.(destinationId, event.subject);
        if (outcome === 'undeliverable') return { kind: 'undeliverable', reason: 'the destination is no more' };
        if (outcome === 'impossible') throw new Unmakeable('it cannot be made');
        return {
          kind: 'request',
          request: {
            method: 'POST',
            url: `https://${destinationId}.example/`,
            headers: {},
            body: JSON.stringify([destinationId, event.subject, event.sequence]),
          },
          isPersonal: outcome === 'personal',
        };
      },
      send: async (request, { timeoutMs }) => {
        const [destinationId, subject, sequence] = JSON.parse(request.body ?? '') as [string, string, number];
        return this.arrive(instance, timeoutMs, { destinationId, subject, sequence });
      },
      patientQueue: { send: push },
      notices: { send: async (subject) => void this.notices.push(subject) },
      now: this.scheduler.clock,
      random,
      onTrouble: () => undefined,
    });
    const redeliver = createRedeliver({
      deliveries,
      log,
      queue: { send: push, sendAll: async (messages) => void (await Promise.all(messages.map((one) => push(one)))) },
      now: this.scheduler.clock,
    });
    return (body) => (body.kind === 'stream' ? sendDeliveries(body.stream, lane, timeLeftMs) : redeliver(body));
  }

  /** A request reaches its receiver; who sent it may die before it hears what was answered. */
  private async arrive(
    instance: Instance,
    timeoutMs: number,
    about: Pick<Received, 'destinationId' | 'subject' | 'sequence'>,
  ): Promise<OutgoingResponse> {
    const { destinationId } = about;
    const number = this.requests.get(destinationId) ?? 0;
    this.requests.set(destinationId, number + 1);
    const atMs = this.scheduler.elapsedMs;
    const answer = this.options.receivers[destinationId]!(number, atMs);
    const isGood = answer.status !== undefined && answer.status >= 200 && answer.status < 300;
    this.received.push({ ...about, atMs, isGood: isGood && answer.afterMs < timeoutMs });
    const tookMs = Math.min(answer.afterMs, timeoutMs);
    return this.unreliable(
      instance,
      async (): Promise<OutgoingResponse> => {
        if (answer.afterMs >= timeoutMs) return { kind: 'unanswered', reason: 'no answer', tookMs };
        if (answer.status === undefined) return { kind: 'unanswered', reason: 'ECONNREFUSED', tookMs };
        const { status, headers = {}, body = '' } = answer;
        return { kind: 'answered', status, headers, body: new TextEncoder().encode(body), tookMs };
      },
      tookMs,
      // It never throws.
      ['crash_before', 'crash_after'],
    )();
  }

  /** A call that takes its time, and goes wrong where a test says so. Of an instance that died nothing goes on. */
  private unreliable<Arguments extends unknown[], Result>(
    instance: Instance,
    call: (...given: Arguments) => Promise<Result>,
    tookMs = STORE_MS,
    possible: readonly Fault[] = faults,
  ): (...given: Arguments) => Promise<Result> {
    return async (...given) => {
      const drawn = this.options.faults?.get(this.calls);
      this.calls += 1;
      const fault = drawn !== undefined && possible.includes(drawn) ? drawn : undefined;
      await instance.sleep(tookMs);
      if (fault === 'crash_before') await this.kill(instance);
      if (fault === 'unavailable_before') throw new StoreUnavailable('the store did not answer');
      const result = await call(...given);
      if (fault === 'crash_after') await this.kill(instance);
      if (fault === 'unavailable_after') throw new StoreUnavailable('the store did not answer');
      return result;
    };
  }

  private kill(instance: Instance): Promise<never> {
    instance.die();
    return new Promise<never>(() => undefined);
  }
}

/** What is thrown where a request cannot be made. */
class Unmakeable extends Error {}

function ignoreFaults(error: unknown): void {
  const isExpected = [StoreUnavailable, InstanceGone, Unmakeable].some((kind) => error instanceof kind);
  if (!isExpected) throw error;
}

/** An event about a subject; the n-th of it. */
export const eventOf = (subject: string, sequence: number): OutgoingEvent => ({
  eventId: `evt_${subject}_${sequence}`,
  type: 'lead.confirmed',
  subject,
  sequence,
  occurredAt: instantOf(millisecondsOf(START)),
  data: {},
});

/** The first message that a receiver got after a later one of the same stream: there must be none. */
export function outOfOrder(received: readonly Received[]): Received | undefined {
  const last = new Map<string, number>();
  return received.find(({ destinationId, subject, sequence }) => {
    const stream = `${destinationId}#${subject}`;
    const isLate = sequence < (last.get(stream) ?? 0);
    last.set(stream, sequence);
    return isLate;
  });
}
