import { describe, expect, it } from 'vitest';
import { branch } from '../../shared/dialects/branch.ts';
import { OUTCOMES, passage, posted, RECEIVED_AT, setupOf, toldBy } from '../support/dialects.ts';

const SETUP = setupOf(branch);

/** As Branch shows it: its ids are beyond 2^53, its device ids no UUIDs, and what is empty is left out. */
const OPEN =
  '{"name":"open","user_data":{"os":"IOS","os_version":"11.1.2","environment":"FULL_APP","platform":"IOS_APP","idfa":"F520B35A-4165-4426-98F6-64F12F47E9BZ","idfv":"C6B869E7-7B0A-4A93-1C3D-960E8859DP5D","limit_ad_tracking":false,"ip":"50.200.105.218","developer_identity":"DB8C86A6-8B7C-4192-BD29-8107A5B788A1","country":"US","language":"EN","brand":"Apple"},"last_attributed_touch_data":{"~id":467391383381228204,"~feature":"marketing","~campaign":"december_test","~channel":"Facebook Organic","product_id":"XBA8198j","+url":"https://branchster.app.link/test_linking","+via_features":["QUICK_LINKS"]},"custom_data":{"reinstall":"false","referred":"false"},"timestamp":1512681005807}';

const purchase = (changes: object = {}) => ({
  name: 'PURCHASE',
  user_data: { idfv: 'C6B869E7', country: 'US' },
  last_attributed_touch_data: { '~campaign': 'december_test', click_id: 'c1' },
  event_data: { transaction_id: 'order-1', revenue: 9.99, currency: 'USD' },
  timestamp: Date.parse(RECEIVED_AT),
  ...changes,
});
const pass = (body: string | object, setup = SETUP, headers: Readonly<Record<string, string>> = {}) =>
  passage(branch, posted(typeof body === 'string' ? body : JSON.stringify(body), { headers }), setup);
const read = (body: string | object, setup = SETUP) => toldBy(pass(body, setup));

describe('an event of Branch', () => {
  it('is read from nested JSON, and keeps the digits of its ids', () => {
    expect(read(OPEN)).toMatchObject([
      {
        kind: 'conversion',
        id: 'F520B35A-4165-4426-98F6-64F12F47E9BZ-open-1512681005807',
        status: 'open',
        report: {
          click: undefined,
          campaign: 'december_test',
          occurredAt: '2017-12-07T21:10:05.807Z',
          parameters: {
            event: 'open',
            device_id: 'F520B35A-4165-4426-98F6-64F12F47E9BZ',
            visitor_id: 'DB8C86A6-8B7C-4192-BD29-8107A5B788A1',
            country: 'US',
            ip: '50.200.105.218',
          },
          fields: { 'last_attributed_touch_data.~id': '467391383381228204', 'user_data.os': 'IOS' },
        },
      },
    ]);
  });

  it('is known by the number of its order, with its amount', () => {
    expect(read(purchase())).toMatchObject([
      {
        id: 'order-1',
        report: {
          click: 'c1',
          occurredAt: RECEIVED_AT,
          parameters: { transaction_id: 'order-1', event: 'PURCHASE', amount: '9.99', currency: 'USD' },
        },
      },
    ]);
  });

  it('of a first start counts once for its device, whenever it is told', () => {
    expect(read(purchase({ name: 'INSTALL', event_data: undefined }))).toMatchObject([{ id: 'C6B869E7' }]);
  });

  it('that keeps a number of its own is known by that', () => {
    const body = JSON.stringify(purchase({ event_data: undefined })).replace('{', '{"id":467391383381228205,');
    expect(read(body)).toMatchObject([{ id: '467391383381228205' }]);
  });

  it.each([
    ['in the data of the link', { last_attributed_touch_data: { clickid: 'c2' } }, {}, 'c2'],
    ['in the data of the app', { last_attributed_touch_data: { '~id': 1 }, custom_data: { click_id: 'c3' } }, {}, 'c3'],
    [
      'in the URL of the link',
      { last_attributed_touch_data: { '+url': 'https://x.app.link/a?click_id=c4' } },
      {},
      'c4',
    ],
    [
      'under a name of the endpoint’s own',
      { last_attributed_touch_data: { ref: 'c5', click_id: 'c6' } },
      { clickParameter: 'ref' },
      'c5',
    ],
    ['nowhere', { last_attributed_touch_data: { '~id': 1 } }, {}, undefined],
  ])('gives back the click id %s', (_case, changes, settings, click) => {
    expect(read(purchase(changes), setupOf(branch, {}, settings))).toMatchObject([
      { kind: 'conversion', report: { click } },
    ]);
  });

  it('that nothing led to has no touch, and is nobody’s lead', () => {
    expect(read(purchase({ last_attributed_touch_data: undefined }))).toMatchObject([{ kind: 'ignored' }]);
  });

  it.each(['click', 'CLICK', 'impression'])('that is a mere %s is not paid for', (name) => {
    expect(read(purchase({ name }))).toMatchObject([{ kind: 'ignored', reason: expect.stringContaining('paid') }]);
  });

  it.each([
    ['no JSON', 'name=open', 'body'],
    ['no name', purchase({ name: undefined }), 'name'],
    ['no device and no number', purchase({ user_data: undefined, event_data: undefined }), 'user_data.idfa'],
  ])('names what is wrong: %s', (_case, body, field) => {
    expect(pass(body).reading).toMatchObject({ kind: 'unreadable', errors: [{ field }] });
  });
});

describe('the answer to Branch', () => {
  it('comes within its 2 seconds, unless it must send the event again: of failures, it sees the missing answer alone', () => {
    expect(branch.budgetMs).toBeLessThan(2000);
    const held = Object.entries(OUTCOMES).flatMap(([name, outcome]) => {
      const { afterMs } = branch.answer(outcome, posted(''), SETUP);
      return afterMs === undefined ? [] : [[name, afterMs > 2000]];
    });
    expect(held).toEqual([['unavailable', true]]);
  });

  it('takes its own sample', () => {
    const setup = setupOf(branch, { token: 'made-up-token' });
    expect(toldBy(passage(branch, branch.sample(setup, RECEIVED_AT), setup))).toMatchObject([
      { id: 'order-1001', report: { fields: { 'last_attributed_touch_data.~id': '467391383381228204' } } },
    ]);
  });
});
