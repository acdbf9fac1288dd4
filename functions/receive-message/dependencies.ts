import { createDocumentClient, REQUEST_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createEndpointStores, createIntake } from '../../shared/adapters/endpoint-stores.ts';
import { dialectOf } from '../../shared/dialects/registry.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { systemPace } from '../../shared/runtime/pace.ts';
import type { EndpointWork } from '../../shared/use-cases/endpoint-work.ts';
import { createTakeMessage } from '../../shared/use-cases/take-message.ts';
import { createToldWork } from '../../shared/use-cases/told-work.ts';
import { env } from './env.ts';
import type { ReceiveMessageDependencies } from './receive-message.ts';

/** The real stores and queues behind a message. */
export function createDependencies(): ReceiveMessageDependencies {
  const stores = createEndpointStores(env, createDocumentClient(REQUEST_PATIENCE));
  return {
    endpoints: stores.endpoints,
    takeMessage: createTakeMessage({
      ...stores,
      ...createToldWork(stores, env.NETWORK_TIME_ZONE),
      ...createIntake<EndpointWork>(env),
      dialect: dialectOf,
    }),
    pathsOf: (dialect) => dialectOf(dialect).paths,
    clock: systemClock,
    sleep: systemPace.sleep,
  };
}
