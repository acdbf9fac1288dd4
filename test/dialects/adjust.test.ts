import { describe, expect, it } from 'vitest';
import { transactionId } from '../../shared/contracts/postback.ts';
import { adjust } from '../../shared/dialects/adjust.ts';
import { filledIn, got, passage, RECEIVED_AT, setupOf, toldBy } from '../support/dialects.ts';

const SETUP = setupOf(adjust);
const DEVICE = '18546f6171f67e29d1cb983322ad1329';
const AT = '2026-11-22T08:00:00.000Z';

const query = (changes: Readonly<Record<string, string | undefined>> = {}) =>
  filledIn({
    click_id: 'c1',
    activity_kind: 'install',
    adid: DEVICE,
    app_id: 'com.example.app',
    tracker_name: 'Network1::Christmas',
    created_at: `${Date.parse(AT) / 1000}`,
    ...changes,
  });
const read = (changes: Readonly<Record<string, string | undefined>>, setup = SETUP) =>
  toldBy(passage(adjust, got(query(changes)), setup));

describe('a callback of Adjust', () => {
  it.each([
    ['in another script', 'покупка'],
    ['too long', 'level '.repeat(30)],
  ])('of an event whose name is %s is told apart as all others are', (_what, event_name) => {
    const ids = [event_name, event_name, `${event_name}!`].map((name) => {
      const [told] = read({ activity_kind: 'event', event_name: name });
      if (told?.kind !== 'conversion') throw new Error('it is no conversion');
      return transactionId.parse(told.report.parameters['transaction_id']);
    });
    expect(ids[0]).toBe(ids[1]);
    expect(ids[0]).not.toBe(ids[2]);
  });

  it('of an install counts once for its device, at the second that it happened', () => {
    expect(read({ gps_adid: '{gps_adid}', idfa: '' })).toEqual([
      {
        kind: 'conversion',
        id: DEVICE,
        status: 'open',
        report: {
          click: 'c1',
          campaign: 'com.example.app',
          affiliate: undefined,
          occurredAt: AT,
          parameters: { transaction_id: DEVICE, event: 'install', device_id: DEVICE },
          fields: { tracker_name: 'Network1::Christmas' },
        },
      },
    ]);
  });

  it('fills the template of Adjust’s own page, as far as it has the data', () => {
    const filled =
      'gps_adid=&idfa=&idfv=&adid=18546f6171f67e29d1cb983322ad1329&tracker_token=abc&tracker_name=Network1%3A%3AChristmas%3A%3AAd&app_name=com.example.app&activity_kind=install&created_at=1763802000&event_token=&event_name=';
    expect(toldBy(passage(adjust, got(filled), SETUP))).toMatchObject([
      {
        id: DEVICE,
        report: {
          campaign: 'com.example.app',
          occurredAt: '2025-11-22T09:00:00.000Z',
          parameters: { event: 'install', device_id: DEVICE },
          fields: { tracker_name: 'Network1::Christmas::Ad', tracker_token: 'abc' },
        },
      },
    ]);
  });

  it.each([
    ['reinstall', 'open', 'reinstall'],
    ['reattribution', 'open', 'reattribution'],
    ['reattribution reinstall', 'open', 'reattribution_reinstall'],
    ['rejected install', 'declined', 'install'],
    ['rejected_reattribution', 'declined', 'reattribution'],
    ['event', 'open', 'event'],
  ])('of the activity %s is %s', (activity_kind, status, event) => {
    expect(read({ activity_kind })).toMatchObject([{ kind: 'conversion', status, report: { parameters: { event } } }]);
  });

  it.each(['impression', 'click', 'session', 'uninstall', 'updated attribution', 'cost_updated'])(
    'of the activity %s is of nothing that is paid for',
    (activity_kind) => {
      expect(read({ activity_kind })).toMatchObject([{ kind: 'ignored' }]);
    },
  );

  it.each([
    ['by device, name and second', {}, `${DEVICE}-registration-${Date.parse(AT) / 1000}`],
    ['by the number of its order', { transaction_id: 'order-1' }, 'order-1'],
  ])('tells events apart %s', (_case, changes, id) => {
    const event = { activity_kind: 'event', event: 'abc123', event_name: 'registration', ...changes };
    expect(read(event)).toMatchObject([{ id, report: { parameters: { event: 'registration' } } }]);
  });

  it('gives amounts in whole units alone, as `revenue` is in cents from some apps', () => {
    const event = { activity_kind: 'event', event: 'abc123', revenue: '999', revenue_float: '9.99', currency: 'usd' };
    expect(read(event)).toMatchObject([
      { report: { parameters: { amount: '9.99', currency: 'USD' }, fields: { revenue: '999' } } },
    ]);
  });

  it('without a time happened when it came; what was dropped from the URL is not missed', () => {
    expect(read({ created_at: undefined, tracker_name: undefined, app_id: undefined })).toMatchObject([
      { kind: 'conversion', id: DEVICE, report: { occurredAt: undefined, campaign: undefined } },
    ]);
  });

  it.each([
    ['says so', { is_organic: '1', click_id: undefined }, 'ignored'],
    ['is of the tracker Organic', { tracker_name: 'Organic', click_id: undefined }, 'ignored'],
    ['has a click of ours all the same', { is_organic: '1' }, 'conversion'],
  ])('that is organic is nobody’s lead: it %s', (_case, changes, kind) => {
    const told = read(changes);
    expect(told).toMatchObject([{ kind }]);
    // The log shows the number of what is ignored as it is.
    expect(told.map(({ id }) => id.includes(DEVICE))).toEqual([kind !== 'ignored']);
  });

  it('from the sandbox is a test', () => {
    expect(read({ environment: 'sandbox' })).toMatchObject([{ kind: 'test', id: DEVICE }]);
  });

  it('gives back the click id under a name of the endpoint’s own', () => {
    expect(read({ label: 'c2' }, setupOf(adjust, {}, { clickParameter: 'label' }))).toMatchObject([
      { report: { click: 'c2' } },
    ]);
  });

  it.each([
    ['an activity', { activity_kind: '{activity_kind}' }, 'activity_kind'],
    ['a device', { adid: undefined }, 'adid'],
    ['a moment of an event', { activity_kind: 'event', created_at: undefined }, 'adid'],
  ])('that does not name %s says so', (_case, changes, field) => {
    expect(passage(adjust, got(query(changes)), SETUP).reading).toMatchObject({ errors: [{ field }] });
  });

  it('does not keep its token', () => {
    const [told] = read({ token: 'made-up-token' }, setupOf(adjust, { token: 'made-up-token' }));
    expect(JSON.stringify(told)).not.toContain('made-up-token');
  });

  it('is shown by a sample, from the sandbox', () => {
    const setup = setupOf(adjust, { token: 'made-up-token' });
    expect(toldBy(passage(adjust, adjust.sample(setup, RECEIVED_AT), setup))).toMatchObject([
      { kind: 'test', report: { click: 'example', occurredAt: RECEIVED_AT, parameters: { event: 'registration' } } },
    ]);
  });
});
