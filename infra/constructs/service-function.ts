import { join, resolve } from 'node:path';
import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { SecretName } from '../../shared/runtime/secret-names.ts';
import type { Stage } from '../stage.ts';
import { secretsPrefix } from '../stage.ts';
import type { LedgerTable } from './ledger-table.ts';
import type { Monitoring } from './monitoring.ts';

const root = resolve(import.meta.dirname, '../..');
const ALARM_PERIOD = Duration.minutes(5);
/**
 * Names that Node resolves at once, four by default. A name whose servers are silent takes up its place for 10 seconds or more, whoever has
 * long given up on it: a few of those, and no other name would be resolved.
 */
const NAMES_AT_ONCE = '128';

/** What each construct of the service stack is made from. */
export interface ServiceScope {
  readonly stage: Stage;
  readonly monitoring: Monitoring;
}

/** The actions that functions are granted on tables. */
export type TableAction =
  | 'GetItem'
  | 'BatchGetItem'
  | 'Query'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem'
  | 'ConditionCheckItem';

/** The actions that functions are granted on objects. */
export type ObjectAction = 'GetObject' | 'PutObject' | 'AbortMultipartUpload';

export interface ServiceFunctionProps {
  /** Its folder in `functions/`; alarms call it by this name. */
  readonly name: string;
  readonly timeout: Duration;
  readonly memoryMiB: number;
  /** How many instances it may have at most, where the stage reserves concurrency. */
  readonly reservedConcurrency: number;
}

/**
 * A function of the service with its log group, role, alarms and graphs.
 *
 * It starts with no right at all. Each `uses...` call both grants the named actions and sets the environment variable by
 * which the code finds the resource: what a function may touch and what it is told of cannot differ.
 */
export class ServiceFunction extends Construct {
  /** Its folder in `functions/`. */
  readonly name: string;
  /** Its physical name: `leadledger-<stage>-<name>`. */
  readonly functionName: string;
  readonly function: LambdaFunction;
  private readonly role: Role;
  private readonly stage: Stage;

  constructor(scope: Construct, { stage, monitoring }: ServiceScope, props: ServiceFunctionProps) {
    super(scope, pascalCase(props.name));
    this.stage = stage;
    this.name = props.name;
    this.functionName = `leadledger-${stage.name}-${props.name}`;
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/lambda/${this.functionName}`,
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.grant(['logs:CreateLogStream', 'logs:PutLogEvents'], logGroup.logGroupArn);
    this.function = new LambdaFunction(this, 'Function', {
      functionName: this.functionName,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: Code.fromAsset(join(resolve(root, stage.functionsDir), props.name), { exclude: ['*.map'] }),
      role: this.role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      systemLogLevelV2: SystemLogLevel.WARN,
      tracing: Tracing.ACTIVE,
      timeout: props.timeout,
      memorySize: props.memoryMiB,
      reservedConcurrentExecutions: stage.reserveConcurrency ? props.reservedConcurrency : undefined,
      environment: {
        POWERTOOLS_SERVICE_NAME: props.name,
        POWERTOOLS_METRICS_NAMESPACE: monitoring.metricsNamespace,
      },
    });
    Validations.of(this.role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'Sending X-Ray segments and listing streams are actions that know no resource.',
    });
    this.monitor(monitoring);
  }

  /** Sets `<TABLE>_TABLE_NAME` and grants the actions; `Query` on the table needs 'Query', on an index its name. */
  usesTable(table: LedgerTable, actions: readonly TableAction[], indexes: readonly string[] = []): this {
    this.function.addEnvironment(table.envName, table.tableName);
    if (actions.length > 0) {
      this.grant(
        actions.map((action) => `dynamodb:${action}`),
        table.tableArn,
      );
    }
    if (indexes.length > 0) {
      this.grant(['dynamodb:Query'], ...indexes.map((index) => `${table.tableArn}/index/${index}`));
    }
    return this;
  }

  /** Sets `envName` to the bucket's name and grants the actions on its objects. */
  usesBucket(envName: string, bucket: Bucket, actions: readonly ObjectAction[]): this {
    this.function.addEnvironment(envName, bucket.bucketName);
    return this.grantObjects(bucket, actions);
  }

  /** Sets `envName` to the queue's URL and lets the function send to it. */
  usesQueue(envName: string, queue: Queue): this {
    this.function.addEnvironment(envName, queue.queueUrl);
    return this.grant(['sqs:SendMessage'], queue.queueArn);
  }

  /** Sets `envName` to the topic's ARN and lets the function publish to it. */
  usesTopic(envName: string, topic: Topic): this {
    this.function.addEnvironment(envName, topic.topicArn);
    return this.grant(['sns:Publish'], topic.topicArn);
  }

  /** Sets `envName` to the queue's URL and lets the function ask how much is in it. */
  watchesQueue(envName: string, queue: Queue): this {
    this.function.addEnvironment(envName, queue.queueUrl);
    return this.grant(['sqs:GetQueueAttributes'], queue.queueArn);
  }

  /** Sets `SECRETS_PREFIX` and lets the function read these parameters below it, no others. */
  usesSecrets(...names: readonly SecretName[]): this {
    const prefix = secretsPrefix(this.stage.name);
    this.function.addEnvironment('SECRETS_PREFIX', prefix);
    const { partition, region, account } = Stack.of(this);
    return this.grant(
      ['ssm:GetParameters'],
      ...names.map((name) => `arn:${partition}:ssm:${region}:${account}:parameter${prefix}${name}`),
    );
  }

  /** Sets `NETWORK_NAME`, in which receipts are signed, and lets the function read the keys to do it with. */
  signsReceipts(): this {
    this.function.addEnvironment('NETWORK_NAME', this.stage.network);
    return this.usesSecrets('receipt-keys');
  }

  /** Lets the function unwrap the data key of the contact data. */
  usesContactsKey(key: IKey): this {
    return this.grant(['kms:Decrypt'], key.keyArn);
  }

  /** Sets `NETWORK_TIME_ZONE`, in which days and months begin. */
  usesTimeZone(): this {
    this.function.addEnvironment('NETWORK_TIME_ZONE', this.stage.timeZone);
    return this;
  }

  /** Sets `PRIVATE_DESTINATIONS`: whether the function may send to addresses that are not public. */
  sendsOut(): this {
    this.function.addEnvironment('PRIVATE_DESTINATIONS', String(this.stage.privateDestinations));
    this.function.addEnvironment('UV_THREADPOOL_SIZE', NAMES_AT_ONCE);
    return this;
  }

  /** Grants the actions on every object of a bucket of the data stack. */
  grantObjects(bucket: Bucket, actions: readonly ObjectAction[]): this {
    // Exported by hand, because cdk-nag names a wildcard by the export that the ARN comes from.
    const bucketArn = Stack.of(bucket).exportValue(bucket.bucketArn);
    const { 'Fn::ImportValue': exportName } = Stack.of(this).resolve(bucketArn);
    Validations.of(this.role).acknowledge({
      id: `AwsSolutions-IAM5[Resource::${exportName}/*]`,
      reason: 'The keys of objects are made at run time, and the bucket holds nothing that the function may not see.',
    });
    return this.grant(
      actions.map((action) => `s3:${action}`),
      `${bucketArn}/*`,
    );
  }

  /** Sends the events of asynchronous calls that failed for good to a queue. */
  failsTo(queue: Queue): void {
    this.grant(['sqs:SendMessage'], queue.queueArn);
    this.function.configureAsyncInvoke({ onFailure: new SqsDestination(queue), retryAttempts: 2 });
  }

  /** Makes an event source wait for all rights of the function: Lambda checks them when the source is made. */
  allowsBefore(source: Construct): void {
    source.node.addDependency(this.role);
  }

  /** Grants actions on resources by name, for what no `uses...` call covers. */
  grant(actions: readonly string[], ...resources: readonly string[]): this {
    this.role.addToPrincipalPolicy(new PolicyStatement({ actions: [...actions], resources: [...resources] }));
    return this;
  }

  private monitor(monitoring: Monitoring): void {
    const { name } = this;
    const errors = this.function.metricErrors({ period: ALARM_PERIOD });
    const throttles = this.function.metricThrottles({ period: ALARM_PERIOD });
    monitoring.alarm(`${name}-errors`, {
      metric: errors,
      atLeast: 1,
      description: `${name} failed. Its log group says why; what it was working on is retried or in a dead-letter queue.`,
    });
    monitoring.alarm(`${name}-throttles`, {
      metric: throttles,
      atLeast: 1,
      description: `${name} was refused an instance: its reserved concurrency or the account's is used up.`,
    });
    monitoring.row(name, {
      Invocations: [this.function.metricInvocations(), errors, throttles],
      'Duration (ms)': [
        this.function.metricDuration({ statistic: 'p50' }),
        this.function.metricDuration({ statistic: 'p99' }),
      ],
      'Instances at once': [this.function.metric('ConcurrentExecutions', { statistic: 'Maximum' })],
    });
  }
}

/** `ingest-click` as a construct id: `IngestClick`. */
export function pascalCase(name: string): string {
  return name.replace(/(^|-)([a-z])/g, (_match, _hyphen, letter: string) => letter.toUpperCase());
}
