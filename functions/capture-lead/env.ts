import * as z from 'zod';
import { formEnv } from '../../shared/adapters/endpoint-stores.ts';
import { readEnv, requiredText } from '../../shared/runtime/env.ts';

/** `LAMBDA_TASK_ROOT` is set by Lambda: the folder of the function's code, beside which its assets lie. */
export const env = readEnv(
  z.object({
    ...formEnv,
    POSTBACKS_QUEUE_URL: requiredText,
    FETCHES_QUEUE_URL: requiredText,
    FILES_BUCKET_NAME: requiredText,
    LAMBDA_TASK_ROOT: requiredText,
  }),
);
