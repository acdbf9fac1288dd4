import * as z from 'zod';
import { flag, readEnv, requiredText } from '../../shared/runtime/env.ts';

export const env = readEnv(
  z.object({
    CATALOG_TABLE_NAME: requiredText,
    DELIVERIES_TABLE_NAME: requiredText,
    CONNECTIONS_TABLE_NAME: requiredText,
    CONTACTS_TABLE_NAME: requiredText,
    PATIENT_DELIVERIES_QUEUE_URL: requiredText,
    PRIVATE_DESTINATIONS: flag,
    SECRETS_PREFIX: requiredText,
    ALARM_TOPIC_ARN: requiredText.optional(),
  }),
);
