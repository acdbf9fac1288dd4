import * as z from 'zod';
import { readEnv, requiredText } from '../../shared/runtime/env.ts';

export const env = readEnv(
  z.object({
    CATALOG_TABLE_NAME: requiredText,
    IMPORTS_TABLE_NAME: requiredText,
    IMPORTS_BUCKET_NAME: requiredText,
    DECISIONS_QUEUE_URL: requiredText,
  }),
);
