import { describe, expect, it } from 'vitest';
import { readModel, sharedEnvironment } from '../../../infra/local/model.ts';
import type { StackTemplate } from '../../../infra/local/template.ts';
import { resolveStacks } from '../../../infra/local/template.ts';
import { synthesiseWithoutCode } from '../../support/template.ts';

const options = { sqsEndpoint: 'http://127.0.0.1:4566' };

function stack(template: object, stackName = 'app'): StackTemplate {
  return { stackName, template: template as StackTemplate['template'] };
}

/** What a value in a function's environment becomes. */
function resolved(value: unknown, template: object = {}): unknown {
  const { Resources = {}, ...rest } = template as { Resources?: object };
  const probe = { Type: 'AWS::Lambda::Function', Properties: { Probe: value } };
  const resources = resolveStacks([stack({ ...rest, Resources: { Probe: probe, ...Resources } })], options);
  return resources.find(({ logicalId }) => logicalId === 'Probe')?.properties['Probe'];
}

const queue = { Jobs: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'jobs' } } };
const table = { Leads: { Type: 'AWS::DynamoDB::Table', Properties: {} } };

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: CloudFormation's placeholders look the same.
describe('a reference', () => {
  it.each([
    ['Ref of a queue is its URL', { Ref: 'Jobs' }, 'http://127.0.0.1:4566/000000000000/jobs'],
    ['Ref of a table is its name', { Ref: 'Leads' }, 'app-Leads'],
    ['Ref of a parameter is its default', { Ref: 'Colour' }, 'red'],
    ['Ref of a pseudo parameter', { Ref: 'AWS::Region' }, 'us-east-1'],
    ['Ref of the stack name', { Ref: 'AWS::StackName' }, 'app'],
    ['GetAtt as a list', { 'Fn::GetAtt': ['Jobs', 'Arn'] }, 'arn:aws:sqs:us-east-1:000000000000:jobs'],
    ['GetAtt as text', { 'Fn::GetAtt': 'Leads.Arn' }, 'arn:aws:dynamodb:us-east-1:000000000000:table/app-Leads'],
    ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'Colour' }, 'c']] }, 'a-red-c'],
    ['Select and Split', { 'Fn::Select': [1, { 'Fn::Split': [':', 'a:b:c'] }] }, 'b'],
    ['Sub with names and attributes', { 'Fn::Sub': '${Colour}/${Jobs.QueueName}/${!kept}' }, 'red/jobs/${kept}'],
    ['Sub with names of its own', { 'Fn::Sub': ['${x}!', { x: { Ref: 'Colour' } }] }, 'red!'],
    ['If that holds', { 'Fn::If': ['IsRed', 'yes', 'no'] }, 'yes'],
    ['If that does not', { 'Fn::If': ['IsNotRed', 'yes', 'no'] }, 'no'],
    ['NoValue in a list', ['a', { Ref: 'AWS::NoValue' }], ['a']],
    ['NoValue in an object', { a: 1, b: { Ref: 'AWS::NoValue' } }, { a: 1 }],
  ])('%s', (_name, value, expected) => {
    const template = {
      Resources: { ...queue, ...table },
      Parameters: { Colour: { Default: 'red' } },
      Conditions: {
        IsRed: { 'Fn::Equals': [{ Ref: 'Colour' }, 'red'] },
        IsNotRed: { 'Fn::Not': [{ Condition: 'IsRed' }] },
      },
    };
    expect(resolved(value, template)).toEqual(expected);
  });

  it('reaches into another stack by its export', () => {
    const data = stack(
      {
        Resources: queue,
        Outputs: { Out: { Value: { Ref: 'Jobs' }, Export: { Name: { 'Fn::Sub': '${AWS::StackName}:Jobs' } } } },
      },
      'data',
    );
    const probe = { Type: 'AWS::Lambda::Function', Properties: { Probe: { 'Fn::ImportValue': 'data:Jobs' } } };
    const resources = resolveStacks([stack({ Resources: { Probe: probe } }), data], options);
    expect(resources[0]?.properties).toEqual({ Probe: 'http://127.0.0.1:4566/000000000000/jobs' });
  });

  it.each([
    ['an unknown function', { 'Fn::Cidr': ['10.0.0.0/8', 1] }, 'app/Probe: Fn::Cidr is not modelled'],
    ['an unknown attribute', { 'Fn::GetAtt': ['Jobs', 'Colour'] }, 'app/Probe: Jobs.Colour is not modelled'],
    ['a resource that is not there', { Ref: 'Nothing' }, 'app refers to Nothing, which it does not have'],
    ['an export that is not there', { 'Fn::ImportValue': 'x:y' }, 'app/Probe imports x:y, which no stack exports'],
    ['a dynamic reference', '{{resolve:ssm:/a}}', 'dynamic references are not modelled'],
    ['an unknown pseudo parameter', { Ref: 'AWS::NotificationARNs' }, 'AWS::NotificationARNs is not modelled'],
  ])('refuses %s', (_name, value, message) => {
    expect(() => resolved(value, { Resources: queue })).toThrow(message);
  });
});

// biome-ignore-end lint/suspicious/noTemplateCurlyInString: CloudFormation's placeholders look the same.

describe('a resource', () => {
  it('refuses a type that nobody has decided about', () => {
    expect(() =>
      resolveStacks([stack({ Resources: { Cache: { Type: 'AWS::ElastiCache::CacheCluster' } } })], options),
    ).toThrow('Cache: the runner does not know AWS::ElastiCache::CacheCluster');
  });

  it('refuses a property that would be left out quietly', () => {
    const fifo = { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true } };
    expect(() => readModel(resolveStacks([stack({ Resources: { Fifo: fifo } })], options))).toThrow(
      /Fifo \(AWS::SQS::Queue\) is not modelled as it stands:[\s\S]*FifoQueue/,
    );
  });

  it('is left out where its condition does not hold', () => {
    const conditional = { ...queue.Jobs, Condition: 'Never' };
    const template = { Resources: { Jobs: conditional }, Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } } };
    expect(resolveStacks([stack(template)], options)).toEqual([]);
  });

  it('gets the prefix of its set where it lives in an engine', () => {
    const [jobs] = resolveStacks([stack({ Resources: queue })], { ...options, namePrefix: 't1-' });
    expect(jobs?.ref).toBe('http://127.0.0.1:4566/000000000000/t1-jobs');
  });
});

const { stacks } = await synthesiseWithoutCode();

describe('the deployed template', () => {
  const model = readModel(resolveStacks(stacks, options));

  it('has no resource and no property that the runner does not know', () => {
    expect(model.functions.length).toBeGreaterThan(10);
  });

  it('feeds every source from a queue or table that it has', () => {
    const queues = new Set(model.queues.map(({ arn }) => arn));
    const tables = new Set(model.tables.map(({ name }) => name));
    for (const source of model.sources) {
      expect(source.kind === 'queue' ? queues.has(source.queueArn) : tables.has(source.tableName)).toBe(true);
    }
  });

  it('names every table, queue and bucket in the environment of some function', () => {
    const values = Object.values(sharedEnvironment(model));
    for (const { name } of model.tables) expect(values).toContain(name);
  });
});
