import * as z from 'zod';
import { conversionEnv } from '../../shared/adapters/conversion-stores.ts';
import { readEnv, requiredText } from '../../shared/runtime/env.ts';

export const env = readEnv(
  z.object({
    ...conversionEnv,
    IMPORTS_TABLE_NAME: requiredText,
    IMPORTS_BUCKET_NAME: requiredText,
    POSTBACKS_QUEUE_URL: requiredText,
    POSTBACKS_MAX_RECEIVE_COUNT: z.coerce.number().int().min(1),
  }),
);
