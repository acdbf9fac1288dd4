import * as z from 'zod';
import { readEnv, requiredText, timeZone } from '../../shared/runtime/env.ts';

export const env = readEnv(
  z.object({
    CATALOG_TABLE_NAME: requiredText,
    TOUCHES_TABLE_NAME: requiredText,
    LEADS_TABLE_NAME: requiredText,
    CONNECTIONS_TABLE_NAME: requiredText,
    MESSAGES_TABLE_NAME: requiredText,
    SECRETS_PREFIX: requiredText,
    NETWORK_TIME_ZONE: timeZone,
  }),
);
