import { LRUCache } from 'lru-cache';
import { StoreUnavailable } from '../../ports/errors.ts';

const MAX_ITEMS = 5000;
/** For how long a copy that was served for want of a store is served again without asking: an outage costs one wait, not one a request. */
const RETRY_AFTER_MS = 5000;

export interface CacheLimits<Value> {
  /** For how long what was read is served without asking again. */
  readonly freshMs: (value: Value | undefined) => number;
  /** How old a copy may be that is served while the store does not answer. What was not there is never served so. */
  readonly staleMs: number;
  /** How many items are kept, the least recently used go first; by default 5,000. */
  readonly maxItems?: number | undefined;
}

interface Entry<Value> {
  readonly value: Value | undefined;
  readonly readAtMs: number;
  readonly freshUntilMs: number;
}

export type CachedRead<Value> = (key: string, load: () => Promise<Value | undefined>) => Promise<Value | undefined>;

/**
 * Keeps what was read. Concurrent misses of a key make one read.
 * Throws what `load` throws; StoreUnavailable only where there is no copy young enough.
 */
export function createCachedRead<Value>(limits: CacheLimits<Value>, nowMs: () => number): CachedRead<Value> {
  const entries = new LRUCache<string, Entry<Value>>({ max: limits.maxItems ?? MAX_ITEMS });
  const loads = new Map<string, Promise<Value | undefined>>();

  async function refresh(key: string, load: () => Promise<Value | undefined>): Promise<Value | undefined> {
    const readAtMs = nowMs();
    try {
      const value = await load();
      entries.set(key, { value, readAtMs, freshUntilMs: readAtMs + limits.freshMs(value) });
      return value;
    } catch (error) {
      const copy = entries.get(key);
      const usableUntilMs = copy?.value === undefined ? 0 : copy.readAtMs + limits.staleMs;
      if (!(error instanceof StoreUnavailable) || copy === undefined || nowMs() >= usableUntilMs) throw error;
      entries.set(key, { ...copy, freshUntilMs: Math.min(nowMs() + RETRY_AFTER_MS, usableUntilMs) });
      return copy.value;
    }
  }

  return async (key, load) => {
    const entry = entries.get(key);
    if (entry !== undefined && nowMs() < entry.freshUntilMs) return entry.value;
    let loading = loads.get(key);
    if (loading === undefined) {
      loading = refresh(key, load).finally(() => loads.delete(key));
      loads.set(key, loading);
    }
    return loading;
  };
}
