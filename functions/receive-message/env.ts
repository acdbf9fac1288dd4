import * as z from 'zod';
import { endpointEnv } from '../../shared/adapters/endpoint-stores.ts';
import { readEnv, requiredText } from '../../shared/runtime/env.ts';

export const env = readEnv(
  z.object({
    ...endpointEnv,
    POSTBACKS_QUEUE_URL: requiredText,
    FETCHES_QUEUE_URL: requiredText,
  }),
);
