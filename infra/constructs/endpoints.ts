import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { DataStack } from '../stacks/data-stack.ts';
import type { ServiceScope } from './service-function.ts';
import { ServiceFunction } from './service-function.ts';
import { WorkQueue } from './work-queue.ts';

const HTTP_TIMEOUT = Duration.seconds(10);
const WORKER_TIMEOUT = Duration.minutes(1);

/** What partners and forms tell us in their own dialects: the endpoints that they send to, and what takes their messages. */
export class Endpoints extends Construct {
  readonly receiveMessage: ServiceFunction;
  readonly captureLead: ServiceFunction;
  readonly manageEndpoints: ServiceFunction;
  /** What is to be fetched from a platform first, and what could not be done in the request. */
  readonly fetches: WorkQueue;

  constructor(scope: Construct, service: ServiceScope, data: DataStack, postbacks: WorkQueue) {
    super(scope, 'Endpoints');
    this.fetches = new WorkQueue(this, service, {
      name: 'fetches',
      workerTimeout: WORKER_TIMEOUT,
      maxReceiveCount: FETCH_TRIES,
      alarmAtAge: Duration.hours(1),
      afterwards: 'Redrive what is there within 14 days: it is tried for another 37 hours.',
    });

    this.receiveMessage = new ServiceFunction(this, service, {
      name: 'receive-message',
      timeout: HTTP_TIMEOUT,
      memoryMiB: 512,
      reservedConcurrency: 200,
    });
    this.takesAll(this.receiveMessage, data);
    this.answers(this.receiveMessage, data, postbacks);

    this.captureLead = new ServiceFunction(this, service, {
      name: 'capture-lead',
      timeout: HTTP_TIMEOUT,
      memoryMiB: 512,
      reservedConcurrency: 100,
    });
    // Forms take nothing back, and ask for nobody's deletion: anybody may call this one.
    this.takes(this.captureLead, data).usesBucket('FILES_BUCKET_NAME', data.filesBucket, ['GetObject']);
    this.answers(this.captureLead, data, postbacks);

    const fetchLeads = new ServiceFunction(this, service, {
      name: 'fetch-leads',
      timeout: WORKER_TIMEOUT,
      memoryMiB: 512,
      reservedConcurrency: 10,
    });
    this.takesAll(fetchLeads, data)
      .usesTable(data.messages, ['UpdateItem'])
      .usesQueue('FETCHES_QUEUE_URL', this.fetches.queue)
      .sendsOut();
    fetchLeads.function.addEnvironment('FETCHES_MAX_RECEIVE_COUNT', FETCH_TRIES.toString());
    // Ten leads a message, so 50 requests at a platform at once.
    this.fetches.feeds(fetchLeads, { batchSize: 1, maxConcurrency: 5 });

    this.manageEndpoints = new ServiceFunction(this, service, {
      name: 'manage-endpoints',
      timeout: HTTP_TIMEOUT,
      memoryMiB: 512,
      reservedConcurrency: 5,
    })
      .usesTable(data.catalog, ['GetItem', 'Query'])
      .usesTable(data.touches, ['GetItem'], ['byPlatformClickId'])
      .usesTable(data.leads, ['GetItem'])
      .usesTable(data.connections, ['GetItem', 'PutItem', 'DeleteItem'], ['byList'])
      .usesTable(data.messages, ['Query'])
      .usesSecrets('click-id-keys', 'lead-id-pepper', 'contact-data-key')
      .usesContactsKey(data.contactsKey)
      .usesTimeZone();

    const overdue = service.monitoring.counted('FetchOverdue', 'fetch-leads');
    service.monitoring.alarm('fetches-overdue', {
      metric: overdue,
      atLeast: 1,
      description:
        'Leads of a platform have waited for an hour. Either the platform does not tell those that it gave notice of: its access token has ' +
        'expired, lacks a right, or its API is down. Or their form is mapped to no campaign. The messages of the endpoint say which; ' +
        'leads are tried for 37 hours.',
    });
    service.monitoring.row('Endpoints', {
      'Messages queued': [
        service.monitoring.counted('MessageQueued', 'receive-message'),
        service.monitoring.counted('MessageQueued', 'capture-lead'),
      ],
      'Fetches overdue': [overdue],
    });
  }

  /** What answering in time takes: queues for what cannot be done by then, and the log of messages. */
  private answers(target: ServiceFunction, data: DataStack, postbacks: WorkQueue): void {
    target
      .usesTable(data.messages, ['PutItem'])
      .usesQueue('POSTBACKS_QUEUE_URL', postbacks.queue)
      .usesQueue('FETCHES_QUEUE_URL', this.fetches.queue);
  }

  /** What doing all that an endpoint may be told takes, in the request or behind the queue: the same rights for the same code. */
  private takesAll(target: ServiceFunction, data: DataStack): ServiceFunction {
    return this.takes(target, data)
      .usesTable(data.leads, [], ['byAdvertiser'])
      .usesTable(data.contacts, ['DeleteItem'])
      .usesTable(data.rollups, ['Query']);
  }

  /** What recording a conversion and moving its lead on takes. */
  private takes(target: ServiceFunction, data: DataStack): ServiceFunction {
    return target
      .usesTable(data.catalog, ['GetItem', 'Query'])
      .usesTable(data.touches, ['GetItem'], ['byPlatformClickId'])
      .usesTable(data.leads, ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'ConditionCheckItem'])
      .usesTable(data.contacts, ['GetItem', 'PutItem'])
      .usesTable(data.receipts, ['PutItem'])
      .usesTable(data.counters, ['BatchGetItem', 'UpdateItem'])
      .usesTable(data.journal, ['PutItem'])
      .usesTable(data.connections, ['GetItem'])
      .usesSecrets('click-id-keys', 'lead-id-pepper', 'contact-data-key')
      .usesContactsKey(data.contactsKey)
      .usesTimeZone();
  }
}

/** How often something is fetched before it is a dead letter: the schedule of its tries spans 37 hours. */
const FETCH_TRIES = 44;
