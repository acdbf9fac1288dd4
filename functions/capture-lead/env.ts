import * as z from 'zod';
import { formEnv, intakeEnv } from '../../shared/adapters/endpoint-stores.ts';
import { readEnv, requiredText } from '../../shared/runtime/env.ts';

/** `LAMBDA_TASK_ROOT` is set by Lambda: the folder of the function's code, beside which its assets lie. */
export const env = readEnv(
  z.object({
    ...formEnv,
    ...intakeEnv,
    FILES_BUCKET_NAME: requiredText,
    LAMBDA_TASK_ROOT: requiredText,
  }),
);
