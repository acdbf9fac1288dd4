import { DeleteMessageCommand, type Message, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { createTakeCloseEvents } from '../../../functions/close-month/close-events.ts';
import { createSqsClient } from '../../../shared/adapters/sqs/queue.ts';
import type { CloseMessage } from '../../../shared/contracts/billing.ts';
import type { MonthRun } from '../../../shared/domain/billing/close.ts';
import { entryIdOf, type JournalEntry, journalShard } from '../../../shared/domain/ledger/entry.ts';
import { request, sqsEvent, useCorePath } from '../../support/core-path.ts';
import { useEngines } from '../../support/engines.ts';
import { fixed, pricing } from '../../support/prices.ts';
import { streamRecord } from '../../support/stream-records.ts';

const engines = await useEngines();
const network = useCorePath(engines);
const closeMonth = (await import('../../../functions/close-month/handler.ts')).handler;
const manageBilling = (await import('../../../functions/manage-billing/handler.ts')).handler;
const watchJournal = (await import('../../../functions/watch-journal/handler.ts')).handler;
const sqs = createSqsClient();
const QueueUrl = engines.env.CLOSE_QUEUE_URL;
const CONTEXT = {} as Context;
const TEN_PERCENT_MORE = { from: 2n, price: { kind: 'of_own', shareMicros: 1_100_000n } } as const;

const { key: financeKey } = await network.key({ role: 'finance' });

async function call(method: string, route: string, key = financeKey, parts: Parameters<typeof request>[2] = {}) {
  const result = await manageBilling(request(method, route, { key, ...parts }), CONTEXT);
  const text = result.body ?? '';
  return { status: result.statusCode, text, body: /^[{[]/.test(text) ? JSON.parse(text) : undefined };
}

async function receive(): Promise<Message | undefined> {
  const { Messages: [message] = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 1 }));
  return message;
}

/** Works off the queue, as its poller does. */
async function drain(): Promise<void> {
  for (let message = await receive(); message !== undefined; message = await receive()) {
    const { batchItemFailures } = await closeMonth(sqsEvent([message.Body ?? '']));
    expect(batchItemFailures).toEqual([]);
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
  }
}

async function close(month: string): Promise<void> {
  const { status } = await call('POST', '/v1/months/{month}/close', financeKey, { pathParameters: { month } });
  expect(status).toBe(202);
  await drain();
  expect((await call('GET', '/v1/months/{month}', financeKey, { pathParameters: { month } })).body.status).toBe(
    'closed',
  );
}

const documents = async (kind: 'invoices' | 'statements', month: string, key = financeKey) =>
  (await call('GET', `/v1/${kind}`, key, { query: { month } })).body.items;

/** What the journal's stream tells of new entries. */
const told = (entries: readonly JournalEntry[]) => ({
  Records: entries.map((entry, index) => {
    const key = {
      partition: `J#${entry.party}#${entry.month}#${journalShard(entry.causeId)}`,
      entryId: entryIdOf(entry),
    };
    return streamRecord(key, BigInt(index), { after: key });
  }),
});

describe('closing a month on real engines', () => {
  it('bills leads that the stream has not posted yet, then a late reversal as a credit note of the next close', async () => {
    network.clock.now = '2025-10-20T10:00:00.000Z';
    const advertiser = await network.advertiser();
    const affiliate = await network.affiliate();
    const campaign = await network.campaign(advertiser.advertiserId);
    const instance = network.instance();
    const leadIds: string[] = [];
    for (const order of ['a', 'b', 'c']) {
      const { body } = await instance.postback(advertiser.key, {
        campaign_id: campaign.campaignId,
        affiliate_id: affiliate.affiliateId,
        transaction_id: order,
      });
      expect(body.status).toBe('confirmed');
      leadIds.push(body.leadId);
    }
    expect(await network.entries(advertiser.advertiserId, '2025-10')).toEqual([]);
    await close('2025-10');

    const [invoice] = await documents('invoices', '2025-10', advertiser.key);
    expect(invoice).toMatchObject({ type: 'invoice', net: '75.00', advertiserName: advertiser.name });
    const [statement] = await documents('statements', '2025-10', affiliate.key);
    expect(statement).toMatchObject({ type: 'statement', net: '54.00', affiliateName: affiliate.name });
    const shown = await call('GET', '/v1/invoices/{number}', advertiser.key, {
      pathParameters: { number: `${invoice.number}.json` },
    });
    expect(shown.body.lines).toMatchObject([{ quantity: 3, amount: '75.00', campaignName: campaign.name }]);
    expect(shown.body.annexRows.map((row: { leadId: string }) => row.leadId).sort()).toEqual([...leadIds].sort());

    network.clock.now = '2025-11-25T10:00:00.000Z';
    const before = await network.entries(advertiser.advertiserId, '2025-10');
    await instance.manage('POST', `/v1/leads/${leadIds[0]}/reverse`, advertiser.key, { json: { reason: 'returned' } });
    const [reversed] = (await network.leads()).filter((lead) => lead.leadId === leadIds[0]);
    await network.postEntries(reversed!);
    const entries = await network.entries(advertiser.advertiserId, '2025-10');
    await watchJournal(told(entries.slice()), CONTEXT);
    expect(entries).toHaveLength(before.length + 1);
    await close('2025-11');

    const [credit, ...others] = await documents('invoices', '2025-11');
    expect(others).toEqual([]);
    expect(credit).toMatchObject({
      type: 'credit_note',
      net: '-25.00',
      number: expect.stringMatching(/^CRN-\d{4}-000001$/),
    });
    const { body } = await call('GET', '/v1/invoices/{number}', advertiser.key, {
      pathParameters: { number: credit.number },
    });
    expect(body.lines).toMatchObject([{ month: '2025-10', kind: 'reversal', quantity: -1 }]);
    expect(body.annexRows.map((row: { leadId: string }) => row.leadId)).toEqual([leadIds[0]]);
    expect(await documents('statements', '2025-11')).toMatchObject([{ type: 'credit_note', net: '-18.00' }]);
    expect(await documents('invoices', '2025-10')).toEqual([invoice]);

    await close('2025-10');
    await close('2025-09');
    expect(await documents('invoices', '2025-09')).toEqual([]);
  });

  it('bills what depends on the month at unit prices of a part of a cent, and later the difference', async () => {
    network.clock.now = '2025-07-20T10:00:00.000Z';
    const [advertiser, affiliate, guaranteed] = [
      await network.advertiser(),
      await network.affiliate(),
      await network.affiliate(),
    ];
    const prices = pricing({
      events: { lead: { charge: fixed(125_000n) } },
      tiers: [{ side: 'commission', mode: 'retroactive', steps: [TEN_PERCENT_MORE] }],
      guarantees: [{ affiliateId: guaranteed.affiliateId, commissionMinor: 500n, isCharged: true }],
    });
    const { campaignId } = await network.campaign(advertiser.advertiserId, {
      terms: [
        { effectiveFrom: '2025-07-01T00:00:00.000Z', pricing: prices },
        { effectiveFrom: '2025-08-01T00:00:00.000Z' },
      ],
    });
    const instance = network.instance();
    const leadIds: string[] = [];
    for (const transaction_id of ['1', '2', '3']) {
      const sent = { campaign_id: campaignId, affiliate_id: affiliate.affiliateId, transaction_id };
      leadIds.push((await instance.postback(advertiser.key, sent)).body.leadId);
    }
    await close('2025-07');
    // 3 x 0.125 = 0.375, and the guarantee.
    expect(await documents('invoices', '2025-07', advertiser.key)).toMatchObject([{ net: '5.38' }]);
    expect(await documents('statements', '2025-07', affiliate.key)).toMatchObject([{ net: '59.40' }]);
    expect(await documents('statements', '2025-07', guaranteed.key)).toMatchObject([{ net: '5.00' }]);

    network.clock.now = '2025-08-25T10:00:00.000Z';
    const back = async (leadId: string | undefined, json: object) =>
      instance.manage('POST', `/v1/leads/${leadId}/reverse`, advertiser.key, { json });
    expect((await back(leadIds[0], { reason: 'one of two', amount: '0.04' })).body.commission).toBe('12.46');
    expect((await back(leadIds[1], { reason: 'returned' })).body.status).toBe('reversed');
    await watchJournal(told(await network.entries(advertiser.advertiserId, '2025-07')), CONTEXT);
    await close('2025-08');
    const [credit] = await documents('invoices', '2025-08', advertiser.key);
    expect(credit).toMatchObject({ type: 'credit_note', net: '-0.17' });
    // Of 0.375 there is 0.21 left. 18.00 and 5.54 are taken back, and a tenth less of 18.00 by volume.
    expect(await documents('statements', '2025-08', affiliate.key)).toMatchObject([{ net: '-25.34' }]);
    expect(await documents('statements', '2025-08', guaranteed.key)).toEqual([]);
  });

  it('issues each document once, without a gap in the numbers, with every step taken many times at once', async () => {
    network.clock.now = '2025-06-20T10:00:00.000Z';
    const affiliate = await network.affiliate();
    const instance = network.instance();
    const advertisers = await Promise.all(Array.from({ length: 6 }, () => network.advertiser()));
    for (const { advertiserId, key } of advertisers) {
      const { campaignId } = await network.campaign(advertiserId);
      await instance.postback(key, {
        campaign_id: campaignId,
        affiliate_id: affiliate.affiliateId,
        transaction_id: '1',
      });
    }
    const month = '2025-06';
    await closeMonth(sqsEvent([JSON.stringify({ kind: 'close', month })]));
    const steps = advertisers.map(({ advertiserId }) =>
      JSON.stringify({ kind: 'bill-advertiser', month, advertiserId }),
    );
    const results = await Promise.all([...steps, ...steps, ...steps].map((step) => closeMonth(sqsEvent([step]))));
    expect(results.flatMap((result) => result.batchItemFailures)).toEqual([]);
    await drain();
    const items = await documents('invoices', month);
    expect(new Set(items.map((item: { advertiserId: string }) => item.advertiserId)).size).toBe(6);
    expect(items).toHaveLength(6);
    const sequence = items
      .map((item: { number: string }) => Number(item.number.slice(-6)))
      .sort((a: number, b: number) => a - b);
    expect(sequence).toEqual(Array.from({ length: 6 }, (_, index) => sequence[0] + index));
    expect(await documents('statements', month)).toMatchObject([{ net: '108.00' }]);
    expect((await call('GET', '/v1/months/{month}', financeKey, { pathParameters: { month } })).body).toMatchObject({
      status: 'closed',
      invoices: 6,
      statements: 1,
    });
  });
});

describe('events of the close', () => {
  function taking(
    closeMonth: (message: CloseMessage) => Promise<void>,
    now = '2026-01-01T02:00:00.000Z',
    inReview: readonly MonthRun[] = [],
  ) {
    const failures: string[] = [];
    const take = createTakeCloseEvents({
      closeMonth,
      monthsInReview: async function* () {
        yield* inReview;
      },
      clock: () => now,
      timeZone: 'Europe/Berlin',
      onFailure: (messageId) => failures.push(messageId),
    });
    return { take, failures };
  }

  it('close the month that is over, where the schedule sends them', async () => {
    const taken: CloseMessage[] = [];
    const { take } = taking(async (message) => void taken.push(message));
    await take({ source: 'aws.scheduler' } as never);
    expect(taken).toEqual([{ kind: 'close', month: '2025-12' }]);
  });

  it.each([
    ['before three in the morning', '2026-01-01T01:59:59.999Z'],
    ['from four on', '2026-01-01T03:00:00.000Z'],
    ['on another day', '2026-01-02T02:00:00.000Z'],
  ])('close no month %s', async (_when, now) => {
    const taken: CloseMessage[] = [];
    await taking(async (message) => void taken.push(message), now).take({});
    expect(taken).toEqual([]);
  });

  it('issue what was in review for long enough', async () => {
    const taken: CloseMessage[] = [];
    const run = {
      startedAt: '2025-12-20T00:00:00.000Z',
      advertisersDone: 0,
      affiliatesDone: 0,
      invoices: 0,
      statements: 0,
    };
    const { take } = taking(async (message) => void taken.push(message), '2025-12-24T10:00:00.000Z', [
      { ...run, month: '2025-10', status: 'review', issueAt: '2025-12-24T10:00:00.000Z' },
      { ...run, month: '2025-11', status: 'review', issueAt: '2025-12-24T10:00:00.001Z' },
    ]);
    await take({});
    expect(taken).toEqual([{ kind: 'close', month: '2025-10' }]);
  });

  it('give back the messages that failed, poison among them, and do the others', async () => {
    const taken: CloseMessage[] = [];
    const { take, failures } = taking(async (message) => {
      if (message.month === '2025-01') throw new Error('the store is down');
      taken.push(message);
    });
    const { batchItemFailures } = await take(
      sqsEvent([
        '{"kind":"close","month":"2025-01"}',
        'poison',
        '{"kind":"close","month":"2025-02"}',
        '{"kind":"open"}',
      ]),
    );
    expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual([
      'message-0',
      'message-1',
      'message-3',
    ]);
    expect(failures).toEqual(['message-0', 'message-1', 'message-3']);
    expect(taken).toEqual([{ kind: 'close', month: '2025-02' }]);
  });

  it('let a schedule that failed fail, for its own retries', async () => {
    const { take } = taking(async () => {
      throw new Error('the store is down');
    });
    await expect(take({})).rejects.toThrow('the store is down');
  });
});
