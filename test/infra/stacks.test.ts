import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildApp } from '../../infra/app.ts';
import { listFunctions } from '../../infra/build.ts';
import { DataStack } from '../../infra/stacks/data-stack.ts';
import { readStage } from '../../infra/stage.ts';
import { routes } from '../../shared/contracts/routes.ts';
import { waitBeforeRetry } from '../../shared/domain/endpoints/retries.ts';

// biome-ignore lint/suspicious/noExplicitAny: a template is a tree of whatever CloudFormation takes
type Properties = Record<string, any>;
interface Resource {
  readonly Type: string;
  readonly Properties: Properties;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly DependsOn?: string[];
}
interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Principal?: unknown;
}

const functionNames = [
  'accept-decisions',
  'accept-imports',
  'announce-events',
  'capture-lead',
  'check-conservation',
  'check-journal',
  'check-payouts',
  'close-month',
  'decide-leads',
  'decide-postbacks',
  'describe-api',
  'fetch-leads',
  'ingest-click',
  'ingest-postback',
  'manage-billing',
  'manage-bookings',
  'manage-catalog',
  'manage-deliveries',
  'manage-destinations',
  'manage-endpoints',
  'manage-leads',
  'manage-payouts',
  'post-journal-entries',
  'prove-entries',
  'read-ledger',
  'read-receipts',
  'receive-message',
  'reconcile-leads',
  'release-holds',
  'render-documents',
  'report-conservation',
  'report-payouts',
  'resume-deliveries',
  'roll-up',
  'send-deliveries',
  'settle-payouts',
  'watch-journal',
];

const functionsDir = mkdtempSync(join(tmpdir(), 'functions-'));
for (const name of functionNames) {
  mkdirSync(join(functionsDir, name));
  writeFileSync(join(functionsDir, name, 'index.js'), `exports.handler = async () => '${name}';\n`);
}
afterAll(() => rmSync(functionsDir, { recursive: true, force: true }));

interface Synthesised {
  readonly data: Template;
  readonly service: Template;
  /** Alarms and graphs, in a stack below the service's. */
  readonly watch: Template;
  readonly findings: unknown[];
}

/** The templates of an app without the template validation, which the one `cdk synth` of CI runs: it takes seconds. */
function synthesise(context: Record<string, unknown> = {}): Synthesised {
  const outdir = mkdtempSync(join(functionsDir, 'cdk.out-'));
  const app = buildApp({ context, functionsDir, outdir, validate: false });
  const assembly = app.synth();
  const read = (id: string) => Template.fromJSON(assembly.getStackArtifact(id).template);
  const { violations } = new AwsSolutionsChecks(app).validateScope(app);
  const [nested = ''] = readdirSync(outdir).filter((name) => name.endsWith('.nested.template.json'));
  const watch = Template.fromJSON(JSON.parse(readFileSync(join(outdir, nested), 'utf8')));
  return { data: read('Data'), service: read('Service'), watch, findings: violations };
}

let data: Template;
let service: Template;
let watch: Template;
let findings: unknown[];
beforeAll(() => {
  ({ data, service, watch, findings } = synthesise());
});

const resources = new WeakMap<Template, [string, Resource][]>();

/** The resources of a template: writing one as JSON takes milliseconds, and the tests ask hundreds of times. */
function all(template: Template, type?: string): [string, Resource][] {
  const known = resources.get(template) ?? Object.entries(template.toJSON().Resources as Record<string, Resource>);
  resources.set(template, known);
  return known.filter(([, resource]) => type === undefined || resource.Type === type);
}
const properties = (template: Template, type: string) => all(template, type).map(([, resource]) => resource.Properties);
const lambdas = () => all(service, 'AWS::Lambda::Function');
const shortName = (physical: string) => physical.replace('leadledger-prod-', '');
const idOf = (name: string) =>
  lambdas().find(([, { Properties }]) => Properties.FunctionName === `leadledger-prod-${name}`)![0];
const roleIdOf = (name: string): string =>
  lambdas().find(([id]) => id === idOf(name))![1].Properties.Role['Fn::GetAtt'][0];
const alarmNames = () => properties(watch, 'AWS::CloudWatch::Alarm').map(({ AlarmName }) => shortName(AlarmName));

/** `Action on Resource` for each statement of a function's role; resources are told by their logical names. */
function grantsOf(name: string): string[] {
  const roleId = roleIdOf(name);
  return properties(service, 'AWS::IAM::Policy')
    .filter(({ Roles }) => Roles.some(({ Ref }: { Ref: string }) => Ref === roleId))
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement as Statement[])
    .flatMap(({ Action, Resource }) =>
      [Resource].flat().flatMap((resource) => [Action].flat().map((action) => `${action} ${nameIn(resource)}`)),
    )
    .sort();
}

/** What a resource in a policy is about: the exported logical id without its hash, with what follows it. */
function nameIn(resource: unknown): string {
  const text = JSON.stringify(resource);
  const imported = /ExportsOutput(?:FnGetAtt|Ref)([A-Za-z]+?)[0-9A-F]{8}(StreamArn)?/.exec(text);
  const path = /"(\/[^"]*)"\]\]/.exec(text)?.[1] ?? '';
  if (imported !== null) return `${imported[1]}${imported[2] === undefined ? '' : ' stream'}${path}`;
  const parameter = /:parameter([^"]+)"/.exec(text);
  if (parameter !== null) return parameter[1]!;
  const own = /"Fn::GetAtt":\["([A-Za-z]+?)[0-9A-F]{8}"/.exec(text);
  return own === null ? text : own[1]!;
}

/** The variables that a function's schema of its environment names; one without such a file asks for none. */
async function askedBy(name: string): Promise<string[]> {
  const path = join(import.meta.dirname, '../../functions', name, 'env.ts');
  if (!existsSync(path)) return [];
  const { env } = (await import(path)) as { env: Record<string, unknown> };
  return Object.keys(env);
}

describe('the data stack', () => {
  it('keeps the logical ids of what holds data: another id would be another, empty table', () => {
    const stateful = ['AWS::DynamoDB::Table', 'AWS::S3::Bucket', 'AWS::KMS::Key'];
    expect(
      all(data)
        .filter(([, { Type }]) => stateful.includes(Type))
        .map(([id, { Type, Properties }]) => `${Type} ${id} ${Properties.TableName ?? ''}`.trim()),
    ).toMatchInlineSnapshot(`
      [
        "AWS::DynamoDB::Table Catalog742F25FD leadledger-prod-catalog",
        "AWS::DynamoDB::Table TouchesD1B12B66 leadledger-prod-touches",
        "AWS::DynamoDB::Table Leads391D8FFF leadledger-prod-leads",
        "AWS::DynamoDB::Table Contacts61BDC5DA leadledger-prod-contacts",
        "AWS::DynamoDB::Table JournalAE8C44B2 leadledger-prod-journal",
        "AWS::DynamoDB::Table Receipts59C0D3E0 leadledger-prod-receipts",
        "AWS::DynamoDB::Table CountersFDB211E7 leadledger-prod-counters",
        "AWS::DynamoDB::Table Rollups22D70941 leadledger-prod-rollups",
        "AWS::DynamoDB::Table Tallies235A8EA9 leadledger-prod-tallies",
        "AWS::DynamoDB::Table Billing5AAB9F52 leadledger-prod-billing",
        "AWS::DynamoDB::Table BookingsB1C24132 leadledger-prod-bookings",
        "AWS::DynamoDB::Table Payouts4408E43F leadledger-prod-payouts",
        "AWS::DynamoDB::Table ImportsC5EA4F6F leadledger-prod-imports",
        "AWS::DynamoDB::Table Connections827CEF2F leadledger-prod-connections",
        "AWS::DynamoDB::Table Messages804FA4EB leadledger-prod-messages",
        "AWS::DynamoDB::Table DeliveriesBF2F7293 leadledger-prod-deliveries",
        "AWS::S3::Bucket AccessLogs8B620ECA",
        "AWS::S3::Bucket ImportsBucket18B2D913",
        "AWS::S3::Bucket DocumentsBucket9EC9DEB9",
        "AWS::S3::Bucket FilesBucket16450113",
        "AWS::S3::Bucket FailedBatches983C92EC",
        "AWS::KMS::Key ContactsKey02835162",
      ]
    `);
  });

  it('deletes nothing that holds data with the stack, nor on replacement', () => {
    for (const type of ['AWS::DynamoDB::Table', 'AWS::S3::Bucket', 'AWS::KMS::Key']) {
      for (const [, resource] of all(data, type)) {
        expect(resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
      }
    }
  });

  it('has every table on demand, encrypted, recoverable to a point in time and protected from deletion', () => {
    expect(properties(data, 'AWS::DynamoDB::Table')).toHaveLength(16);
    for (const table of properties(data, 'AWS::DynamoDB::Table')) {
      expect(table).toMatchObject({
        BillingMode: 'PAY_PER_REQUEST',
        SSESpecification: { SSEEnabled: true },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        DeletionProtectionEnabled: true,
      });
    }
  });

  it('has the keys, indexes, streams and expiry that the code reads by', () => {
    const keys = (schema: { AttributeName: string }[]) => schema.map(({ AttributeName }) => AttributeName).join(' / ');
    expect(
      Object.fromEntries(
        properties(data, 'AWS::DynamoDB::Table').map((table) => [
          shortName(table.TableName),
          [
            keys(table.KeySchema),
            ...(table.GlobalSecondaryIndexes ?? []).map(
              (index: Properties) =>
                `${index.IndexName}: ${keys(index.KeySchema)} ${index.Projection.ProjectionType} ${index.Projection.NonKeyAttributes ?? ''}`,
            ),
            ...(table.StreamSpecification === undefined ? [] : [table.StreamSpecification.StreamViewType]),
            ...(table.TimeToLiveSpecification === undefined ? [] : [table.TimeToLiveSpecification.AttributeName]),
          ].map((line) => line.trim()),
        ]),
      ),
    ).toMatchInlineSnapshot(`
      {
        "billing": [
          "pk / sk",
          "NEW_IMAGE",
        ],
        "bookings": [
          "pk / sk",
        ],
        "catalog": [
          "pk / sk",
          "byList: listKey / listId ALL",
        ],
        "connections": [
          "pk / sk",
          "byList: listKey / listId ALL",
          "byOwner: owner / listId ALL",
        ],
        "contacts": [
          "leadId",
        ],
        "counters": [
          "counterId",
          "expiresAt",
        ],
        "deliveries": [
          "stream / position",
          "byDue: dueShard / dueAt KEYS_ONLY",
          "byDestination: destinationId / addedAt INCLUDE status,attemptCount,nextAttemptAt,endedAt",
          "byId: deliveryId / stream KEYS_ONLY",
          "expiresAt",
        ],
        "imports": [
          "pk / sk",
          "expiresAt",
        ],
        "journal": [
          "partition / entryId",
          "byList: listKey / entryId ALL",
          "NEW_AND_OLD_IMAGES",
        ],
        "leads": [
          "leadId",
          "byAdvertiser: advertiserMonth / occurredAt INCLUDE status,campaignId,affiliateId,reason,receiptId,chargeMinor,commissionMinor",
          "byAffiliate: affiliateMonth / occurredAt INCLUDE status,campaignId,advertiserId",
          "byDueHold: holdShard / holdUntil KEYS_ONLY",
          "NEW_AND_OLD_IMAGES",
        ],
        "messages": [
          "pk / sk",
          "expiresAt",
        ],
        "payouts": [
          "pk / sk",
          "NEW_IMAGE",
        ],
        "receipts": [
          "receiptId",
          "byOwner: owner / occurredAt INCLUDE outcome,campaignId,affiliateId",
          "expiresAt",
        ],
        "rollups": [
          "pk / sk",
        ],
        "tallies": [
          "pk / sk",
          "byAffiliate: affiliateMonth / sk ALL",
        ],
        "touches": [
          "touchId",
          "byPlatformClickId: platformClickId / clickedAt KEYS_ONLY",
          "NEW_IMAGE",
          "expiresAt",
        ],
      }
    `);
  });

  it('opens no bucket to the public or to plain HTTP, and keeps every version of a document', () => {
    for (const [id, { Properties }] of all(data, 'AWS::S3::Bucket')) {
      expect(Properties).toMatchObject({
        BucketEncryption: expect.anything(),
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      });
      expect(Properties.VersioningConfiguration?.Status).toBe(id.startsWith('Documents') ? 'Enabled' : undefined);
    }
    const policies = properties(data, 'AWS::S3::BucketPolicy');
    expect(policies).toHaveLength(5);
    for (const { PolicyDocument } of policies) {
      expect(PolicyDocument.Statement).toContainEqual(
        expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      );
    }
  });

  it('lets nobody overwrite or delete what documents are made of for ten years', () => {
    data.hasResourceProperties('AWS::S3::Bucket', {
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 3650 } } },
      VersioningConfiguration: { Status: 'Enabled' },
    });
  });

  it('says on a queue that a batch has failed for good', () => {
    data.hasResourceProperties('AWS::S3::Bucket', {
      NotificationConfiguration: { QueueConfigurations: [Match.objectLike({ Event: 's3:ObjectCreated:*' })] },
    });
    expect(alarmNames()).toContain('failed-batches');
  });

  it('is the same whatever the service uses of it: an export that vanished would block the deployment', () => {
    const app = new App({ outdir: join(functionsDir, 'data-alone') });
    const alone = new DataStack(app, 'Data', readStage(app.node, functionsDir));
    expect(Object.keys(Template.fromStack(alone).toJSON().Outputs).sort()).toEqual(
      Object.keys(data.toJSON().Outputs).sort(),
    );
  });

  it('rotates the key of the contact data', () => {
    data.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
  });
});

describe('the journal', () => {
  const changing = ['UpdateItem', 'DeleteItem', 'BatchWriteItem', 'PartiQLInsert', 'PartiQLUpdate', 'PartiQLDelete'];

  it('refuses changes to everybody by its own policy', () => {
    const [journal] = properties(data, 'AWS::DynamoDB::Table').filter(({ TableName }) =>
      TableName.endsWith('-journal'),
    );
    expect(journal!.ResourcePolicy.PolicyDocument.Statement).toEqual([
      expect.objectContaining({
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: changing.map((action) => `dynamodb:${action}`).sort(),
        Resource: '*',
      }),
    ]);
  });

  it('grants conditional puts to those that post entries and reads to those that read them, nothing else to nobody', () => {
    const grants = functionNames.flatMap((name) =>
      grantsOf(name)
        .filter((grant) => / Journal(\/.*)?$/.test(grant))
        .map((grant) => `${name}: ${grant}`),
    );
    expect(grants).toMatchInlineSnapshot(`
      [
        "capture-lead: dynamodb:PutItem Journal",
        "check-conservation: dynamodb:Query Journal",
        "check-journal: dynamodb:Query Journal",
        "check-payouts: dynamodb:PutItem Journal",
        "close-month: dynamodb:BatchGetItem Journal",
        "close-month: dynamodb:PutItem Journal",
        "close-month: dynamodb:Query Journal",
        "decide-leads: dynamodb:PutItem Journal",
        "fetch-leads: dynamodb:PutItem Journal",
        "manage-bookings: dynamodb:BatchGetItem Journal",
        "manage-bookings: dynamodb:PutItem Journal",
        "manage-leads: dynamodb:PutItem Journal",
        "manage-payouts: dynamodb:PutItem Journal",
        "post-journal-entries: dynamodb:PutItem Journal",
        "read-ledger: dynamodb:BatchGetItem Journal",
        "read-ledger: dynamodb:Query Journal",
        "read-ledger: dynamodb:Query Journal/index/byList",
        "receive-message: dynamodb:PutItem Journal",
        "reconcile-leads: dynamodb:BatchGetItem Journal",
        "reconcile-leads: dynamodb:PutItem Journal",
        "release-holds: dynamodb:PutItem Journal",
        "render-documents: dynamodb:Query Journal",
        "settle-payouts: dynamodb:PutItem Journal",
      ]
    `);
    for (const action of changing) expect(grants.join()).not.toContain(action);
  });

  it('alarms on an entry that was changed, on a key with other content and on counts that do not agree', () => {
    watch.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'leadledger-prod-journal-item-changed',
      Namespace: 'leadledger-prod',
      MetricName: 'JournalItemChanged',
      Dimensions: [{ Name: 'service', Value: 'watch-journal' }],
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    });
    expect(alarmNames()).toContain('journal-conflict');
    expect(alarmNames()).toContain('conservation-difference');
  });
});

describe('rights', () => {
  it('are granted action by action', () => {
    const statements = all(service)
      .concat(all(data))
      .flatMap(([, { Properties }]) => [Properties.PolicyDocument, ...(Properties.Policies ?? [])])
      .flatMap((document) => (document?.Statement ?? []) as Statement[])
      .filter(({ Effect }) => Effect === 'Allow');
    expect(statements.length).toBeGreaterThan(50);
    for (const { Action } of statements) expect([Action].flat().join()).not.toContain('*');
  });

  it('are on all resources only where the action knows none', () => {
    const everywhere = functionNames.flatMap(grantsOf).filter((grant) => grant.endsWith(' "*"'));
    expect([...new Set(everywhere)].sort()).toEqual([
      'dynamodb:ListStreams "*"',
      'xray:PutTelemetryRecords "*"',
      'xray:PutTraceSegments "*"',
    ]);
  });

  it('let nobody delete but contact data, on request, connections, and the working state of imports and decisions', () => {
    const deletes = functionNames.flatMap((name) =>
      grantsOf(name)
        .filter((grant) => grant.includes(':Delete') && !grant.startsWith('sqs:'))
        .map((grant) => `${name}: ${grant}`),
    );
    expect(deletes).toEqual([
      'accept-decisions: dynamodb:DeleteItem Imports',
      'accept-imports: dynamodb:DeleteItem Imports',
      'check-payouts: dynamodb:DeleteItem Payouts',
      'decide-leads: dynamodb:DeleteItem Imports',
      'decide-postbacks: dynamodb:DeleteItem Imports',
      'fetch-leads: dynamodb:DeleteItem Contacts',
      'manage-destinations: dynamodb:DeleteItem Connections',
      'manage-endpoints: dynamodb:DeleteItem Connections',
      'manage-leads: dynamodb:DeleteItem Contacts',
      'manage-payouts: dynamodb:DeleteItem Payouts',
      'receive-message: dynamodb:DeleteItem Contacts',
      'reconcile-leads: dynamodb:DeleteItem Imports',
    ]);
  });

  it('show a secret only to those that need it', () => {
    const readers = (secret: string) =>
      functionNames.filter((name) => grantsOf(name).includes(`ssm:GetParameters /leadledger/prod/${secret}`));
    expect(readers('click-id-keys')).toEqual([
      'capture-lead',
      'decide-postbacks',
      'fetch-leads',
      'ingest-click',
      'ingest-postback',
      'manage-endpoints',
      'receive-message',
    ]);
    expect(readers('lead-id-pepper')).toEqual([
      'capture-lead',
      'decide-leads',
      'decide-postbacks',
      'fetch-leads',
      'ingest-postback',
      'manage-endpoints',
      'manage-leads',
      'receive-message',
      'release-holds',
    ]);
    expect(readers('contact-data-key')).toEqual([
      'capture-lead',
      'decide-postbacks',
      'fetch-leads',
      'ingest-postback',
      'manage-destinations',
      'manage-endpoints',
      'manage-leads',
      'receive-message',
      'send-deliveries',
    ]);
    expect(readers('receipt-keys')).toEqual([
      'close-month',
      'ingest-postback',
      'manage-destinations',
      'read-receipts',
      'send-deliveries',
    ]);
  });

  it('of the function that takes clicks are one put and what it looks up', () => {
    expect(grantsOf('ingest-click').filter((grant) => !/^(logs|xray):/.test(grant))).toEqual([
      'dynamodb:BatchGetItem Counters',
      'dynamodb:GetItem Catalog',
      'dynamodb:PutItem Touches',
      'dynamodb:Query Catalog',
      'ssm:GetParameters /leadledger/prod/click-id-keys',
    ]);
  });

  it('go with the environment: a function is told of the tables that it may touch, and of no others', () => {
    for (const name of functionNames) {
      const environment = lambdas().find(([id]) => id === idOf(name))![1].Properties.Environment.Variables;
      const told = Object.keys(environment).filter((key) => key.endsWith('_TABLE_NAME'));
      const granted = grantsOf(name)
        .filter((grant) => /^dynamodb:(?!.*stream$)/.test(grant) && !grant.endsWith('"*"'))
        .map((grant) => `${grant.split(' ')[1]!.split('/')[0]!.toUpperCase()}_TABLE_NAME`);
      expect(told.sort()).toEqual([...new Set(granted)].sort());
    }
  });
});

describe('each function', () => {
  it('is told exactly what its env.ts asks for', async () => {
    const environmentOf = (name: string): Properties =>
      lambdas().find(([id]) => id === idOf(name))![1].Properties.Environment.Variables;
    for (const name of functionNames) {
      for (const variable of Object.keys(environmentOf(name))) vi.stubEnv(variable, 'set');
    }
    vi.stubEnv('NETWORK_TIME_ZONE', 'UTC');
    vi.stubEnv('POSTBACKS_MAX_RECEIVE_COUNT', '5');
    vi.stubEnv('FETCHES_MAX_RECEIVE_COUNT', '44');
    vi.stubEnv('PRIVATE_DESTINATIONS', 'false');
    vi.stubEnv('LAMBDA_TASK_ROOT', '/var/task');
    const mismatches: string[] = [];
    for (const name of await listFunctions()) {
      const asked = (await askedBy(name)).filter((variable) => !variable.startsWith('LAMBDA_'));
      const told = environmentOf(name);
      // Those are read by libraries, and by Node itself.
      const own = Object.keys(told).filter((variable) => !/^(POWERTOOLS|UV)_/.test(variable));
      for (const variable of own)
        if (!asked.includes(variable)) mismatches.push(`${name} does not ask for ${variable}`);
      for (const variable of asked) if (!own.includes(variable)) mismatches.push(`${name} is not told ${variable}`);
    }
    vi.unstubAllEnvs();
    expect(mismatches).toEqual([]);
  });

  it('that sends to others looks up more names at once than it is given messages, as some are never answered', () => {
    for (const name of ['fetch-leads', 'manage-destinations', 'send-deliveries']) {
      const { Variables } = lambdas().find(([id]) => id === idOf(name))![1].Properties.Environment;
      expect(Number(Variables.UV_THREADPOOL_SIZE)).toBeGreaterThanOrEqual(100);
    }
  });

  it('is deployed from a folder of that name, and every folder is deployed', async () => {
    expect(
      lambdas()
        .map(([, { Properties }]) => shortName(Properties.FunctionName))
        .sort(),
    ).toEqual(functionNames);
    expect(await listFunctions()).toEqual(functionNames);
  });

  it('runs on Node 24 and arm64, traced, with JSON logs and a limit of time', () => {
    for (const [, { Properties }] of lambdas()) {
      expect(Properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        TracingConfig: { Mode: 'Active' },
        LoggingConfig: { LogFormat: 'JSON', SystemLogLevel: 'WARN' },
        Timeout: expect.any(Number),
      });
    }
  });

  it('logs into a group of its own that forgets after 30 days', () => {
    const groups = properties(service, 'AWS::Logs::LogGroup');
    for (const group of groups) expect(group.RetentionInDays).toBe(30);
    expect(groups.map(({ LogGroupName }) => LogGroupName)).toEqual(
      expect.arrayContaining(functionNames.map((name) => `/aws/lambda/leadledger-prod-${name}`)),
    );
  });

  it('has alarms on errors and throttles', () => {
    expect(alarmNames()).toEqual(
      expect.arrayContaining(functionNames.flatMap((name) => [`${name}-errors`, `${name}-throttles`])),
    );
  });

  it('reserves no concurrency unless asked to: a new account would refuse it', () => {
    for (const [, { Properties }] of lambdas()) expect(Properties).not.toHaveProperty('ReservedConcurrentExecutions');
    const reserved = synthesise({ reservedConcurrency: 'true' }).service;
    for (const { ReservedConcurrentExecutions } of properties(reserved, 'AWS::Lambda::Function')) {
      expect(ReservedConcurrentExecutions).toBeGreaterThan(0);
    }
  });
});

describe('queues', () => {
  const workQueues = () => all(service, 'AWS::SQS::Queue').filter(([, { Properties }]) => Properties.RedrivePolicy);
  const mappingsOf = (queueId: string) =>
    properties(service, 'AWS::Lambda::EventSourceMapping').filter(
      ({ EventSourceArn }) => EventSourceArn['Fn::GetAtt']?.[0] === queueId,
    );

  it('are encrypted and refuse plain HTTP', () => {
    const queues = [...all(service, 'AWS::SQS::Queue'), ...all(data, 'AWS::SQS::Queue')];
    expect(queues).toHaveLength(24);
    for (const [, { Properties }] of queues) expect(Properties.SqsManagedSseEnabled).toBe(true);
    const policies = [...properties(service, 'AWS::SQS::QueuePolicy'), ...properties(data, 'AWS::SQS::QueuePolicy')];
    expect(policies).toHaveLength(queues.length);
    for (const { PolicyDocument } of policies) {
      expect(PolicyDocument.Statement).toContainEqual(
        expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      );
    }
  });

  it('that are worked on have dead letters kept longer than messages, and one alarm each on age and dead letters', () => {
    expect(workQueues().map(([, { Properties }]) => shortName(Properties.QueueName))).toEqual([
      'postbacks',
      'decisions',
      'deliveries',
      'patient-deliveries',
      'checks',
      'render',
      'close',
      'fetches',
    ]);
    const byId = new Map(all(service, 'AWS::SQS::Queue'));
    for (const [, { Properties }] of workQueues()) {
      const deadLetters = byId.get(Properties.RedrivePolicy.deadLetterTargetArn['Fn::GetAtt'][0])!;
      expect(deadLetters.Properties.MessageRetentionPeriod).toBeGreaterThan(Properties.MessageRetentionPeriod);
      const name = shortName(Properties.QueueName);
      expect(alarmNames()).toEqual(expect.arrayContaining([`${name}-age`, `${name}-dead-letters`]));
    }
  });

  it('try to fetch leads for longer than platforms would send them again, and not for longer than a message is kept', () => {
    const HOUR = 3600;
    const [, { Properties }] = workQueues().find(([, queue]) => shortName(queue.Properties.QueueName) === 'fetches')!;
    const retries = Properties.RedrivePolicy.maxReceiveCount - 1;
    const hours = (chance: number) =>
      Array.from({ length: retries }, (_, at) => waitBeforeRetry(at + 1, chance)).reduce((sum, wait) => sum + wait) /
      HOUR;
    expect(hours(0)).toBeGreaterThan(37);
    expect(hours(1)).toBeLessThan(Properties.MessageRetentionPeriod / HOUR);
  });

  it('hide a message for six timeouts of the function that works on it', () => {
    const functions = new Map(lambdas());
    for (const [queueId, { Properties }] of workQueues()) {
      const [mapping] = mappingsOf(queueId);
      const worker = functions.get(mapping!.FunctionName.Ref)!;
      expect(Properties.VisibilityTimeout).toBeGreaterThanOrEqual(6 * worker.Properties.Timeout);
    }
  });

  it('feed batches whose failed messages come back alone, and leave concurrency to requests', () => {
    const mappings = workQueues().flatMap(([queueId]) => mappingsOf(queueId));
    expect(mappings.map(({ BatchSize }) => BatchSize)).toEqual([10, 1, 10, 10, 1, 1, 1, 1]);
    for (const mapping of mappings) {
      expect(mapping.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
      expect(mapping.ScalingConfig.MaximumConcurrency).toBeGreaterThan(1);
    }
  });
});

describe('streams', () => {
  const sources = () =>
    properties(service, 'AWS::Lambda::EventSourceMapping')
      .filter(({ EventSourceArn }) => EventSourceArn['Fn::ImportValue'])
      .map((mapping) => ({
        reader: shortName(new Map(lambdas()).get(mapping.FunctionName.Ref)!.Properties.FunctionName),
        table: nameIn(mapping.EventSourceArn),
        mapping,
      }));

  it('have two readers at most: more would be throttled', () => {
    expect(sources().map(({ reader, table }) => `${table} > ${reader}`)).toEqual([
      'Billing stream > announce-events',
      'Payouts stream > announce-events',
      'Leads stream > post-journal-entries',
      'Leads stream > roll-up',
      'Touches stream > roll-up',
      'Journal stream > watch-journal',
    ]);
  });

  it('bisect and retry a failed batch and put it into S3 whole at last', () => {
    for (const { mapping } of sources()) {
      expect(mapping).toMatchObject({ BisectBatchOnFunctionError: true, StartingPosition: 'TRIM_HORIZON' });
      expect(mapping.MaximumRetryAttempts).toBeGreaterThan(0);
      expect(nameIn(mapping.DestinationConfig.OnFailure.Destination)).toBe('FailedBatches');
    }
  });

  it('are summed up in windows of 30 seconds, one batch of a shard at a time, and name failed records elsewhere', () => {
    for (const { reader, mapping } of sources()) {
      expect(mapping.ParallelizationFactor).toBe(1);
      expect(mapping.TumblingWindowInSeconds).toBe(reader === 'roll-up' ? 30 : undefined);
      expect(mapping.FunctionResponseTypes).toEqual(reader === 'roll-up' ? undefined : ['ReportBatchItemFailures']);
    }
  });

  it('have alarms on how far their readers lag behind', () => {
    expect(alarmNames()).toEqual(
      expect.arrayContaining(
        ['post-journal-entries', 'roll-up', 'watch-journal'].map((name) => `${name}-iterator-age`),
      ),
    );
  });

  it('are attached only when the reader has its rights', () => {
    for (const [, { DependsOn }] of all(service, 'AWS::Lambda::EventSourceMapping')) {
      expect(DependsOn).toContainEqual(expect.stringMatching(/RoleDefaultPolicy/));
    }
  });
});

describe('schedules', () => {
  it('run by the network’s clock and lose no call that failed', () => {
    const berlin = synthesise({ timeZone: 'Europe/Berlin' }).service;
    expect(
      properties(berlin, 'AWS::Scheduler::Schedule').map(
        ({ Name, ScheduleExpression, ScheduleExpressionTimezone }) =>
          `${shortName(Name)} ${ScheduleExpression} ${ScheduleExpressionTimezone}`,
      ),
    ).toEqual([
      'resume-deliveries rate(1 minute) Etc/UTC',
      'reconcile-leads rate(1 hour) Etc/UTC',
      'check-conservation rate(1 hour) Etc/UTC',
      'check-journal cron(30 4 * * ? *) Europe/Berlin',
      'release-holds rate(5 minutes) Etc/UTC',
      'close-month cron(0 * * * ? *) Europe/Berlin',
      'check-payouts rate(1 hour) Etc/UTC',
    ]);
    for (const { Target } of properties(service, 'AWS::Scheduler::Schedule')) {
      expect(nameIn(Target.DeadLetterConfig.Arn)).toMatch(/DeadLetters/);
    }
    expect(properties(service, 'AWS::Lambda::EventInvokeConfig')).toHaveLength(7);
    for (const { DestinationConfig } of properties(service, 'AWS::Lambda::EventInvokeConfig')) {
      expect(nameIn(DestinationConfig.OnFailure.Destination)).toMatch(/DeadLetters/);
    }
    expect(alarmNames()).toEqual(
      expect.arrayContaining(
        ['reconcile-leads', 'check-conservation', 'check-journal', 'release-holds', 'close-month'].map(
          (name) => `${name}-dead-letters`,
        ),
      ),
    );
  });
});

describe('the HTTP API', () => {
  const targetOf = (route: Properties): string => {
    const integrationId: string = route.Target['Fn::Join'][1][1].Ref;
    const [, integration] = all(service, 'AWS::ApiGatewayV2::Integration').find(([id]) => id === integrationId)!;
    expect(integration.Properties.PayloadFormatVersion).toBe('2.0');
    const functionId: string = integration.Properties.IntegrationUri['Fn::GetAtt'][0];
    return shortName(new Map(lambdas()).get(functionId)!.Properties.FunctionName);
  };

  it('has exactly the routes of the contract, and gives unknown ones to who knows the domains of endpoints', () => {
    const deployed = properties(service, 'AWS::ApiGatewayV2::Route').map(
      (route) => `${route.RouteKey} > ${targetOf(route)}`,
    );
    const described = routes.map(({ method, path, functionName }) => `${method} ${path} > ${functionName}`);
    expect(deployed.sort()).toEqual(['$default > receive-message', ...described].sort());
  });

  it('limits requests', () => {
    const limits = (template: Template) => properties(template, 'AWS::ApiGatewayV2::Stage')[0]!.DefaultRouteSettings;
    expect(limits(service)).toEqual({ ThrottlingRateLimit: 2000, ThrottlingBurstLimit: 4000 });
    expect(limits(synthesise({ requestsPerSecond: 50 }).service)).toEqual({
      ThrottlingRateLimit: 50,
      ThrottlingBurstLimit: 100,
    });
  });

  it('logs named fields of a request and never its path, query string or headers: keys travel there', () => {
    const { Format } = properties(service, 'AWS::ApiGatewayV2::Stage')[0]!.AccessLogSettings;
    expect(Object.values(JSON.parse(Format)).sort()).toEqual([
      '$context.identity.sourceIp',
      '$context.integrationErrorMessage',
      '$context.requestId',
      '$context.requestTimeEpoch',
      '$context.responseLatency',
      '$context.responseLength',
      '$context.routeKey',
      '$context.status',
    ]);
  });

  it('alarms on server errors and tells its address', () => {
    expect(alarmNames()).toContain('api-5xx');
    service.hasOutput('ApiUrl', {});
  });
});

describe('alarms', () => {
  it('all report to the topic, say what to do and stay quiet without data', () => {
    const [[topicId]] = all(service, 'AWS::SNS::Topic') as [[string, Resource]];
    const [[, below]] = all(service, 'AWS::CloudFormation::Stack') as [[string, Resource]];
    const [[parameter]] = Object.entries(below.Properties.Parameters).filter(([, value]) =>
      isDeepStrictEqual(value, { Ref: topicId }),
    ) as [[string, unknown]];
    for (const alarm of properties(watch, 'AWS::CloudWatch::Alarm')) {
      expect(alarm).toMatchObject({
        AlarmActions: [{ Ref: parameter }],
        OKActions: [{ Ref: parameter }],
        TreatMissingData: 'notBreaching',
      });
      expect(alarm.AlarmDescription.length).toBeGreaterThan(30);
    }
  });

  it('of dead letters say what becomes of them', () => {
    const afterwards = (name: string) =>
      properties(watch, 'AWS::CloudWatch::Alarm').find(
        ({ AlarmName }) => shortName(AlarmName) === `${name}-dead-letters`,
      )!.AlarmDescription;
    expect(afterwards('postbacks')).toBe(
      'Something failed for good in postbacks, and is kept in leadledger-prod-postbacks-dead-letters. Mend the cause. ' +
        'Redrive what is there: each message gets its verdict, and none gets two.',
    );
    expect(afterwards('deliveries')).toContain('delete the others');
    expect(afterwards('release-holds')).toContain('the next call of the schedule');
  });

  it('all have their row in the README, by the names under which they ring', () => {
    const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
    const [, rows = ''] = readme.split('| alarm | what it means, what to do |\n');
    const [table = ''] = rows.split('\n\n');
    const told = table.split('\n').flatMap((row) => [...(row.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)]);
    const queues = properties(service, 'AWS::SQS::Queue').filter(({ RedrivePolicy }) => RedrivePolicy);
    const names: Readonly<Record<string, readonly string[]>> = {
      function: functionNames,
      queue: queues.map(({ QueueName }) => shortName(QueueName)),
      table: properties(data, 'AWS::DynamoDB::Table').map(({ TableName }) => shortName(TableName)),
    };
    const meant = told.map(([, pattern = '']) => {
      const [, kind = ''] = /^<(\w+)>/.exec(pattern) ?? [];
      return names[kind]?.map((name) => pattern.replace(`<${kind}>`, name)) ?? [pattern];
    });
    expect(alarmNames().filter((name) => !meant.flat().includes(name))).toEqual([]);
    expect(meant.filter((some) => !some.some((name) => alarmNames().includes(name)))).toEqual([]);
  });

  it('watch every table for refused requests', () => {
    for (const { TableName } of properties(data, 'AWS::DynamoDB::Table')) {
      expect(alarmNames()).toContain(`${shortName(TableName)}-table-throttled`);
    }
  });

  it('reach a person when the stage names one; what finance is told goes to a topic of its own', () => {
    service.resourceCountIs('AWS::SNS::Subscription', 0);
    service.resourceCountIs('AWS::SNS::Topic', 1);
    const emails = { alarmEmail: 'oncall@example.com', financeEmail: 'finance@example.com' };
    const { service: told } = synthesise(emails);
    for (const Endpoint of Object.values(emails)) {
      told.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint });
    }
    told.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ FINANCE_TOPIC_ARN: Match.anyValue() }) },
    });
  });

  it('go to an encrypted topic that CloudWatch may publish to', () => {
    service.hasResourceProperties('AWS::SNS::Topic', { KmsMasterKeyId: Match.anyValue() });
    service.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Allow', Principal: { Service: 'cloudwatch.amazonaws.com' } }),
        ]),
      },
    });
  });

  it('stand beside one dashboard', () => {
    watch.resourceCountIs('AWS::CloudWatch::Dashboard', 1);
  });
});

describe('a stage', () => {
  it('has no finding of the AWS Solutions rules that is not acknowledged with a reason', () => {
    expect(findings).toEqual([]);
  });

  it('has names of its own, so that two live in one account', () => {
    const staging = synthesise({ stage: 'staging' });
    const names = (template: Template) =>
      all(template).flatMap(([, { Properties }]) =>
        [
          'TableName',
          'QueueName',
          'FunctionName',
          'AlarmName',
          'TopicName',
          'LogGroupName',
          'DashboardName',
          'AliasName',
        ]
          .map((key) => Properties?.[key])
          .filter((name) => typeof name === 'string'),
      );
    const namesOf = (stacks: Omit<Synthesised, 'findings'>) =>
      [stacks.data, stacks.service, stacks.watch].flatMap(names);
    const [prod, other] = [namesOf({ data, service, watch }), namesOf(staging)];
    expect(prod.length).toBeGreaterThan(80);
    expect(prod.filter((name) => other.includes(name))).toEqual([]);
  });

  it.each([
    ['stage', 'Prod!', 'context stage=Prod!: it takes lower-case letters'],
    ['timeZone', 'Mars/Base', 'context timeZone=Mars/Base: it takes an IANA time zone'],
    ['reservedConcurrency', 'lots', 'context reservedConcurrency=lots: it takes true or false'],
    ['privateDestinations', 'perhaps', 'context privateDestinations=perhaps: it takes true or false'],
    ['network', 'two words', 'context network=two words: it takes 1 to 64 printable ASCII characters'],
    ['requestsPerSecond', '0', 'context requestsPerSecond=0: it takes a whole number'],
  ])('refuses a %s it cannot be: %s', (option, value, message) => {
    expect(() => synthesise({ [option]: value })).toThrow(message);
  });
});
