import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { createDecidePostbacks } from '../../../functions/decide-postbacks/decide-postbacks.ts';
import { createQueue, createSqsClient } from '../../../shared/adapters/sqs/queue.ts';
import type { ConversionMessage } from '../../../shared/contracts/postback.ts';
import { StoreUnavailable } from '../../../shared/ports/errors.ts';
import { lead, NOW, RECEIPT_ID } from '../../support/builders.ts';
import { memoryQueue, messagesIn, sqsEvent, useCorePath } from '../../support/core-path.ts';
import { useEngines } from '../../support/engines.ts';
import { outage, timeout } from '../../support/store-faults.ts';

const engines = await useEngines();
const core = useCorePath(engines);
const shop = await core.advertiser();
const publisher = await core.affiliate();
const campaign = await core.campaign(shop.advertiserId);

/** What the request puts on the queue for a postback while the store does not answer. */
async function queued(parameters: Record<string, string>, queue = memoryQueue()): Promise<ConversionMessage> {
  const { intercept } = outage(timeout, ({ name }) => name === 'Put' || name === 'TransactWrite');
  const answer = await core.instance({ intercept, queue }).postback(shop.key, {
    campaign_id: campaign.campaignId,
    affiliate_id: publisher.affiliateId,
    ...parameters,
  });
  expect(answer.status).toBe(202);
  return messagesIn(queue).at(-1)!;
}

const receipt = (receiptId: string) => core.item(core.env.RECEIPTS_TABLE_NAME, { receiptId });
const leadOf = async (transactionId: string) =>
  (await core.leads()).find((each) => each.transactionId === transactionId);

describe('a batch of messages', () => {
  it.each([
    ['is no JSON', '{"kind":'],
    ['is of no kind', '{}'],
    ['lacks its party', JSON.stringify({ kind: 'postback', receiptId: RECEIPT_ID, receivedAt: NOW, occurredAt: NOW })],
    ['speaks for nobody', JSON.stringify({ kind: 'postback', party: { role: 'root' } })],
  ])('with one that %s: it alone comes again, the others are decided', async (what, poison) => {
    const good = await Promise.all(['a', 'b'].map((name) => queued({ transaction_id: `${what}-${name}` })));
    const worker = core.instance();
    const failed = await worker.work([JSON.stringify(good[0]), poison, JSON.stringify(good[1])]);
    expect(failed).toEqual(['message-1']);
    expect(worker.failures).toHaveLength(1);
    expect(await Promise.all(['a', 'b'].map((name) => leadOf(`${what}-${name}`)))).toMatchObject([
      { status: 'confirmed' },
      { status: 'confirmed' },
    ]);
  });

  it('all of which fail is answered with all of them, and no error', async () => {
    expect(await core.instance().work(['{', '}'])).toEqual(['message-0', 'message-1']);
  });

  it('that holds a message twice decides it once', async () => {
    const message = JSON.stringify(await queued({ transaction_id: 'twice', email: 'a@example.com' }));
    expect(await core.instance().work([message, message, message])).toEqual([]);
    expect((await leadOf('twice'))?.history).toHaveLength(1);
    const { receiptId } = messagesIn({ bodies: [message] })[0]!;
    expect(await receipt(receiptId)).toMatchObject({ outcome: 'decided', status: 'confirmed' });
  });

  it('tells chunks of imports from postbacks, and forgets a batch before the next', async () => {
    const chunks: unknown[] = [];
    const decide = createDecidePostbacks({
      recordConversion: async () => ({ kind: 'decided', lead: lead() }),
      processImportChunk: async (chunk) => {
        chunks.push(chunk);
        if (chunks.length === 1) throw new StoreUnavailable('down');
      },
      receipts: { put: async () => undefined },
      maxReceiveCount: 5,
      onFailure: () => undefined,
    });
    const chunk = { kind: 'import_chunk', importId: 'imp_01JD3Y8Q5T9Z6V2K4M7N1P0R8S', chunk: 0 };
    const event = sqsEvent([JSON.stringify(chunk)]);
    expect(await decide(event, {} as Context)).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-0' }] });
    expect(await decide(event, {} as Context)).toEqual({ batchItemFailures: [] });
    expect(chunks).toEqual([chunk, chunk]);
  });
});

describe('a message that was answered 202', () => {
  it('and cannot be taken leaves a receipt that says why', async () => {
    // The campaign is not known to the instance that took the message, as its store was down.
    const message = await queued({ transaction_id: 'unknown-campaign' });
    const body = JSON.stringify({ ...message, conversion: { ...message.conversion, campaign: 'ext:none' } });
    expect(await core.instance().work([body, body])).toEqual([]);
    expect(await receipt(message.receiptId)).toMatchObject({
      receiptId: message.receiptId,
      outcome: 'refused',
      at: NOW,
      occurredAt: NOW,
      kid: shop.kid,
      role: 'advertiser',
      advertiserId: shop.advertiserId,
      reason: 'not_found',
      bodyHash: message.requestHash,
      detail: 'campaign_id: there is no such campaign',
      expiresAt: Date.parse(NOW) / 1000 + 400 * 86_400,
    });
  });

  it('and contradicts what came meanwhile leaves a receipt of the conflict', async () => {
    const message = await queued({ transaction_id: 'overtaken' });
    const overtaking = {
      campaign_id: campaign.campaignId,
      affiliate_id: publisher.affiliateId,
      transaction_id: 'overtaken',
    };
    await core.instance().postback(shop.key, { ...overtaking, amount: '1' });
    expect(await core.instance().work([JSON.stringify(message)])).toEqual([]);
    expect(await receipt(message.receiptId)).toMatchObject({ outcome: 'conflict' });
  });

  it('comes through a real queue unchanged', async () => {
    const client = createSqsClient();
    const queue = createQueue<ConversionMessage>({ client, queueUrl: core.env.POSTBACKS_QUEUE_URL });
    const message = await queued({
      transaction_id: 'through-sqs',
      first_name: 'Zoë "&" <ø>',
      sub1: '\u2028',
      amount: '12.30',
    });
    await queue.send(message);
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl: core.env.POSTBACKS_QUEUE_URL, WaitTimeSeconds: 2 }),
    );
    expect(Messages.map(({ Body }) => JSON.parse(Body ?? ''))).toEqual([message]);
    expect(await core.instance().work(Messages.map(({ Body }) => Body ?? ''))).toEqual([]);
    expect(await leadOf('through-sqs')).toMatchObject({
      receiptId: message.receiptId,
      amount: { amountMinor: 1230n, currency: 'EUR' },
      subIds: { sub1: '\u2028' },
    });
  });
});
