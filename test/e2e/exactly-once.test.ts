import type { JSONWebKeySet } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { createJsonService } from '../../infra/local/aws-json.ts';
import { createApiClient } from '../../infra/tools/api-client.ts';
import { verifyReceipt } from '../../infra/tools/verify-receipt.ts';
import { ledger } from '../../shared/contracts/ledger.ts';
import { postbackAnswer, queuedAnswer } from '../../shared/contracts/postback.ts';
import { receiptView } from '../../shared/contracts/receipts.ts';
import { payoutReport } from '../../shared/contracts/reports.ts';
import { useStack } from '../support/stack.ts';

const SENT = 200;
const RECEIPTS_ASKED_FOR = 20;

const stack = await useStack({ onTrouble: () => undefined });
const api = createApiClient({ url: stack.url, key: stack.operatorKey });

/** An advertiser of its own for each case, with a click to report a lead of. */
async function prepare() {
  const { advertiserId } = await api.expect('POST', '/v1/advertisers', { name: 'Acme', currency: 'EUR' });
  const { affiliateId } = await api.expect('POST', '/v1/affiliates', { name: 'Traffic' });
  const { campaignId } = await api.expect('POST', '/v1/campaigns', {
    advertiserId,
    name: 'Shop',
    landingUrl: 'https://shop.example/?c={click_id}',
    currency: 'EUR',
    charge: '25.00',
    commission: '18.00',
    confirmation: { mode: 'automatic' },
  });
  const { key } = await api.expect('POST', '/v1/keys', { role: 'advertiser', advertiserId, label: 'shop' });
  const click = await fetch(`${stack.url}/c/${campaignId}?affiliate_id=${affiliateId}`, {
    redirect: 'manual',
    headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' },
  });
  const clickId = new URL(click.headers.get('location') ?? '').searchParams.get('c');
  const postback = (amount = '99.90') =>
    api.call('POST', `/postback?click_id=${clickId}&transaction_id=order-1&amount=${amount}&currency=EUR`, {
      key: key as string,
    });
  return { advertiserId, affiliateId, key: key as string, postback };
}

/** What the books say of a case that had one lead. */
async function expectOneLead(advertiserId: unknown, affiliateId: unknown, leadId: string | undefined): Promise<void> {
  await stack.drain();
  // From the day before to the day after: it may be midnight any moment.
  const dayIn = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  const days = `from=${dayIn(-1)}&to=${dayIn(1)}`;
  const report = await api.expect('GET', `/v1/reports/payouts?${days}&groupBy=campaign&advertiserId=${advertiserId}`);
  expect(payoutReport.parse(report).totals).toMatchObject([
    { clicks: 1, leads: 1, confirmed: 1, charge: '25.00', commission: '18.00' },
  ]);
  for (const [account, amount] of [
    [`receivable:${advertiserId}`, '25.00'],
    [`payable:${affiliateId}`, '18.00'],
  ]) {
    const { balances, entries } = ledger.parse(await api.expect('GET', `/v1/ledger/${account}?${days}`));
    expect(entries).toMatchObject([{ kind: 'lead_confirmed', leadId, amount }]);
    expect(balances).toEqual([{ currency: 'EUR', amount }]);
  }
  const { items } = await api.expect('GET', `/v1/leads?advertiserId=${advertiserId}&${days}`);
  expect(items).toMatchObject([{ leadId, status: 'confirmed' }]);
}

const keySet = async () => (await api.call('GET', '/.well-known/jwks.json')).body as JSONWebKeySet;

/** What came of a message that was answered 202, as the service says when it is asked; both are signed. */
async function finalVerdict({ receiptId, receipt = '' }: z.infer<typeof queuedAnswer>): Promise<string> {
  expect(await verifyReceipt(receipt, await keySet())).toMatchObject({ receiptId, status: 'queued' });
  const now = receiptView.parse(await api.expect('GET', `/v1/receipts/${receiptId}`));
  expect(await verifyReceipt(now.receipt, await keySet())).toMatchObject({ receiptId, status: now.status });
  return now.status;
}

/** Messages in dead-letter queues: a 202 is a promise that its message ends in none. */
async function givenUpMessages(): Promise<number> {
  const sqs = createJsonService(stack.env['AWS_ENDPOINT_URL_SQS'] ?? '', 'sqs');
  const deadLetterArns = new Set(stack.model.queues.map(({ deadLetterArn }) => deadLetterArn));
  const deadLetterQueues = stack.model.queues.filter(({ arn }) => deadLetterArns.has(arn));
  expect(deadLetterQueues.length).toBeGreaterThan(0);
  const counts = await Promise.all(
    deadLetterQueues.map(({ url }) =>
      sqs.call<{ Attributes: { ApproximateNumberOfMessages: string } }>('GetQueueAttributes', {
        QueueUrl: url,
        AttributeNames: ['ApproximateNumberOfMessages'],
      }),
    ),
  );
  sqs.close();
  return counts.reduce((sum, { Attributes }) => sum + Number(Attributes.ApproximateNumberOfMessages), 0);
}

// So that no test counts the time in which a function starts.
beforeAll(async () => {
  const { postback } = await prepare();
  expect(await postback()).toMatchObject({ status: 200 });
});

it('an answer is proved by its receipt, and its receipt tells by its id what stands', async () => {
  const { key, postback } = await prepare();
  const { receipt = '', ...answer } = postbackAnswer.parse((await postback()).body);
  expect(await verifyReceipt(receipt, await keySet())).toMatchObject(answer);
  await stack.drain();
  const asked = await api.call('GET', `/v1/receipts/${answer.receiptId}`, { key });
  expect(asked).toMatchObject({ status: 200, body: answer });
});

describe('a postback that comes 200 times at once', () => {
  // A machine that is busy elsewhere may queue some (202, decided a moment later): then it is tried with another lead.
  it('makes one lead, one entry and 199 duplicates that name the first receipt', { retry: 3 }, async () => {
    // Two hundred at a function's first start are a test of starting: one other lead comes first.
    await (await prepare()).postback();
    const { advertiserId, affiliateId, postback } = await prepare();
    const answers = await Promise.all(Array.from({ length: SENT }, () => postback()));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    const verdicts = answers.map(({ body }) => postbackAnswer.parse(body));
    const [first, ...others] = verdicts.filter(({ status }) => status === 'confirmed');
    const duplicates = verdicts.filter(({ status }) => status === 'duplicate');
    expect([others.length, duplicates.length]).toEqual([0, SENT - 1]);
    expect(new Set(verdicts.map(({ leadId }) => leadId))).toEqual(new Set([first?.leadId]));
    expect(new Set(verdicts.map(({ receiptId }) => receiptId)).size).toBe(SENT);
    for (const { original, reason } of duplicates) {
      expect(reason).toBe('duplicate_transaction');
      expect(original).toEqual({ receiptId: first?.receiptId, status: 'confirmed', reason: null });
    }
    await expectOneLead(advertiserId, affiliateId, first?.leadId);
  });

  it('is refused with 409 wherever it comes with another amount, and changes nothing', async () => {
    const { advertiserId, affiliateId, postback } = await prepare();
    const amounts = Array.from({ length: SENT }, (_, index) => (index % 2 === 0 ? '99.90' : '99.91'));
    const answers = await Promise.all(amounts.map(async (amount) => ({ amount, ...(await postback(amount)) })));
    const first = answers.find(({ body }) => postbackAnswer.safeParse(body).data?.status === 'confirmed');
    const { leadId, receiptId } = postbackAnswer.parse(first?.body);
    for (const { amount, status, body } of answers) {
      if (amount !== first?.amount) {
        expect([status, body]).toMatchObject([409, { type: expect.stringMatching(/transaction-conflict$/), leadId }]);
      } else if (body !== first.body) {
        expect([status, body]).toMatchObject([200, { status: 'duplicate', leadId, original: { receiptId } }]);
      }
    }
    await expectOneLead(advertiserId, affiliateId, leadId);
  });

  // What was decided before the store died may be answered still: only what comes after that is sure to miss it.
  it.each([
    { atOnce: SENT, answered: 0, missing: 1 },
    { atOnce: SENT, answered: 1, missing: 0 },
    { atOnce: 40, answered: SENT / 2, missing: 1 },
  ])('makes one lead though the store dies and comes back: $atOnce at once, dead after $answered', async (theCase) => {
    const { advertiserId, affiliateId, postback } = await prepare();
    const killIsDue = Promise.withResolvers<void>();
    const storeIsMissed = Promise.withResolvers<void>();
    const answers: Awaited<ReturnType<typeof postback>>[] = [];
    let sent = 0;
    const sending = Array.from({ length: theCase.atOnce }, async () => {
      while (sent < SENT) {
        sent += 1;
        const answer = await postback();
        answers.push(answer);
        if (answers.length === theCase.answered) killIsDue.resolve();
        if (answer.status !== 200) storeIsMissed.resolve();
      }
    });
    if (theCase.answered > 0) await killIsDue.promise;
    await stack.engine.kill();
    await Promise.race([storeIsMissed.promise, Promise.all(sending)]);
    await stack.engine.restart();
    await Promise.all(sending);

    expect(answers.filter(({ status }) => ![200, 202, 503].includes(status))).toEqual([]);
    expect(answers.filter(({ status }) => status !== 200).length).toBeGreaterThanOrEqual(theCase.missing);
    const refused = answers.filter(({ status }) => status === 503);
    const sentAgain = await Promise.all(refused.map(() => postback()));
    expect(sentAgain.filter(({ status }) => ![200, 202].includes(status))).toEqual([]);
    await stack.drain();

    const last = postbackAnswer.parse((await postback()).body);
    expect(last).toMatchObject({ status: 'duplicate', original: { status: 'confirmed', reason: null } });
    const bodiesOf = (wanted: number) =>
      [...answers, ...sentAgain].filter(({ status }) => status === wanted).map(({ body }) => body);
    const verdicts = bodiesOf(200).map((body) => postbackAnswer.parse(body));
    const promises = bodiesOf(202).map((body) => queuedAnswer.parse(body));
    expect(verdicts.length + promises.length).toBe(SENT);
    expect([...verdicts, ...promises].map(({ receiptId }) => receiptId)).toContain(last.original?.receiptId);
    for (const { leadId, receiptId, status, original } of verdicts) {
      expect([leadId, original?.receiptId ?? receiptId]).toEqual([last.leadId, last.original?.receiptId]);
      expect(status).toBe(receiptId === last.original?.receiptId ? 'confirmed' : 'duplicate');
    }
    const finals = await Promise.all(promises.slice(0, RECEIPTS_ASKED_FOR).map(finalVerdict));
    for (const status of finals) expect(['confirmed', 'duplicate']).toContain(status);
    expect(await givenUpMessages()).toBe(0);
    await expectOneLead(advertiserId, affiliateId, last.leadId);
  });
});
