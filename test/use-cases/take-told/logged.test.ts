import { describe, expect, it } from 'vitest';
import { contactNames, visitorNames } from '../../../shared/contracts/postback.ts';
import type { Report, Result, Told } from '../../../shared/dialects/dialect.ts';
import { loggedOf, loggedTold } from '../../../shared/use-cases/take-told/logged.ts';

const DEVICE = '18546f61-71f6-7e29-d1cb-983322ad1329';
const NOTHING = { fields: {} };

const told = (parameters: Report['parameters'], changes: Partial<Report> = {}, id = 'order-1'): Told => ({
  kind: 'conversion',
  id,
  status: 'open',
  report: { parameters, fields: {}, ...changes },
});
const refused = (message: string, of = told({})): Result => ({
  kind: 'refused',
  told: of,
  code: 'invalid',
  errors: [{ field: 'amount', message }],
});

describe('what the log shows of a thing that was told', () => {
  it.each([...contactNames, ...visitorNames])('has %s masked, where it tells of a person', (name) => {
    const { parameters } = loggedTold(told({ [name]: 'somebody' }), NOTHING);
    expect(parameters).toEqual({ [name]: ['country', 'form_seconds'].includes(name) ? 'somebody' : 's***' });
  });

  it.each([
    ['an address where a sub-id belongs', { sub1: 'jane@example.com' }, NOTHING, { sub1: 'j***' }],
    ['a sub-id', { sub3: '77' }, NOTHING, { sub3: '77' }],
    ['a sub-id that is read as a telephone', { sub3: '+4930901820' }, { fields: { sub3: 'phone' } }, { sub3: '+***' }],
    ['a sub-id that is read as a field', { sub3: 'Jane Doe' }, { fields: { sub3: 'field_name' } }, { sub3: 'J***' }],
    ['a sub-id that is read as another', { sub3: '77' }, { fields: { sub3: 'sub4' } }, { sub3: '77' }],
    ['what objects have by themselves', { constructor: 'x' }, NOTHING, { constructor: 'x' }],
    ['a short one', { phone: '110' }, NOTHING, { phone: '***' }],
  ])('has %s as far as it tells of nobody', (_case, parameters, mapping, expected) => {
    expect(loggedTold(told(parameters as Report['parameters']), mapping).parameters).toEqual(expected);
  });

  it('has nobody’s device in ids that are made of it, wherever they stand', () => {
    const id = `${DEVICE}-purchase-2026-11-22`;
    const install = told({ transaction_id: id, device_id: DEVICE, event: 'purchase' }, { click: `c-${DEVICE}` }, id);
    expect(loggedTold(install, NOTHING)).toEqual({
      id: '1***-purchase-2026-11-22',
      kind: 'conversion',
      parameters: {
        click: 'c-1***',
        transaction_id: '1***-purchase-2026-11-22',
        device_id: '1***',
        event: 'purchase',
      },
    });
  });

  it('has ids whole in which a short name stands by chance', () => {
    const of = told({ transaction_id: 'order-Anna-7', first_name: 'Anna', visitor_id: '7' });
    expect(loggedTold(of, NOTHING).parameters).toMatchObject({ transaction_id: 'order-Anna-7' });
  });

  it('has what we have no name for masked, mapped or not', () => {
    const of = told({}, { fields: { Telefon: '+4930901820', colour: 'blue' } });
    expect(loggedTold(of, { fields: { Telefon: 'phone' } }).parameters).toEqual({ Telefon: '+***', colour: 'b***' });
  });
});

describe('what the log says is wrong', () => {
  it.each([
    ['must be a plain decimal', 'must be a plain decimal'],
    ['no account of jane@example.com (or <jane@example.com>), ask her', 'no account of *** (or *** ask her'],
    ['call +4930901820 now', 'call *** now'],
    ['no object with the ID 4444444444', 'no object with the ID 4444444444'],
    [`${'x'.repeat(255)}yz`, `${'x'.repeat(255)}y`],
  ])('names nobody, and is cut: %s', (message, shown) => {
    expect(loggedOf(refused(message), NOTHING)).toMatchObject({ errors: [{ field: 'amount', message: shown }] });
    const ignored: Told = { kind: 'ignored', id: 'x', reason: message };
    expect(loggedOf({ kind: 'taken', told: ignored, status: 'ignored', reason: message }, NOTHING).reason).toBe(shown);
  });

  it('names no person of the message either', () => {
    const of = told({ sub3: '0309018200' });
    expect(loggedOf(refused('0309018200 is known', of), { fields: { sub3: 'phone' } }).errors).toEqual([
      { field: 'amount', message: '0*** is known' },
    ]);
  });
});
