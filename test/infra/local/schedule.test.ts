import { describe, expect, it } from 'vitest';
import { createAsyncInvoker } from '../../../infra/local/async-invoke.ts';
import { FunctionError } from '../../../infra/local/lambda-host.ts';
import type { FunctionModel, QueueModel, ScheduleModel } from '../../../infra/local/model.ts';
import type { SchedulerClock } from '../../../infra/local/schedule.ts';
import { createScheduler } from '../../../infra/local/schedule.ts';
import { nextFireTime } from '../../../infra/local/schedule-time.ts';
import { memoryState } from './support.ts';

describe('a schedule expression', () => {
  it.each([
    ['rate(5 minutes)', 'UTC', '2025-01-01T00:00:00Z', '2025-01-01T00:05:00Z'],
    ['rate(1 hour)', 'UTC', '2025-01-01T00:30:00Z', '2025-01-01T01:30:00Z'],
    ['rate(2 days)', 'UTC', '2025-01-01T00:00:00Z', '2025-01-03T00:00:00Z'],
    ['cron(0 3 1 * ? *)', 'UTC', '2025-01-01T02:59:59Z', '2025-01-01T03:00:00Z'],
    ['cron(0 3 1 * ? *)', 'UTC', '2025-01-01T03:00:00Z', '2025-02-01T03:00:00Z'],
    ['cron(0 3 1 * ? *)', 'Europe/Berlin', '2025-01-15T00:00:00Z', '2025-02-01T02:00:00Z'],
    ['cron(0 3 1 * ? *)', 'Europe/Berlin', '2025-06-15T00:00:00Z', '2025-07-01T01:00:00Z'],
    ['cron(15 10 ? * 6L *)', 'UTC', '2025-01-01T00:00:00Z', '2025-01-31T10:15:00Z'],
    ['cron(0 8 ? * 2-6 *)', 'UTC', '2025-01-03T09:00:00Z', '2025-01-06T08:00:00Z'],
    ['cron(0 8 ? * SUN *)', 'UTC', '2025-01-01T00:00:00Z', '2025-01-05T08:00:00Z'],
    ['cron(0 8 ? * 2#1 *)', 'UTC', '2025-01-07T00:00:00Z', '2025-02-03T08:00:00Z'],
    ['cron(0/15 * * * ? *)', 'UTC', '2025-01-01T00:16:00Z', '2025-01-01T00:30:00Z'],
    ['cron(0 0 1 1 ? 2027)', 'UTC', '2025-01-01T00:00:00Z', '2027-01-01T00:00:00Z'],
  ])('%s in %s after %s fires at %s', (expression, timeZone, after, expected) => {
    expect(nextFireTime(expression, timeZone, Date.parse(after))).toBe(Date.parse(expected));
  });

  it('that lies in the past never fires', () => {
    expect(nextFireTime('cron(0 0 1 1 ? 2020)', 'UTC', Date.parse('2025-01-01T00:00:00Z'))).toBeUndefined();
  });

  it.each(['at(2025-01-01T00:00:00)', 'cron(0 3 1 * *)', 'rate(5 weeks)'])('%s is refused', (expression) => {
    expect(() => nextFireTime(expression, 'UTC', 0)).toThrow(/not modelled|not six fields/);
  });
});

/** A clock that stands still until it is told to go on. */
function manualClock(start: string) {
  let nowMs = Date.parse(start);
  let waiting: { readonly atMs: number; readonly callback: () => void }[] = [];
  const clock: SchedulerClock = {
    now: () => nowMs,
    after: (ms, callback) => {
      const entry = { atMs: nowMs + ms, callback };
      waiting.push(entry);
      return () => {
        waiting = waiting.filter((other) => other !== entry);
      };
    },
  };
  const advance = (ms: number): void => {
    const untilMs = nowMs + ms;
    for (;;) {
      const [next] = waiting.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      waiting = waiting.filter((entry) => entry !== next);
      nowMs = next.atMs;
      next.callback();
    }
    nowMs = untilMs;
  };
  return { clock, advance };
}

const HOUR_MS = 3_600_000;
const hourly: ScheduleModel = {
  name: 'app-reconcile',
  arn: 'arn:aws:scheduler:us-east-1:000000000000:schedule/default/app-reconcile',
  expression: 'rate(1 hour)',
  timeZone: 'UTC',
  functionName: 'app-reconcile',
  input: undefined,
};

function start(schedules: readonly ScheduleModel[], at = '2025-01-01T00:00:00Z', state = memoryState()) {
  const { clock, advance } = manualClock(at);
  const calls: { functionName: string; event: Record<string, unknown> }[] = [];
  const invoke = (functionName: string, event: string): void => {
    calls.push({ functionName, event: JSON.parse(event) as Record<string, unknown> });
  };
  const scheduler = createScheduler({ schedules, clock, state, invoke });
  scheduler.start();
  return { scheduler, advance, calls, state };
}

describe('the scheduler', () => {
  it('fires on time, again and again', () => {
    const { advance, calls } = start([hourly]);
    advance(HOUR_MS - 1);
    expect(calls).toEqual([]);
    advance(1);
    advance(2 * HOUR_MS);
    expect(calls.map(({ event }) => event['time'])).toEqual([
      '2025-01-01T01:00:00Z',
      '2025-01-01T02:00:00Z',
      '2025-01-01T03:00:00Z',
    ]);
  });

  it('fires one that is months away', () => {
    const { advance, calls } = start([{ ...hourly, expression: 'cron(0 3 1 * ? *)' }], '2025-01-01T04:00:00Z');
    advance(31 * 24 * HOUR_MS);
    expect(calls.map(({ event }) => event['time'])).toEqual(['2025-02-01T03:00:00Z']);
  });

  it('makes up, once, for what fell due while nothing ran', () => {
    const { state } = start([hourly]);
    const { advance, calls } = start([hourly], '2025-01-01T05:30:00Z', state);
    advance(0);
    expect(calls.map(({ event }) => event['time'])).toEqual(['2025-01-01T01:00:00Z']);
    advance(HOUR_MS);
    expect(calls).toHaveLength(2);
  });

  it('fires nothing after it has stopped', () => {
    const { scheduler, advance, calls } = start([hourly]);
    scheduler.stop();
    advance(5 * HOUR_MS);
    expect(calls).toEqual([]);
  });

  it('gives the event of EventBridge, or the input of the target with its fields filled in', () => {
    const { scheduler } = start([hourly, { ...hourly, name: 'own', input: '{"at":"<aws.scheduler.scheduled-time>"}' }]);
    expect(JSON.parse(scheduler.event('app-reconcile').event)).toEqual({
      version: '0',
      id: expect.any(String),
      'detail-type': 'Scheduled Event',
      source: 'aws.scheduler',
      account: '000000000000',
      time: '2025-01-01T00:00:00Z',
      region: 'us-east-1',
      resources: [hourly.arn],
      detail: '{}',
    });
    expect(scheduler.event('own').event).toBe('{"at":"2025-01-01T00:00:00Z"}');
    expect(() => scheduler.event('other')).toThrow('there is no schedule other');
  });
});

describe('an asynchronous call', () => {
  const target: FunctionModel = {
    name: 'reconcile',
    functionName: 'app-reconcile',
    arn: 'arn:aws:lambda:us-east-1:000000000000:function:app-reconcile',
    assetHash: '',
    handler: 'index.handler',
    environment: {},
    timeoutMs: 1000,
    memoryMb: 128,
    retryAttempts: 2,
    onFailureQueueArn: 'arn:dead',
  };
  const dead: QueueModel = {
    name: 'dead',
    url: 'http://dead',
    arn: 'arn:dead',
    attributes: {},
    deadLetterArn: undefined,
  };

  function invoker(failures: number) {
    const sent: { QueueUrl: string; MessageBody: string }[] = [];
    let calls = 0;
    const asyncCalls = createAsyncInvoker({
      functions: [target],
      queues: [dead],
      sqs: {
        call: async <Output>(_operation: string, input: object) => {
          sent.push(input as (typeof sent)[number]);
          return {} as Output;
        },
        close: () => undefined,
      },
      invoke: async () => {
        calls += 1;
        if (calls <= failures) throw new FunctionError('reconcile', { errorType: 'E', errorMessage: 'm', trace: [] });
        return undefined;
      },
      retryDelayMs: 1,
    });
    return { asyncCalls, sent, calls: () => calls };
  }

  it.each([
    [0, 1, 0],
    [2, 3, 0],
    [3, 3, 1],
  ])('that fails %i times is made %i times and set aside %i times', async (failures, made, setAside) => {
    const { asyncCalls, sent, calls } = invoker(failures);
    asyncCalls.invoke('app-reconcile', '{"a":1}');
    expect(await asyncCalls.drain()).toBe(true);
    expect([calls(), sent.length]).toEqual([made, setAside]);
  });

  it('is set aside with its event and what went wrong', async () => {
    const { asyncCalls, sent } = invoker(3);
    asyncCalls.invoke('app-reconcile', '{"a":1}');
    await asyncCalls.drain();
    expect(sent[0]?.QueueUrl).toBe('http://dead');
    expect(JSON.parse(sent[0]?.MessageBody ?? '')).toMatchObject({
      requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 },
      requestPayload: { a: 1 },
      responsePayload: { errorType: 'E', errorMessage: 'm' },
    });
  });
});
