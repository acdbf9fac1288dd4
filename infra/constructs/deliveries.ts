import { Duration } from 'aws-cdk-lib';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type { DataStack } from '../stacks/data-stack.ts';
import { FunctionSchedule } from './schedule.ts';
import type { ServiceScope } from './service-function.ts';
import { ServiceFunction } from './service-function.ts';
import { WorkQueue } from './work-queue.ts';

/** An attempt waits 15 seconds for an answer; what is left of a stream after two is handed on. */
const WORKER_TIMEOUT = Duration.seconds(30);
/** Whatever is due is found by the schedule, whether or not its message becomes a dead letter. */
const DELIVERY_TRIES = 5;

/** What is told to others: two lanes for the same work, one for who answers at once and one for who takes time. */
export class Deliveries extends Construct {
  readonly manageDeliveries: ServiceFunction;
  /** Streams in which something is new. */
  readonly quick: WorkQueue;
  /** Streams of slow destinations, and whatever is tried again. */
  readonly patient: WorkQueue;

  constructor(scope: Construct, service: ServiceScope, data: DataStack) {
    super(scope, 'Deliveries');
    const { stage, monitoring } = service;
    const lane = (name: string, alarmAtAge: Duration) =>
      new WorkQueue(this, service, {
        name,
        workerTimeout: WORKER_TIMEOUT,
        maxReceiveCount: DELIVERY_TRIES,
        alarmAtAge,
        afterwards:
          'Redrive those of the kind redelivery, which go on where they stopped, and delete the others: resume-deliveries has found what is due.',
      });
    this.quick = lane('deliveries', Duration.minutes(5));
    this.patient = lane('patient-deliveries', Duration.hours(1));

    const sendDeliveries = new ServiceFunction(this, service, {
      name: 'send-deliveries',
      timeout: WORKER_TIMEOUT,
      memoryMiB: 512,
      reservedConcurrency: 220,
    })
      .usesTable(data.deliveries, ['GetItem', 'Query', 'PutItem'], ['byDestination'])
      .usesTable(data.catalog, ['GetItem', 'Query'])
      .usesTable(data.connections, ['GetItem'])
      .usesTable(data.contacts, ['GetItem'])
      .usesQueue('PATIENT_DELIVERIES_QUEUE_URL', this.patient.queue)
      .usesSecrets('contact-data-key', 'receipt-keys')
      .usesContactsKey(data.contactsKey)
      .sendsOut();
    if (stage.alarmEmail !== undefined)
      sendDeliveries
        .usesTopic('ALARM_TOPIC_ARN', monitoring.topic)
        .grant(['kms:GenerateDataKey', 'kms:Decrypt'], monitoring.topicKey.keyArn);
    this.quick.feeds(sendDeliveries, { batchSize: 10, maxConcurrency: 100 });
    this.patient.feeds(sendDeliveries, { batchSize: 10, maxConcurrency: 100 });

    const resumeDeliveries = new ServiceFunction(this, service, {
      name: 'resume-deliveries',
      timeout: Duration.seconds(55),
      memoryMiB: 512,
      reservedConcurrency: 1,
    })
      .usesTable(data.deliveries, ['UpdateItem'], ['byDue'])
      .usesQueue('PATIENT_DELIVERIES_QUEUE_URL', this.patient.queue);
    new FunctionSchedule(service, resumeDeliveries, {
      description: 'Wakes deliveries whose next attempt is due, and those whose message was lost',
      every: ScheduleExpression.rate(Duration.minutes(1)),
    });

    this.manageDeliveries = new ServiceFunction(this, service, {
      name: 'manage-deliveries',
      timeout: Duration.seconds(10),
      memoryMiB: 512,
      reservedConcurrency: 10,
    })
      .usesTable(data.catalog, ['GetItem'])
      .usesTable(data.connections, ['GetItem'])
      .usesTable(data.deliveries, ['GetItem', 'PutItem'], ['byDestination', 'byId'])
      .usesQueue('PATIENT_DELIVERIES_QUEUE_URL', this.patient.queue);

    const failed = monitoring.counted('DeliveryFailed', sendDeliveries.name);
    const disabled = monitoring.counted('DestinationDisabled', sendDeliveries.name);
    monitoring.alarm('destination-disabled', {
      metric: disabled,
      atLeast: 1,
      description:
        'A destination is disabled: it said that it is gone, or has not answered well for five days. The log of send-deliveries names it. ' +
        'What it was to be told is kept for 90 days: enable it again, then ask for what failed to be delivered once more.',
    });
    monitoring.row('Deliveries', { 'Failed for good': [failed], 'Destinations disabled': [disabled] });
  }
}
