import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it } from 'vitest';
import { NOW } from '../../support/builders.ts';
import { clickIdIn, useCorePath } from '../../support/core-path.ts';
import { useEngines } from '../../support/engines.ts';
import type { Intercept } from '../../support/store-faults.ts';

const engines = await useEngines();
const core = useCorePath(engines);
const shop = await core.advertiser();
const publisher = await core.affiliate();
const campaign = await core.campaign(shop.advertiserId);

/** Each call with the units that the engine says it took. */
function meter() {
  const calls: { name: string; writeUnits: number; readUnits: number }[] = [];
  const intercept: Intercept = async (call, proceed) => {
    call.input.ReturnConsumedCapacity = 'TOTAL';
    const answer = (await proceed()) as { ConsumedCapacity?: { CapacityUnits?: number } };
    const units = answer.ConsumedCapacity?.CapacityUnits ?? Number.NaN;
    const writes = call.name === 'Put';
    calls.push({ name: call.name, writeUnits: writes ? units : 0, readUnits: writes ? 0 : units });
    return answer;
  };
  return { calls, intercept };
}

/**
 * Bytes of a value as DynamoDB counts them, for the types used here: UTF-8 for text; a byte for two digits and one more for numbers; 3 bytes for
 * a map or list and 1 for each element.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
function sizeOf(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return Math.ceil(value.N.replace(/[-.]/g, '').length / 2) + 1;
  if (value.L !== undefined) return 3 + value.L.reduce((sum, each) => sum + 1 + sizeOf(each), 0);
  if (value.M !== undefined)
    return (
      3 + Object.entries(value.M).reduce((sum, [name, each]) => sum + 1 + Buffer.byteLength(name) + sizeOf(each), 0)
    );
  throw new TypeError(`not counted: ${JSON.stringify(value)}`);
}

const itemSize = (item: Record<string, unknown>): number =>
  Object.entries(marshall(item)).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOf(value), 0);

/** The parameters of a typical click and postback: real campaigns have sub-ids, order numbers and amounts. */
const CLICK = {
  affiliate_id: publisher.affiliateId,
  sub1: 'newsletter-2025-11',
  sub2: 'a8f5f167f44f4964e6c998dee827110c',
  utm_source: 'mail',
  utm_campaign: 'autumn',
};
const POSTBACK = { transaction_id: 'SHOP-2025-1100042', event: 'sale', amount: '129.90', currency: 'EUR' };

describe('what a click and an auto-confirmed lead cost', () => {
  it('a click: 1 call, 1 write unit; its lead: 2 calls, 3 write units with the indexes, at most 1 KB', async () => {
    const { calls, intercept } = meter();
    const instance = core.instance({ intercept });
    const warming = clickIdIn(await instance.click(campaign.campaignId, CLICK));
    await instance.postback(shop.key, { ...POSTBACK, click_id: warming, transaction_id: 'warming' });

    calls.length = 0;
    const clickId = clickIdIn(await instance.click(campaign.campaignId, CLICK));
    expect(calls).toEqual([{ name: 'Put', writeUnits: 1, readUnits: 0 }]);

    calls.length = 0;
    const answer = await instance.postback(shop.key, { ...POSTBACK, click_id: clickId });
    expect(answer.body.status).toBe('confirmed');
    expect(calls.map(({ name }) => name)).toEqual(['Get', 'Put']);
    const units = { write: calls[1]!.writeUnits, read: calls[0]!.readUnits };
    expect(units.write).toBeLessThanOrEqual(3);

    const bytes = itemSize((await core.item(core.env.LEADS_TABLE_NAME, { leadId: answer.body.leadId }))!);
    const touchBytes = itemSize((await core.item(core.env.TOUCHES_TABLE_NAME, { touchId: clickId }))!);
    console.info(
      `lead: ${calls.length} calls, ${units.write} write units, ${units.read} read units, ${bytes} bytes; click: ${touchBytes} bytes`,
    );
    expect(bytes).toBeLessThanOrEqual(1024);
    expect(touchBytes).toBeLessThanOrEqual(1024);
  });

  it('it stays within two write units of the table when it is reversed', async () => {
    const lead = (await core.leads()).find(({ transactionId }) => transactionId === POSTBACK.transaction_id);
    const instance = core.instance();
    await instance.manage('POST', `/v1/leads/${lead!.leadId}/reverse`, shop.key, {
      json: { reason: 'returned by customer' },
    });
    const bytes = itemSize((await core.item(core.env.LEADS_TABLE_NAME, { leadId: lead!.leadId }))!);
    console.info(`reversed lead: ${bytes} bytes`);
    expect(bytes).toBeLessThanOrEqual(2048);
  });

  it('its journal entry: 1 write unit', async () => {
    const lead = (await core.leads()).find(({ transactionId }) => transactionId === 'warming');
    await core.postEntries(lead!);
    const item = (await core.items(core.env.JOURNAL_TABLE_NAME)).find(({ entryId }) =>
      String(entryId).startsWith(lead!.leadId),
    );
    console.info(`journal entry: ${itemSize(item!)} bytes`);
    expect(itemSize(item!)).toBeLessThanOrEqual(1024);
    expect(item).toMatchObject({ recordedAt: NOW });
  });

  it('a duplicate: 3 calls', async () => {
    const { calls, intercept } = meter();
    const instance = core.instance({
      intercept: (call, proceed) =>
        intercept(call, proceed).catch((error: unknown) => {
          calls.push({ name: `${call.name} refused`, writeUnits: 0, readUnits: 0 });
          throw error;
        }),
    });
    const lead = (await core.leads()).find(({ transactionId }) => transactionId === 'warming');
    const again = () =>
      instance.postback(shop.key, { ...POSTBACK, click_id: lead!.clickId!, transaction_id: 'warming' });
    await again();
    calls.length = 0;
    expect((await again()).body.status).toBe('duplicate');
    expect(calls.map(({ name }) => name)).toEqual(['Get', 'Put refused', 'Put']);
  });
});
