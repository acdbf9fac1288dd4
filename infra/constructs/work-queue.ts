import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { ServiceFunction, ServiceScope } from './service-function.ts';
import { pascalCase } from './service-function.ts';

const KEPT_DAYS = 4;
/** Longer than in the queue itself: a message that is moved keeps the age it came with. */
const DEAD_LETTERS_KEPT_DAYS = 14;
/** AWS's own advice: room for every retry of the poller before a message is seen again. */
const VISIBILITY_TIMEOUTS = 6;

export interface WorkQueueProps {
  readonly name: string;
  /** The timeout of the function that reads the queue. */
  readonly workerTimeout: Duration;
  /** How often a message is tried before it is a dead letter. */
  readonly maxReceiveCount: number;
  /** How old the oldest message may get before somebody is told. */
  readonly alarmAtAge: Duration;
  /** What becomes of its dead letters once the cause is mended, for whoever is woken by their alarm. */
  readonly afterwards: string;
}

export interface WorkerProps {
  readonly batchSize: number;
  /** Batches worked on at once, at most: what is queued may never take the concurrency that requests need. */
  readonly maxConcurrency: number;
}

/** A queue with its dead-letter queue and the alarms of both. */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, { stage, monitoring }: ServiceScope, props: WorkQueueProps) {
    super(scope, `${pascalCase(props.name)}Queue`);
    this.deadLetters = new DeadLetterQueue(this, { stage, monitoring }, props.name, props.afterwards).queue;
    this.queue = new Queue(this, 'Queue', {
      queueName: `leadledger-${stage.name}-${props.name}`,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      visibilityTimeout: Duration.seconds(props.workerTimeout.toSeconds() * VISIBILITY_TIMEOUTS),
      retentionPeriod: Duration.days(KEPT_DAYS),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: props.maxReceiveCount },
    });
    const age = this.queue.metricApproximateAgeOfOldestMessage({ period: Duration.minutes(1) });
    monitoring.alarm(`${props.name}-age`, {
      metric: age,
      atLeast: props.alarmAtAge.toSeconds(),
      periods: 5,
      description: `The ${props.name} queue is not worked off: its reader fails, is throttled or is too slow.`,
    });
    monitoring.row(`Queue ${props.name}`, {
      'Age of the oldest (s)': [age],
      Waiting: [this.queue.metricApproximateNumberOfMessagesVisible()],
      'Dead letters': [this.deadLetters.metricApproximateNumberOfMessagesVisible()],
    });
  }

  /** Feeds the queue to a function in batches; the messages that it reports as failed come back alone. */
  feeds(worker: ServiceFunction, { batchSize, maxConcurrency }: WorkerProps): void {
    worker.grant(
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'],
      this.queue.queueArn,
    );
    const mapping = new EventSourceMapping(this, 'Source', {
      target: worker.function,
      eventSourceArn: this.queue.queueArn,
      batchSize,
      maxConcurrency,
      reportBatchItemFailures: true,
    });
    worker.allowsBefore(mapping);
  }
}

/** Where failures end up and wait for a person, with the alarm that calls one. */
export class DeadLetterQueue extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, { stage, monitoring }: ServiceScope, name: string, afterwards: string) {
    super(scope, 'DeadLetters');
    const queueName = `leadledger-${stage.name}-${name}-dead-letters`;
    this.queue = new Queue(this, 'Queue', {
      queueName,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(DEAD_LETTERS_KEPT_DAYS),
    });
    monitoring.alarm(`${name}-dead-letters`, {
      metric: this.queue.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(1),
        statistic: 'Maximum',
      }),
      atLeast: 1,
      description: `Something failed for good in ${name}, and is kept in ${queueName}. Mend the cause. ${afterwards}`,
    });
  }
}
