import * as z from 'zod';
import { readEnv, requiredText } from '../../shared/runtime/env.ts';

export const env = readEnv(
  z.object({
    CONNECTIONS_TABLE_NAME: requiredText,
    DELIVERIES_TABLE_NAME: requiredText,
    DELIVERIES_QUEUE_URL: requiredText,
    PATIENT_DELIVERIES_QUEUE_URL: requiredText,
  }),
);
