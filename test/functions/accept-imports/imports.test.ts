import { DeleteMessageCommand, PurgeQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSEvent } from 'aws-lambda';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createCatalogStore } from '../../../shared/adapters/dynamodb/catalog-store.ts';
import { createTouchReader } from '../../../shared/adapters/dynamodb/touches.ts';
import type { ImportStatus } from '../../../shared/contracts/imports.ts';
import { IMPORT_LIMIT_BYTES } from '../../../shared/contracts/imports.ts';
import { makeApiKey } from '../../../shared/runtime/api-key.ts';
import type { HttpEvent, HttpResult } from '../../../shared/runtime/http.ts';
import { ADVERTISER_ID, AFFILIATE_ID, apiKey, CAMPAIGN_ID, campaign, httpEvent, NOW } from '../../support/builders.ts';
import { useEngines } from '../../support/engines.ts';

const engines = await useEngines();
const { handler } = await import('../../../functions/accept-imports/handler.ts');
const { handler: decidePostbacks } = await import('../../../functions/decide-postbacks/handler.ts');

const sqs = new SQSClient({ useQueueUrlAsEndpoint: true });
const QueueUrl = engines.env.POSTBACKS_QUEUE_URL;
const context = { functionName: 'test', getRemainingTimeInMillis: () => 60_000 } as Context;
const touches = createTouchReader({ client: engines.documents, tableName: engines.env.TOUCHES_TABLE_NAME });

let operatorKey = '';
let advertiserKey = '';

beforeAll(async () => {
  const catalog = createCatalogStore({ client: engines.documents, tableName: engines.env.CATALOG_TABLE_NAME });
  const recorded = { createdAt: NOW, updatedAt: NOW };
  await catalog.advertisers.create({ advertiserId: ADVERTISER_ID, name: 'Shop Ltd', currency: 'EUR', ...recorded });
  await catalog.affiliates.create({ affiliateId: AFFILIATE_ID, name: 'Traffic', externalId: 'traffic-1', ...recorded });
  await catalog.campaigns.create({ ...campaign({ externalId: 'shop' }), ...recorded });
  const operator = makeApiKey();
  const advertiser = makeApiKey();
  await catalog.apiKeys.put(apiKey({ kid: operator.kid, secretHash: operator.secretHash }));
  await catalog.apiKeys.put(
    apiKey({
      kid: advertiser.kid,
      secretHash: advertiser.secretHash,
      role: 'advertiser',
      advertiserId: ADVERTISER_ID,
    }),
  );
  operatorKey = operator.key;
  advertiserKey = advertiser.key;
});

afterEach(async () => {
  await sqs.send(new PurgeQueueCommand({ QueueUrl }));
});

const HEADER = 'type,at,campaign,affiliate,click_ref,transaction_id,sub1';

const post = (body: string | Buffer, changes: Partial<HttpEvent> & { key?: string; type?: string } = {}) => {
  const { key = operatorKey, type = 'text/csv', ...rest } = changes;
  return handler(
    httpEvent({
      routeKey: 'POST /v1/imports',
      rawPath: '/v1/imports',
      headers: { authorization: `Bearer ${key}`, 'content-type': type },
      body: body.toString(typeof body === 'string' ? undefined : 'base64'),
      isBase64Encoded: typeof body !== 'string',
      ...rest,
    }),
    context,
  );
};

const show = (importId: string, key = operatorKey) =>
  handler(
    httpEvent({
      routeKey: 'GET /v1/imports/{importId}',
      rawPath: `/v1/imports/${importId}`,
      headers: { authorization: `Bearer ${key}` },
      pathParameters: { importId },
    }),
    context,
  );

const bodyOf = (result: HttpResult) => JSON.parse(result.body ?? '');
const importIdIn = (result: HttpResult): string => bodyOf(result).importId;
const statusOf = async (importId: string): Promise<ImportStatus> => bodyOf(await show(importId));

/** Hands all messages to the worker, each `times` times, until none is left. */
async function drain(times = 1): Promise<void> {
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }),
    );
    if (Messages.length === 0) return;
    const Records = Messages.map(({ Body, MessageId, ReceiptHandle }) => ({
      body: Body,
      messageId: MessageId,
      receiptHandle: ReceiptHandle,
    }));
    for (let time = 0; time < times; time += 1) {
      const { batchItemFailures } = await decidePostbacks({ Records } as SQSEvent, context);
      expect(batchItemFailures).toEqual([]);
    }
    for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  }
}

/** A file of clicks `<prefix>1..n`, each with a conversion. */
const fileOf = (prefix: string, count: number): string =>
  [
    HEADER,
    ...Array.from(
      { length: count },
      (_, index) => `conversion,2025-11-11T09:30:00Z,shop,traffic-1,${prefix}${index},order-${prefix}${index},`,
    ),
    ...Array.from({ length: count }, (_, index) => `click,2025-11-10T09:30:00Z,shop,traffic-1,${prefix}${index},,a`),
  ].join('\n');

describe('POST /v1/imports', () => {
  it('takes a file in, and ends with its clicks stored and its conversions decided', async () => {
    const accepted = await post(`\uFEFF${fileOf('a', 300)}`);
    expect(accepted.statusCode).toBe(202);
    const importId = importIdIn(accepted);
    expect(accepted.headers?.['location']).toBe(`/v1/imports/${importId}`);
    expect(await statusOf(importId)).toMatchObject({ status: 'processing', rows: 600, accepted: 600, clicks: 0 });
    await drain();
    expect(await statusOf(importId)).toMatchObject({
      importId,
      status: 'done',
      rows: 600,
      accepted: 600,
      clicks: 300,
      verdicts: { confirmed: 300, pending: 0, rejected: 0, duplicate: 0 },
      failed: [],
      failedCount: 0,
    });
    expect(await touches.byClickRef(CAMPAIGN_ID, 'a7')).toMatchObject({
      affiliateId: AFFILIATE_ID,
      subIds: { sub1: 'a' },
    });
  });

  it('counts the same when every message comes twice', async () => {
    const importId = importIdIn(await post(fileOf('b', 300)));
    await drain(2);
    expect(await statusOf(importId)).toMatchObject({
      status: 'done',
      clicks: 300,
      verdicts: { confirmed: 300, duplicate: 0 },
    });
  });

  it('changes nothing the second time', async () => {
    const first = importIdIn(await post(fileOf('c', 20)));
    await drain();
    const second = importIdIn(await post(fileOf('c', 20)));
    await drain();
    expect(second).not.toBe(first);
    expect(await statusOf(second)).toMatchObject({
      status: 'done',
      accepted: 40,
      clicks: 20,
      verdicts: { confirmed: 0, pending: 0, rejected: 0, duplicate: 20 },
    });
  });

  it('waits with conversions for the clicks of a file accepted before', async () => {
    const clicks = importIdIn(await post(`${HEADER}\nclick,2025-11-10T09:30:00Z,shop,traffic-1,d1,,`));
    const conversions = importIdIn(
      await post(`${HEADER}\nconversion,2025-11-11T09:30:00Z,shop,traffic-1,d1,order-d1,`),
    );
    await drain();
    expect(await statusOf(clicks)).toMatchObject({ status: 'done', clicks: 1 });
    expect(await statusOf(conversions)).toMatchObject({ status: 'done', verdicts: { confirmed: 1, rejected: 0 } });
  });

  it('rejects a conversion whose click is in no file', async () => {
    const importId = importIdIn(
      await post(`${HEADER}\nconversion,2025-11-11T09:30:00Z,shop,traffic-1,nowhere,order-e1,`),
    );
    await drain();
    expect(await statusOf(importId)).toMatchObject({ status: 'done', verdicts: { confirmed: 0, rejected: 1 } });
  });

  it('counts the good lines and lists the bad ones by number', async () => {
    const lines = [
      HEADER,
      'click,2025-11-10T09:30:00Z,shop,traffic-1,f1,,',
      'click,2025-02-29T09:30:00Z,shop,traffic-1,f2,,',
      'click,2025-11-10T09:30:00Z,unheard-of,traffic-1,f3,,',
      'conversion,2025-11-11T09:30:00Z,shop,traffic-1,f1,order-f1,',
      'conversion,2025-11-11T09:30:00Z,shop,nobody,f1,order-f2,',
    ];
    const importId = importIdIn(await post(lines.join('\n')));
    await drain();
    const status = await statusOf(importId);
    expect(status).toMatchObject({ status: 'done', rows: 5, accepted: 2, clicks: 1, failedCount: 3 });
    expect(status.failed).toEqual([
      { line: 3, errors: [expect.stringContaining('at: must be RFC 3339')] },
      { line: 4, errors: ['campaign: there is no campaign unheard-of'] },
      { line: 6, errors: ['affiliate: there is no affiliate nobody'] },
    ]);
  });

  it('is done at once where no line is good', async () => {
    expect(await statusOf(importIdIn(await post(`${HEADER}\nclick,now,shop,traffic-1,g1,,`)))).toMatchObject({
      status: 'done',
      rows: 1,
      accepted: 0,
      failedCount: 1,
    });
  });

  it('takes NDJSON, as API Gateway hands it on: in base64', async () => {
    const click = { type: 'click', at: '2025-11-10T09:30:00Z', campaign: CAMPAIGN_ID, affiliate: AFFILIATE_ID };
    const body = Buffer.from(`${JSON.stringify(click)}\n`);
    const importId = importIdIn(await post(body, { type: 'application/x-ndjson; charset=utf-8' }));
    await drain();
    expect(await statusOf(importId)).toMatchObject({ status: 'done', clicks: 1 });
  });

  it.each([
    ['no key', { headers: { 'content-type': 'text/csv' } }, 401],
    ['a key that is not known', { key: makeApiKey().key }, 401],
    ['another content type', { type: 'application/json' }, 415],
    ['no content type', { type: '' }, 415],
  ])('is refused with %s', async (_with, changes, status) => {
    expect((await post(HEADER, changes)).statusCode).toBe(status);
  });

  it('is refused to an advertiser before the body is read', async () => {
    expect((await post('colour', { key: advertiserKey })).statusCode).toBe(403);
  });

  it.each([
    ['an unknown column, by name', `${HEADER},colour`, 400, ['colour']],
    ['an empty body', '', 400, ['body']],
    ['bytes that are not UTF-8', Buffer.from([0x74, 0xff, 0xfe]), 400, ['body']],
    ['a body over the limit', 'x'.repeat(IMPORT_LIMIT_BYTES + 1), 413, undefined],
  ])('refuses %s, and keeps nothing', async (_what, body, status, fields) => {
    const result = await post(body);
    expect(result.statusCode).toBe(status);
    expect(result.headers?.['content-type']).toBe('application/problem+json');
    expect(bodyOf(result).errors?.map(({ field }: { field: string }) => field)).toEqual(fields);
  });
});

describe('GET /v1/imports/{importId}', () => {
  it.each([['imp_01JD3Y8Q5T9Z6V2K4M7N1P0R8Z'], ['nonsense']])('answers 404 for %s', async (importId) => {
    expect((await show(importId)).statusCode).toBe(404);
  });

  it('answers operators only', async () => {
    expect((await show('imp_01JD3Y8Q5T9Z6V2K4M7N1P0R8Z', advertiserKey)).statusCode).toBe(403);
  });
});
