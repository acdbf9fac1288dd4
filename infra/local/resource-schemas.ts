import * as z from 'zod';
import type { Pattern } from './event-filter.ts';
import type {
  BucketModel,
  FunctionModel,
  QueueModel,
  QueueSourceModel,
  ScheduleModel,
  StreamSourceModel,
  TableModel,
} from './model.ts';
import type { ResolvedResource } from './template.ts';

/** A property that makes no difference on one machine. */
const unused = z.unknown().optional();

const keys = z.array(z.strictObject({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));

const tableSchema = z.strictObject({
  TableName: unused,
  AttributeDefinitions: z.array(z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) })),
  KeySchema: keys,
  GlobalSecondaryIndexes: z
    .array(
      z.strictObject({
        IndexName: z.string(),
        KeySchema: keys,
        Projection: z.strictObject({ ProjectionType: z.string(), NonKeyAttributes: z.array(z.string()).optional() }),
      }),
    )
    .optional(),
  StreamSpecification: z.strictObject({ StreamViewType: z.string(), ResourcePolicy: unused }).optional(),
  TimeToLiveSpecification: z.strictObject({ AttributeName: z.string(), Enabled: z.literal(true) }).optional(),
  BillingMode: z.literal('PAY_PER_REQUEST'),
  DeletionProtectionEnabled: unused,
  PointInTimeRecoverySpecification: unused,
  ResourcePolicy: unused,
  SSESpecification: unused,
  Tags: unused,
});

export function readTable(resource: ResolvedResource): TableModel {
  const table = parse(tableSchema, resource);
  return {
    name: resource.ref,
    create: {
      TableName: resource.ref,
      AttributeDefinitions: table.AttributeDefinitions,
      KeySchema: table.KeySchema,
      BillingMode: table.BillingMode,
      ...(table.GlobalSecondaryIndexes === undefined ? {} : { GlobalSecondaryIndexes: table.GlobalSecondaryIndexes }),
      ...(table.StreamSpecification === undefined
        ? {}
        : { StreamSpecification: { StreamEnabled: true, StreamViewType: table.StreamSpecification.StreamViewType } }),
    },
    timeToLiveAttribute: table.TimeToLiveSpecification?.AttributeName,
  };
}

const queueSchema = z.strictObject({
  QueueName: unused,
  DelaySeconds: z.number().optional(),
  MaximumMessageSize: z.number().optional(),
  MessageRetentionPeriod: z.number().optional(),
  ReceiveMessageWaitTimeSeconds: z.number().optional(),
  RedrivePolicy: z.strictObject({ deadLetterTargetArn: z.string(), maxReceiveCount: z.number() }).optional(),
  VisibilityTimeout: z.number().optional(),
  KmsMasterKeyId: unused,
  SqsManagedSseEnabled: unused,
  Tags: unused,
});

export function readQueue(resource: ResolvedResource): QueueModel {
  const { RedrivePolicy, QueueName, KmsMasterKeyId, SqsManagedSseEnabled, Tags, ...numbers } = parse(
    queueSchema,
    resource,
  );
  return {
    name: attribute(resource, 'QueueName'),
    url: resource.ref,
    arn: attribute(resource, 'Arn'),
    attributes: {
      ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, String(value)])),
      ...(RedrivePolicy === undefined ? {} : { RedrivePolicy: JSON.stringify(RedrivePolicy) }),
    },
    deadLetterArn: RedrivePolicy?.deadLetterTargetArn,
  };
}

const bucketSchema = z.strictObject({
  BucketName: unused,
  NotificationConfiguration: z
    .strictObject({
      QueueConfigurations: z.array(z.strictObject({ Event: z.literal('s3:ObjectCreated:*'), Queue: z.string() })),
    })
    .optional(),
  AccessControl: unused,
  BucketEncryption: unused,
  LifecycleConfiguration: unused,
  LoggingConfiguration: unused,
  OwnershipControls: unused,
  PublicAccessBlockConfiguration: unused,
  Tags: unused,
  VersioningConfiguration: unused,
});

export function readBucket(resource: ResolvedResource): BucketModel {
  const { NotificationConfiguration } = parse(bucketSchema, resource);
  return {
    name: resource.ref,
    arn: attribute(resource, 'Arn'),
    notifiedQueueArns: NotificationConfiguration?.QueueConfigurations.map(({ Queue }) => Queue) ?? [],
  };
}

const functionSchema = z.strictObject({
  FunctionName: unused,
  Code: z.strictObject({ S3Bucket: unused, S3Key: z.string() }),
  Handler: z.string(),
  Runtime: z.string().startsWith('nodejs'),
  Environment: z.strictObject({ Variables: z.record(z.string(), z.string()) }).optional(),
  MemorySize: z.number().default(128),
  Timeout: z.number().default(3),
  Architectures: unused,
  Description: unused,
  LoggingConfig: unused,
  ReservedConcurrentExecutions: unused,
  Role: unused,
  Tags: unused,
  TracingConfig: unused,
});

export function readFunction(resource: ResolvedResource): FunctionModel {
  const { Code, Handler, Environment, MemorySize, Timeout } = parse(functionSchema, resource);
  const environment = Environment?.Variables ?? {};
  return {
    name: environment['POWERTOOLS_SERVICE_NAME'] ?? resource.ref,
    functionName: resource.ref,
    arn: attribute(resource, 'Arn'),
    assetHash: Code.S3Key.replace(/\.zip$/, ''),
    handler: Handler,
    environment,
    timeoutMs: Timeout * 1000,
    memoryMb: MemorySize,
    retryAttempts: 2,
    onFailureQueueArn: undefined,
  };
}

const asyncConfigSchema = z.strictObject({
  FunctionName: z.string(),
  Qualifier: z.literal('$LATEST'),
  MaximumRetryAttempts: z.number().default(2),
  MaximumEventAgeInSeconds: unused,
  DestinationConfig: z.strictObject({ OnFailure: z.strictObject({ Destination: z.string() }) }).optional(),
});

export function readAsyncConfig(
  resource: ResolvedResource,
): Pick<FunctionModel, 'functionName' | 'retryAttempts' | 'onFailureQueueArn'> {
  const { FunctionName, MaximumRetryAttempts, DestinationConfig } = parse(asyncConfigSchema, resource);
  return {
    functionName: FunctionName,
    retryAttempts: MaximumRetryAttempts,
    onFailureQueueArn: DestinationConfig?.OnFailure.Destination,
  };
}

const apiSchema = z.strictObject({ Name: unused, ProtocolType: z.literal('HTTP'), Description: unused, Tags: unused });

export function readApi(resource: ResolvedResource): string {
  parse(apiSchema, resource);
  return resource.ref;
}

const integrationSchema = z.strictObject({
  ApiId: unused,
  IntegrationType: z.literal('AWS_PROXY'),
  IntegrationUri: z.string(),
  PayloadFormatVersion: z.literal('2.0'),
});

export function readIntegration(resource: ResolvedResource): [id: string, functionArn: string] {
  return [`integrations/${resource.ref}`, parse(integrationSchema, resource).IntegrationUri];
}

const routeSchema = z.strictObject({
  ApiId: unused,
  AuthorizationType: z.literal('NONE').optional(),
  RouteKey: z.string(),
  Target: z.string(),
});

export function readRoute(resource: ResolvedResource): { routeKey: string; integration: string } {
  const { RouteKey, Target } = parse(routeSchema, resource);
  return { routeKey: RouteKey, integration: Target };
}

const sourceSchema = z.strictObject({
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  BatchSize: z.number().optional(),
  BisectBatchOnFunctionError: z.boolean().default(false),
  DestinationConfig: z.strictObject({ OnFailure: z.strictObject({ Destination: z.string() }) }).optional(),
  FilterCriteria: z.strictObject({ Filters: z.array(z.strictObject({ Pattern: z.string() })) }).optional(),
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
  MaximumBatchingWindowInSeconds: z.number().default(0),
  MaximumRetryAttempts: z.number().default(-1),
  ParallelizationFactor: z.literal(1).optional(),
  ScalingConfig: z.strictObject({ MaximumConcurrency: z.number() }).optional(),
  StartingPosition: z.enum(['TRIM_HORIZON', 'LATEST']).default('TRIM_HORIZON'),
  TumblingWindowInSeconds: z.number().optional(),
  Tags: unused,
});

export function readSource(resource: ResolvedResource): QueueSourceModel | StreamSourceModel {
  const source = parse(sourceSchema, resource);
  const common = {
    id: resource.logicalId,
    functionName: source.FunctionName,
    batchingWindowMs: source.MaximumBatchingWindowInSeconds * 1000,
    reportsFailures: source.FunctionResponseTypes.length > 0,
    filters: (source.FilterCriteria?.Filters ?? []).map(({ Pattern }) => JSON.parse(Pattern) as Pattern),
  };
  const [, , service] = source.EventSourceArn.split(':');
  if (service === 'sqs') {
    return {
      ...common,
      kind: 'queue',
      queueArn: source.EventSourceArn,
      batchSize: source.BatchSize ?? 10,
      maxConcurrency: source.ScalingConfig?.MaximumConcurrency,
    };
  }
  const tableName = /:table\/([^/]+)\/stream\//.exec(source.EventSourceArn)?.[1];
  if (tableName === undefined)
    throw new Error(`${resource.logicalId}: sources like ${source.EventSourceArn} are not modelled`);
  return {
    ...common,
    kind: 'stream',
    tableName,
    batchSize: source.BatchSize ?? 100,
    startingPosition: source.StartingPosition,
    retryAttempts: source.MaximumRetryAttempts < 0 ? undefined : source.MaximumRetryAttempts,
    bisects: source.BisectBatchOnFunctionError,
    tumblingWindowMs: source.TumblingWindowInSeconds === undefined ? undefined : source.TumblingWindowInSeconds * 1000,
    onFailureArn: source.DestinationConfig?.OnFailure.Destination,
  };
}

const scheduleSchema = z.strictObject({
  Name: unused,
  Description: unused,
  FlexibleTimeWindow: z.strictObject({ Mode: z.literal('OFF') }),
  ScheduleExpression: z.string(),
  ScheduleExpressionTimezone: z.string().default('UTC'),
  State: z.literal('ENABLED').optional(),
  Target: z.strictObject({
    Arn: z.string(),
    Input: z.string().optional(),
    DeadLetterConfig: unused,
    RetryPolicy: unused,
    RoleArn: unused,
  }),
});

export function readSchedule(resource: ResolvedResource): ScheduleModel {
  const { ScheduleExpression, ScheduleExpressionTimezone, Target } = parse(scheduleSchema, resource);
  return {
    name: resource.ref,
    arn: attribute(resource, 'Arn'),
    expression: ScheduleExpression,
    timeZone: ScheduleExpressionTimezone,
    functionName: Target.Arn,
    input: Target.Input,
  };
}

const aliasSchema = z.strictObject({ AliasName: z.string(), TargetKeyId: z.string() });

export function readAlias(resource: ResolvedResource): [alias: string, keyArn: string] {
  const { AliasName, TargetKeyId } = parse(aliasSchema, resource);
  return [AliasName, TargetKeyId];
}

function attribute(resource: ResolvedResource, name: string): string {
  const value = resource.attributes[name];
  if (value === undefined) throw new Error(`${resource.logicalId} has no attribute ${name}`);
  return value;
}

function parse<Schema extends z.ZodType>(
  schema: Schema,
  { type, logicalId, properties }: ResolvedResource,
): z.output<Schema> {
  const result = schema.safeParse(properties);
  if (result.success) return result.data;
  throw new Error(`${logicalId} (${type}) is not modelled as it stands:\n${z.prettifyError(result.error)}`);
}
