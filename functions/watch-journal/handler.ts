import middy from '@middy/core';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { createLateMarks } from '../../shared/adapters/dynamodb/billing-marks.ts';
import { createMonthRuns } from '../../shared/adapters/dynamodb/billing-runs.ts';
import { createDocumentClient, WORKER_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { logger } from '../../shared/runtime/logger.ts';
import { count } from '../../shared/runtime/metrics.ts';
import { logFailure } from '../../shared/runtime/workers.ts';
import { env } from './env.ts';
import { createWatchJournal } from './watch-journal.ts';

const billing = { client: createDocumentClient(WORKER_PATIENCE), tableName: env.BILLING_TABLE_NAME };

const watchJournal = createWatchJournal({
  runs: createMonthRuns(billing),
  marks: createLateMarks(billing),
  onChanged: (change) => {
    count('JournalItemChanged');
    logger.error('a journal item was changed', { ...change });
  },
});

export const handler = middy<DynamoDBStreamEvent, void>().use(logFailure).handler(watchJournal);
