import * as z from 'zod';
import { readEnv, requiredText } from '../../shared/runtime/env.ts';

/** `LAMBDA_TASK_ROOT` is set by Lambda: the folder of the function's code, beside which its typeface lies. */
export const env = readEnv(
  z.object({
    LAMBDA_TASK_ROOT: requiredText,
    BILLING_TABLE_NAME: requiredText,
    CATALOG_TABLE_NAME: requiredText,
    JOURNAL_TABLE_NAME: requiredText,
    DOCUMENTS_BUCKET_NAME: requiredText,
    /** Where finance is told of bundles; nobody is without it. */
    FINANCE_TOPIC_ARN: requiredText.optional(),
  }),
);
