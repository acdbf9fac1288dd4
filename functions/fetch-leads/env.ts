import * as z from 'zod';
import { endpointEnv } from '../../shared/adapters/endpoint-stores.ts';
import { flag, readEnv, requiredText } from '../../shared/runtime/env.ts';

export const env = readEnv(
  z.object({
    ...endpointEnv,
    FETCHES_QUEUE_URL: requiredText,
    FETCHES_MAX_RECEIVE_COUNT: z.coerce.number().int().min(1),
    PRIVATE_DESTINATIONS: flag,
  }),
);
