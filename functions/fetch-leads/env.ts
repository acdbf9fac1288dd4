import * as z from 'zod';
import { readEnv, requiredText, timeZone } from '../../shared/runtime/env.ts';

export const env = readEnv(
  z.object({
    CATALOG_TABLE_NAME: requiredText,
    TOUCHES_TABLE_NAME: requiredText,
    LEADS_TABLE_NAME: requiredText,
    CONTACTS_TABLE_NAME: requiredText,
    RECEIPTS_TABLE_NAME: requiredText,
    COUNTERS_TABLE_NAME: requiredText,
    ROLLUPS_TABLE_NAME: requiredText,
    JOURNAL_TABLE_NAME: requiredText,
    CONNECTIONS_TABLE_NAME: requiredText,
    MESSAGES_TABLE_NAME: requiredText,
    FETCHES_QUEUE_URL: requiredText,
    FETCHES_MAX_RECEIVE_COUNT: z.coerce.number().int().min(1),
    SECRETS_PREFIX: requiredText,
    NETWORK_TIME_ZONE: timeZone,
    PRIVATE_DESTINATIONS: z.stringbool(),
  }),
);
