import * as z from 'zod';
import { readEnv, requiredText, timeZone } from '../../shared/runtime/env.ts';

export const env = readEnv(
  z.object({
    CATALOG_TABLE_NAME: requiredText,
    PAYOUTS_TABLE_NAME: requiredText,
    JOURNAL_TABLE_NAME: requiredText,
    NETWORK_TIME_ZONE: timeZone,
  }),
);
