import { createDocumentClient, REQUEST_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createFormStores, createIntake } from '../../shared/adapters/endpoint-stores.ts';
import { createGatedFiles } from '../../shared/adapters/s3/gated-files.ts';
import { form } from '../../shared/dialects/form.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { makeUlid } from '../../shared/runtime/ids.ts';
import type { EndpointWork } from '../../shared/use-cases/endpoint-work.ts';
import { createGiveOptIn } from '../../shared/use-cases/give-opt-in.ts';
import { createTakeMessage } from '../../shared/use-cases/take-message.ts';
import { createToldWork } from '../../shared/use-cases/told-work.ts';
import type { CaptureLeadDependencies } from './capture-lead.ts';
import { env } from './env.ts';

/** The real stores and queues behind forms. */
export function createDependencies(): CaptureLeadDependencies {
  const stores = createFormStores(env, createDocumentClient(REQUEST_PATIENCE));
  const work = createToldWork(stores, env.NETWORK_TIME_ZONE);
  return {
    catalog: stores.catalog,
    endpoints: stores.endpoints,
    takeMessage: createTakeMessage({
      ...stores,
      ...work,
      ...createIntake<EndpointWork>(env),
      dialect: () => form,
    }),
    giveOptIn: createGiveOptIn({ ...stores, ...work }),
    files: createGatedFiles({ bucketName: env.FILES_BUCKET_NAME }),
    velocity: stores.velocity,
    leadSecrets: stores.leadSecrets,
    clock: systemClock,
    makeUlid,
  };
}
