import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeCursor, readCursor } from '../../shared/runtime/cursor.ts';
import { problemOf } from '../support/problem-of.ts';

const query = ['adv_1', undefined, 'pending'];
const position = JSON.stringify({ leadId: 'lead_ł', at: '2025-11-30' });
const cursor = makeCursor(query, position);
const refuses = (given: string, of: readonly (string | undefined)[] = query): boolean => {
  const problem = problemOf(() => readCursor(of, given));
  return problem.status === 400 && problem.errors[0]?.field === 'cursor';
};

describe('a cursor', () => {
  it('brings back its position', () => {
    expect(readCursor(query, cursor)).toBe(position);
  });

  it('brings back any position in its own query', () => {
    const parts = fc.array(fc.option(fc.string(), { nil: undefined }), { maxLength: 4 });
    const text = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(parts, text, (of, at) => {
        expect(readCursor(of, makeCursor(of, at))).toBe(at);
      }),
    );
  });

  it('needs no encoding in a query', () => {
    expect(encodeURIComponent(cursor)).toBe(cursor);
  });

  it.each([
    ['another value', ['adv_2', undefined, 'pending']],
    ['one part less', ['adv_1', undefined]],
    ['one part more', ['adv_1', undefined, 'pending', undefined]],
    ['an empty part for a missing one', ['adv_1', '', 'pending']],
    ['the text "null" for a missing one', ['adv_1', 'null', 'pending']],
    ['parts in another order', ['pending', undefined, 'adv_1']],
    ['parts run together', ['adv_1,', 'pending']],
  ])('is refused by a query with %s', (_what, other) => {
    expect(refuses(cursor, other)).toBe(true);
  });

  it('is refused with any character replaced', () => {
    for (let index = 0; index < cursor.length; index += 1) {
      for (const character of ['A', 'B', 'Q', 'g', 'w', '0', '-', '.', '!']) {
        const altered = cursor.slice(0, index) + character + cursor.slice(index + 1);
        if (altered !== cursor) expect(refuses(altered), altered).toBe(true);
      }
    }
  });

  it.each([
    ['empty', ''],
    ['a dot', '.'],
    ['its position alone', cursor.split('.')[0]!],
    ['its digest alone', `.${cursor.split('.')[1]}`],
    ['truncated', cursor.slice(0, -1)],
    ['longer', `${cursor}A`],
    ['with a part more', `${cursor}.A`],
    ['with a stray character in the position', `${cursor.slice(0, 4)}!${cursor.slice(4)}`],
    ['padded', cursor.replace('.', '=.')],
    ['after a blank', ` ${cursor}`],
    ['nonsense', 'nonsense'],
  ])('is refused %s', (_what, altered) => {
    expect(refuses(altered)).toBe(true);
  });
});
