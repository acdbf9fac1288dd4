import * as z from 'zod';
import { readEnv, requiredText } from '../../shared/runtime/env.ts';

export const env = readEnv(
  z.object({
    CATALOG_TABLE_NAME: requiredText,
    CONNECTIONS_TABLE_NAME: requiredText,
    DELIVERIES_TABLE_NAME: requiredText,
    PATIENT_DELIVERIES_QUEUE_URL: requiredText,
  }),
);
