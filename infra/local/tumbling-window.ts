import type { StreamRecord } from './stream-reader.ts';

/** A function may carry no more from call to call; Lambda ends the window early instead. */
const MAX_STATE_BYTES = 1_000_000;

/** The window in which a shard is being read, with what the function has made of its records so far. */
export interface OpenWindow {
  readonly startMs: number;
  readonly endMs: number;
  readonly state: Readonly<Record<string, unknown>>;
}

/** The fields that an event has beside its records where the source has a tumbling window. */
export interface WindowFields {
  readonly window: { readonly start: string; readonly end: string };
  readonly state: Readonly<Record<string, unknown>>;
  readonly shardId: string;
  readonly eventSourceARN: string;
  readonly isFinalInvokeForWindow: boolean;
  readonly isWindowTerminatedEarly: boolean;
}

/** The window, empty, that a record belongs to: windows begin at whole multiples of their length. */
export function windowOf(record: StreamRecord, lengthMs: number): OpenWindow {
  const createdMs = record.dynamodb.ApproximateCreationDateTime * 1000;
  const startMs = Math.floor(createdMs / lengthMs) * lengthMs;
  return { startMs, endMs: startMs + lengthMs, state: {} };
}

/** How many of the records, from the first on, belong to the window. One that comes late still does. */
export function countWithin(records: readonly StreamRecord[], { endMs }: OpenWindow): number {
  const next = records.findIndex(({ dynamodb }) => dynamodb.ApproximateCreationDateTime * 1000 >= endMs);
  return next < 0 ? records.length : next;
}

/** How a call ends a window, if it does: because its time is over, or early because its state is too large or it is not waited for. */
export type WindowEnd = 'open' | 'over' | 'early';

export function windowFields(
  window: OpenWindow,
  end: WindowEnd,
  shardId: string,
  eventSourceARN: string,
): WindowFields {
  return {
    window: { start: isoSeconds(window.startMs), end: isoSeconds(window.endMs) },
    state: window.state,
    shardId,
    eventSourceARN,
    isFinalInvokeForWindow: end !== 'open',
    isWindowTerminatedEarly: end === 'early',
  };
}

/** The state a function returned. Throws where it returned none: Lambda takes that for a failed call. */
export function returnedState(result: unknown): Readonly<Record<string, unknown>> {
  const state = (result as { state?: unknown } | null | undefined)?.state;
  if (typeof state !== 'object' || state === null || Array.isArray(state)) {
    throw new Error('the function returned no state, which a source with a tumbling window asks for');
  }
  return state as Record<string, unknown>;
}

export function isStateTooLarge({ state }: OpenWindow): boolean {
  return Buffer.byteLength(JSON.stringify(state)) > MAX_STATE_BYTES;
}

/** `2020-07-30T17:00:00Z` */
function isoSeconds(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}
