import { describe, expect, it } from 'vitest';
import {
  approveRun,
  beginSending,
  cancelRun,
  finishProposing,
  finishSending,
  MAX_RUN_PAYOUTS,
  type PayoutRun,
  payoutIdOf,
  placeOfPayout,
  type RunChange,
  type RunStatus,
  totalsOf,
} from '../../../shared/domain/payouts/run.ts';
import { KEY_ID } from '../../support/builders.ts';
import { PAYOUT_ID, payout, RUN_ID, run } from '../../support/payouts.ts';

const NOW = '2026-02-03T09:00:00.000Z';
const STEPS: Readonly<Record<string, (run: PayoutRun) => RunChange>> = {
  finishProposing,
  approve: (each) => approveRun(each, 'another key', NOW),
  cancel: (each) => cancelRun(each, 'another key', NOW),
  beginSending: (each) => beginSending(each, 'another key', NOW, undefined),
  finishSending,
};

describe('a run', () => {
  it.each<[keyof typeof STEPS, Partial<Record<RunStatus, RunStatus>>, readonly RunStatus[]]>([
    ['finishProposing', { proposing: 'proposed' }, ['proposed']],
    ['approve', { proposed: 'approved' }, ['approved', 'sending', 'sent']],
    ['cancel', { proposing: 'cancelled', proposed: 'cancelled', approved: 'cancelled' }, ['cancelled']],
    ['beginSending', { approved: 'sending' }, ['sending', 'sent']],
    ['finishSending', { sending: 'sent' }, ['sent']],
  ])('%s leads from %j and changes nothing in %j', (name, leads, there) => {
    for (const status of ['proposing', 'proposed', 'approved', 'sending', 'sent', 'cancelled'] as const) {
      const change = STEPS[name]!(run({ status, version: 4 }));
      const to = leads[status];
      if (to !== undefined) expect(change).toMatchObject({ kind: 'changed', run: { status: to, version: 5 } });
      else if (there.includes(status)) expect(change).toEqual({ kind: 'unchanged' });
      else expect(change).toEqual({ kind: 'refused', fault: 'not_allowed' });
    }
  });

  it('is approved by another key than the one that proposed it, and says which', () => {
    for (const status of ['proposed', 'approved', 'sent'] as const) {
      expect(approveRun(run({ status }), KEY_ID, NOW)).toEqual({ kind: 'refused', fault: 'own_proposal' });
    }
    expect(approveRun(run({ status: 'proposed' }), 'another key', NOW)).toMatchObject({
      run: { approvedBy: 'another key', approvedAt: NOW, proposedBy: KEY_ID },
    });
  });

  it('is sent from the account that there was when it began to be', () => {
    const payer = { name: 'Network Ltd', iban: 'DE89370400440532013000' };
    expect(beginSending(run({ status: 'approved' }), 'any key', NOW, payer)).toMatchObject({
      run: { payer, sentAt: NOW, sentBy: 'any key' },
    });
  });

  it('sums up by currency and method what is not cancelled', () => {
    const paypal = { method: 'paypal', email: 'a@mail.example' } as const;
    expect(
      totalsOf([
        payout({ amountMinor: 9_007_199_254_740_993n }),
        payout({ amountMinor: 2n, state: 'paid' }),
        payout({ amountMinor: 4n, state: 'cancelled' }),
        payout({ amountMinor: 8n, payee: paypal }),
        payout({ amountMinor: 16n, currency: 'USD', payee: paypal }),
      ]),
    ).toEqual([
      { currency: 'EUR', method: 'paypal', count: 1, amountMinor: 8n },
      { currency: 'EUR', method: 'sepa', count: 2, amountMinor: 9_007_199_254_740_995n },
      { currency: 'USD', method: 'paypal', count: 1, amountMinor: 16n },
    ]);
  });
});

describe('the id of a payout', () => {
  it('is made of its run and its place, with 30 characters that every bank takes', () => {
    expect(payoutIdOf(RUN_ID, 0)).toBe(PAYOUT_ID);
    const last = payoutIdOf(RUN_ID, MAX_RUN_PAYOUTS - 1);
    expect(last).toMatch(/^[A-Z0-9-]{30}$/);
    expect(placeOfPayout(last)).toEqual({ runId: RUN_ID, place: MAX_RUN_PAYOUTS - 1 });
  });

  it.each([
    '',
    'NOTPROVIDED',
    RUN_ID,
    PAYOUT_ID.toLowerCase(),
    `${PAYOUT_ID}1`,
    PAYOUT_ID.replace('001', '000'),
    ` ${PAYOUT_ID}`,
  ])('is not "%s"', (text) => {
    expect(placeOfPayout(text)).toBeUndefined();
  });
});
