import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TrialBalance, totalsOf } from '../../../shared/domain/ledger/trial-balance.ts';

describe('a trial balance', () => {
  it('sums debits and credits by kind of account and currency', () => {
    const balance = new TrialBalance();
    balance.add({
      currency: 'EUR',
      legs: [
        { account: 'receivable:adv_a', amountMinor: 2500n },
        { account: 'payable:aff_a', amountMinor: -1800n },
        { account: 'revenue', amountMinor: -700n },
      ],
    });
    balance.add({
      currency: 'EUR',
      legs: [
        { account: 'receivable:adv_b', amountMinor: -500n },
        { account: 'revenue', amountMinor: 500n },
        { account: 'receivable:adv_b', amountMinor: 900n, currency: 'JPY' },
        { account: 'fx', amountMinor: -900n, currency: 'JPY' },
      ],
    });
    expect(balance.rows()).toEqual([
      { account: 'payable', currency: 'EUR', debitMinor: 0n, creditMinor: 1800n },
      { account: 'receivable', currency: 'EUR', debitMinor: 2500n, creditMinor: 500n },
      { account: 'revenue', currency: 'EUR', debitMinor: 500n, creditMinor: 700n },
      { account: 'fx', currency: 'JPY', debitMinor: 0n, creditMinor: 900n },
      { account: 'receivable', currency: 'JPY', debitMinor: 900n, creditMinor: 0n },
    ]);
    expect(totalsOf(balance.rows())).toEqual([
      { currency: 'EUR', debitMinor: 3000n, creditMinor: 3000n },
      { currency: 'JPY', debitMinor: 900n, creditMinor: 900n },
    ]);
  });

  it('is zero in each currency for entries that are balanced, and shows one that is not', () => {
    const leg = fc.record({
      account: fc.constantFrom('receivable:a', 'payable:b', 'revenue', 'tax', 'fx', 'cash'),
      amountMinor: fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
      currency: fc.constantFrom(undefined, 'USD', 'JPY'),
    });
    fc.assert(
      fc.property(fc.array(fc.array(leg, { maxLength: 5 }), { maxLength: 20 }), (entries) => {
        const balance = new TrialBalance();
        for (const legs of entries) {
          const against = legs.map((each) => ({ ...each, account: 'rounding', amountMinor: -each.amountMinor }));
          balance.add({ currency: 'EUR', legs: [...legs, ...against] });
        }
        const zero = totalsOf(balance.rows());
        expect(zero.every(({ debitMinor, creditMinor }) => debitMinor === creditMinor)).toBe(true);
        balance.add({ currency: 'EUR', legs: [{ account: 'revenue', amountMinor: 1n }] });
        const eur = totalsOf(balance.rows()).find(({ currency }) => currency === 'EUR')!;
        expect(eur.debitMinor - eur.creditMinor).toBe(1n);
      }),
    );
  });
});
