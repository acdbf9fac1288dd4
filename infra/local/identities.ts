/** What the name and ARN of a resource are made from. */
export interface IdentityParts {
  readonly name: string;
  readonly region: string;
  readonly account: string;
  readonly sqsEndpoint: string;
  readonly apiEndpoint: string;
}

/** How resources of one type are named, and what part they have on one machine. */
export interface ResourceKind {
  /** `runs`: the runner makes or plays it. `named`: only its name or ARN matters. `none`: it has no part on one machine. */
  readonly part: 'runs' | 'named' | 'none';
  /** The property that holds its physical name, where the template gives one. */
  readonly nameProperty?: string;
  /** Whether sets of it live side by side in one engine and so need a prefix of their own. */
  readonly prefixed?: boolean;
  readonly identity: (parts: IdentityParts) => {
    readonly ref: string;
    readonly attributes: Readonly<Record<string, string>>;
  };
}

const arn = (service: string, resource: string, parts: IdentityParts, global = false): string =>
  `arn:aws:${service}:${global ? '' : parts.region}:${service === 's3' ? '' : parts.account}:${resource}`;

const runs = (kind: Omit<ResourceKind, 'part'>): ResourceKind => ({ part: 'runs', ...kind });

/** A resource that nothing but its own type refers to. */
const anonymous: ResourceKind['identity'] = ({ name }) => ({ ref: name, attributes: {} });

/** `Ref` and `Arn` alone, for what roles, topics and log groups are asked for. */
const plain = (service: string, resource: string, nameProperty?: string): ResourceKind => ({
  part: 'named',
  ...(nameProperty === undefined ? {} : { nameProperty }),
  identity: (parts) => ({
    ref: parts.name,
    attributes: { Arn: arn(service, `${resource}${parts.name}`, parts, service === 'iam') },
  }),
});

const none: ResourceKind = { part: 'none', identity: anonymous };

const kinds: Readonly<Record<string, ResourceKind>> = {
  'AWS::DynamoDB::Table': runs({
    nameProperty: 'TableName',
    prefixed: true,
    identity: (parts) => {
      const table = arn('dynamodb', `table/${parts.name}`, parts);
      return { ref: parts.name, attributes: { Arn: table, StreamArn: `${table}/stream/latest` } };
    },
  }),
  'AWS::SQS::Queue': runs({
    nameProperty: 'QueueName',
    prefixed: true,
    identity: (parts) => {
      // Not the URL that the engine reports: its host name does not resolve.
      const url = `${parts.sqsEndpoint}/${parts.account}/${parts.name}`;
      return {
        ref: url,
        attributes: { Arn: arn('sqs', parts.name, parts), QueueName: parts.name, QueueUrl: url },
      };
    },
  }),
  'AWS::S3::Bucket': runs({
    nameProperty: 'BucketName',
    prefixed: true,
    identity: (parts) => {
      const name = parts.name.toLowerCase().slice(0, 63);
      return { ref: name, attributes: { Arn: arn('s3', name, parts, true) } };
    },
  }),
  'AWS::KMS::Key': runs({
    identity: (parts) => ({
      ref: parts.name,
      attributes: { Arn: arn('kms', `key/${parts.name}`, parts), KeyId: parts.name },
    }),
  }),
  'AWS::KMS::Alias': runs({ nameProperty: 'AliasName', identity: anonymous }),
  'AWS::Lambda::Function': runs({
    nameProperty: 'FunctionName',
    identity: (parts) => ({
      ref: parts.name,
      attributes: { Arn: arn('lambda', `function:${parts.name}`, parts) },
    }),
  }),
  'AWS::Lambda::EventSourceMapping': runs({ identity: anonymous }),
  'AWS::Lambda::EventInvokeConfig': runs({ identity: anonymous }),
  'AWS::Scheduler::Schedule': runs({
    nameProperty: 'Name',
    identity: (parts) => ({
      ref: parts.name,
      attributes: { Arn: arn('scheduler', `schedule/default/${parts.name}`, parts) },
    }),
  }),
  'AWS::ApiGatewayV2::Api': runs({
    identity: ({ apiEndpoint }) => ({ ref: 'local', attributes: { ApiEndpoint: apiEndpoint, ApiId: 'local' } }),
  }),
  'AWS::ApiGatewayV2::Integration': runs({ identity: anonymous }),
  'AWS::ApiGatewayV2::Route': runs({ identity: anonymous }),
  'AWS::ApiGatewayV2::Stage': none,
  'AWS::IAM::Role': plain('iam', 'role/', 'RoleName'),
  'AWS::Logs::LogGroup': plain('logs', 'log-group:', 'LogGroupName'),
  'AWS::SNS::Topic': {
    ...plain('sns', '', 'TopicName'),
    identity: (parts) => ({ ref: arn('sns', parts.name, parts), attributes: { TopicName: parts.name } }),
  },
  'AWS::CloudWatch::Alarm': plain('cloudwatch', 'alarm:', 'AlarmName'),
  // Rights, alarms, graphs and traces: the engines check no credentials and nobody watches. Of stacks below there is that of the alarms.
  'AWS::CloudFormation::Stack': none,
  'AWS::CloudWatch::CompositeAlarm': none,
  'AWS::CloudWatch::Dashboard': none,
  'AWS::IAM::Policy': none,
  'AWS::Lambda::Permission': none,
  'AWS::S3::BucketPolicy': none,
  'AWS::SNS::Subscription': none,
  'AWS::SNS::TopicPolicy': none,
  'AWS::SQS::QueuePolicy': none,
  'AWS::XRay::SamplingRule': none,
  'AWS::CDK::Metadata': none,
};

/** How resources of a type are named and played. Throws on a type that nobody has decided about. */
export function identify(type: string, logicalId: string): ResourceKind {
  const kind = kinds[type];
  if (kind === undefined) {
    throw new Error(
      `${logicalId}: the runner does not know ${type}. Model it in infra/local, or give it the part 'none' in identities.ts.`,
    );
  }
  return kind;
}
