import { describe, expect, it } from 'vitest';
import { appsflyer } from '../../shared/dialects/appsflyer.ts';
import { got, passage, posted, RECEIVED_AT, setupOf, toldBy } from '../support/dialects.ts';

const SETUP = setupOf(appsflyer);
const DEVICE = '1698811503838-0000000000000000000';

/** As AppsFlyer sends an event: booleans and the event's values are texts, and what is empty is not sent. */
const purchase = (changes: object = {}) => ({
  api_version: '2.0',
  app_id: 'com.example.app',
  appsflyer_id: DEVICE,
  event_name: 'af_purchase',
  event_value: '{"af_revenue":"9.99"}',
  event_revenue_currency: 'USD',
  event_time: '2026-11-22 09:49:04.897',
  install_time: '2026-11-21 04:05:07.925',
  conversion_type: 'install',
  campaign_type: 'ua',
  media_source: 'example_int',
  clickid: 'c1',
  is_retargeting: 'false',
  ...changes,
});
const install = (changes: object = {}) => ({
  app_id: 'com.example.app',
  appsflyer_id: DEVICE,
  event_name: 'install',
  event_time: '2026-11-21 04:05:07.925',
  conversion_type: 'install',
  campaign_type: 'ua',
  media_source: 'example_int',
  clickid: 'c1',
  ...changes,
});

const read = (body: string | object, setup = SETUP) =>
  toldBy(passage(appsflyer, posted(typeof body === 'string' ? body : JSON.stringify(body)), setup));

describe('an event of an app in AppsFlyer', () => {
  it('is told apart by device, name and moment, and has the amount that is hidden in its values', () => {
    expect(read(purchase())).toEqual([
      {
        kind: 'conversion',
        id: `${DEVICE}-af_purchase-2026-11-22 09:49:04.897`,
        status: 'open',
        report: {
          click: 'c1',
          campaign: 'com.example.app',
          affiliate: undefined,
          occurredAt: '2026-11-22T09:49:04.897Z',
          parameters: {
            transaction_id: `${DEVICE}-af_purchase-2026-11-22 09:49:04.897`,
            event: 'af_purchase',
            amount: '9.99',
            currency: 'USD',
            device_id: DEVICE,
          },
          fields: {
            api_version: '2.0',
            install_time: '2026-11-21 04:05:07.925',
            media_source: 'example_int',
            is_retargeting: 'false',
          },
        },
      },
    ]);
  });

  it('of all that AppsFlyer sends keeps what it has no use for', () => {
    const sample =
      '{"api_version":"2.0","app_id":"com.example.app","app_name":"Example","bundle_id":"com.example.app","appsflyer_id":"1698811503838-0000000000000000000","customer_user_id":"u-1","advertising_id":"00000000-0000-4000-8000-000000000000","event_name":"af_purchase","event_value":"{\\"af_revenue\\":\\"9.99\\"}","event_revenue_currency":"USD","event_source":"SDK","event_time":"2026-01-03 00:49:04.897","event_time_selected_timezone":"2026-01-03 00:49:04.897+0000","install_time":"2026-01-01 04:05:07.925","attributed_touch_type":"click","attributed_touch_time":"2026-01-01 03:48:33.000","conversion_type":"install","campaign_type":"ua","match_type":"gp_referrer","media_source":"example_int","campaign":"c","af_c_id":"1","af_adset":"a","af_adset_id":"2","af_ad":"x","af_ad_id":"3","af_channel":"ch","af_attribution_lookback":"7d","is_primary_attribution":"true","is_retargeting":"false","country_code":"DE","ip":"192.0.2.1"}';
    expect(read(sample)).toMatchObject([
      {
        kind: 'conversion',
        id: '1698811503838-0000000000000000000-af_purchase-2026-01-03 00:49:04.897',
        status: 'open',
        report: {
          campaign: 'com.example.app',
          occurredAt: '2026-01-03T00:49:04.897Z',
          parameters: { amount: '9.99', currency: 'USD', visitor_id: 'u-1', country: 'DE', ip: '192.0.2.1' },
          fields: { is_primary_attribution: 'true', af_c_id: '1', campaign: 'c', match_type: 'gp_referrer' },
        },
      },
    ]);
  });

  it.each([
    ['by the number of its order', { event_value: '{"af_order_id":"order-1","af_revenue":"9.99"}' }, 'order-1', '9.99'],
    ['with an amount that was sent beside its values', { event_revenue: '9.50' }, undefined, '9.50'],
    ['with an amount that is rounded', { event_revenue: '9.989999771' }, undefined, '9.99'],
    ['with numbers in place of texts', { event_value: '{"af_revenue":12}' }, undefined, '12.00'],
    ['with values that are no JSON', { event_value: 'plain words' }, undefined, undefined],
    ['with values that are empty', { event_value: '' }, undefined, undefined],
  ])('is read %s', (_case, changes, order, amount) => {
    const [told] = read(purchase(changes));
    expect(told).toMatchObject({ kind: 'conversion', report: { parameters: { event: 'af_purchase' } } });
    if (told?.kind !== 'conversion') return;
    expect(told.report.parameters['amount']).toBe(amount);
    if (order !== undefined) expect(told.id).toBe(order);
  });

  it.each([
    ['true', 'conversion'],
    ['', 'conversion'],
    ['false', 'ignored'],
    ['FALSE', 'ignored'],
    [false, 'ignored'],
  ])('is told for two media sources, of which the primary one counts: %s', (is_primary_attribution, kind) => {
    const [told] = read(purchase({ is_primary_attribution }));
    expect(told).toMatchObject({ kind });
    if (told?.kind === 'ignored')
      expect(told).toEqual({
        kind,
        id: 'af_purchase',
        reason: expect.stringContaining('is not its primary attribution'),
      });
  });

  it('that takes money back does not say from what, and stays in the log', () => {
    expect(read(purchase({ event_name: 'cancel_purchase', event_revenue: '-9.99' }))).toMatchObject([
      { kind: 'ignored', reason: expect.stringContaining('negative') },
    ]);
  });
});

describe('an install in AppsFlyer', () => {
  it.each([
    ['by its device alone', install(), 'install'],
    ['without the name of its event', install({ event_name: undefined }), 'install'],
    ['with less than is usual', { appsflyer_id: DEVICE, media_source: 'example_int' }, 'install'],
  ])('counts once %s', (_case, body, event) => {
    expect(read(body)).toMatchObject([{ id: DEVICE, report: { parameters: { event, transaction_id: DEVICE } } }]);
  });

  it('made again, or a re-engagement, is another event of the device', () => {
    expect(read(install({ event_name: 'reinstall', conversion_type: 'reinstall' }))).toMatchObject([
      { id: `${DEVICE}-reinstall-2026-11-21 04:05:07.925` },
    ]);
  });

  it.each([
    ['says so', install({ campaign_type: 'organic', media_source: 'organic', clickid: undefined }), 'ignored'],
    ['names no source', install({ media_source: undefined, campaign_type: undefined, clickid: undefined }), 'ignored'],
    ['says so, and has a click of ours', install({ campaign_type: 'organic' }), 'conversion'],
  ])('that is organic is nobody’s lead: it %s', (_case, body, kind) => {
    expect(read(body)).toMatchObject([{ kind }]);
  });

  it('comes with a GET as well', () => {
    const query = new URLSearchParams({
      appsflyer_id: DEVICE,
      event_name: 'install',
      media_source: 'x',
      clickid: 'c1',
    });
    expect(toldBy(passage(appsflyer, got(query.toString()), SETUP))).toMatchObject([
      { kind: 'conversion', id: DEVICE, report: { click: 'c1' } },
    ]);
  });

  it.each([
    [
      'in the URL of the link',
      { clickid: undefined, original_url: 'https://app.appsflyer.com/x?pid=y&clickid=c2' },
      {},
      'c2',
    ],
    ['under a name of the endpoint’s own', { af_sub1: 'c3' }, { clickParameter: 'af_sub1' }, 'c3'],
    ['nowhere', { clickid: undefined }, {}, undefined],
  ])('gives back the click id %s', (_case, changes, settings, click) => {
    const [told] = read(install(changes), setupOf(appsflyer, {}, settings));
    expect(told).toMatchObject({ kind: 'conversion', report: { click } });
  });

  it('of SKAdNetwork does not tell who it was', () => {
    expect(read({ skad_transaction_id: 't1', skad_ad_network_id: 'x' })).toMatchObject([{ kind: 'ignored', id: 't1' }]);
  });
});

describe('any other message of AppsFlyer', () => {
  it.each([
    ['no JSON', '{', 'body'],
    ['no device', install({ appsflyer_id: undefined }), 'appsflyer_id'],
  ])('names what is wrong: %s', (_case, body, field) => {
    const message = posted(typeof body === 'string' ? body : JSON.stringify(body));
    expect(passage(appsflyer, message, SETUP).reading).toMatchObject({ kind: 'unreadable', errors: [{ field }] });
  });

  it('is shown by a sample', () => {
    const setup = setupOf(appsflyer, { token: 'made-up-token' });
    const { by, ...sample } = passage(appsflyer, appsflyer.sample(setup, RECEIVED_AT), setup);
    expect(by).toBe('token');
    expect(toldBy({ by, ...sample })).toMatchObject([
      { id: 'order-1001', report: { click: 'example', occurredAt: RECEIVED_AT, parameters: { amount: '9.99' } } },
    ]);
  });
});
