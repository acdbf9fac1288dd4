import * as z from 'zod';
import { readEnv, requiredText, timeZone } from '../../shared/runtime/env.ts';

export const env = readEnv(
  z.object({
    BILLING_TABLE_NAME: requiredText,
    CATALOG_TABLE_NAME: requiredText,
    DOCUMENTS_BUCKET_NAME: requiredText,
    CLOSE_QUEUE_URL: requiredText,
    RENDER_QUEUE_URL: requiredText,
    NETWORK_TIME_ZONE: timeZone,
  }),
);
