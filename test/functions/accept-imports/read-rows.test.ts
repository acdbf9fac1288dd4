import { describe, expect, it } from 'vitest';
import { readRows } from '../../../functions/accept-imports/read-rows.ts';
import { importFileColumns } from '../../../shared/contracts/imports.ts';
import { splitCsv, splitNdjson } from '../../../shared/runtime/lines.ts';
import { HttpProblem } from '../../../shared/runtime/problems.ts';
import { later, NOW } from '../../support/builders.ts';

const HEADER = 'type,at,campaign,affiliate,click_ref,transaction_id,sub1';
const CLICK = 'click,2025-11-10T09:30:00Z,shop,traffic-1,s1,,';
const CONVERSION = 'conversion,2025-11-11T09:30:00Z,shop,traffic-1,s1,order-1,';

const readCsv = (text: string) => readRows(splitCsv(text, importFileColumns), NOW);
const readNdjson = (text: string) => readRows(splitNdjson(text), NOW);

function problemOf(read: () => unknown): HttpProblem {
  try {
    read();
  } catch (error) {
    if (error instanceof HttpProblem) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('CSV', () => {
  it('gives rows with the numbers of their lines, the header being the first', () => {
    const { rows, refused } = readCsv(`${HEADER}\n${CLICK}\n\n${CONVERSION}\n`);
    expect(rows.map(({ type, line }) => [type, line])).toEqual([
      ['click', 2],
      ['conversion', 4],
    ]);
    expect(refused).toEqual([]);
  });

  it.each([
    ['columns in another order', 'campaign,type,click_ref,at\nshop,click,s1,2025-11-10T09:30:00Z'],
    ['Windows line ends', `${HEADER}\r\n${CLICK}\r\n`],
    ['spaces around names', `type , at,campaign,click_ref\nclick,2025-11-10T09:30:00Z,shop,s1`],
    ['quoted fields', `${HEADER}\n"click","2025-11-10T09:30:00Z","shop","traffic-1","s1","",""`],
    ['no line end at the end', `${HEADER}\n${CLICK}`],
  ])('is read with %s', (_with, text) => {
    const { rows, refused } = readCsv(text);
    expect(refused).toEqual([]);
    expect(rows).toMatchObject([{ type: 'click', line: 2, campaign: 'ext:shop', clickRef: 's1' }]);
  });

  it('reads doubled quotes and commas inside quotes', () => {
    const { rows } = readCsv(`${HEADER}\n${CLICK}"a ""b"", c"`);
    expect(rows[0]?.subIds).toEqual({ sub1: 'a "b", c' });
  });

  it.each([
    ['a quote that is not closed', `${CLICK}"open`, 'line: has a quote that is not closed'],
    ['a quote inside a field', `${CLICK}a"b"`, 'line: has a quote that is not closed'],
    ['text after a quote', `${CLICK}"a"b`, 'line: has a quote that is not closed'],
    ['too few fields', 'click,2025-11-10T09:30:00Z', 'line: has 2 fields where the header has 7'],
    ['too many fields', `${CLICK},`, 'line: has 8 fields where the header has 7'],
    ['an unknown type', CLICK.replace('click', 'view'), 'type: must be click or conversion'],
    ['a bad instant', CLICK.replace('2025-11-10T09:30:00Z', 'yesterday'), 'at: must be RFC 3339'],
    ['a control character', `${CLICK}a\tb`, 'sub1: must not hold control characters'],
    ['a byte that was not UTF-8', `${CLICK}a\uFFFDb`, 'sub1: must be UTF-8'],
    [
      'an instant in the future',
      CLICK.replace('2025-11-10T09:30:00Z', later(NOW, 60_001)),
      'at: must not be in the future',
    ],
  ])('lists a line with %s by its number; the good lines count', (_what, bad, error) => {
    const { rows, refused } = readCsv(`${HEADER}\n${CLICK}\n${bad}\n${CONVERSION}`);
    expect(rows.map(({ line }) => line)).toEqual([2, 4]);
    expect(refused).toEqual([{ line: 3, errors: [expect.stringContaining(error)] }]);
  });

  it('takes an instant within the tolerated clock skew', () => {
    expect(readCsv(`${HEADER}\n${CLICK.replace('2025-11-10T09:30:00Z', later(NOW, 60_000))}`).refused).toEqual([]);
  });

  it.each([
    ['an unknown column', `${HEADER},colour`, ['colour']],
    ['two unknown columns', `${HEADER},colour,size`, ['colour', 'size']],
    ['a column twice', `${HEADER},sub1`, ['sub1']],
    ['no type', HEADER.replace('type,', ''), ['type']],
    ['neither affiliate nor click_ref', 'type,at,campaign', ['affiliate']],
    ['nothing in it', '', ['body']],
    ['a broken header', 'type,"at', ['body']],
  ])('with %s is refused as a whole', (_what, header, fields) => {
    const problem = problemOf(() => readCsv(`${header}\n${CLICK}`));
    expect(problem.status).toBe(400);
    expect(problem.errors.map(({ field }) => field)).toEqual(fields);
  });

  it('says as much as fits about a hopeless line', () => {
    const line = `${'x'.repeat(5000)},${'y'.repeat(5000)},${'z'.repeat(5000)},${'!'.repeat(5000)},,,`;
    const { refused } = readCsv(`${HEADER}\n${line}`);
    expect(JSON.stringify(refused).length).toBeLessThan(2500);
  });
});

describe('NDJSON', () => {
  const click = { type: 'click', at: '2025-11-10T09:30:00Z', campaign: 'shop', click_ref: 's1' };

  it('gives rows with the numbers of their lines', () => {
    const { rows } = readNdjson(
      `${JSON.stringify(click)}\n\n${JSON.stringify({ ...click, affiliate: null, sub1: '' })}\n`,
    );
    expect(rows).toMatchObject([
      { type: 'click', line: 1, clickRef: 's1' },
      { line: 3, affiliate: undefined, subIds: {} },
    ]);
  });

  it.each([
    ['broken JSON', '{"type":', 'line: must be JSON'],
    ['a list', '[]', 'line: must be a JSON object'],
    ['deep nesting', '['.repeat(100), 'line: must not be nested deeper'],
    ['__proto__', '{"__proto__":{}}', '__proto__: is not a field'],
    ['an unknown name', JSON.stringify({ ...click, colour: 'red' }), 'colour: is not a field here'],
    ['a number for text', JSON.stringify({ ...click, click_ref: 7 }), 'click_ref: '],
  ])('lists a line with %s by its number; the good lines count', (_what, bad, error) => {
    const { rows, refused } = readNdjson(`${bad}\n${JSON.stringify(click)}`);
    expect(rows.map(({ line }) => line)).toEqual([2]);
    expect(refused).toEqual([{ line: 1, errors: [expect.stringContaining(error)] }]);
  });
});
