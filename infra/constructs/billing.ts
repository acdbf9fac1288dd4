import { Duration, TimeZone } from 'aws-cdk-lib';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type { DataStack } from '../stacks/data-stack.ts';
import { Renderings } from './renderings.ts';
import { FunctionSchedule } from './schedule.ts';
import type { ServiceScope } from './service-function.ts';
import { ServiceFunction } from './service-function.ts';
import { WorkQueue } from './work-queue.ts';

const CLOSE_TIMEOUT = Duration.minutes(15);

/** Closing months: invoices, statements and their files. */
export class Billing extends Construct {
  readonly manageBilling: ServiceFunction;
  readonly proveEntries: ServiceFunction;

  constructor(scope: Construct, service: ServiceScope, data: DataStack, postbacks: WorkQueue) {
    super(scope, 'Billing');
    const render = new WorkQueue(this, service, {
      name: 'render',
      workerTimeout: CLOSE_TIMEOUT,
      maxReceiveCount: 3,
      alarmAtAge: Duration.hours(2),
      afterwards: 'Redrive what is there: files that are written stay as they are.',
    });
    new Renderings(this, service, data, { queue: render, timeout: CLOSE_TIMEOUT });
    const close = new WorkQueue(this, service, {
      name: 'close',
      workerTimeout: CLOSE_TIMEOUT,
      maxReceiveCount: 3,
      alarmAtAge: Duration.hours(2),
      afterwards: 'Redrive what is there: nothing is billed twice.',
    });

    const closeMonth = new ServiceFunction(this, service, {
      name: 'close-month',
      timeout: CLOSE_TIMEOUT,
      memoryMiB: 1024,
      reservedConcurrency: 10,
    })
      .usesTable(data.billing, ['GetItem', 'Query', 'PutItem', 'UpdateItem'])
      .usesTable(data.journal, ['BatchGetItem', 'Query', 'PutItem'])
      .usesTable(data.leads, ['BatchGetItem'], ['byAdvertiser'])
      .usesTable(data.catalog, ['GetItem', 'Query'], ['byList'])
      .usesTable(data.bookings, ['Query'])
      .usesTable(data.payouts, ['GetItem', 'Query'])
      .usesTable(data.rollups, ['Query'])
      .usesBucket('DOCUMENTS_BUCKET_NAME', data.documentsBucket, ['GetObject', 'PutObject', 'AbortMultipartUpload'])
      .usesQueue('CLOSE_QUEUE_URL', close.queue)
      .usesQueue('RENDER_QUEUE_URL', render.queue)
      .watchesQueue('POSTBACKS_QUEUE_URL', postbacks.queue)
      .signsReceipts()
      .usesTimeZone();
    close.feeds(closeMonth, { batchSize: 1, maxConcurrency: 5 });
    new FunctionSchedule(service, closeMonth, {
      description: 'Closes the month that is over, and issues what was in review for long enough',
      every: ScheduleExpression.cron({
        minute: '0',
        timeZone: TimeZone.of(service.stage.timeZone),
      }),
    });

    this.proveEntries = new ServiceFunction(this, service, {
      name: 'prove-entries',
      // It goes through the whole annex: a million rows are some 350 MB to fetch and two million hashes to take.
      timeout: Duration.seconds(29),
      memoryMiB: 1769,
      reservedConcurrency: 5,
    })
      .usesTable(data.catalog, ['GetItem'])
      .usesTable(data.billing, ['GetItem'])
      .usesBucket('DOCUMENTS_BUCKET_NAME', data.documentsBucket, ['GetObject']);

    this.manageBilling = new ServiceFunction(this, service, {
      name: 'manage-billing',
      timeout: Duration.seconds(10),
      memoryMiB: 512,
      reservedConcurrency: 10,
    })
      .usesTable(data.catalog, ['GetItem'])
      .usesTable(data.billing, ['GetItem', 'Query', 'PutItem', 'UpdateItem'])
      .usesBucket('DOCUMENTS_BUCKET_NAME', data.documentsBucket, ['GetObject'])
      .usesQueue('CLOSE_QUEUE_URL', close.queue)
      .usesQueue('RENDER_QUEUE_URL', render.queue)
      .usesTimeZone();
  }
}
