import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { bodyBytes, bodyText, jsonBody, mediaType, parse, parseJson } from '../../shared/runtime/http.ts';
import { httpEvent } from '../support/builders.ts';
import { problemOf } from '../support/problem-of.ts';

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

describe('parseJson', () => {
  it.each([
    ['an object', '{"a":[1,"x",null,true]}', { a: [1, 'x', null, true] }],
    ['a value alone', '"x"', 'x'],
    ['16 levels', nested(16), JSON.parse(nested(16))],
    ['many brackets side by side', '[[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[]]', new Array(18).fill([])],
    ['brackets in a string', `"${'['.repeat(100)}"`, '['.repeat(100)],
    ['brackets after an escaped quote', `"\\"${'{'.repeat(100)}"`, `"${'{'.repeat(100)}`],
    ['brackets in a name', `{"${'['.repeat(100)}":1}`, { ['['.repeat(100)]: 1 }],
    ['a string that ends in a backslash', '["\\\\",[]]', ['\\', []]],
    ['__proto__ in a string', '["__proto__"]', ['__proto__']],
  ])('reads %s', (_what, text, expected) => {
    expect(parseJson(text)).toEqual(expected);
  });

  it.each([
    ['nothing', ''],
    ['blanks', '  '],
    ['a broken object', '{"a":1'],
    ['a broken string', '"abc'],
    ['a broken string with brackets', `"${'['.repeat(100)}`],
    ['a string broken after a backslash', '"abc\\'],
    ['a trailing comma', '[1,]'],
    ['single quotes', "{'a':1}"],
    ['two values', '{} {}'],
    ['a comment', '{}//'],
    ['NaN', 'NaN'],
    ['a control character in a string', '"\u0001"'],
    ['more closing than opening brackets', ']]]]'],
  ])('refuses %s', (_what, text) => {
    expect(problemOf(() => parseJson(text)).toJSON()).toMatchObject({
      status: 400,
      errors: [{ field: 'body', message: 'must be JSON' }],
    });
  });

  it.each([
    ['17 levels', nested(17)],
    ['17 levels of objects', `${'{"a":'.repeat(17)}1${'}'.repeat(17)}`],
    ['17 levels after a closed one', `[[],${nested(16)}]`],
    ['17 levels after a string with brackets to close', `["]]]]]]]]]]]]]]]]",${nested(16)}]`],
    ['100,000 levels', nested(100_000)],
    ['100,000 levels that are never closed', '['.repeat(100_000)],
  ])('refuses %s', (_what, text) => {
    expect(problemOf(() => parseJson(text)).errors).toEqual([
      { field: 'body', message: 'must not be nested deeper than 16 levels' },
    ]);
  });

  it.each([
    ['at the top', '{"__proto__":{"admin":true}}'],
    ['below', '{"a":[{"__proto__":1}]}'],
    ['escaped', '{"\\u005f_proto__":1}'],
  ])('refuses __proto__ %s', (_where, text) => {
    const problem = problemOf(() => parseJson(text));
    expect(problem.status).toBe(400);
    expect(problem.errors.map(({ field }) => field)).toEqual(['__proto__']);
  });

  it.each([
    ['at the top', '{"amount":"1","amount":"2"}', 'amount'],
    ['with the same value', '{"a":1,"b":2,"a":1}', 'a'],
    ['once escaped', '{"a":1,"\\u0061":2}', 'a'],
    ['around blanks', '{"a" : 1 , "b":[{}], "a"\n: 2}', 'a'],
    ['below', '{"a":[{"b":1},{"b":1,"c":{"b":1},"b":2}]}', 'b'],
    ['after an object of the same names', '{"x":{"a":1},"a":1,"a":2}', 'a'],
  ])('refuses a name given twice %s', (_where, text, field) => {
    expect(problemOf(() => parseJson(text)).errors).toEqual([{ field, message: 'must be given once' }]);
  });

  it.each([
    '{"a":{"a":{"a":1}},"b":{"a":1}}',
    '[{"a":1},{"a":1}]',
    '{"a":"a","b":"a"}',
    '{"a":"\\"a\\":","b":"{\\"a\\":1"}',
  ])('takes a name once in each object: %s', (text) => {
    expect(parseJson(text)).toEqual(JSON.parse(text));
  });

  it('refuses text in which a byte was not UTF-8, by the name of its field', () => {
    const decoded = Buffer.from([...Buffer.from('{"name":"M'), 0xfc, ...Buffer.from('ller"}')]).toString();
    expect(problemOf(() => parseJson(decoded)).errors).toEqual([{ field: 'name', message: 'must be UTF-8' }]);
  });

  it.each([
    ['is missing', {}, 'must be given'],
    ['is null', { name: null }, 'must be a string'],
    ['is of another type', { name: 5 }, 'must be a string'],
    ['has words of its own', { name: '' }, 'must not be empty'],
  ])('says what would be right where a field %s', (_what, data, message) => {
    const schema = z.object({ name: z.string().min(1, 'must not be empty') });
    expect(problemOf(() => parse(schema, data, 'body')).errors).toEqual([{ field: 'name', message }]);
  });

  it('reads whatever JSON writes, and finds the depth that it has', () => {
    const deep = (value: unknown): number =>
      typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(deep)) : 0;
    fc.assert(
      fc.property(fc.json({ maxDepth: 30, depthSize: 'large' }), (text) => {
        const value: unknown = JSON.parse(text);
        fc.pre(!text.includes('__proto__'));
        if (deep(value) > 16) expect(problemOf(() => parseJson(text)).status).toBe(400);
        else expect(parseJson(text)).toEqual(value);
      }),
    );
  });

  it('looks at each character of a hostile text once', () => {
    // An unclosed string of escaped quotes, over which a search from every quote to the end takes half a minute.
    const hostile = `"${'\\"'.repeat(200_000)}`;
    expect(problemOf(() => parseJson(hostile)).status).toBe(400);
    expect(problemOf(() => parseJson(`${hostile}\\`)).status).toBe(400);
  });

  it('reads a string as long as a body can be', () => {
    const long = 'x'.repeat(10_000_000);
    expect(parseJson(`"${long}"`) === long).toBe(true);
  });
});

describe('a body', () => {
  const schema = z.strictObject({
    name: z.string().min(1, 'must not be empty'),
    confirmation: z.strictObject({ mode: z.enum(['automatic', 'manual']) }).optional(),
  });
  const event = (body: string | undefined, contentType = 'application/json') =>
    httpEvent({ headers: { 'content-type': contentType }, ...(body !== undefined && { body }) });

  it.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON', ' application/json '])(
    'is taken as %j',
    (contentType) => {
      expect(jsonBody(event('{"name":"Shop"}', contentType), schema)).toEqual({ name: 'Shop' });
    },
  );

  it.each(['', 'text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', 'text/json, application/json'])(
    'is not taken as %j',
    (contentType) => {
      expect(problemOf(() => jsonBody(event('{"name":"Shop"}', contentType), schema)).status).toBe(415);
    },
  );

  it('without a content type is not taken', () => {
    expect(mediaType(httpEvent())).toBe('');
    expect(problemOf(() => jsonBody(httpEvent({ body: '{"name":"Shop"}' }), schema)).status).toBe(415);
  });

  it('that is missing is refused', () => {
    expect(problemOf(() => jsonBody(event(undefined), schema)).errors).toEqual([
      { field: 'body', message: 'must be JSON' },
    ]);
  });

  it('is read from base64', () => {
    const body = Buffer.from('{"name":"Łódź"}').toString('base64');
    expect(jsonBody({ ...event(body), isBase64Encoded: true }, schema)).toEqual({ name: 'Łódź' });
  });

  it('that is not UTF-8 is refused', () => {
    const body = Buffer.from([0x22, 0xff, 0x22]).toString('base64');
    expect(problemOf(() => jsonBody({ ...event(body), isBase64Encoded: true }, schema)).errors).toEqual([
      { field: 'body', message: 'must be UTF-8' },
    ]);
  });

  it('may have the limit of bytes and not one more, counted as UTF-8', () => {
    expect(bodyBytes(httpEvent({ body: 'éé' }), 4)).toHaveLength(4);
    expect(problemOf(() => bodyBytes(httpEvent({ body: 'éé' }), 3)).status).toBe(413);
    expect(problemOf(() => bodyText(httpEvent({ body: 'éé' }), 3)).status).toBe(413);
    expect(bodyText(httpEvent(), 0)).toBe('');
  });

  it('of JSON may have 64 KiB', () => {
    const bodyOf = (bytes: number) => `{"name":"${'x'.repeat(bytes - 11)}"}`;
    expect(jsonBody(event(bodyOf(65_536)), schema).name).toHaveLength(65_525);
    expect(problemOf(() => jsonBody(event(bodyOf(65_537)), schema)).status).toBe(413);
  });

  it.each([
    ['a missing field', {}, ['name']],
    ['an empty field', { name: '' }, ['name']],
    ['an unknown field', { name: 'Shop', charge: '1' }, ['charge']],
    ['a field below', { name: 'Shop', confirmation: { mode: 'later' } }, ['confirmation.mode']],
    ['an unknown field below', { name: 'Shop', confirmation: { mode: 'manual', hold: 'P1D' } }, ['confirmation.hold']],
    ['every one of several', { confirmation: {}, x: 1 }, ['name', 'confirmation.mode', 'x']],
    ['the whole, where it is no object', 'x', ['body']],
    ['the whole, where it is a list', [], ['body']],
    ['the whole, where it is null', null, ['body']],
  ])('names %s', (_what, data, fields) => {
    const problem = problemOf(() => parse(schema, data, 'body'));
    expect(problem.status).toBe(400);
    expect(problem.errors.map(({ field }) => field)).toEqual(fields);
  });
});
