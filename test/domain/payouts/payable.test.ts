import { describe, expect, it } from 'vitest';
import {
  type DueStatement,
  payableOf,
  payableStatus,
  payNow,
  releaseOf,
} from '../../../shared/domain/payouts/payable.ts';
import type { PayoutState } from '../../../shared/domain/payouts/payout.ts';
import { DEFAULT_TERMS, type Payability } from '../../../shared/domain/payouts/profile.ts';
import { later, payout, SEPA, statement } from '../../support/payouts.ts';

const DAY_MS = 86_400_000;
const ISSUED = '2026-01-03T03:00:00.000Z';
const NOW = '2026-02-01T00:00:00.000Z';
const READY: Payability = { status: 'ready', payee: SEPA };

const terms = (changes: Partial<typeof DEFAULT_TERMS> = {}) => ({ ...DEFAULT_TERMS, ...changes });
const fold = (
  statements: readonly DueStatement[],
  payouts: readonly { amountMinor: bigint; state: PayoutState }[] = [],
  given = terms(),
  now = NOW,
) =>
  payableOf(
    statements,
    payouts.map((each) => payout(each)),
    given,
    now,
  );

describe('the money of a statement', () => {
  it.each([
    ['at once, without hold and terms', {}, 0],
    ['once the hold is over', { holdMs: 14 * DAY_MS }, 14],
    ['once it is due', { netMs: 30 * DAY_MS }, 30],
    ['at the later of both', { holdMs: 14 * DAY_MS, netMs: 7 * DAY_MS }, 14],
  ])('is free %s', (_when, given, days) => {
    expect(releaseOf(statement({ issuedAt: ISSUED }), terms(given))).toBe(later(ISSUED, days * DAY_MS));
  });

  it.each([
    ['a moment before the hold is over', -1, 0n, 5000n],
    ['at the end of the hold', 0, 5000n, 0n],
  ])('is payable %s', (_when, pastMs, expected, held) => {
    const given = terms({ holdMs: 14 * DAY_MS });
    const now = later(ISSUED, 14 * DAY_MS + pastMs);
    const payable = fold([statement({ issuedAt: ISSUED, amountMinor: 5000n })], [], given, now);
    expect([payNow(payable, given), payable.heldMinor]).toEqual([expected, held]);
    expect(payable.heldUntil).toBe(held === 0n ? undefined : later(ISSUED, 14 * DAY_MS));
  });

  it('waits for the threshold, which it reaches with the next statement', () => {
    const given = terms({ thresholdMinor: 5000n });
    const below = fold([statement({ amountMinor: 4999n })], [], given);
    expect([payNow(below, given), payableStatus(below, given, READY)]).toEqual([0n, 'below_threshold']);
    const reached = fold([statement({ amountMinor: 4999n }), statement({ amountMinor: 1n })], [], given);
    expect([payNow(reached, given), payableStatus(reached, given, READY)]).toEqual([5000n, 'payable']);
  });

  it('is held, but what is taken back counts at once', () => {
    const given = terms({ holdMs: 60 * DAY_MS });
    const payable = fold([statement({ amountMinor: 5000n }), statement({ amountMinor: -700n })], [], given);
    expect(payable).toMatchObject({ balanceMinor: 4300n, heldMinor: 5000n, releasedMinor: -700n });
    expect([payNow(payable, given), payableStatus(payable, given, READY)]).toEqual([0n, 'on_hold']);
  });

  it('may be held for longer after it was paid: then it is owed back by nobody', () => {
    const given = terms({ holdMs: 60 * DAY_MS });
    const payable = fold([statement({ amountMinor: 5000n })], [{ amountMinor: 5000n, state: 'paid' }], given);
    expect(payable).toMatchObject({ balanceMinor: 0n, releasedMinor: -5000n });
    expect([payNow(payable, given), payableStatus(payable, given, READY)]).toEqual([0n, 'nothing_due']);
  });
});

describe('what was paid', () => {
  it.each<[PayoutState, bigint, object]>([
    ['proposed', 2000n, { reservedMinor: 3000n }],
    ['sent', 2000n, { inTransitMinor: 3000n }],
    ['paid', 2000n, { paidMinor: 3000n }],
    ['failed', 5000n, {}],
    ['cancelled', 5000n, {}],
  ])('leaves the rest where it is %s', (state, balanceMinor, rest) => {
    const payable = fold([statement({ amountMinor: 5000n })], [{ amountMinor: 3000n, state }]);
    expect(payable).toMatchObject({ earnedMinor: 5000n, balanceMinor, ...rest });
    expect(payNow(payable, terms())).toBe(balanceMinor);
  });

  it('and is taken back after is carried on and shown, until later statements make up for it', () => {
    const before = [statement({ amountMinor: 5000n }), statement({ amountMinor: -800n })];
    const paid = [{ amountMinor: 5000n, state: 'paid' as const }];
    const negative = fold(before, paid);
    expect([negative.balanceMinor, payableStatus(negative, terms(), READY)]).toEqual([-800n, 'owed_back']);
    const after = fold([...before, statement({ amountMinor: 1000n })], paid);
    expect([payNow(after, terms()), payableStatus(after, terms(), READY)]).toEqual([200n, 'payable']);
  });
});

describe('an account', () => {
  it.each<[string, Payability, string]>([
    ['nobody has said where to', { status: 'no_method' }, 'no_method'],
    ['a change waits for review', { status: 'pending_review', until: NOW }, 'pending_review'],
    ['it may be paid', READY, 'payable'],
  ])('where %s', (_why, payability, expected) => {
    expect(payableStatus(fold([statement({ amountMinor: 1n })]), terms(), payability)).toBe(expected);
  });
});
