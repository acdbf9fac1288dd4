import type { Context, DynamoDBStreamEvent } from 'aws-lambda';
import { expect, it } from 'vitest';
import { leadFromItem } from '../../../shared/adapters/dynamodb/lead-item.ts';
import type { HttpEvent, HttpResult } from '../../../shared/runtime/http.ts';
import { later } from '../../support/builders.ts';
import { request, sqsEvent, useCorePath } from '../../support/core-path.ts';
import { useEngines } from '../../support/engines.ts';
import { leadRecord } from '../../support/stream-records.ts';

const engines = await useEngines();
const core = useCorePath(engines);
const CONTEXT = { getRemainingTimeInMillis: () => 60_000 } as Context;
const HOLD_MS = 1;

// Handlers read their environment when they are imported.
const [clicks, postbacks, worker, poster, reconciler, releaser, manager] = await Promise.all([
  import('../../../functions/ingest-click/handler.ts'),
  import('../../../functions/ingest-postback/handler.ts'),
  import('../../../functions/decide-postbacks/handler.ts'),
  import('../../../functions/post-journal-entries/handler.ts'),
  import('../../../functions/reconcile-leads/handler.ts'),
  import('../../../functions/release-holds/handler.ts'),
  import('../../../functions/manage-leads/handler.ts'),
]);

const bodyOf = async (handler: (event: HttpEvent, context: Context) => Promise<HttpResult>, event: HttpEvent) => {
  const { statusCode, body } = await handler(event, CONTEXT);
  expect([statusCode, body]).toEqual([200, expect.any(String)]);
  return JSON.parse(body ?? '');
};

it('the deployed handlers take a click to a lead on hold, its release, its entry and its list', async () => {
  const shop = await core.advertiser();
  const { affiliateId } = await core.affiliate();
  const { campaignId } = await core.campaign(shop.advertiserId, {
    terms: [{ confirmation: { mode: 'hold', holdMs: HOLD_MS } }],
  });
  const click = await clicks.handler(
    request('GET', '/c/{campaignId}', { query: { affiliate_id: affiliateId }, pathParameters: { campaignId } }),
    CONTEXT,
  );
  const clickId = new URL(String(click.headers?.['location'])).searchParams.get('c') ?? '';

  const decided = await bodyOf(
    postbacks.handler,
    request('POST', '/postback', {
      form: { click_id: clickId, transaction_id: '1', email: 'a@example.com' },
      key: shop.key,
    }),
  );
  expect(decided).toMatchObject({ status: 'pending', reason: 'on_hold' });
  expect(await worker.handler(sqsEvent(['{']), CONTEXT)).toEqual({
    batchItemFailures: [{ itemIdentifier: 'message-0' }],
  });

  const readLead = async () => leadFromItem(await core.item(core.env.LEADS_TABLE_NAME, { leadId: decided.leadId }));
  const pending = await readLead();
  expect(later(pending.occurredAt, HOLD_MS)).toBe(pending.holdUntil);
  expect(await releaser.handler({}, CONTEXT)).toEqual({ released: 1, isDone: true });
  const confirmed = await readLead();
  const event = { Records: [leadRecord(1n, pending, confirmed)] } as DynamoDBStreamEvent;
  await poster.handler(event, CONTEXT);
  expect(await core.entries(shop.advertiserId, confirmed.occurredAt.slice(0, 7))).toHaveLength(1);
  expect(await reconciler.handler({}, CONTEXT)).toEqual({ checked: 1, posted: 0 });

  const listed = await bodyOf(manager.handler, request('GET', '/v1/leads', { key: shop.key }));
  expect(listed.items).toMatchObject([{ leadId: decided.leadId, status: 'confirmed', reason: 'hold_released' }]);
});
