import type { Pattern } from './event-filter.ts';
import * as schemas from './resource-schemas.ts';
import type { ResolvedResource } from './template.ts';
import * as triggers from './trigger-schemas.ts';

/** A table, as `CreateTable` takes it. */
export interface TableModel {
  readonly name: string;
  readonly create: Readonly<Record<string, unknown>>;
  readonly timeToLiveAttribute: string | undefined;
}

export interface QueueModel {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** How often a message is tried before it moves to the dead-letter queue. */
  readonly deadLetterArn: string | undefined;
}

export interface BucketModel {
  readonly name: string;
  readonly arn: string;
  /** Queues that are told of each new object. */
  readonly notifiedQueueArns: readonly string[];
}

export interface FunctionModel {
  /** Its folder in `functions/`, which is also the service name in its logs. */
  readonly name: string;
  readonly functionName: string;
  readonly arn: string;
  /** The asset's hash: its folder in the cloud assembly is `asset.<hash>`. */
  readonly assetHash: string;
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  /** Of asynchronous calls. */
  readonly retryAttempts: number;
  readonly onFailureQueueArn: string | undefined;
}

export interface RouteModel {
  /** `GET /c/{campaignId}` or `$default`. */
  readonly routeKey: string;
  readonly functionName: string;
}

export interface QueueSourceModel {
  readonly kind: 'queue';
  readonly id: string;
  readonly functionName: string;
  readonly queueArn: string;
  readonly batchSize: number;
  readonly batchingWindowMs: number;
  readonly reportsFailures: boolean;
  readonly maxConcurrency: number | undefined;
  readonly filters: readonly Pattern[];
}

export interface StreamSourceModel {
  readonly kind: 'stream';
  readonly id: string;
  readonly functionName: string;
  readonly tableName: string;
  readonly batchSize: number;
  readonly batchingWindowMs: number;
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST';
  /** Undefined: until the record is too old for the stream. */
  readonly retryAttempts: number | undefined;
  readonly bisects: boolean;
  readonly reportsFailures: boolean;
  readonly tumblingWindowMs: number | undefined;
  readonly onFailureArn: string | undefined;
  readonly filters: readonly Pattern[];
}

export interface ScheduleModel {
  readonly name: string;
  readonly arn: string;
  readonly expression: string;
  readonly timeZone: string;
  readonly functionName: string;
  readonly input: string | undefined;
}

/** Everything the runner makes and plays, read from the resolved templates. */
export interface LocalModel {
  readonly tables: readonly TableModel[];
  readonly queues: readonly QueueModel[];
  readonly buckets: readonly BucketModel[];
  readonly functions: readonly FunctionModel[];
  readonly routes: readonly RouteModel[];
  readonly sources: readonly (QueueSourceModel | StreamSourceModel)[];
  readonly schedules: readonly ScheduleModel[];
  /** ARN of the key behind each alias. */
  readonly keyArns: Readonly<Record<string, string>>;
}

/**
 * Reads the resolved resources into what the runner plays.
 *
 * Throws on a property that is neither played nor known to make no difference here: what it does not understand, it must not
 * quietly leave out.
 */
export function readModel(resources: readonly ResolvedResource[]): LocalModel {
  const of = <Read>(type: string, read: (resource: ResolvedResource) => Read): Read[] =>
    resources.filter((resource) => resource.type === type).map(read);

  const asyncConfigs = of('AWS::Lambda::EventInvokeConfig', schemas.readAsyncConfig);
  const functions = of('AWS::Lambda::Function', schemas.readFunction).map((model) => ({
    ...model,
    ...asyncConfigs.find((config) => config.functionName === model.functionName),
  }));
  const functionByArn = (arn: string): string => {
    const found = functions.find((model) => arn === model.functionName || arn.includes(model.arn));
    if (found === undefined) throw new Error(`no function has the ARN ${arn}`);
    return found.functionName;
  };
  const integrations = new Map(of('AWS::ApiGatewayV2::Integration', triggers.readIntegration));

  const apis = of('AWS::ApiGatewayV2::Api', triggers.readApi);
  if (apis.length > 1) throw new Error('the runner serves one HTTP API, the template has more');

  return {
    tables: of('AWS::DynamoDB::Table', schemas.readTable),
    queues: of('AWS::SQS::Queue', schemas.readQueue),
    buckets: of('AWS::S3::Bucket', schemas.readBucket),
    functions,
    routes: of('AWS::ApiGatewayV2::Route', triggers.readRoute).map(({ routeKey, integration }) => {
      const arn = integrations.get(integration);
      if (arn === undefined) throw new Error(`the route ${routeKey} has no integration`);
      return { routeKey, functionName: functionByArn(arn) };
    }),
    sources: of('AWS::Lambda::EventSourceMapping', triggers.readSource).map((source) => ({
      ...source,
      functionName: functionByArn(source.functionName),
    })),
    schedules: of('AWS::Scheduler::Schedule', triggers.readSchedule).map((schedule) => ({
      ...schedule,
      functionName: functionByArn(schedule.functionName),
    })),
    keyArns: Object.fromEntries(of('AWS::KMS::Alias', schemas.readAlias)),
  };
}

/** The environment of all functions together; what differs from one to another (as the service name does) is left out. */
export function sharedEnvironment(model: LocalModel): Record<string, string> {
  const entries = model.functions.flatMap(({ environment }) => Object.entries(environment));
  const values = Map.groupBy(entries, ([name]) => name);
  return Object.fromEntries(
    [...values].flatMap(([name, found]) => {
      const distinct = new Set(found.map(([, value]) => value));
      const [value] = distinct;
      return distinct.size === 1 && value !== undefined ? [[name, value]] : [];
    }),
  );
}
