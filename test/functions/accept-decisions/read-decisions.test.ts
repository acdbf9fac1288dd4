import { describe, expect, it } from 'vitest';
import { readDecisions } from '../../../functions/accept-decisions/read-decisions.ts';
import { DECISIONS_LIMIT_BYTES, MAX_DECISION_LINES } from '../../../shared/contracts/decisions.ts';
import { CAMPAIGN_ID, httpEvent, LEAD_ID } from '../../support/builders.ts';
import { problemOf } from '../../support/problem-of.ts';

const read = (type: string, body: string) => readDecisions(httpEvent({ headers: { 'content-type': type }, body }));
const readJson = (...lines: unknown[]) => read('application/json', JSON.stringify(lines)).rows;
const confirm = { leadId: LEAD_ID, action: 'confirm' };
const order = { transactionId: 'order-1', campaignId: CAMPAIGN_ID, action: 'confirm' };

describe('decisions in a body', () => {
  const expected = [
    { lead: { leadId: LEAD_ID }, action: 'reject', reason: 'wrong number, "twice"' },
    { lead: { transactionId: 'o 1', campaign: 'ext:shop', event: 'lead' }, action: 'confirm' },
    {
      lead: { transactionId: 'o 2', campaign: 'ext:shop', event: 'sale', affiliate: 'ext:traffic' },
      action: 'confirm',
    },
  ];
  it.each([
    [
      'JSON',
      'application/json; charset=utf-8',
      JSON.stringify([
        { leadId: LEAD_ID, action: 'reject', reason: 'wrong number, "twice"' },
        { transactionId: 'o 1', campaignId: 'ext:shop', action: 'confirm' },
        { transactionId: 'o 2', campaignId: 'ext:shop', event: 'sale', affiliateId: 'ext:traffic', action: 'confirm' },
      ]),
      [1, 2, 3],
    ],
    [
      'NDJSON',
      'application/x-ndjson',
      `{"leadId":"${LEAD_ID}","action":"reject","reason":"wrong number, \\"twice\\""}
{"transactionId":"o 1","campaignId":"ext:shop","action":"confirm","event":null}

{"transactionId":"o 2","campaignId":"ext:shop","event":"sale","affiliateId":"ext:traffic","action":"confirm"}`,
      [1, 2, 4],
    ],
    [
      'CSV',
      'text/csv',
      `action,reason,leadId,transactionId,campaignId,event,affiliateId\r\nreject,"wrong number, ""twice""",${LEAD_ID},,,,\r\nconfirm,,,o 1,ext:shop,,\r\nconfirm,,,o 2,ext:shop,sale,ext:traffic`,
      [2, 3, 4],
    ],
  ])('are read as %s, by the numbers of their lines', (_format, type, body, lines) => {
    expect(read(type, body).rows).toEqual(
      expected.map((row, index) => expect.objectContaining({ ...row, line: lines[index] })),
    );
  });

  it.each<[string, unknown, string[]]>([
    ['no lead', { action: 'confirm' }, ['leadId: must be given, or else transactionId']],
    ['a lead id that is none', { ...confirm, leadId: 'lead_1' }, ['leadId: must be a lead id']],
    ['both names', { ...order, leadId: LEAD_ID }, ['transactionId: must be left out', 'campaignId: must be left out']],
    ['a transaction without its campaign', { transactionId: 'o', action: 'confirm' }, ['campaignId: must be given']],
    ['no action', { leadId: LEAD_ID }, ['action: must be confirm, reject or reverse']],
    ['an unknown action', { ...confirm, action: 'delete' }, ['action: must be confirm, reject or reverse']],
    ['a rejection without a reason', { ...confirm, action: 'reject' }, ['reason: must be given to reject']],
    [
      'a reversal with an empty one',
      { ...confirm, action: 'reverse', reason: '' },
      ['reason: must be given to reverse'],
    ],
    [
      'a reason that is too long',
      { ...confirm, reason: 'x'.repeat(129) },
      ['reason: must have at most 128 characters'],
    ],
    ['control characters', { ...confirm, reason: 'a\u0007b' }, ['reason: must not hold control characters']],
    ['an unknown field', { ...confirm, status: 'x' }, ['status: is not a field here']],
    ['no object', 'confirm', ['line: must be a JSON object']],
  ])('are refused line by line: %s', (_what, line, errors) => {
    const rows = readJson(order, line);
    expect(rows).toHaveLength(2);
    expect(rows[0]).toHaveProperty('action');
    expect(rows[1]).toEqual({ line: 2, errors: errors.map((error) => expect.stringContaining(error)) });
  });

  it('are refused as a whole where the body cannot be read', () => {
    const of = (type: string, body: string) => {
      const problem = problemOf(() => read(type, body));
      return [problem.status, problem.errors.map(({ field }) => field)];
    };
    expect([
      of('application/json', '{"leadId":1}'),
      of('application/json', '[{'),
      of('application/json', '[]'),
      of('application/x-ndjson', '\n\n'),
      of('text/csv', 'leadId,action'),
      of('text/csv', 'leadId'),
      of('text/csv', 'action,status'),
      of('text/plain', 'x'),
      of('application/json', ' '.repeat(DECISIONS_LIMIT_BYTES + 1)),
    ]).toEqual([
      [400, ['body']],
      [400, ['body']],
      [400, ['body']],
      [400, ['body']],
      [400, ['body']],
      [400, ['action']],
      [400, ['status', 'leadId']],
      [415, []],
      [413, []],
    ]);
  });

  it('may have 10,000 lines, and no more', () => {
    const lines = (count: number) => `${JSON.stringify(confirm)}\n`.repeat(count);
    expect(read('application/x-ndjson', lines(MAX_DECISION_LINES)).rows).toHaveLength(10_000);
    expect(problemOf(() => read('application/x-ndjson', lines(MAX_DECISION_LINES + 1))).status).toBe(413);
  });
});
