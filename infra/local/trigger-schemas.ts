import * as z from 'zod';
import type { Pattern } from './event-filter.ts';
import type { QueueSourceModel, ScheduleModel, StreamSourceModel } from './model.ts';
import { attribute, parse, unused } from './resource-properties.ts';
import type { ResolvedResource } from './template.ts';

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
