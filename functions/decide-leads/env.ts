import * as z from 'zod';
import { readEnv, requiredText, timeZone } from '../../shared/runtime/env.ts';

export const env = readEnv(
  z.object({
    CATALOG_TABLE_NAME: requiredText,
    LEADS_TABLE_NAME: requiredText,
    COUNTERS_TABLE_NAME: requiredText,
    JOURNAL_TABLE_NAME: requiredText,
    ROLLUPS_TABLE_NAME: requiredText,
    IMPORTS_TABLE_NAME: requiredText,
    IMPORTS_BUCKET_NAME: requiredText,
    SECRETS_PREFIX: requiredText,
    NETWORK_TIME_ZONE: timeZone,
  }),
);
