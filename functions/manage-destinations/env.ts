import * as z from 'zod';
import { flag, readEnv, requiredText } from '../../shared/runtime/env.ts';

export const env = readEnv(
  z.object({
    CATALOG_TABLE_NAME: requiredText,
    CONNECTIONS_TABLE_NAME: requiredText,
    COUNTERS_TABLE_NAME: requiredText,
    DELIVERIES_TABLE_NAME: requiredText,
    SECRETS_PREFIX: requiredText,
    PRIVATE_DESTINATIONS: flag,
  }),
);
