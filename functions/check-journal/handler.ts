import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { logFailure } from '../../shared/runtime/workers.ts';
import { createTakeCheckEvents } from './check-events.ts';
import { createDependencies } from './dependencies.ts';

export const handler = middy<Partial<SQSEvent>, SQSBatchResponse>()
  .use(logFailure)
  .handler(createTakeCheckEvents(createDependencies()));
