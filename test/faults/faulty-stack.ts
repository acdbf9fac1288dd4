import { type RunningStack, type StackOptions, startStack } from '../../infra/local/stack.ts';
import { type FaultKind, type FaultProxy, type FaultRates, startFaultProxy } from './fault-proxy.ts';

/** Faults of the calls to each engine. */
export interface StackFaults {
  readonly dynamodb?: FaultRates;
  readonly sqs?: FaultRates;
}

/** The whole service with a fault proxy before each engine, as its functions see them. */
export interface FaultyStack extends RunningStack {
  setFaults(faults: StackFaults): void;
  /** Ends all faults, and resolves once no call of the time before is on its way. */
  heal(): Promise<void>;
  /** How often each fault was met since the last call of this. */
  takeMet(): Partial<Record<FaultKind, number>>;
}

/** Failed work comes back at once: what is looked for is wrong books, not long waits. */
const TIMINGS = {
  maxBatchingWindowMs: 300,
  maxTumblingWindowMs: 1000,
  failedMessageDelayMs: 200,
  firstRetryDelayMs: 20,
  asyncRetryDelayMs: 20,
};

/** Starts the service; until `setFaults` there are none. */
export async function startFaultyStack(
  seed: number,
  options: Pick<StackOptions, 'dataDir' | 'assemble'>,
): Promise<FaultyStack> {
  const proxies = new Map<'dynamodb' | 'sqs', FaultProxy>();
  let seen: Partial<Record<FaultKind, number>> = {};
  const met = () => {
    const sums: Partial<Record<FaultKind, number>> = {};
    for (const proxy of proxies.values())
      for (const [kind, count] of Object.entries(proxy.met) as [FaultKind, number][])
        sums[kind] = (sums[kind] ?? 0) + count;
    return sums;
  };
  const setFaults = (faults: StackFaults): void => {
    for (const [service, proxy] of proxies) proxy.setRates(faults[service] ?? {});
  };
  const stack = await startStack({
    ...options,
    schedules: false,
    timings: TIMINGS,
    onTrouble: () => undefined,
    between: async (service, engineUrl) => {
      const proxy = await startFaultProxy({ service, engineUrl, seed: seed + proxies.size, rates: {} });
      proxies.set(service, proxy);
      return proxy.url;
    },
  });
  return {
    ...stack,
    setFaults,
    heal: async () => {
      setFaults({});
      await Promise.all([...proxies.values()].map((proxy) => proxy.idle()));
    },
    takeMet: () => {
      const now = met();
      const since = Object.entries(now).map(([kind, count]) => [kind, count - (seen[kind as FaultKind] ?? 0)]);
      seen = now;
      return Object.fromEntries(since.filter(([, count]) => count !== 0));
    },
    stop: async () => {
      await stack.stop();
      for (const proxy of proxies.values()) proxy.close();
    },
  };
}
