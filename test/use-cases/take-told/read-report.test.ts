import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CUSTOM_FIELD_NAME } from '../../../shared/contracts/postback.ts';
import type { Report } from '../../../shared/dialects/dialect.ts';
import type { EndpointMapping } from '../../../shared/ports/endpoints.ts';
import { readReport, referencesOf } from '../../../shared/use-cases/take-told/read-report.ts';

const OWN_CLICK = 'a click id of ours';

const mapping = (changes: Partial<EndpointMapping> = {}): EndpointMapping => ({
  campaigns: {},
  affiliates: {},
  events: {},
  fields: {},
  ...changes,
});

const read = (report: Partial<Report>, mapped: Partial<EndpointMapping> = {}, transactionPrefix?: string) =>
  readReport(
    { parameters: {}, fields: {}, ...report },
    { mapping: mapping(mapped), transactionPrefix },
    (click) => click === OWN_CLICK,
  );

function conversionOf(report: Partial<Report>, mapped: Partial<EndpointMapping> = {}) {
  const result = read(report, mapped);
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.conversion;
}

describe('a report', () => {
  it.each([
    ['as the sender gives it', { transaction_id: '727' }, {}, undefined, '727'],
    ['after the prefix', { transaction_id: '727' }, {}, 'de-', 'de-727'],
    [
      'after the prefix, where it is a field of the sender’s',
      { nr: '727' },
      { fields: { nr: 'transaction_id' } },
      'de-',
      'de-727',
    ],
    ['not at all, where it gives none', { transaction_id: '' }, {}, 'de-', undefined],
  ])('has its transaction %s', (_how, parameters, mapped, prefix, expected) => {
    const result = read({ parameters }, mapped, prefix);
    expect(result.ok && result.conversion.transactionId).toBe(expected);
  });

  it('is refused where its transaction is too long with the prefix', () => {
    const of = (length: number) => read({ parameters: { transaction_id: 'x'.repeat(length) } }, {}, 'de-').ok;
    expect([of(125), of(126)]).toEqual([true, false]);
  });

  it('is read as a postback with its parameters', () => {
    const parameters = {
      transaction_id: '9007199254740993',
      amount: '25.00',
      currency: 'EUR',
      sub1: 'n',
      gclid: 'Cj0',
    };
    expect(conversionOf({ parameters: { ...parameters, email: 'ada@shop.example', ip: '192.0.2.1' } })).toMatchObject({
      transactionId: '9007199254740993',
      event: 'lead',
      amount: '25.00',
      currency: 'EUR',
      subIds: { sub1: 'n' },
      platformClickIds: ['Cj0'],
      contact: { email: 'ada@shop.example' },
      signals: { ip: '192.0.2.1' },
    });
  });

  it.each([
    ['ours', OWN_CLICK, { clickId: OWN_CLICK, clickRef: undefined }],
    ['of the tracker that was before', '1027c887059b47bc', { clickId: undefined, clickRef: '1027c887059b47bc' }],
    ['none', undefined, { clickId: undefined, clickRef: undefined }],
  ])('has a click that is %s', (_whose, click, expected) => {
    expect(conversionOf({ click })).toMatchObject(expected);
  });

  it.each([
    ['with a blank', 'a b'],
    ['too long', 'x'.repeat(129)],
    ['not ASCII', 'clïck'],
  ])('with a click that can be nobody’s is refused: %s', (_why, click) => {
    expect(read({ click })).toMatchObject({ ok: false, errors: [{ field: 'click' }] });
  });

  it.each([
    ['as it is', 'sale', 'sale'],
    ['in our letters', 'Initial Purchase!', 'initial_purchase_'],
    ['without what an event cannot begin with', '_goal', 'goal'],
    ['in so many letters', 'x'.repeat(50), 'x'.repeat(32)],
    ['as it is mapped', 'goal 7', 'sale'],
    ['as it is mapped, and not as an object has it', 'constructor', 'constructor'],
  ])('has its event %s', (_how, event, expected) => {
    expect(conversionOf({ parameters: { event } }, { events: { 'goal 7': 'sale' } }).event).toBe(expected);
  });

  it.each([
    ['transaction_id', 'order-ü'],
    ['transaction_id', 'x'.repeat(129)],
    ['amount', '1,50'],
    ['amount', '-1'],
    ['currency', 'EURO'],
    ['event', '???'],
  ])('with a bad %s is refused: %j', (field, value) => {
    const parameters = { transaction_id: 'order-1', amount: '1.00', currency: 'EUR', [field]: value };
    expect(read({ parameters })).toMatchObject({ ok: false, errors: [{ field }] });
  });

  it('takes a currency in small letters', () => {
    expect(conversionOf({ parameters: { amount: '1.00', currency: 'eur' } }).currency).toBe('EUR');
  });

  it.each([
    ['ip', 'unknown'],
    ['country', 'Germany'],
    ['form_seconds', '1.5'],
    ['consent_url', 'http://shop.example/'],
    ['sub2', 'x'.repeat(65)],
    ['user_agent', 'x'.repeat(513)],
  ])('keeps a %s that we do not take as a field', (name, value) => {
    const { contact, signals, subIds } = conversionOf({ parameters: { [name]: value, email: 'ada@shop.example' } });
    expect(contact).toEqual({ email: 'ada@shop.example', [`field_${name}`]: value });
    expect({ ...signals, ...subIds }).toEqual({});
  });

  it('keeps what has no name of ours, under names that fields have', () => {
    const fields = { 'Wie alt?': '42', Wie_alt_: '43', 'wie alt?': '', field_budget: 'much', ['x'.repeat(40)]: 'long' };
    expect(conversionOf({ fields }).contact).toEqual({
      field_Wie_alt_: '42',
      field_Wie_alt__2: '43',
      field_budget: 'much',
      [`field_${'x'.repeat(32)}`]: 'long',
    });
  });

  it('reads fields as what they are mapped to', () => {
    const fields = { Telefon: '+49 30 1234', Budget: '5', Ref: 'order-9', rest: 'x' };
    const mapped = { fields: { Telefon: 'phone', Budget: 'field_budget', Ref: 'transaction_id', adv_sub5: 'sub5' } };
    const { contact, transactionId, subIds } = conversionOf({ fields, parameters: { adv_sub5: 'n' } }, mapped);
    expect({ contact, transactionId, subIds }).toEqual({
      contact: { phone: '+49 30 1234', field_budget: '5', field_rest: 'x' },
      transactionId: 'order-9',
      subIds: { sub5: 'n' },
    });
  });

  it('has fields mapped to its click, campaign and affiliate too, before what was read as such', () => {
    const fields = { subid: OWN_CLICK, shop: '26', who: 'a7' };
    const mapped = { fields: { subid: 'click_id', shop: 'campaign_id', who: 'affiliate_id' } };
    expect(read({ fields, click: 'another', campaign: '27' }, mapped)).toMatchObject({
      ok: true,
      campaign: '26',
      affiliate: 'a7',
      conversion: { clickId: OWN_CLICK, contact: {} },
    });
  });

  it('takes no text that cannot be kept: lines become blanks, half characters are mended', () => {
    const fields = { note: 'two\r\nlines \ud800', long: 'y'.repeat(2000) };
    expect(conversionOf({ fields }).contact).toEqual({ field_note: 'two lines \ufffd', field_long: 'y'.repeat(1000) });
  });

  it('is never refused for its fields, whatever they are', () => {
    const texts = fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), { maxKeys: 150 });
    fc.assert(
      fc.property(texts, (fields) => {
        const { contact } = conversionOf({ fields });
        expect(Object.keys(contact).length).toBeLessThanOrEqual(100);
        for (const [name, value] of Object.entries(contact)) {
          expect(name).toMatch(CUSTOM_FIELD_NAME);
          expect(value).not.toMatch(/\p{Cc}/u);
        }
      }),
    );
  });
});

describe('what a sender calls something', () => {
  it.each([
    ['nothing', undefined, []],
    ['what is mapped, and nothing else', '26', ['ext:shop']],
    ['an external id', '27', ['ext:27']],
    [
      'an id of ours',
      'cmp_01JD3Y8Q5T9Z6V2K4M7N1P0R8D',
      ['cmp_01JD3Y8Q5T9Z6V2K4M7N1P0R8D', 'ext:cmp_01JD3Y8Q5T9Z6V2K4M7N1P0R8D'],
    ],
    ['nothing that could be known', 'Offer #27', []],
    ['nothing that an object has', '__proto__', []],
  ])('is %s', (_what, name, expected) => {
    expect(referencesOf(name, { '26': 'ext:shop' }, 'cmp')).toEqual(expected);
  });
});
