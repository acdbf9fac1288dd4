import * as z from 'zod';
import { readEnv, requiredText } from '../../shared/runtime/env.ts';

/** `LAMBDA_TASK_ROOT` is set by Lambda: the folder of the function's code, beside which its assets lie. */
export const env = readEnv(z.object({ LAMBDA_TASK_ROOT: requiredText }));
