import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { DataStack } from '../stacks/data-stack.ts';
import type { ServiceScope } from './service-function.ts';
import { ServiceFunction } from './service-function.ts';
import { WorkQueue } from './work-queue.ts';

const HTTP_TIMEOUT = Duration.seconds(10);
const WORKER_TIMEOUT = Duration.minutes(1);
/** How often a queued postback is tried before it is a dead letter, and its receipt says so. */
const POSTBACK_TRIES = 5;

/** Clicks, postbacks and imports in: what turns a request into a touch or a lead. */
export class Ingestion extends Construct {
  readonly ingestClick: ServiceFunction;
  readonly ingestPostback: ServiceFunction;
  readonly acceptImports: ServiceFunction;
  /** Postbacks that could not be decided in the request, and chunks of imports. */
  readonly postbacks: WorkQueue;

  constructor(scope: Construct, service: ServiceScope, data: DataStack) {
    super(scope, 'Ingestion');
    this.postbacks = new WorkQueue(this, service, {
      name: 'postbacks',
      workerTimeout: WORKER_TIMEOUT,
      maxReceiveCount: POSTBACK_TRIES,
      alarmAtAge: Duration.minutes(15),
      afterwards: 'Redrive what is there: each message gets its verdict, and none gets two.',
    });

    this.ingestClick = new ServiceFunction(this, service, {
      name: 'ingest-click',
      timeout: HTTP_TIMEOUT,
      memoryMiB: 512,
      reservedConcurrency: 200,
    })
      .usesTable(data.catalog, ['GetItem', 'Query'])
      .usesTable(data.touches, ['PutItem'])
      .usesTable(data.counters, ['BatchGetItem'])
      .usesSecrets('click-id-keys');

    this.ingestPostback = new ServiceFunction(this, service, {
      name: 'ingest-postback',
      timeout: HTTP_TIMEOUT,
      memoryMiB: 512,
      reservedConcurrency: 200,
    });
    this.decides(this.ingestPostback, data).signsReceipts().usesTable(data.connections, ['GetItem']);

    const decidePostbacks = new ServiceFunction(this, service, {
      name: 'decide-postbacks',
      timeout: WORKER_TIMEOUT,
      memoryMiB: 1024,
      reservedConcurrency: 50,
    });
    this.decides(decidePostbacks, data)
      .usesTable(data.touches, ['PutItem'])
      .usesTable(data.imports, ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query'])
      .usesBucket('IMPORTS_BUCKET_NAME', data.importsBucket, ['GetObject']);
    decidePostbacks.function.addEnvironment('POSTBACKS_MAX_RECEIVE_COUNT', POSTBACK_TRIES.toString());
    this.postbacks.feeds(decidePostbacks, { batchSize: 10, maxConcurrency: 40 });

    this.acceptImports = new ServiceFunction(this, service, {
      name: 'accept-imports',
      timeout: HTTP_TIMEOUT,
      memoryMiB: 1024,
      reservedConcurrency: 5,
    })
      .usesTable(data.catalog, ['GetItem'])
      .usesTable(data.imports, ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query'])
      .usesBucket('IMPORTS_BUCKET_NAME', data.importsBucket, ['PutObject'])
      .usesQueue('POSTBACKS_QUEUE_URL', this.postbacks.queue);

    const unsigned = service.monitoring.counted('ReceiptUnsigned', 'ingest-postback');
    service.monitoring.alarm('receipts-unsigned', {
      metric: unsigned,
      atLeast: 1,
      description:
        'Postbacks are answered without their signed receipt: the parameter receipt-keys cannot be read or is broken.',
    });
    service.monitoring.row('Ingestion', {
      'Touches not stored': [service.monitoring.counted('TouchNotStored', 'ingest-click')],
      'Postbacks queued': [service.monitoring.counted('PostbackQueued', 'ingest-postback')],
      'Receipts unsigned': [unsigned],
    });
  }

  /** What deciding a postback takes, in the request or behind the queue: the same rights for the same code. */
  private decides(target: ServiceFunction, data: DataStack): ServiceFunction {
    return target
      .usesTable(data.catalog, ['GetItem', 'Query'])
      .usesTable(data.touches, ['GetItem'], ['byPlatformClickId'])
      .usesTable(data.leads, ['GetItem', 'BatchGetItem', 'PutItem', 'ConditionCheckItem'])
      .usesTable(data.contacts, ['GetItem', 'PutItem'])
      .usesTable(data.receipts, ['PutItem'])
      .usesTable(data.counters, ['BatchGetItem', 'UpdateItem'])
      .usesQueue('POSTBACKS_QUEUE_URL', this.postbacks.queue)
      .usesSecrets('click-id-keys', 'lead-id-pepper', 'contact-data-key')
      .usesContactsKey(data.contactsKey)
      .usesTimeZone();
  }
}
