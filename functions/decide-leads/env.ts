import * as z from 'zod';
import { transitionEnv } from '../../shared/adapters/transition-stores.ts';
import { readEnv, requiredText } from '../../shared/runtime/env.ts';

export const env = readEnv(
  z.object({
    ...transitionEnv,
    ROLLUPS_TABLE_NAME: requiredText,
    IMPORTS_TABLE_NAME: requiredText,
    IMPORTS_BUCKET_NAME: requiredText,
  }),
);
