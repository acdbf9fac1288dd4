import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amountOn, CASH, IN_TRANSIT, isBalanced, payable } from '../../../shared/domain/ledger/entry.ts';
import { payableOf, payNow } from '../../../shared/domain/payouts/payable.ts';
import {
  type BankAnswer,
  cancelledPayout,
  entriesOfPayout,
  type Payout,
  type PayoutState,
  sentPayout,
  settle,
} from '../../../shared/domain/payouts/payout.ts';
import { DEFAULT_TERMS } from '../../../shared/domain/payouts/profile.ts';
import { payoutIdOf } from '../../../shared/domain/payouts/run.ts';
import { AFFILIATE_ID } from '../../support/builders.ts';
import { payout, RUN_ID, statement } from '../../support/payouts.ts';

const SENT_AT = '2026-02-02T09:00:00.000Z';
const NOW = '2026-02-05T09:00:00.000Z';
const sent = sentPayout(payout(), SENT_AT, 'another key');
const OWED = payable(AFFILIATE_ID);

/** The payout in each state that it can be in. */
const IN_STATE: Readonly<Record<string, Payout>> = {
  proposed: payout(),
  cancelled: cancelledPayout(payout(), 'run_cancelled'),
  sent,
  paid: after(sent, 'paid'),
  rejected: after(sent, 'rejected'),
  returned: after(sent, 'returned'),
  'paid, then returned': after(after(sent, 'paid'), 'returned'),
};

function after(before: Payout, kind: BankAnswer['kind']): Payout {
  const settlement = settle(before, { kind }, NOW);
  return settlement.kind === 'settled' ? settlement.payout : before;
}

describe('what a bank says of a payout', () => {
  it.each<[string, BankAnswer['kind'], string]>([
    ['proposed', 'paid', 'not_sent'],
    ['proposed', 'pending', 'not_sent'],
    ['cancelled', 'paid', 'was_cancelled'],
    ['cancelled', 'rejected', 'was_cancelled'],
    ['sent', 'pending', 'unchanged'],
    ['sent', 'paid', 'paid'],
    ['sent', 'rejected', 'failed'],
    ['sent', 'returned', 'failed'],
    ['paid', 'paid', 'unchanged'],
    ['paid', 'pending', 'unchanged'],
    ['paid', 'rejected', 'paid_before'],
    ['paid', 'returned', 'failed'],
    ['rejected', 'rejected', 'unchanged'],
    ['rejected', 'returned', 'unchanged'],
    ['rejected', 'pending', 'unchanged'],
    ['rejected', 'paid', 'failed_before'],
    ['returned', 'paid', 'unchanged'],
    ['returned', 'returned', 'unchanged'],
    ['paid, then returned', 'paid', 'unchanged'],
    ['paid, then returned', 'rejected', 'unchanged'],
  ])('that is %s: %s makes it %s', (state, kind, expected) => {
    const settlement = settle(IN_STATE[state]!, { kind, amountMinor: 5000n, currency: 'EUR' }, NOW);
    const came =
      settlement.kind === 'settled'
        ? settlement.payout.state
        : settlement.kind === 'refused'
          ? settlement.fault
          : settlement.kind;
    expect(came).toBe(expected);
  });

  it.each<[string, Partial<BankAnswer>, string]>([
    ['a cent more', { amountMinor: 5001n, currency: 'EUR' }, 'other_amount'],
    ['a cent less', { amountMinor: 4999n, currency: 'EUR' }, 'other_amount'],
    ['another currency', { amountMinor: 5000n, currency: 'USD' }, 'other_currency'],
  ])('is refused with %s', (_what, said, fault) => {
    expect(settle(sent, { kind: 'paid', ...said }, NOW)).toEqual({ kind: 'refused', fault });
  });

  it('is kept in the words of the bank', () => {
    const settlement = settle(sent, { kind: 'rejected', reason: 'AC01 no such account', day: '2026-02-03' }, NOW);
    expect(settlement).toMatchObject({
      payout: {
        state: 'failed',
        failure: 'rejected',
        reason: 'AC01 no such account',
        bankDay: '2026-02-03',
        version: 3,
      },
    });
  });
});

describe('the entries of a payout', () => {
  it.each<[string, string[], Partial<Record<'owed' | 'transit' | 'cash', bigint>>]>([
    ['proposed', [], {}],
    ['cancelled', [], {}],
    ['sent', ['PAYOUT#1'], { owed: 5000n, transit: -5000n }],
    ['paid', ['PAYOUT#1', 'PAYOUT#2'], { owed: 5000n, cash: -5000n }],
    ['rejected', ['PAYOUT#1', 'PAYOUT_FAILED#1'], {}],
    ['returned', ['PAYOUT#1', 'PAYOUT_FAILED#1'], {}],
    ['paid, then returned', ['PAYOUT#1', 'PAYOUT#2', 'PAYOUT_FAILED#1'], {}],
  ])('that is %s are %j', (state, kinds, { owed = 0n, transit = 0n, cash = 0n }) => {
    const entries = entriesOfPayout(IN_STATE[state]!, 'UTC');
    expect(entries.map(({ kind, sequence }) => `${kind.toUpperCase()}#${sequence}`)).toEqual(kinds);
    expect(entries.every(isBalanced)).toBe(true);
    const on = (account: string) => entries.reduce((sum, entry) => sum + amountOn(entry, account), 0n);
    expect([on(OWED), on(IN_TRANSIT), on(CASH)]).toEqual([owed, transit, cash]);
  });

  it('stand in the journal of the affiliate, in the month of what they say, with both keys', () => {
    const [entry] = entriesOfPayout(sentPayout(payout(), '2026-01-31T23:30:00.000Z', 'another key'), 'Europe/Berlin');
    expect(entry).toMatchObject({
      party: AFFILIATE_ID,
      month: '2026-02',
      causeId: payout().payoutId,
      madeBy: payout().madeBy,
      approvedBy: 'another key',
    });
  });
});

/**
 * A network with one affiliate, in which anything happens in any order and any number of times: statements and what is taken back, runs
 * that keep money aside, are sent or given up, and answers of a bank that come late, twice, or contradict each other.
 */
describe('an account on which anything happens', () => {
  type Event =
    | { readonly does: 'issue'; readonly amountMinor: bigint }
    | { readonly does: 'propose' }
    | { readonly does: 'send' | 'cancel'; readonly which: number }
    | { readonly does: 'answer'; readonly which: number; readonly kind: BankAnswer['kind'] };
  const which = fc.nat(4);
  const event: fc.Arbitrary<Event> = fc.oneof(
    fc.record({ does: fc.constant('issue' as const), amountMinor: fc.bigInt(-900n, 1000n) }),
    fc.record({ does: fc.constant('propose' as const) }),
    fc.record({ does: fc.constantFrom('send' as const, 'cancel' as const), which }),
    fc.record({
      does: fc.constant('answer' as const),
      which,
      kind: fc.constantFrom<BankAnswer['kind']>('paid', 'rejected', 'returned', 'pending'),
    }),
  );

  it('has payable + in transit + paid = earned, pays nothing twice and nothing that is not there', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const issued: bigint[] = [];
        const payouts: Payout[] = [];
        const statements = () => issued.map((amountMinor) => statement({ amountMinor }));
        const change = (index: number, from: readonly PayoutState[], to: (before: Payout) => Payout) => {
          const before = payouts[index];
          if (before !== undefined && from.includes(before.state)) payouts[index] = to(before);
        };
        for (const happens of events) {
          if (happens.does === 'issue') issued.push(happens.amountMinor);
          if (happens.does === 'propose') {
            const amountMinor = payNow(payableOf(statements(), payouts, DEFAULT_TERMS, NOW), DEFAULT_TERMS);
            const payoutId = payoutIdOf(RUN_ID, payouts.length);
            if (amountMinor > 0n) payouts.push(payout({ payoutId, amountMinor }));
          }
          if (happens.does === 'send') change(happens.which, ['proposed'], (each) => sentPayout(each, NOW, 'other'));
          if (happens.does === 'cancel') change(happens.which, ['proposed'], (each) => cancelledPayout(each, 'why'));
          if (happens.does === 'answer') {
            const { which: index, kind } = happens;
            change(index, ['proposed', 'sent', 'paid', 'failed', 'cancelled'], (each) => after(each, kind));
          }
          const account = payableOf(statements(), payouts, DEFAULT_TERMS, NOW);
          const earned = issued.reduce((sum, amountMinor) => sum + amountMinor, 0n);
          const underWay = account.reservedMinor + account.inTransitMinor + account.paidMinor;
          expect(account.balanceMinor + underWay).toBe(earned);
          // The journal says the same as the fold.
          const entries = payouts.flatMap((each) => entriesOfPayout(each, 'UTC'));
          const on = (name: string) => entries.reduce((sum, entry) => sum + amountOn(entry, name), 0n);
          expect(-on(IN_TRANSIT)).toBe(account.inTransitMinor);
          expect(-on(CASH)).toBe(account.paidMinor);
          expect(on(OWED)).toBe(account.inTransitMinor + account.paidMinor);
          // Less than nothing is left only where something was taken back after it was paid: and then it is said.
          if (account.balanceMinor < 0n) expect(issued.some((amountMinor) => amountMinor < 0n)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
