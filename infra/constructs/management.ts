import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { DataStack } from '../stacks/data-stack.ts';
import type { ServiceScope } from './service-function.ts';
import { ServiceFunction } from './service-function.ts';

const request = { timeout: Duration.seconds(10), memoryMiB: 512 };

/** What people and their programs ask the API for: catalog, leads, reports, ledger and the API's own description. */
export class Management extends Construct {
  readonly manageCatalog: ServiceFunction;
  readonly manageLeads: ServiceFunction;
  readonly reportPayouts: ServiceFunction;
  readonly reportConservation: ServiceFunction;
  readonly readLedger: ServiceFunction;
  readonly manageBookings: ServiceFunction;
  readonly readReceipts: ServiceFunction;
  readonly describeApi: ServiceFunction;

  constructor(scope: Construct, service: ServiceScope, data: DataStack) {
    super(scope, 'Management');

    this.manageCatalog = new ServiceFunction(this, service, {
      name: 'manage-catalog',
      ...request,
      reservedConcurrency: 20,
    })
      .usesTable(data.catalog, ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'ConditionCheckItem'], ['byList'])
      .usesTable(data.counters, ['BatchGetItem'])
      .usesTimeZone();

    this.manageLeads = new ServiceFunction(this, service, {
      name: 'manage-leads',
      ...request,
      reservedConcurrency: 20,
    })
      .usesTable(data.catalog, ['GetItem', 'Query'])
      .usesTable(
        data.leads,
        ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'ConditionCheckItem'],
        ['byAdvertiser', 'byAffiliate'],
      )
      .usesTable(data.contacts, ['GetItem', 'DeleteItem'])
      .usesTable(data.counters, ['BatchGetItem', 'UpdateItem'])
      .usesTable(data.rollups, ['Query'])
      .usesTable(data.journal, ['PutItem'])
      .usesSecrets('lead-id-pepper', 'contact-data-key')
      .usesContactsKey(data.contactsKey)
      .usesTimeZone();

    this.reportPayouts = new ServiceFunction(this, service, {
      name: 'report-payouts',
      ...request,
      reservedConcurrency: 20,
    })
      .usesTable(data.catalog, ['GetItem', 'Query'], ['byList'])
      .usesTable(data.rollups, ['Query']);

    this.reportConservation = new ServiceFunction(this, service, {
      name: 'report-conservation',
      ...request,
      reservedConcurrency: 20,
    })
      .usesTable(data.catalog, ['GetItem', 'Query'], ['byList'])
      .usesTable(data.tallies, ['Query'], ['byAffiliate']);

    this.readLedger = new ServiceFunction(this, service, {
      name: 'read-ledger',
      // A balance is folded from up to 100,000 entries; API Gateway waits 30 s.
      timeout: Duration.seconds(25),
      memoryMiB: 1769,
      reservedConcurrency: 10,
    })
      .usesTable(data.catalog, ['GetItem', 'Query'], ['byList'])
      .usesTable(data.journal, ['Query', 'BatchGetItem'], ['byList'])
      .usesTable(data.leads, ['BatchGetItem'], ['byAdvertiser', 'byAffiliate'])
      .usesTimeZone();

    this.manageBookings = new ServiceFunction(this, service, {
      name: 'manage-bookings',
      ...request,
      reservedConcurrency: 5,
    })
      .usesTable(data.catalog, ['GetItem'])
      .usesTable(data.bookings, ['GetItem', 'Query', 'PutItem', 'UpdateItem'])
      .usesTable(data.journal, ['BatchGetItem', 'PutItem'])
      .usesTimeZone();

    this.readReceipts = new ServiceFunction(this, service, {
      name: 'read-receipts',
      ...request,
      reservedConcurrency: 20,
    })
      .usesTable(data.catalog, ['GetItem'])
      .usesTable(data.receipts, ['GetItem'])
      .usesTable(data.leads, ['GetItem', 'BatchGetItem'], ['byAdvertiser', 'byAffiliate'])
      .signsReceipts()
      .usesTimeZone();

    this.describeApi = new ServiceFunction(this, service, {
      name: 'describe-api',
      ...request,
      reservedConcurrency: 10,
    });
  }
}
