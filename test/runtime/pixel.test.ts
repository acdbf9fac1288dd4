import { expect, it } from 'vitest';
import { pixelHandler } from '../../shared/runtime/pixel.ts';
import { type FieldError, invalid, notFound } from '../../shared/runtime/problems.ts';
import { httpEvent } from '../support/builders.ts';

const wrong = (...fields: readonly string[]): FieldError[] => fields.map((field) => ({ field, message: 'is wrong' }));

it.each([
  ['names no field where none is wrong', notFound('There is no such thing.'), 'not-found'],
  [
    'names the fields that are wrong',
    invalid(wrong('amount', 'transaction_id')),
    'invalid-request; amount, transaction_id',
  ],
  ['names them as a header may', invalid(wrong('a\r\nx-evil: 1', 'größe')), 'invalid-request; a__x-evil__1, gr__e'],
  ['names the first five', invalid(wrong(...'abcdefg')), 'invalid-request; a, b, c, d, e'],
  ['names as much as fits', invalid(wrong('a'.repeat(500))), `invalid-request; ${'a'.repeat(64)}`],
])('%s', async (_what, problem, expected) => {
  const { headers } = await pixelHandler(() => Promise.reject(problem))(httpEvent());
  expect(headers?.['x-verdict']).toBe(expected);
});
