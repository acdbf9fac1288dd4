import { describe, expect, it } from 'vitest';
import { conservationReport } from '../../shared/contracts/conservation.ts';
import { ledger } from '../../shared/contracts/ledger.ts';
import { payoutReport } from '../../shared/contracts/reports.ts';
import { useStack } from '../support/stack.ts';

const stack = await useStack();

async function call(
  method: string,
  path: string,
  key: string,
  body?: unknown,
): Promise<{ status: number; json: Record<string, string> }> {
  const response = await fetch(stack.url + path, {
    method,
    redirect: 'manual',
    headers: { authorization: `Bearer ${key}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, json: text.startsWith('{') ? JSON.parse(text) : {} };
}

const make = async (path: string, body: unknown) => (await call('POST', path, stack.operatorKey, body)).json;
const get = async (path: string, key = stack.operatorKey) => (await call('GET', path, key)).json as unknown;

describe('figures', () => {
  it('of clicks and postbacks reach the reports, and sum to what the journal holds', async () => {
    // To the day after: it may be midnight any moment.
    const dayIn = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
    const days = `from=${dayIn(0)}&to=${dayIn(1)}`;
    const { advertiserId = '' } = await make('/v1/advertisers', { name: 'Acme', currency: 'EUR' });
    const { affiliateId = '' } = await make('/v1/affiliates', { name: 'Traffic', externalId: 'traffic-1' });
    const { campaignId = '' } = await make('/v1/campaigns', {
      advertiserId,
      name: 'Shop',
      landingUrl: 'https://shop.example/?c={click_id}',
      currency: 'EUR',
      charge: '25.00',
      commission: '18.00',
      clickWindow: 'P30D',
      confirmation: { mode: 'automatic' },
      dedupe: { by: ['transaction_id'] },
    });
    const { key: advertiserKey = '' } = await make('/v1/keys', { role: 'advertiser', advertiserId, label: 'shop' });
    const { key: affiliateKey = '' } = await make('/v1/keys', { role: 'affiliate', affiliateId, label: 'traffic' });

    const clickIds = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const response = await fetch(
          `${stack.url}/c/${campaignId}?affiliate_id=${affiliateId}&sub1=${index % 2 === 0 ? 'even' : 'odd'}`,
          {
            redirect: 'manual',
            headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' },
          },
        );
        return new URL(response.headers.get('location') ?? '').searchParams.get('c') ?? '';
      }),
    );
    const leads = await Promise.all(
      clickIds.slice(0, 5).map(async (clickId, index) => {
        const path = `/postback?click_id=${clickId}&transaction_id=order-${index}`;
        return (await call('POST', path, advertiserKey)).json;
      }),
    );
    await call('POST', `/postback?campaign_id=${campaignId}&transaction_id=nobody`, advertiserKey);
    const [first] = leads;
    const reversal = await call('POST', `/v1/leads/${first?.['leadId']}/reverse`, advertiserKey, {
      reason: 'returned',
    });
    expect(reversal.status).toBe(200);
    await stack.drain();

    const report = payoutReport.parse(await get(`/v1/reports/payouts?${days}&groupBy=campaign`));
    expect(report.totals).toEqual([
      {
        currency: 'EUR',
        clicks: 20,
        leads: 6,
        confirmed: 4,
        pending: 0,
        rejected: 1,
        reversed: 1,
        charge: '100.00',
        commission: '72.00',
      },
    ]);
    const own = payoutReport.parse(await get(`/v1/reports/payouts?${days}&groupBy=sub1`, affiliateKey));
    expect(own.rows).toEqual([
      {
        sub1: 'even',
        currency: 'EUR',
        clicks: 10,
        leads: 3,
        confirmed: 2,
        pending: 0,
        rejected: 0,
        reversed: 1,
        commission: '36.00',
      },
      {
        sub1: 'odd',
        currency: 'EUR',
        clicks: 10,
        leads: 2,
        confirmed: 2,
        pending: 0,
        rejected: 0,
        reversed: 0,
        commission: '36.00',
      },
    ]);

    const balance = async (account: string, key?: string) => {
      const { balances, entries } = ledger.parse(await get(`/v1/ledger/${account}?${days}`, key));
      return [balances?.[0]?.amount, entries.length];
    };
    expect(await balance(`receivable:${advertiserId}`, advertiserKey)).toEqual(['100.00', 6]);
    expect(await balance(`payable:${affiliateId}`, affiliateKey)).toEqual(['72.00', 6]);
    expect(await balance('payable:ext:traffic-1')).toEqual(['72.00', 6]);
    expect(await balance('revenue')).toEqual(['28.00', 6]);

    await call('POST', `/postback?click_id=${clickIds[1]}&transaction_id=order-1`, advertiserKey);
    await call('POST', `/postback?click_id=${clickIds[1]}&transaction_id=order-1&amount=1.00`, advertiserKey);
    expect(await stack.fireSchedule('check-conservation')).toMatchObject({ differences: 0, moving: 0 });
    const ofAll = conservationReport.parse(await get(`/v1/reports/conservation?${days}`));
    expect(ofAll.totals).toMatchObject({
      received: 8,
      confirmed: 4,
      reversed: 1,
      rejected: { unattributed: 1 },
      duplicates: 1,
      conflicts: 1,
      balanced: true,
    });
    const ofTraffic = conservationReport.parse(await get(`/v1/reports/conservation?${days}`, affiliateKey));
    expect(ofTraffic.rows).toMatchObject([{ affiliateId, received: 7, balanced: true, differences: [] }]);
  });
});
