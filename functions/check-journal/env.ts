import * as z from 'zod';
import { readEnv, requiredText, timeZone } from '../../shared/runtime/env.ts';

export const env = readEnv(
  z.object({
    CATALOG_TABLE_NAME: requiredText,
    JOURNAL_TABLE_NAME: requiredText,
    TALLIES_TABLE_NAME: requiredText,
    BILLING_TABLE_NAME: requiredText,
    DOCUMENTS_BUCKET_NAME: requiredText,
    CHECKS_QUEUE_URL: requiredText,
    NETWORK_TIME_ZONE: timeZone,
  }),
);
