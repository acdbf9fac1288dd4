import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { DataStack } from '../stacks/data-stack.ts';
import type { Deliveries } from './deliveries.ts';
import type { ServiceScope } from './service-function.ts';
import { ServiceFunction } from './service-function.ts';
import { feedStreams } from './stream-source.ts';

/** Where others are told, and what they are told of beside leads. */
export class Destinations extends Construct {
  readonly manageDestinations: ServiceFunction;

  constructor(scope: Construct, service: ServiceScope, data: DataStack, deliveries: Deliveries) {
    super(scope, 'Destinations');

    this.manageDestinations = new ServiceFunction(this, service, {
      name: 'manage-destinations',
      // A sample is waited for for 10 seconds.
      timeout: Duration.seconds(20),
      memoryMiB: 512,
      reservedConcurrency: 10,
    })
      .usesTable(data.catalog, ['GetItem', 'Query'])
      .usesTable(data.connections, ['GetItem', 'PutItem', 'DeleteItem'], ['byList', 'byOwner'])
      .usesTable(data.deliveries, ['GetItem', 'PutItem'])
      .usesTable(data.counters, ['UpdateItem'])
      .usesSecrets('contact-data-key', 'receipt-keys')
      .usesContactsKey(data.contactsKey)
      .sendsOut();

    const announceEvents = new ServiceFunction(this, service, {
      name: 'announce-events',
      timeout: Duration.minutes(1),
      memoryMiB: 512,
      reservedConcurrency: 5,
    });
    announces(announceEvents, data, deliveries);
    const maxBatchingWindow = Duration.seconds(1);
    feedStreams(service, announceEvents, data.failedBatches, [
      {
        table: data.billing,
        batchSize: 100,
        maxBatchingWindow,
        filters: [{ eventName: ['INSERT'], dynamodb: { Keys: { pk: { S: [{ prefix: 'PARTY#' }] } } } }],
      },
      {
        table: data.payouts,
        batchSize: 100,
        maxBatchingWindow,
        filters: [
          {
            dynamodb: {
              Keys: { sk: { S: [{ prefix: 'PAYOUT#' }] } },
              NewImage: { state: { S: ['sent', 'paid', 'failed'] } },
            },
          },
        ],
      },
    ]);
  }
}

/** Lets a function put events on their way. */
export function announces(
  announcer: ServiceFunction,
  data: DataStack,
  { quick, patient }: Deliveries,
): ServiceFunction {
  return announcer
    .usesTable(data.connections, [], ['byOwner'])
    .usesTable(data.deliveries, ['GetItem', 'PutItem'])
    .usesQueue('DELIVERIES_QUEUE_URL', quick.queue)
    .usesQueue('PATIENT_DELIVERIES_QUEUE_URL', patient.queue);
}
