import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Context } from 'aws-lambda';
import { afterEach, describe, expect, it } from 'vitest';
import { createDecisionStore } from '../../../shared/adapters/dynamodb/decisions.ts';
import { createChunkFiles } from '../../../shared/adapters/s3/chunk-files.ts';
import { decisionChunk, decisionChunkMessage } from '../../../shared/contracts/decisions.ts';
import { createHttpHandler } from '../../../shared/runtime/http.ts';
import { createQueueWorker } from '../../../shared/runtime/queue-worker.ts';
import { problemOfLine } from '../../../shared/runtime/transition-problems.ts';
import { createFindLead } from '../../../shared/use-cases/find-lead.ts';
import { createProcessDecisionChunk } from '../../../shared/use-cases/process-decision-chunk.ts';
import { createResumeDecisions } from '../../../shared/use-cases/resume-decisions.ts';
import { DAY_MS, later, NOW } from '../../support/builders.ts';
import { type RequestParts, request, sqsEvent, useCorePath } from '../../support/core-path.ts';
import { useEngines } from '../../support/engines.ts';
import { type Intercept, interceptedClient, lostReply, outage, timeout } from '../../support/store-faults.ts';

const engines = await useEngines();
const { createDependencies } = await import('../../../functions/accept-decisions/dependencies.ts');
const { createAcceptDecisions } = await import('../../../functions/accept-decisions/accept-decisions.ts');
const { createShowDecisions } = await import('../../../functions/accept-decisions/show-decisions.ts');

const { env } = engines;
const core = useCorePath(engines);
const shop = await core.advertiser();
const other = await core.advertiser();
const publisher = await core.affiliate();
const rival = await core.affiliate();
const operator = await core.key();
const manual = await core.campaign(shop.advertiserId, {
  externalId: 'manual',
  terms: [{ confirmation: { mode: 'manual' } }],
});
const others = await core.campaign(other.advertiserId, { terms: [{ confirmation: { mode: 'manual' } }] });
const functions = core.instance();
const CONTEXT = {} as Context;
const QueueUrl = env.DECISIONS_QUEUE_URL;
const sqs = new SQSClient({ useQueueUrlAsEndpoint: true });

afterEach(async () => {
  core.clock.now = NOW;
  await drain();
});

const real = createDependencies();
const clock = () => core.clock.now;
let unsent = 0;
function api(changes: Partial<typeof real> = {}) {
  const dependencies = {
    ...real,
    clock,
    resumeDecisions: createResumeDecisions({ decisions: real.decisions, queue: real.queue, now: clock }),
    onUnsent: () => {
      unsent += 1;
    },
    ...changes,
  };
  return createHttpHandler({
    'POST /v1/leads/decisions': createAcceptDecisions(dependencies),
    'GET /v1/decisions/{decisionId}': createShowDecisions(dependencies),
  });
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
type Answer = { status: number | undefined; headers: Record<string, any>; body: any };
async function answerOf(handler: ReturnType<typeof api>, ...parts: Parameters<typeof request>): Promise<Answer> {
  const { statusCode, headers = {}, body } = await handler(request(...parts), CONTEXT);
  return {
    status: statusCode,
    headers,
    body: /json/.test(String(headers['content-type'])) ? JSON.parse(body ?? '') : body,
  };
}
const post = (json: unknown, parts: RequestParts = {}, handler = api()) =>
  answerOf(handler, 'POST', '/v1/leads/decisions', { key: shop.key, ...(json !== undefined && { json }), ...parts });
const show = (decisionId: string, query: Record<string, string> = {}, key = shop.key) =>
  answerOf(api(), 'GET', '/v1/decisions/{decisionId}', { key, query, pathParameters: { decisionId } });

/** The worker, on a store that a test may disturb. */
function worker(intercept?: Intercept) {
  const client = interceptedClient(engines.documents, intercept);
  const { stores, transitionLead } = core.instance(intercept === undefined ? {} : { intercept });
  const failures: unknown[] = [];
  const handle = createQueueWorker({
    schema: decisionChunkMessage,
    work: createProcessDecisionChunk({
      decisions: createDecisionStore({ client, tableName: env.IMPORTS_TABLE_NAME }),
      files: createChunkFiles({ bucketName: env.IMPORTS_BUCKET_NAME, schema: decisionChunk }),
      findLead: createFindLead(stores),
      transitionLead,
      problemOf: (fault) => problemOfLine(fault).toJSON(),
      now: clock,
    }),
    onFailure: (_messageId, error) => failures.push(error),
  });
  return { failures, work: (bodies: readonly string[]) => handle(sqsEvent(bodies), CONTEXT) };
}

async function messages(): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }),
    );
    if (Messages.length === 0) return bodies;
    for (const { Body = '', ReceiptHandle } of Messages) {
      bodies.push(Body);
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
}

/** Hands all messages to the worker, each so many times. */
async function drain(times = 1): Promise<void> {
  const bodies = await messages();
  for (let time = 0; time < times; time += 1) {
    expect((await worker().work(bodies)).batchItemFailures).toEqual([]);
  }
}

/** What came of decisions that were taken in just now. */
async function outcome(lines: unknown[], key = shop.key): Promise<Answer['body']> {
  const accepted = await post(lines, { key });
  expect([accepted.status, accepted.body.status]).toEqual([202, 'processing']);
  await drain();
  return (await show(accepted.body.decisionId, {}, key)).body;
}

let orders = 0;
/** A pending lead; what is said of it is what its postback says. */
async function pendingLead(more: Record<string, string> = {}, key = shop.key, campaignId = manual.campaignId) {
  orders += 1;
  const transactionId = more['transaction_id'] ?? `order-${orders}`;
  const { body } = await functions.postback(key, {
    campaign_id: campaignId,
    transaction_id: transactionId,
    affiliate_id: publisher.affiliateId,
    ...more,
  });
  expect(body.status).toBe('pending');
  return { leadId: body.leadId as string, transactionId };
}
const leadAt = async (leadId: string) => (await functions.manage('GET', `/v1/leads/${leadId}`, operator.key)).body;

describe('many decisions', () => {
  it('are worked off in chunks, once however often they come, and told line by line', async () => {
    const leads = await Promise.all(Array.from({ length: 8 }, () => pendingLead()));
    const ids = leads.map(({ leadId }) => leadId);
    const nobodys = Array.from({ length: 240 }, (_, index) => `lead_${index.toString().padStart(22, '0')}`);
    const lines = [...ids.slice(0, 4), ...nobodys, ...ids.slice(4)].map((leadId, index) =>
      index % 2 === 0 ? { leadId, action: 'confirm' } : { leadId, action: 'reject', reason: 'wrong number' },
    );
    const accepted = await post(lines);
    const { decisionId } = accepted.body;
    expect(accepted).toMatchObject({
      status: 202,
      headers: { location: `/v1/decisions/${decisionId}` },
      body: { status: 'processing', lines: 248 },
    });
    expect((await show(decisionId)).body).toMatchObject({ status: 'processing', items: [], nextCursor: null });
    await drain(2);

    const first = (await show(decisionId, { limit: '100' })).body;
    expect(first).toMatchObject({
      status: 'done',
      lines: 248,
      outcomes: { confirmed: 4, rejected: 4, reversed: 0, refused: 240 },
      acceptedAt: NOW,
      doneAt: NOW,
    });
    expect(first.items.slice(0, 3)).toEqual([
      { line: 1, leadId: ids[0], outcome: 'confirmed', status: 'confirmed' },
      { line: 2, leadId: ids[1], outcome: 'rejected', status: 'rejected' },
      { line: 3, leadId: ids[2], outcome: 'confirmed', status: 'confirmed' },
    ]);
    expect(first.items[4]).toEqual({
      line: 5,
      leadId: null,
      outcome: 'refused',
      status: null,
      problem: expect.objectContaining({ status: 404, detail: 'There is no such lead.' }),
    });
    const numbers: number[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: { items: { line: number }[]; nextCursor: string | null } = (
        await show(decisionId, { limit: '70', ...(cursor !== '' && { cursor }) })
      ).body;
      numbers.push(...page.items.map(({ line }) => line));
      cursor = page.nextCursor;
    }
    expect(numbers).toEqual(Array.from({ length: 248 }, (_, index) => index + 1));

    const csv = await show(decisionId, { format: 'csv' });
    expect(String(csv.body).split('\r\n').slice(0, 6)).toEqual([
      'line,leadId,outcome,status,problem,detail',
      `1,${ids[0]},confirmed,confirmed,,`,
      `2,${ids[1]},rejected,rejected,,`,
      `3,${ids[2]},confirmed,confirmed,,`,
      `4,${ids[3]},rejected,rejected,,`,
      '5,,refused,,not-found,There is no such lead.',
    ]);
    const moved = await Promise.all(ids.map(leadAt));
    expect(moved.map(({ version, status }) => `${status} ${version}`)).toEqual(
      ids.map((_, index) => (index % 2 === 0 ? 'confirmed 2' : 'rejected 2')),
    );
    expect(moved[1].history.at(-1)).toMatchObject({ actor: shop.kid, at: NOW, reason: 'wrong number' });
    expect(
      (await core.entries(shop.advertiserId, '2025-11')).filter(({ causeId }) => ids.includes(causeId)),
    ).toHaveLength(4);
  });

  it('move leads as single requests would, and say why they cannot', async () => {
    const [one, two, three, four] = await Promise.all([pendingLead(), pendingLead(), pendingLead(), pendingLead()]);
    await outcome([
      { leadId: one.leadId, action: 'confirm' },
      { leadId: two.leadId, action: 'reject', reason: 'x' },
    ]);
    const { items } = await outcome([
      { leadId: one.leadId, action: 'reverse', reason: 'returned' },
      { leadId: two.leadId, action: 'confirm' },
      { leadId: three.leadId, action: 'reverse', reason: 'x' },
      { leadId: four.leadId, action: 'confirm' },
      { leadId: four.leadId, action: 'reject', reason: 'x' },
      { leadId: 'nonsense', action: 'confirm' },
    ]);
    const told = items.map((item: Answer['body']) => [item.outcome, item.status, item.problem?.status]);
    expect(told).toEqual([
      ['reversed', 'reversed', undefined],
      ['confirmed', 'confirmed', undefined],
      ['refused', 'pending', 409],
      ['confirmed', 'confirmed', undefined],
      ['refused', null, 400],
      ['refused', null, 400],
    ]);
    expect(items[4].problem.errors).toEqual([{ field: 'leadId', message: 'is named in line 4 already' }]);
    const again = await outcome([{ leadId: one.leadId, action: 'reverse', reason: 'once more' }]);
    expect(again.items).toEqual([{ line: 1, leadId: one.leadId, outcome: 'reversed', status: 'reversed' }]);

    const part = { leadId: four.leadId, action: 'reverse', reason: 'kept some', amount: '5.00' };
    const parts = await outcome([
      part,
      { ...part, leadId: three.leadId },
      { ...part, leadId: two.leadId, amount: '0' },
    ]);
    expect(parts.items.map((item: Answer['body']) => [item.outcome, item.status, item.problem?.status])).toEqual([
      ['reversed', 'confirmed', undefined],
      ['refused', 'pending', 409],
      ['refused', 'confirmed', 400],
    ]);
    expect(await leadAt(four.leadId)).toMatchObject({ charge: '20.00', commission: '14.40', version: 3 });
  });

  it('reach an advertiser’s own leads only', async () => {
    const theirs = await pendingLead({}, other.key, others.campaignId);
    const own = await pendingLead();
    const { items } = await outcome([
      { leadId: theirs.leadId, action: 'confirm' },
      { transactionId: theirs.transactionId, campaignId: others.campaignId, action: 'confirm' },
      { leadId: own.leadId, action: 'confirm' },
    ]);
    expect(items.map((item: Answer['body']) => [item.outcome, item.leadId])).toEqual([
      ['refused', null],
      ['refused', null],
      ['confirmed', own.leadId],
    ]);
    expect(await leadAt(theirs.leadId)).toMatchObject({ status: 'pending' });
    const all = await outcome([{ leadId: theirs.leadId, action: 'confirm' }], operator.key);
    expect(all.outcomes.confirmed).toBe(1);
    expect((await show(all.decisionId, {}, shop.key)).status).toBe(404);
  });

  it('are told to who made them and the operator, and to nobody else', async () => {
    const { decisionId } = await outcome([{ leadId: (await pendingLead()).leadId, action: 'confirm' }]);
    const second = await core.key({ role: 'advertiser', advertiserId: shop.advertiserId });
    const answers = await Promise.all(
      [shop.key, second.key, operator.key, other.key, publisher.key].map((key) => show(decisionId, {}, key)),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 404, 403]);
    expect((await show('dec_nonsense')).status).toBe(404);
    expect((await post([], { key: publisher.key })).status).toBe(403);
  });
});

describe('a lead named by its transaction', () => {
  const decide = async (transactionId: string, more: object = {}) => {
    const line = { transactionId, campaignId: 'ext:manual', action: 'confirm', ...more };
    const [item] = (await outcome([line])).items;
    return [item.outcome, item.leadId];
  };

  it('is the one that holds it', async () => {
    const { leadId, transactionId } = await pendingLead();
    await pendingLead({ transaction_id: transactionId, event: 'sale' });
    expect(await decide(transactionId)).toEqual(['confirmed', leadId]);
    expect((await decide(transactionId, { event: 'signup' }))[0]).toBe('refused');
    expect(await decide(transactionId, { affiliateId: publisher.affiliateId })).toEqual(['confirmed', leadId]);
    expect((await decide(transactionId, { affiliateId: rival.affiliateId }))[0]).toBe('refused');
  });

  it('is the claim of the advertiser’s own pixel, or of the affiliate that is named', async () => {
    const fromPixel = await pendingLead({}, shop.pixelKey);
    const { transactionId } = fromPixel;
    const claim = { transaction_id: transactionId, affiliate_id: rival.affiliateId };
    const fromRival = await pendingLead(claim, rival.key);
    const alone = await pendingLead({ affiliate_id: rival.affiliateId }, rival.key);
    // Claims of affiliates are not guessed at.
    expect((await decide(alone.transactionId))[0]).toBe('refused');
    expect((await decide(transactionId, { affiliateId: publisher.affiliateId }))[0]).toBe('refused');
    expect(await decide(transactionId, { affiliateId: rival.affiliateId })).toEqual(['confirmed', fromRival.leadId]);
    // From now on the order is that claim's.
    expect(await decide(transactionId)).toEqual(['confirmed', fromRival.leadId]);
    const [late] = (await outcome([{ leadId: fromPixel.leadId, action: 'confirm' }])).items;
    expect(late.problem).toMatchObject({ status: 409, heldBy: fromRival.leadId });
    expect(await decide(alone.transactionId, { affiliateId: rival.affiliateId })).toEqual(['confirmed', alone.leadId]);
    const pixel = await pendingLead({}, shop.pixelKey);
    expect(await decide(pixel.transactionId)).toEqual(['confirmed', pixel.leadId]);
  });
});

describe('the same upload', () => {
  const lines = [{ leadId: 'lead_AAAAAAAAAAAAAAAAAAAAAA', action: 'confirm' }];
  const sent = async (json: unknown, headers: Record<string, string> = {}, key = shop.key) => {
    const { status, body } = await post(json, { headers, key });
    return status === 202 ? body.decisionId : [status, body.type?.split('/').at(-1) ?? body.errors];
  };

  it('is the same decisions for a day, whichever key of the advertiser sends it', async () => {
    const decisionId = await sent(lines);
    const second = await core.key({ role: 'advertiser', advertiserId: shop.advertiserId });
    expect(await sent(lines, {}, second.key)).toBe(decisionId);
    expect(await sent(lines, {}, other.key)).not.toBe(decisionId);
    expect(await sent([...lines, ...lines])).not.toBe(decisionId);
    await drain();
    expect((await post(lines)).body).toEqual({ decisionId, status: 'done', lines: 1 });
    core.clock.now = later(NOW, DAY_MS - 1);
    expect(await sent(lines)).toBe(decisionId);
    core.clock.now = later(NOW, DAY_MS);
    expect(await sent(lines)).not.toBe(decisionId);
  });

  it('is known by its Idempotency-Key, where it has one, which is for nothing else', async () => {
    const own = [{ ...lines[0], reason: 'with a key' }];
    const withoutKey = await sent(own);
    const decisionId = await sent(own, { 'idempotency-key': 'k-1' });
    expect(decisionId).not.toBe(withoutKey);
    expect(await sent(own, { 'idempotency-key': 'k-1' })).toBe(decisionId);
    expect(await sent(lines, { 'idempotency-key': 'k-1' })).toEqual([409, 'idempotency-key-reused']);
    expect((await post(own, { headers: { 'idempotency-key': 'k 1' } })).body.errors).toMatchObject([
      { field: 'idempotency-key' },
    ]);
  });

  it('ten times at once is one', async () => {
    const own = [{ ...lines[0], reason: 'at once' }];
    const ids = await Promise.all(Array.from({ length: 10 }, () => sent(own)));
    expect(new Set(ids).size).toBe(1);
    const bodies = await messages();
    expect(bodies).toHaveLength(1);
    await worker().work(bodies);
  });
});

describe('when something fails', () => {
  it('a chunk comes again, and what was moved the first time counts as moved', async () => {
    const leads = await Promise.all(Array.from({ length: 6 }, () => pendingLead()));
    const { decisionId } = (await post(leads.map(({ leadId }) => ({ leadId, action: 'confirm' })))).body;
    const bodies = await messages();
    let writes = 0;
    const { intercept } = outage(timeout, ({ name, input }) => {
      return name === 'Put' && input.TableName === env.LEADS_TABLE_NAME && ++writes > 2;
    });
    const broken = worker(intercept);
    expect((await broken.work(bodies)).batchItemFailures).toHaveLength(1);
    expect(broken.failures).toHaveLength(1);
    expect((await show(decisionId)).body).toMatchObject({ status: 'processing', items: [] });
    const moved = (await Promise.all(leads.map(({ leadId }) => leadAt(leadId)))).filter(({ version }) => version === 2);
    expect(moved).toHaveLength(2);
    // Somebody reverses one of them before the chunk comes again: what the line asked for had been done.
    await functions.manage('POST', `/v1/leads/${moved[0].leadId}/reverse`, operator.key, { json: { reason: 'x' } });
    expect((await worker().work(bodies)).batchItemFailures).toEqual([]);
    const { body } = await show(decisionId);
    expect(body).toMatchObject({ status: 'done', outcomes: { confirmed: 6, refused: 0 } });
    expect(body.items.find(({ leadId }: { leadId: string }) => leadId === moved[0].leadId).status).toBe('reversed');
  });

  it('a line that comes again does not move what a message has made of the lead since', async () => {
    const order = { campaign_id: manual.campaignId, affiliate_id: publisher.affiliateId, transaction_id: 'again' };
    const { leadId } = (await functions.postback(shop.key, order)).body;
    const { decisionId } = (await post([{ leadId, action: 'reject', reason: 'wrong amount' }])).body;
    const bodies = await messages();
    const { intercept } = lostReply(({ name, input }) => name === 'Put' && input.TableName === env.LEADS_TABLE_NAME);
    expect((await worker(intercept).work(bodies)).batchItemFailures).toHaveLength(1);
    expect((await functions.postback(shop.key, { ...order, amount: '12.00' })).body.status).toBe('pending');
    expect((await worker().work(bodies)).batchItemFailures).toEqual([]);
    expect(await leadAt(leadId)).toMatchObject({ status: 'pending', version: 3 });
    expect((await show(decisionId)).body.items).toMatchObject([{ outcome: 'rejected', status: 'pending' }]);
  });

  it('messages that were lost are sent again: a minute later by who asks, else by the reconcile', async () => {
    const { leadId } = await pendingLead();
    const lost = { ...real.queue, sendAll: async () => Promise.reject(new Error('the queue is down')) };
    const accepted = await post([{ leadId, action: 'confirm' }], {}, api({ queue: lost }));
    const { decisionId } = accepted.body;
    expect([accepted.status, unsent, await messages()]).toEqual([202, 1, []]);
    await show(decisionId);
    expect(await messages()).toEqual([]);
    core.clock.now = later(NOW, 60_000);
    await show(decisionId);
    expect(await messages()).toHaveLength(1);
    const resume = createResumeDecisions({ decisions: real.decisions, queue: real.queue, now: clock });
    expect(await resume.all()).toBe(0);
    core.clock.now = later(NOW, 180_000);
    expect(await resume.all()).toBe(1);
    await drain();
    expect((await show(decisionId)).body).toMatchObject({ status: 'done', outcomes: { confirmed: 1 } });
    expect((await leadAt(leadId)).history.at(-1).at).toBe(NOW);
    expect(await real.decisions.open()).toEqual([]);
  });

  it('a worker that dies before it closes them is made up for', async () => {
    const { decisionId } = (await post([{ leadId: (await pendingLead()).leadId, action: 'confirm' }])).body;
    const bodies = await messages();
    const { intercept } = outage(timeout, ({ name, input }) => {
      return name === 'TransactWrite' && JSON.stringify(input).includes('SET doneAt');
    });
    expect((await worker(intercept).work(bodies)).batchItemFailures).toHaveLength(1);
    core.clock.now = later(NOW, 60_000);
    await show(decisionId);
    expect((await show(decisionId)).body).toMatchObject({ status: 'done', outcomes: { confirmed: 1 } });
  });
});
