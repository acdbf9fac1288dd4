import * as z from 'zod';
import { conversionEnv } from '../../shared/adapters/conversion-stores.ts';
import { readEnv, requiredText } from '../../shared/runtime/env.ts';

export const env = readEnv(
  z.object({
    ...conversionEnv,
    CONNECTIONS_TABLE_NAME: requiredText,
    POSTBACKS_QUEUE_URL: requiredText,
    API_URL: requiredText,
    NETWORK_NAME: requiredText,
  }),
);
