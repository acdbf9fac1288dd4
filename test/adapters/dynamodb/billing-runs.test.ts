import { describe, expect, it } from 'vitest';
import { createLateMarks } from '../../../shared/adapters/dynamodb/billing-marks.ts';
import { createCommissionNotes } from '../../../shared/adapters/dynamodb/billing-notes.ts';
import { createMonthRuns } from '../../../shared/adapters/dynamodb/billing-runs.ts';
import { useEngines } from '../../support/engines.ts';

const { documents: client, env } = await useEngines();
const table = { client, tableName: env.BILLING_TABLE_NAME };
const AT = '2026-06-01T10:00:00.000Z';
const LATER = '2026-06-02T10:00:00.000Z';

const all = async <Value>(values: AsyncIterable<Value>): Promise<Value[]> => {
  const list: Value[] = [];
  for await (const value of values) list.push(value);
  return list;
};

describe('runs of a close', () => {
  const runs = createMonthRuns(table);

  it('are begun once', async () => {
    expect(await runs.get('2026-01')).toBeUndefined();
    const run = await runs.start('2026-01', AT);
    expect(run).toMatchObject({ month: '2026-01', status: 'closing', startedAt: AT, invoices: 0, statements: 0 });
    expect(await runs.start('2026-01', LATER)).toEqual(run);
  });

  it('count each party once, however often and by however many it is planned and done', async () => {
    await runs.start('2026-02', AT);
    const partyIds = Array.from({ length: 5 }, (_, index) => `adv_${index}`);
    for (const partyId of [...partyIds, ...partyIds]) await runs.plan('2026-02', 'advertiser', partyId);
    expect(await runs.fixPlan('2026-02', 'advertiser')).toMatchObject({ advertisers: 5, advertisersDone: 0 });
    await Promise.all([...partyIds, ...partyIds].map((partyId) => runs.done('2026-02', 'advertiser', partyId, 2, AT)));
    expect(await runs.get('2026-02')).toMatchObject({
      advertisers: 5,
      advertisersDone: 5,
      invoices: 10,
      statements: 0,
    });
    expect(await runs.isDone('2026-02', 'advertiser', 'adv_0')).toBe(true);
    expect(await runs.isDone('2026-02', 'affiliate', 'adv_0')).toBe(false);
    expect(await all(runs.pending('2026-02', 'advertiser'))).toEqual([]);
  });

  it('take no party once the plan is fixed', async () => {
    await runs.start('2026-03', AT);
    await runs.plan('2026-03', 'affiliate', 'aff_a');
    await runs.fixPlan('2026-03', 'affiliate');
    await runs.plan('2026-03', 'affiliate', 'aff_b');
    expect(await runs.fixPlan('2026-03', 'affiliate')).toMatchObject({ affiliates: 1 });
    expect(await all(runs.pending('2026-03', 'affiliate'))).toEqual(['aff_a']);
  });

  it('do not count a party that was never planned', async () => {
    await runs.start('2026-04', AT);
    expect(await runs.done('2026-04', 'advertiser', 'adv_x', 1, AT)).toMatchObject({ advertisersDone: 0, invoices: 0 });
  });

  it('end once, and stay so', async () => {
    await runs.start('2026-05', AT);
    expect(await runs.finish('2026-05', AT)).toMatchObject({ status: 'closed', closedAt: AT });
    expect(await runs.finish('2026-05', LATER)).toMatchObject({ closedAt: AT });
    expect(await runs.start('2026-05', LATER)).toMatchObject({ status: 'closed' });
  });
});

describe('late marks', () => {
  const marks = createLateMarks(table);

  it('are seen until they are cleared, and again when they are set again', async () => {
    expect(await marks.marked('adv_a')).toEqual([]);
    await marks.mark('adv_a', '2026-02');
    await marks.mark('adv_a', '2026-01');
    await marks.mark('adv_b', '2026-03');
    expect(await marks.marked('adv_a')).toEqual([
      { month: '2026-01', marks: 1 },
      { month: '2026-02', marks: 1 },
    ]);
    await marks.clear('adv_a', { month: '2026-01', marks: 1 });
    expect(await marks.marked('adv_a')).toEqual([{ month: '2026-02', marks: 1 }]);
    await marks.mark('adv_a', '2026-01');
    expect(await marks.marked('adv_a')).toEqual([
      { month: '2026-01', marks: 2 },
      { month: '2026-02', marks: 1 },
    ]);
  });

  it('stay where they were set again since they were read', async () => {
    await marks.mark('adv_c', '2026-01');
    const [read] = await marks.marked('adv_c');
    await marks.mark('adv_c', '2026-01');
    await marks.clear('adv_c', read!);
    expect(await marks.marked('adv_c')).toEqual([{ month: '2026-01', marks: 2 }]);
  });
});

describe('commission notes', () => {
  it('tell each affiliate once, and its notes by currency and advertiser', async () => {
    const notes = createCommissionNotes(table);
    const note = (affiliateId: string, currency: string, advertiserId: string) => ({
      affiliateId,
      currency,
      advertiserId,
      bodyDigest: 'bb',
    });
    const written = [
      note('aff_b', 'EUR', 'adv_a'),
      note('aff_a', 'USD', 'adv_a'),
      note('aff_a', 'EUR', 'adv_b'),
      note('aff_a', 'EUR', 'adv_a'),
    ];
    for (const each of [...written, ...written]) await notes.put('2026-05', each);
    await notes.put('2026-04', note('aff_c', 'EUR', 'adv_a'));
    expect(await all(notes.affiliates('2026-05'))).toEqual(['aff_a', 'aff_b']);
    expect(await notes.of('2026-05', 'aff_a')).toEqual([written[3], written[2], written[1]]);
  });
});
