import { createEndpointStores } from '../../shared/adapters/endpoint-stores.ts';
import { dialectOf } from '../../shared/dialects/registry.ts';
import type { LoggedMessage, MessageLog } from '../../shared/ports/endpoints.ts';
import { makeId } from '../../shared/runtime/ids.ts';
import { systemTimer } from '../../shared/runtime/pace.ts';
import type { EndpointWork } from '../../shared/use-cases/endpoint-work.ts';
import { createTakeMessage } from '../../shared/use-cases/take-message.ts';
import { createTakeTold } from '../../shared/use-cases/take-told.ts';
import { createToldWork } from '../../shared/use-cases/told-work.ts';
import { memoryQueue, type useCorePath } from './core-path.ts';
import type { TestEngines } from './engines.ts';

/**
 * All that is done with messages of partners, on real engines and put together as the functions do it; what is queued can be read, and what
 * is logged, unless there is a log of its own for it.
 */
export function useMessages(engines: TestEngines, core: ReturnType<typeof useCorePath>, log?: Pick<MessageLog, 'put'>) {
  const clock = () => core.clock.now;
  const stores = createEndpointStores({ ...engines.env, NETWORK_TIME_ZONE: core.timeZone }, engines.documents, {
    clock,
  });
  const does = createToldWork(stores, core.timeZone);
  const logged: LoggedMessage[] = [];
  const queued: EndpointWork[] = [];
  return {
    stores,
    ...does,
    logged,
    queued,
    takeMessage: createTakeMessage({
      ...stores,
      ...does,
      dialect: dialectOf,
      log: log ?? { put: async (message) => void logged.push(message) },
      postbacks: memoryQueue(),
      work: {
        send: async (work) => void queued.push(work),
        sendAll: async (all) => void queued.push(...all),
      },
      clock,
      startTimer: systemTimer,
      makeId,
      onQueued: () => undefined,
      onUnlogged: () => undefined,
    }),
    takeTold: createTakeTold({
      ...stores,
      ...does,
      takeConversion: does.recordConversion,
      keepReceipt: (receipt) => stores.receipts.put(receipt),
    }),
  };
}
