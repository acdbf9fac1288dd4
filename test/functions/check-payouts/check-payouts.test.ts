import { expect, it } from 'vitest';
import { createCheckPayouts } from '../../../functions/check-payouts/check-payouts.ts';
import { PAYOUT_ID } from '../../support/payouts.ts';

it.each([
  [[], []],
  [[PAYOUT_ID], [[PAYOUT_ID]]],
])('tells of %j payouts that hang', async (overdue, expected) => {
  const told: (readonly string[])[] = [];
  const check = createCheckPayouts({
    checkRuns: async () => ({ looked: 1, overdue }),
    onOverdue: (payoutIds) => void told.push(payoutIds),
  });
  expect(await check()).toEqual({ looked: 1, overdue });
  expect(told).toEqual(expected);
});
