import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { FunctionError } from '../../../infra/local/lambda-host.ts';
import { createLambdaHost } from '../../../infra/local/lambda-host.ts';
import type { FunctionModel } from '../../../infra/local/model.ts';

const directory = mkdtempSync(join(tmpdir(), 'leadledger-host-'));
const handlers: Readonly<Record<string, string>> = {
  echo: 'async (event, context) => ({ event, name: context.functionName, left: context.getRemainingTimeInMillis() })',
  environment:
    'async () => ({ own: process.env.COLOUR, engine: process.env.AWS_ENDPOINT_URL_SQS, home: process.env.HOME })',
  counter: '(() => { let n = 0; return async () => ++n; })()',
  throws: 'async () => { console.log("before"); throw new TypeError("broken"); }',
  hangs: 'async (event) => { if (event.hang) { for (;;) {} } return "fine"; }',
  slow: '(() => { let now = 0; return async () => { now += 1; const most = now; await new Promise((r) => setTimeout(r, 20)); now -= 1; return most; }; })()',
  exits: 'async () => process.exit(3)',
  greedy: 'async () => { const all = []; for (;;) all.push(new Array(1e6).fill("x")); }',
};

function model(name: string): FunctionModel {
  return {
    name,
    functionName: `app-${name}`,
    arn: `arn:aws:lambda:us-east-1:000000000000:function:app-${name}`,
    assetHash: name,
    handler: 'index.handler',
    environment: { COLOUR: 'red' },
    timeoutMs: name === 'hangs' ? 200 : 5000,
    memoryMb: 64,
    retryAttempts: 2,
    onFailureQueueArn: undefined,
  };
}

for (const [name, source] of Object.entries(handlers)) {
  mkdirSync(join(directory, name));
  writeFileSync(join(directory, name, 'package.json'), '{"type":"commonjs"}');
  writeFileSync(join(directory, name, 'index.js'), `exports.handler = ${source};`);
}

const errors: FunctionError[] = [];
const host = createLambdaHost({
  functions: Object.keys(handlers).map(model),
  directoryOf: ({ assetHash }) => join(directory, assetHash),
  environment: { AWS_ENDPOINT_URL_SQS: 'http://sqs' },
  logDir: join(directory, 'logs'),
  callsPerInstance: ({ name }) => (name === 'echo' ? 10 : 1),
  instances: () => 2,
  onError: (error) => errors.push(error),
});

afterAll(() => host.stop());

describe('a call', () => {
  it('gets the event and a context, and returns what the handler returns', async () => {
    expect(await host.invoke('app-echo', '{"a":1}')).toEqual({
      event: { a: 1 },
      name: 'app-echo',
      left: expect.toSatisfy((ms: number) => ms > 4000 && ms <= 5000),
    });
  });

  it('sees the environment of its function and nothing of the runner', async () => {
    expect(await host.invoke('app-environment', '{}')).toEqual({ own: 'red', engine: 'http://sqs' });
  });

  it('keeps its instance for the next', async () => {
    expect([await host.invoke('app-counter', '{}'), await host.invoke('app-counter', '{}')]).toEqual([1, 2]);
  });

  it('that throws is reported as Lambda does, and its log is kept', async () => {
    await expect(host.invoke('app-throws', '{}')).rejects.toMatchObject({
      report: { errorType: 'TypeError', errorMessage: 'broken' },
    });
    expect(errors.at(-1)?.functionName).toBe('throws');
    const log = readFileSync(join(directory, 'logs/throws.log'), 'utf8');
    expect(log).toContain('before\n');
    expect(log).toContain('"errorType":"TypeError"');
  });

  it('that takes too long is ended, and the next gets a new instance', async () => {
    await expect(host.invoke('app-hangs', '{"hang":true}')).rejects.toThrow('Task timed out after 0.20 seconds');
    expect(await host.invoke('app-hangs', '{}')).toBe('fine');
  });

  it('that ends the process or takes too much memory fails alone', async () => {
    await expect(host.invoke('app-exits', '{}')).rejects.toThrow('The runtime exited.');
    await expect(host.invoke('app-greedy', '{}')).rejects.toThrow('reaching memory limit');
    expect(await host.invoke('app-counter', '{}')).toBeGreaterThan(0);
  });

  it('waits while all instances are busy: each has one call at a time', async () => {
    const most = await Promise.all(Array.from({ length: 6 }, () => host.invoke('app-slow', '{}')));
    expect(new Set(most)).toEqual(new Set([1]));
  });
});
