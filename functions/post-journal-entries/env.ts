import * as z from 'zod';
import { readEnv, requiredText, timeZone } from '../../shared/runtime/env.ts';

export const env = readEnv(
  z.object({
    JOURNAL_TABLE_NAME: requiredText,
    CONNECTIONS_TABLE_NAME: requiredText,
    DELIVERIES_TABLE_NAME: requiredText,
    DELIVERIES_QUEUE_URL: requiredText,
    PATIENT_DELIVERIES_QUEUE_URL: requiredText,
    NETWORK_TIME_ZONE: timeZone,
  }),
);
