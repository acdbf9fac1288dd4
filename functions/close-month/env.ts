import * as z from 'zod';
import { readEnv, requiredText, timeZone } from '../../shared/runtime/env.ts';

export const env = readEnv(
  z.object({
    BILLING_TABLE_NAME: requiredText,
    JOURNAL_TABLE_NAME: requiredText,
    LEADS_TABLE_NAME: requiredText,
    CATALOG_TABLE_NAME: requiredText,
    DOCUMENTS_BUCKET_NAME: requiredText,
    CLOSE_QUEUE_URL: requiredText,
    RENDER_QUEUE_URL: requiredText,
    POSTBACKS_QUEUE_URL: requiredText,
    BOOKINGS_TABLE_NAME: requiredText,
    PAYOUTS_TABLE_NAME: requiredText,
    ROLLUPS_TABLE_NAME: requiredText,
    SECRETS_PREFIX: requiredText,
    NETWORK_NAME: requiredText,
    NETWORK_TIME_ZONE: timeZone,
  }),
);
