import { expect, it } from 'vitest';
import type { MonthRun } from '../../../shared/domain/billing/close.ts';
import {
  type BillAdvertiserDependencies,
  createBillAdvertiser,
} from '../../../shared/use-cases/close-month/bill-advertiser.ts';

const run = (month: string, status: MonthRun['status']): MonthRun => ({
  month,
  status,
  startedAt: '2026-02-01T03:00:00.000Z',
  advertisersDone: 0,
  affiliatesDone: 0,
  invoices: 0,
  statements: 0,
});

it.each<[closing: string, statusBefore: MonthRun['status'] | undefined, settled: string[]]>([
  ['2026-01', undefined, ['2026-01']],
  ['2026-01', 'closing', ['2026-01']],
  ['2026-01', 'closed', ['2025-12', '2026-01']],
  ['2026-03', 'closed', ['2026-02', '2026-03']],
])('settles, with %s, the month before it where that is %s: its clicks may have been counted late', async (...each) => {
  const [closing, statusBefore, expected] = each;
  const settled: string[] = [];
  const nothing = {
    clock: () => '2026-04-01T03:00:00.000Z',
    reconcileMonth: async () => undefined,
    settleMonth: async (month: string) => void settled.push(month),
    marks: { marked: async () => [], clear: async () => undefined },
    runs: {
      get: async (month: string) => (statusBefore === undefined ? undefined : run(month, statusBefore)),
      isDone: async () => false,
      billedIn: async () => ({ currency: undefined }),
    },
    issuer: { issuedTo: async () => [], manifests: async () => [] },
    parties: { advertiser: async () => undefined },
    journal: { async *shard() {} },
  } as unknown as BillAdvertiserDependencies;
  const billed = await createBillAdvertiser(nothing)(closing, 'adv_a');
  expect(billed).toEqual({ documents: 0, notices: [] });
  expect(settled).toEqual(expected);
});
