import * as z from 'zod';
import type { BucketModel, FunctionModel, QueueModel, TableModel } from './model.ts';
import { attribute, parse, unused } from './resource-properties.ts';
import type { ResolvedResource } from './template.ts';

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
  // The engine lets objects be overwritten; the code never does.
  ObjectLockEnabled: unused,
  ObjectLockConfiguration: unused,
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

const aliasSchema = z.strictObject({ AliasName: z.string(), TargetKeyId: z.string() });

export function readAlias(resource: ResolvedResource): [alias: string, keyArn: string] {
  const { AliasName, TargetKeyId } = parse(aliasSchema, resource);
  return [AliasName, TargetKeyId];
}
