import * as z from 'zod';
import { readEnv, requiredText } from '../../shared/runtime/env.ts';

export const env = readEnv(
  z.object({ DELIVERIES_TABLE_NAME: requiredText, PATIENT_DELIVERIES_QUEUE_URL: requiredText }),
);
