import * as z from 'zod';
import { readEnv, requiredText } from '../../shared/runtime/env.ts';

export const env = readEnv(
  z.object({
    BILLING_TABLE_NAME: requiredText,
    CATALOG_TABLE_NAME: requiredText,
    DOCUMENTS_BUCKET_NAME: requiredText,
  }),
);
