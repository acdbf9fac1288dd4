import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { DataStack } from '../stacks/data-stack.ts';
import type { ServiceScope } from './service-function.ts';
import { ServiceFunction } from './service-function.ts';
import { WorkQueue } from './work-queue.ts';

const WORKER_TIMEOUT = Duration.minutes(1);

/** Decisions on leads that are sent many at once. */
export class Decisions extends Construct {
  readonly acceptDecisions: ServiceFunction;
  /** Chunks of decisions. */
  readonly decisions: WorkQueue;

  constructor(scope: Construct, service: ServiceScope, data: DataStack) {
    super(scope, 'Decisions');
    this.decisions = new WorkQueue(this, service, {
      name: 'decisions',
      workerTimeout: WORKER_TIMEOUT,
      maxReceiveCount: 5,
      alarmAtAge: Duration.minutes(15),
      afterwards: 'Redrive what is there: what is decided already stays as it is.',
    });

    const decideLeads = new ServiceFunction(this, service, {
      name: 'decide-leads',
      timeout: WORKER_TIMEOUT,
      memoryMiB: 1024,
      reservedConcurrency: 10,
    })
      .usesTable(data.catalog, ['GetItem', 'Query'])
      .usesTable(
        data.leads,
        ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'ConditionCheckItem'],
        ['byAdvertiser'],
      )
      .usesTable(data.counters, ['BatchGetItem', 'UpdateItem'])
      .usesTable(data.rollups, ['Query'])
      .usesTable(data.journal, ['PutItem'])
      .usesTable(data.imports, ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query'])
      .usesBucket('IMPORTS_BUCKET_NAME', data.importsBucket, ['GetObject'])
      .usesSecrets('lead-id-pepper')
      .usesTimeZone();
    // Few at once: chunks of one file meet on the same counters.
    this.decisions.feeds(decideLeads, { batchSize: 1, maxConcurrency: 5 });

    this.acceptDecisions = new ServiceFunction(this, service, {
      name: 'accept-decisions',
      timeout: Duration.seconds(10),
      memoryMiB: 1024,
      reservedConcurrency: 5,
    })
      .usesTable(data.catalog, ['GetItem'])
      .usesTable(data.imports, ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query'])
      .usesBucket('IMPORTS_BUCKET_NAME', data.importsBucket, ['PutObject'])
      .usesQueue('DECISIONS_QUEUE_URL', this.decisions.queue);
  }
}
