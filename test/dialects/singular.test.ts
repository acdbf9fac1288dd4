import { describe, expect, it } from 'vitest';
import { singular } from '../../shared/dialects/singular.ts';
import { filledIn, got, passage, posted, RECEIVED_AT, setupOf, toldBy } from '../support/dialects.ts';

const SETUP = setupOf(singular);
const DEVICE = '00000000-0000-4000-8000-000000000000';
const MS = Date.parse(RECEIVED_AT);

const query = (changes: Readonly<Record<string, string | undefined>> = {}) =>
  filledIn({
    cl_id: 'c1',
    app_id: 'com.example.app',
    ip: '192.0.2.1',
    amount: '9.99',
    currency: 'USD',
    event: 'purchase',
    timestamp: `${MS}`,
    idfa: DEVICE,
    ...changes,
  });
const read = (changes: Readonly<Record<string, string | undefined>>, setup = SETUP) =>
  toldBy(passage(singular, got(query(changes)), setup));

describe('a postback of Singular', () => {
  it('is told apart by device, event and moment', () => {
    expect(read({})).toEqual([
      {
        kind: 'conversion',
        id: `${DEVICE}-purchase-${MS}`,
        status: 'open',
        report: {
          click: 'c1',
          campaign: 'com.example.app',
          affiliate: undefined,
          occurredAt: RECEIVED_AT,
          parameters: {
            transaction_id: `${DEVICE}-purchase-${MS}`,
            event: 'purchase',
            amount: '9.99',
            currency: 'USD',
            device_id: DEVICE,
            ip: '192.0.2.1',
          },
          fields: {},
        },
      },
    ]);
  });

  it.each([
    ['milliseconds', `${MS}`, RECEIVED_AT],
    ['seconds', `${MS / 1000}`, RECEIVED_AT],
    ['a date in UTC', '2026-11-22 09:00:00', RECEIVED_AT],
    ['a date with a zone', '2026-11-22T10:00:00+01:00', RECEIVED_AT],
    ['words', 'yesterday', undefined],
  ])('tells its moment as %s', (_case, timestamp, occurredAt) => {
    expect(read({ timestamp })).toMatchObject([{ report: { occurredAt } }]);
  });

  it.each([
    ['names no event', undefined],
    ['names a macro that was not filled', '{EVTNAME}'],
    ['names an event of Singular’s own', '__INSTALL__'],
  ])('of an install %s, and counts once for its device', (_case, event) => {
    expect(read({ event })).toMatchObject([{ id: DEVICE, report: { parameters: { event: 'install' } } }]);
  });

  it('is known by the number of its order', () => {
    expect(read({ transaction_id: 'order-1' })).toMatchObject([{ id: 'order-1' }]);
  });

  it.each([
    ['as JSON', { name: 'purchase', idfa: DEVICE, click_id: 'c2', is_organic: false, adjusted_timestamp: RECEIVED_AT }],
    [
      'as nested JSON',
      { event: { event_name: 'purchase', timestamp: MS }, device: { idfa: DEVICE }, campaign: { cl_id: 'c2' } },
    ],
  ])('to a firm’s own systems comes %s', (_case, body) => {
    const { reading, by } = passage(singular, posted(JSON.stringify(body)), SETUP);
    expect({ reading, by }).toMatchObject({
      reading: {
        told: [
          { report: { click: 'c2', occurredAt: RECEIVED_AT, parameters: { event: 'purchase', device_id: DEVICE } } },
        ],
      },
    });
  });

  it.each([
    ['1', undefined, 'ignored'],
    ['true', undefined, 'ignored'],
    ['0', undefined, 'conversion'],
    ['1', 'c1', 'conversion'],
  ])('that is organic (%s) with the click %s is %s', (is_organic, cl_id, kind) => {
    expect(read({ is_organic, cl_id })).toMatchObject([{ kind }]);
  });

  it('gives back the click id under a name of the endpoint’s own', () => {
    expect(read({ pcid: 'c3' }, setupOf(singular, {}, { clickParameter: 'pcid' }))).toMatchObject([
      { report: { click: 'c3' } },
    ]);
  });

  it.each([
    ['no JSON', posted('{'), 'body'],
    ['no device', got(query({ idfa: undefined })), 'singular_device_id'],
  ])('names what is wrong: %s', (_case, message, field) => {
    expect(passage(singular, message, SETUP).reading).toMatchObject({ kind: 'unreadable', errors: [{ field }] });
  });

  it('is shown by a sample', () => {
    const setup = setupOf(singular, { token: 'made-up-token' });
    expect(toldBy(passage(singular, singular.sample(setup, RECEIVED_AT), setup))).toMatchObject([
      { kind: 'conversion', report: { click: 'example', occurredAt: RECEIVED_AT } },
    ]);
  });
});
