import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { parseParameters, query, queryParameters } from '../../shared/runtime/http.ts';
import { HttpProblem } from '../../shared/runtime/problems.ts';
import { httpEvent } from '../support/builders.ts';
import { problemOf } from '../support/problem-of.ts';

describe('parseParameters', () => {
  it.each([
    ['nothing', '', {}],
    ['one', 'a=1', { a: '1' }],
    ['several', 'a=1&b=2', { a: '1', b: '2' }],
    ['an empty value', 'a=', { a: '' }],
    ['a name alone', 'a', { a: '' }],
    ['stray ampersands', '&a=1&&b=2&', { a: '1', b: '2' }],
    ['an equals sign in a value', 'a=b=c==', { a: 'b=c==' }],
    ['a plus as a blank', 'a=b+c&d+e=f', { a: 'b c', 'd e': 'f' }],
    ['%2B as a plus', 'email=a%2Bb%40example.com', { email: 'a+b@example.com' }],
    ['%26 and %3D as themselves', 'a=%26%3D%25', { a: '&=%' }],
    ['UTF-8', 'a=%C5%81%C3%B3d%C5%BA+%F0%9F%91%8B', { a: 'Łódź 👋' }],
    ['an encoded name', 'sub%31=x', { sub1: 'x' }],
    ['names that objects have', 'constructor=1&toString=2', { constructor: '1', toString: '2' }],
  ])('reads %s', (_what, encoded, expected) => {
    expect({ ...parseParameters(encoded) }).toEqual(expected);
  });

  it.each([
    ['a parameter given twice', 'a=1&a=1', ['a']],
    ['given twice, once encoded', 'sub1=x&sub%31=y', ['sub1']],
    ['given twice, once empty', 'a=&a=1', ['a']],
    ['__proto__ given twice', '__proto__=1&__proto__=2', ['__proto__']],
    ['a byte that is not UTF-8', 'a=%FF', ['a']],
    ['an overlong encoding', 'a=%C0%AF', ['a']],
    ['half a surrogate pair', 'a=%ED%A0%80', ['a']],
    ['a truncated sequence', 'a=%C5', ['a']],
    ['a percent sign alone', 'a=100%', ['a']],
    ['a percent sign without digits', 'a=%zz', ['a']],
    ['a name that is not UTF-8', '%FF=1', ['query']],
    ['NUL', 'a=%00', ['a']],
    ['a line break', 'a=b%0D%0Ac', ['a']],
    ['a tab', 'a=%09', ['a']],
    ['DEL', 'a=%7F', ['a']],
    ['a C1 control character', 'a=%C2%85', ['a']],
    ['a control character as it is', 'a=\u0001', ['a']],
    ['several faults, each of them', 'a=%FF&b=1&b=2&c=%00', ['a', 'b', 'c']],
  ])('refuses %s', (_what, encoded, fields) => {
    const problem = problemOf(() => parseParameters(encoded));
    expect(problem.status).toBe(400);
    expect(problem.errors.map(({ field }) => field)).toEqual(fields);
  });

  it('refuses a control character in a name', () => {
    expect(problemOf(() => parseParameters('a%00b=1')).status).toBe(400);
  });

  it('sets no prototype', () => {
    const parameters = parseParameters('__proto__=x&a=1');
    expect(Object.getPrototypeOf(parameters)).toBeNull();
    expect(Object.entries(parameters)).toEqual([
      ['__proto__', 'x'],
      ['a', '1'],
    ]);
  });

  it('reads back whatever was encoded', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((value) => !/\p{Cc}/u.test(value));
    fc.assert(
      fc.property(fc.dictionary(text, text), (given) => {
        const encoded = Object.entries(given).map((pair) => pair.map(encodeURIComponent).join('='));
        expect({ ...parseParameters(encoded.join('&')) }).toEqual({ ...given });
      }),
    );
  });

  it('answers anything that strangers send with parameters or a 400', () => {
    const pieces = fc.constantFrom('a', '=', '&', '%', '%2', '%00', '%FF', '+', 'é', '__proto__', '%C5%81', '\u0000');
    fc.assert(
      fc.property(fc.array(pieces), (parts) => {
        try {
          parseParameters(parts.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(HttpProblem);
          expect((error as HttpProblem).status).toBe(400);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('the query of a request', () => {
  it('may have 8 KiB and not one byte more', () => {
    const queryOf = (length: number) => httpEvent({ rawQueryString: `a=${'x'.repeat(length - 2)}` });
    expect(queryParameters(queryOf(8192))['a']).toHaveLength(8190);
    expect(problemOf(() => queryParameters(queryOf(8193))).toJSON()).toMatchObject({
      status: 413,
      detail: 'A query of at most 8192 bytes is taken here.',
    });
  });

  const schema = z.strictObject({ a: z.string().regex(/^[0-9]+$/, 'must be a number'), b: z.string().optional() });
  const fieldsOf = (rawQueryString: string) =>
    problemOf(() => query(httpEvent({ rawQueryString }), schema)).errors.map(({ field }) => field);

  it('is read by its schema', () => {
    expect(query(httpEvent({ rawQueryString: 'a=1&b=' }), schema)).toEqual({ a: '1', b: '' });
  });

  it.each([
    ['missing', '', ['a']],
    ['wrong', 'a=x', ['a']],
    ['unknown', 'a=1&c=1', ['c']],
    ['unknown, and several', 'a=x&c=1&d=1', ['a', 'c', 'd']],
    ['named as objects name their own', 'a=1&__proto__=1&constructor=1', ['__proto__', 'constructor']],
  ])('names each parameter that is %s', (_what, rawQueryString, fields) => {
    expect(fieldsOf(rawQueryString)).toEqual(fields);
  });
});
