import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decimalOf,
  jsonAt,
  jsonOf,
  MAX_JSON_DEPTH,
  MAX_PARAMETERS,
  parametersOf,
  reportOf,
  says,
  textAt,
  textsIn,
  valueIn,
} from '../../shared/dialects/reading.ts';
import { got, posted } from '../support/dialects.ts';

const FORM = { headers: { 'content-type': 'application/x-www-form-urlencoded' } };
const anyText = fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1'));
const NAMES = { click: ['cid'], affiliate: ['aff'], parameters: { transaction_id: ['tid', 'order'], amount: ['sum'] } };

describe('a value', () => {
  it.each([
    '',
    ' ',
    '{payout}',
    '{{payout}}',
    '{{ payout }}',
    '${PAYOUT}',
    '{}',
    '[payout]',
    '[[payout]]',
    '%payout%',
    '#payout#',
    '#s1#',
    '!!payout!!',
    '<payout>',
    '<ORDER_ID>',
    'REPLACE',
    'REPLACE_ME',
    'OPTIONAL',
    'TRANSACTION_ID',
    'CLICK_ID',
    'CLICKID',
    ' {cid} ',
  ])('that says nothing: "%s"', (value) => {
    expect(says(value)).toBe(false);
  });

  it.each([
    '0',
    'x',
    'replace',
    'Optional',
    '{a}b',
    'a{b}',
    '100%',
    '%50',
    '#1',
    'a#b#',
    '[1',
    '<3',
    'A-1',
    '!!',
    'transaction_id',
    '{"a":1}b',
    '%1%',
  ])('that says something: "%s"', (value) => {
    expect(says(value)).toBe(true);
  });
});

describe('parameters', () => {
  it.each([
    ['of a query', got('a=1&b=2'), { a: '1', b: '2' }],
    ['of a form', posted('a=1&b=2', FORM), { a: '1', b: '2' }],
    ['of both', posted('b=2', { ...FORM, query: 'a=1' }), { a: '1', b: '2' }],
    ['of both, of which the query counts', posted('a=2', { ...FORM, query: 'a=1' }), { a: '1', 'a.2': '2' }],
    [
      'of JSON, however deep',
      posted('{"a":{"b":[{"c":9007199254740993}]},"d":null,"e":true}'),
      { 'a.b.0.c': '9007199254740993', e: 'true' },
    ],
    ['of JSON that is broken', posted('{"a":', { query: 'b=2' }), { b: '2' }],
    ['of a body of another kind', posted('a=1', { headers: { 'content-type': 'text/plain' } }), {}],
    ['that come several times', got('a=1&a=2&a=1&a=3'), { a: '1', 'a.2': '2', 'a.3': '3' }],
    ['that come empty before', got('a=&a={x}&a=1'), { a: '1' }],
    ['with plus and percent', got('a=x+y&b=%C3%A4&c=%2B49'), { a: 'x y', b: 'ä', c: '+49' }],
    ['that are no UTF-8', got('a=%FF'), { a: '\uFFFD' }],
    ['after HTML has been at them', got('a=1&amp;b=2&amp;c=3'), { a: '1', b: '2', c: '3' }],
    ['without names or values', got('&&=1&a&b='), {}],
    ['that name a prototype', got('__proto__=1&constructor=2'), { constructor: '2' }],
  ])('%s', (_case, message, expected) => {
    expect(parametersOf(message)).toEqual(expected);
  });

  it('are read as far as there may be some', () => {
    const query = Array.from({ length: MAX_PARAMETERS + 1 }, (_, index) => `p${index}=1`).join('&');
    expect(Object.keys(parametersOf(got(query)))).toHaveLength(MAX_PARAMETERS);
  });

  it('are not read of bodies that are far larger than any that has some', () => {
    const [large, larger] = [128 * 1024, 128 * 1024 + 1].map((bytes) => posted(`a=${'x'.repeat(bytes - 2)}`, FORM));
    expect(Object.keys(parametersOf(large!))).toEqual(['a']);
    expect(parametersOf(larger!)).toEqual({});
  });

  it('are read whatever strangers send', () => {
    fc.assert(
      fc.property(anyText, fc.uint8Array(), fc.boolean(), (query, body, form) => {
        const message = posted(body, { query, ...(form ? FORM : {}) });
        const { parameters, fields } = reportOf(parametersOf(message), NAMES);
        for (const value of [...Object.values(parameters), ...Object.values(fields)])
          expect(typeof value).toBe('string');
      }),
    );
  });

  it('keep the case of names and values', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/), (id) => {
        fc.pre(says(id));
        expect(reportOf(parametersOf(got(`CID=${id}&X=${id}`)), NAMES)).toMatchObject({ click: id, fields: { X: id } });
      }),
    );
  });
});

describe('a report', () => {
  it.each([
    [
      'by the first name that is given',
      { order: 'A', tid: 'B' },
      { parameters: { transaction_id: 'B' }, fields: { order: 'A' } },
    ],
    ['by another case of the name', { Order: 'A' }, { parameters: { transaction_id: 'A' }, fields: {} }],
    ['without blanks around', { tid: ' A ' }, { parameters: { transaction_id: 'A' } }],
    [
      'of a click, which names its affiliate',
      { cid: 'c', aff: '7' },
      { click: 'c', affiliate: undefined, fields: { aff: '7' } },
    ],
    ['without a click, by affiliate', { aff: '7' }, { affiliate: '7', fields: {} }],
    [
      'with what every sender calls by our names',
      { email: 'a@example.com', gclid: 'G', ScCid: 'S' },
      { parameters: { email: 'a@example.com', gclid: 'G', ScCid: 'S' } },
    ],
    [
      'with what does not fit, which is looked at later',
      { tid: 'ä', phone: '1'.repeat(33) },
      { parameters: { transaction_id: 'ä', phone: '1'.repeat(33) }, fields: {} },
    ],
  ])('%s', (_case, given, expected) => {
    expect(reportOf(given as unknown as Record<string, string>, NAMES)).toMatchObject(expected);
  });

  it('has everything that was given, once', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), fc.stringMatching(/^[a-z0-9]{1,8}$/)), (given) => {
        const { click, campaign, affiliate, parameters, fields } = reportOf(given, NAMES);
        const told = [click, campaign, affiliate, ...Object.values(parameters), ...Object.values(fields)];
        expect(told.filter((value) => value !== undefined)).toHaveLength(Object.keys(given).length);
      }),
    );
  });
});

describe('an amount', () => {
  it.each([
    ['25', '25'],
    ['25.00', '25.00'],
    ['25.0000', '25.00'],
    ['25.1250', '25.125'],
    ['25.10', '25.10'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['007', '7'],
    ['0', '0'],
    ['0.00', '0.00'],
    [' 5 ', '5'],
    ['-5', '-5'],
    ['1e3', '1e3'],
    ['5,10', '5,10'],
    ['1.2.3', '1.2.3'],
    ['$5', '$5'],
    ['.', '.'],
  ])('"%s" reads "%s"', (text, expected) => {
    expect(decimalOf(text)).toBe(expected);
  });

  it('is read in a time that grows as its length does', () => {
    const endless = `0.${'0'.repeat(200_000)}1`;
    expect(decimalOf(endless)).toBe(endless);
  }, 1000);

  it.each([
    ['12,34', '12.34'],
    ['12,345', '12.345'],
    ['1,234.50', '1,234.50'],
    ['1,2,3', '1,2,3'],
    [',5', '0.5'],
  ])('with a decimal comma "%s" reads "%s"', (text, expected) => {
    expect(decimalOf(text, { decimalComma: true })).toBe(expected);
  });
});

describe('JSON', () => {
  it('has ids whole, and amounts as they were written', () => {
    const read = jsonOf(
      posted('{"id":467391383381228204,"big":820982911946154508123,"amount":25.10,"e":1e3,"list":["x"]}'),
    );
    if (!read.ok) throw new Error(read.message);
    expect(read.value).toEqual({
      id: '467391383381228204',
      big: '820982911946154508123',
      amount: '25.10',
      e: '1e3',
      list: ['x'],
    });
    expect(textAt(read.value, 'list', '0')).toBe('x');
    expect(textAt(read.value, 'list', '1')).toBeUndefined();
    expect(jsonAt(read.value, 'id', 'x')).toBeUndefined();
  });

  it.each([
    ['broken', '{"a":', 'must be JSON'],
    ['empty', '', 'must be JSON'],
    ['as deep as may be', '['.repeat(MAX_JSON_DEPTH) + ']'.repeat(MAX_JSON_DEPTH), undefined],
    [
      'deeper',
      '['.repeat(MAX_JSON_DEPTH + 1) + ']'.repeat(MAX_JSON_DEPTH + 1),
      'must not be nested deeper than 16 levels',
    ],
    ['far deeper', '['.repeat(100_000), 'must not be nested deeper than 16 levels'],
    ['with brackets in texts', `{"a":"${'['.repeat(100)}"}`, undefined],
    ['with a name twice', '{"a":1,"a":2}', undefined],
    ['with a prototype', '{"__proto__":{"x":1}}', undefined],
  ])('%s', (_case, body, message) => {
    expect(jsonOf(posted(body))).toMatchObject(message === undefined ? { ok: true } : { ok: false, message });
  });

  it('gives no more texts than there may be', () => {
    expect(Object.keys(textsIn(Array.from({ length: 1000 }, String)))).toHaveLength(500);
  });

  it('has no fields but its own', () => {
    expect(textAt({}, 'constructor')).toBeUndefined();
    expect(valueIn({}, 'constructor')).toBeUndefined();
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});
