import middy from '@middy/core';
import { logFailure } from '../../shared/runtime/workers.ts';
import { type Checked, createCheckConservation } from './check-conservation.ts';
import { createDependencies } from './dependencies.ts';

export const handler = middy<unknown, Checked>().use(logFailure).handler(createCheckConservation(createDependencies()));
