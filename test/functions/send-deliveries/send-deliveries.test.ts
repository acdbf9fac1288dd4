import type { Context, SQSEvent, SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { createHandleDeliveries } from '../../../functions/send-deliveries/send-deliveries.ts';

const context = { getRemainingTimeInMillis: () => 1234 } as Context;
const record = (messageId: string, queue: string, body: unknown): SQSRecord =>
  ({
    messageId,
    eventSourceARN: `arn:aws:sqs:eu-central-1:123456789012:${queue}`,
    body: JSON.stringify(body),
  }) as SQSRecord;
const job = {
  kind: 'redelivery',
  destinationId: 'dst_01JD3Y8Q5T9Z6V2K4M7N1P0R8D',
  from: '2025-11-01T00:00:00.000Z',
  before: '2025-11-02T00:00:00.000Z',
  status: 'failed',
  askedAt: '2025-11-03T00:00:00.000Z',
} as const;

async function handled(records: SQSRecord[], failing: string[] = []) {
  const worked: unknown[] = [];
  const failures: string[] = [];
  const handle = createHandleDeliveries({
    sendDeliveries: async (stream, lane, timeLeftMs) => {
      if (failing.includes(stream)) throw new Error('no');
      worked.push([stream, lane, timeLeftMs()]);
    },
    redeliver: async (message) => void worked.push(message),
    patientQueueUrl: 'https://sqs.eu-central-1.amazonaws.com/123456789012/net-patient-deliveries',
    onFailure: (messageId) => failures.push(messageId),
  });
  const answer = await handle({ Records: records } as SQSEvent, context);
  return { worked, failures, failed: answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier) };
}

describe('the queues of deliveries', () => {
  it('say which lane it is', async () => {
    const { worked, failed } = await handled([
      record('1', 'net-deliveries', { kind: 'stream', stream: 'a#1' }),
      record('2', 'net-patient-deliveries', { kind: 'stream', stream: 'a#2' }),
      record('3', 'net-patient-deliveries', job),
    ]);
    expect(worked).toEqual([['a#1', 'quick', 1234], ['a#2', 'patient', 1234], job]);
    expect(failed).toEqual([]);
  });

  it('bring back what failed or cannot be read, and nothing else', async () => {
    const { worked, failed, failures } = await handled(
      [
        record('1', 'net-deliveries', { kind: 'stream', stream: 'a#1' }),
        record('2', 'net-deliveries', { kind: 'stream', stream: 'a#2' }),
        record('3', 'net-deliveries', { kind: 'other' }),
        record('4', 'net-deliveries', { ...job, from: 'once' }),
      ],
      ['a#1'],
    );
    expect(worked).toEqual([['a#2', 'quick', 1234]]);
    expect([...failed].sort()).toEqual(['1', '3', '4']);
    expect([...failures].sort()).toEqual(['1', '3', '4']);
  });
});
