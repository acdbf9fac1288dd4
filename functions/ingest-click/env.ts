import * as z from 'zod';
import { readEnv, requiredText } from '../../shared/runtime/env.ts';

export const env = readEnv(
  z.object({
    CATALOG_TABLE_NAME: requiredText,
    TOUCHES_TABLE_NAME: requiredText,
    COUNTERS_TABLE_NAME: requiredText,
    SECRETS_PREFIX: requiredText,
  }),
);
