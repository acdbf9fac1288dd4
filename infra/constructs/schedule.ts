import { Duration, Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Schedule } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type { ServiceFunction, ServiceScope } from './service-function.ts';
import { DeadLetterQueue } from './work-queue.ts';

const RETRY_ATTEMPTS = 2;
const MAX_EVENT_AGE = Duration.hours(1);
/** A queue that no queue feeds cannot be redriven either. */
const AFTERWARDS = 'Delete what is there: the next call of the schedule does what this one left.';

export interface FunctionScheduleProps {
  /** What the call does, shown beside the schedule. */
  readonly description: string;
  readonly every: ScheduleExpression;
}

/**
 * Calls a function by the clock. A call that could not be made, and one that failed for good, end in the same dead-letter
 * queue, named after the function.
 */
export class FunctionSchedule extends Construct {
  constructor(service: ServiceScope, target: ServiceFunction, props: FunctionScheduleProps) {
    super(target, 'Schedule');
    const deadLetters = new DeadLetterQueue(this, service, target.name, AFTERWARDS);
    target.failsTo(deadLetters.queue);
    Validations.of(deadLetters).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is a dead-letter queue: of the schedule and of the function, neither of which the rule looks at.',
    });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('scheduler.amazonaws.com') });
    role.addToPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [target.function.functionArn] }),
    );
    role.addToPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [deadLetters.queue.queueArn] }));
    new Schedule(this, 'Schedule', {
      scheduleName: target.functionName,
      description: props.description,
      schedule: props.every,
      target: {
        bind: () => ({
          arn: target.function.functionArn,
          role,
          deadLetterConfig: { arn: deadLetters.queue.queueArn },
          retryPolicy: { maximumRetryAttempts: RETRY_ATTEMPTS, maximumEventAgeInSeconds: MAX_EVENT_AGE.toSeconds() },
        }),
      },
    });
  }
}
