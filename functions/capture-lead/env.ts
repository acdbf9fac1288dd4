import * as z from 'zod';
import { readEnv, requiredText, timeZone } from '../../shared/runtime/env.ts';

/** `LAMBDA_TASK_ROOT` is set by Lambda: the folder of the function's code, beside which its assets lie. */
export const env = readEnv(
  z.object({
    CATALOG_TABLE_NAME: requiredText,
    TOUCHES_TABLE_NAME: requiredText,
    LEADS_TABLE_NAME: requiredText,
    CONTACTS_TABLE_NAME: requiredText,
    RECEIPTS_TABLE_NAME: requiredText,
    COUNTERS_TABLE_NAME: requiredText,
    JOURNAL_TABLE_NAME: requiredText,
    CONNECTIONS_TABLE_NAME: requiredText,
    MESSAGES_TABLE_NAME: requiredText,
    POSTBACKS_QUEUE_URL: requiredText,
    FETCHES_QUEUE_URL: requiredText,
    FILES_BUCKET_NAME: requiredText,
    SECRETS_PREFIX: requiredText,
    NETWORK_TIME_ZONE: timeZone,
    LAMBDA_TASK_ROOT: requiredText,
  }),
);
