import type { OutgoingEvent } from '../../shared/domain/deliveries/event.ts';
import type { OutgoingRequest, OutgoingResponse, SendRequest } from '../../shared/ports/outgoing-http.ts';
import type { Instance } from './instance.ts';
import type { Machine } from './machine.ts';
import { platformLead } from './sender.ts';

/** What a destination is sent. */
export interface Delivered {
  readonly destinationId: string;
  readonly event: OutgoingEvent;
}

/** A delivery that reached its receiver. */
export interface Received extends Delivered {
  readonly fromMs: number;
  /** When it was answered, or its sender waited no longer. */
  readonly toMs: number;
  /** Whether it was answered, well and in time. */
  readonly isGood: boolean;
}

/** How many requests fail at once, by the degree of the fault; from the third on they are answered, and not well. */
const FAILURES = [1, 4, 1, 13] as const;
const ANSWERED_FROM = 2;
/** Later than a first attempt waits, and later than any. */
const LATE_MS = [1_400, 16_000, 1_400, 16_000] as const;
const LATE_REQUESTS = [1, 1, 4, 4] as const;

const text = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** Everybody else's servers: the receivers of deliveries, and the platform that leads are fetched from. */
export class Outside {
  readonly received: Received[] = [];
  private readonly machine: Machine;
  private failures = { left: 0, status: 0 };
  private lateness = { left: 0, byMs: 0 };

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** The way out of an instance. */
  senderFor(instance: Instance): SendRequest {
    return (request, { timeoutMs }) =>
      new Promise((resolve) => {
        const { scheduler } = this.machine;
        this.goesWrong(instance);
        const tripMs = this.machine.latency();
        const { status, afterMs } = this.reaction();
        const tookMs = Math.min(tripMs + afterMs, timeoutMs);
        const isGood = status === 200 && tookMs < timeoutMs;
        // Where nobody answers at once, nothing has arrived.
        if (status !== 0)
          this.arrives(request, { fromMs: scheduler.elapsedMs, toMs: scheduler.elapsedMs + tookMs, isGood });
        scheduler.after(tookMs, () => {
          this.machine.trace?.(`${instance.name} ${request.url} → ${tookMs < timeoutMs ? status : 'no answer'}`);
          if (instance.alive) resolve(this.answer(request, status, tookMs, timeoutMs));
        });
      });
  }

  private goesWrong(instance: Instance): void {
    const fault = this.machine.faults.at('outgoing');
    if (fault === undefined) return;
    const { kind, degree } = fault;
    this.machine.trace?.(`${instance.name} ! ${kind} ${degree}`);
    if (kind === 'outsideFailure')
      this.failures = { left: FAILURES[degree] ?? 1, status: degree < ANSWERED_FROM ? 0 : 500 };
    else this.lateness = { left: LATE_REQUESTS[degree] ?? 1, byMs: LATE_MS[degree] ?? 0 };
  }

  /** What becomes of the next request. A status of 0: nobody is there. */
  private reaction(): { readonly status: number; readonly afterMs: number } {
    if (this.machine.isHealed) return { status: 200, afterMs: 0 };
    if (this.failures.left > 0) {
      this.failures.left -= 1;
      return { status: this.failures.status, afterMs: 0 };
    }
    if (this.lateness.left === 0) return { status: 200, afterMs: 0 };
    this.lateness.left -= 1;
    return { status: 200, afterMs: this.lateness.byMs };
  }

  private arrives({ body }: OutgoingRequest, when: Pick<Received, 'fromMs' | 'toMs' | 'isGood'>): void {
    if (body !== undefined) this.received.push({ ...(JSON.parse(body) as Delivered), ...when });
  }

  private answer({ url, body }: OutgoingRequest, status: number, tookMs: number, timeoutMs: number): OutgoingResponse {
    if (tookMs >= timeoutMs) return { kind: 'unanswered', reason: 'no answer', tookMs };
    if (status === 0) return { kind: 'unanswered', reason: 'nobody is there', tookMs };
    return { kind: 'answered', status, headers: {}, body: text(body === undefined ? platformLead(url) : {}), tookMs };
  }
}
