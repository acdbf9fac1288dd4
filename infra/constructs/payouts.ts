import { Duration } from 'aws-cdk-lib';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type { DataStack } from '../stacks/data-stack.ts';
import { FunctionSchedule } from './schedule.ts';
import type { ServiceScope } from './service-function.ts';
import { ServiceFunction } from './service-function.ts';

/** Paying affiliates: how, what and when; the files of banks, and what they answer. */
export class Payouts extends Construct {
  readonly managePayouts: ServiceFunction;
  readonly settlePayouts: ServiceFunction;

  constructor(scope: Construct, service: ServiceScope, data: DataStack) {
    super(scope, 'Payouts');
    const { monitoring } = service;

    this.managePayouts = new ServiceFunction(this, service, {
      name: 'manage-payouts',
      // A run goes through all accounts; API Gateway waits 30 s.
      timeout: Duration.seconds(29),
      memoryMiB: 1769,
      reservedConcurrency: 5,
    })
      .usesTable(data.catalog, ['GetItem'], ['byList'])
      .usesTable(data.billing, ['Query'])
      .usesTable(data.payouts, [
        'GetItem',
        'BatchGetItem',
        'Query',
        'PutItem',
        'UpdateItem',
        'DeleteItem',
        'ConditionCheckItem',
      ])
      .usesTable(data.journal, ['PutItem'])
      .usesTimeZone();

    this.settlePayouts = new ServiceFunction(this, service, {
      name: 'settle-payouts',
      // A file may settle 3,000 payouts; API Gateway waits 30 s.
      timeout: Duration.seconds(29),
      memoryMiB: 1769,
      reservedConcurrency: 5,
    })
      .usesTable(data.catalog, ['GetItem'])
      .usesTable(data.payouts, ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem'])
      .usesTable(data.journal, ['PutItem'])
      .usesTimeZone();

    const checkPayouts = new ServiceFunction(this, service, {
      name: 'check-payouts',
      timeout: Duration.minutes(15),
      memoryMiB: 512,
      reservedConcurrency: 1,
    })
      .usesTable(data.payouts, ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'DeleteItem', 'ConditionCheckItem'])
      .usesTable(data.journal, ['PutItem'])
      .usesTimeZone();
    new FunctionSchedule(service, checkPayouts, {
      description: 'Finishes payout runs that were left half done and finds payouts of which no bank has said anything',
      every: ScheduleExpression.rate(Duration.hours(1)),
    });
    const overdue = monitoring.counted('PayoutOverdue', checkPayouts.name);
    monitoring.alarm('payout-overdue', {
      metric: overdue,
      atLeast: 1,
      description:
        'Payouts are in transit for more than five days: the file was not handed in, or the answer of the bank was not imported. The log ' +
        'of check-payouts names them; nothing of it is lost, and nothing is paid again before a bank says that it failed.',
    });
    monitoring.row('Payouts', { 'Payouts in transit for too long': [overdue] });
  }
}
