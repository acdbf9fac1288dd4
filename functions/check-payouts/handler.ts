import middy from '@middy/core';
import { logFailure } from '../../shared/runtime/workers.ts';
import type { CheckedRuns } from '../../shared/use-cases/payouts/check-runs.ts';
import { createCheckPayouts } from './check-payouts.ts';
import { createDependencies } from './dependencies.ts';

export const handler = middy<unknown, CheckedRuns>().use(logFailure).handler(createCheckPayouts(createDependencies()));
