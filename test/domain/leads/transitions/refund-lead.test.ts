import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Lead, pricedAt } from '../../../../shared/domain/leads/lead.ts';
import { confirmLead } from '../../../../shared/domain/leads/transitions/confirm-lead.ts';
import {
  type Refund,
  readRefund,
  refundLead,
  type ToldRefund,
} from '../../../../shared/domain/leads/transitions/refund-lead.ts';
import { reverseLead } from '../../../../shared/domain/leads/transitions/reverse-lead.ts';
import { MAX_PARTS } from '../../../../shared/domain/leads/transitions/reverse-part.ts';
import type { TransitionResult } from '../../../../shared/domain/leads/transitions/transition.ts';
import { undoRejection } from '../../../../shared/domain/leads/transitions/undo-rejection.ts';
import { amountOn, entriesOf, isBalanced, payable, receivable } from '../../../../shared/domain/ledger/entry.ts';
import {
  ADVERTISER_ID,
  AFFILIATE_ID,
  DAY_MS,
  decision,
  later,
  lead,
  NOW,
  terms,
  transition,
} from '../../../support/builders.ts';

const CONFIRMED = lead({ chargeMinor: 2500n, commissionMinor: 1799n });
const PENDING = lead({
  status: 'pending',
  reason: 'on_hold',
  chargeMinor: 2500n,
  commissionMinor: 1799n,
  history: [transition({ status: 'pending', reason: 'on_hold' })],
});

const refund = (refundId: string, refundedMicros: bigint, totalMicros = 100n): Refund => ({
  refundId,
  part: { refundedMicros, totalMicros },
});
const leadOf = (result: TransitionResult): Lead => {
  if (!result.ok) throw new Error(result.fault);
  return result.lead;
};
const taken = (current: Lead, ...refunds: Refund[]): Lead =>
  refunds.reduce((after, each) => leadOf(refundLead(after, decision(), each, undefined)), current);

describe('a refund of a part', () => {
  it('takes as large a share of charge and commission; the lead stays confirmed and knows the refund', () => {
    const after = taken(CONFIRMED, refund('r1', 33n));
    expect(after).toMatchObject({ status: 'confirmed', chargeMinor: 1675n, commissionMinor: 1205n, version: 2 });
    expect(after.history.at(-1)).toMatchObject({
      action: 'reversed_in_part',
      takenBack: { chargeMinor: 825n, commissionMinor: 594n },
      refund: { refundId: 'r1', refundedMicros: 33n },
    });
  });

  it.each([
    ['a third', [33n], 825n, 'confirmed'],
    ['half a cent, rounded up', [50n, 1n], 1275n, 'confirmed'],
    ['all but a hundredth', [99n], 2475n, 'confirmed'],
    ['the whole at once', [100n], 2500n, 'reversed'],
    ['more than the whole', [101n], 2500n, 'reversed'],
    ['the whole in three', [33n, 33n, 34n], 2500n, 'reversed'],
    ['a chargeback of all after a part was refunded', [30n, 100n], 2500n, 'reversed'],
    ['nothing', [0n], 0n, 'confirmed'],
  ] as const)('of %s', (_what, parts, takenMinor, status) => {
    const after = taken(CONFIRMED, ...parts.map((part, index) => refund(`r${index}`, part)));
    expect({ status: after.status, takenMinor: 2500n - left(after) }).toEqual({ status, takenMinor });
  });

  /** What is left to bill: of a reversed lead nothing. */
  const left = (after: Lead) => (after.status === 'reversed' ? 0n : after.chargeMinor);

  it('that is too small for a cent counts with those that follow', () => {
    const small = lead({ chargeMinor: 10n, commissionMinor: 8n });
    const parts = Array.from({ length: 4 }, (_, index) => refund(`r${index}`, 4n));
    expect(taken(small, ...parts.slice(0, 1)).chargeMinor).toBe(10n);
    // 16% of 10 cents.
    expect(taken(small, ...parts).chargeMinor).toBe(8n);
  });

  it('is taken once by its id, whoever tells it and when', () => {
    const once = taken(CONFIRMED, refund('r1', 10n));
    expect(
      refundLead(once, decision({ at: later(NOW, DAY_MS), actor: 'other' }), refund('r1', 20n), undefined),
    ).toEqual({ ok: false, fault: 'already', status: 'confirmed' });
    expect(taken(once, refund('r2', 10n)).chargeMinor).toBe(2000n);
  });

  it('does not take for its own what a person took back', () => {
    const byPerson = leadOf(reverseLead(CONFIRMED, decision(), { chargeMinor: 1000n }));
    expect(taken(byPerson, refund('r1', 40n)).chargeMinor).toBe(500n);
    expect(taken(byPerson, refund('r1', 70n))).toMatchObject({ status: 'reversed' });
  });

  it('of a total that has grown takes nothing back that was taken', () => {
    const half = taken(CONFIRMED, refund('r1', 50n));
    expect(taken(half, refund('r2', 10n, 1000n)).chargeMinor).toBe(1250n);
  });

  it('is taken a limited number of times, and all that is left even then', () => {
    const parts = Array.from({ length: MAX_PARTS }, (_, index) => refund(`r${index}`, 1n));
    const full = taken(CONFIRMED, ...parts);
    expect(refundLead(full, decision(), refund('more', 1n), undefined)).toMatchObject({ fault: 'too_many_parts' });
    expect(taken(full, { refundId: 'rest' })).toMatchObject({ status: 'reversed' });
  });

  it('of a lead without a charge takes nothing before the whole is refunded', () => {
    const free = lead({ chargeMinor: 0n, commissionMinor: 500n });
    expect(taken(free, refund('r1', 50n))).toMatchObject({ status: 'confirmed', commissionMinor: 500n });
    expect(taken(free, refund('r1', 50n), refund('r2', 50n))).toMatchObject({ status: 'reversed' });
  });

  it('of a conversion that cost nothing is one of the whole', () => {
    expect(taken(CONFIRMED, refund('r1', 0n, 0n))).toMatchObject({ status: 'reversed' });
  });
});

describe('a refund by the state of its lead', () => {
  it.each([
    ['a reversed', lead({ status: 'reversed' }), 'already'],
    ['a rejected', lead({ status: 'rejected' }), 'not_allowed'],
  ])('changes nothing of %s one', (_what, current, fault) => {
    expect(refundLead(current, decision(), refund('r1', 10n), undefined)).toMatchObject({ ok: false, fault });
    expect(refundLead(current, decision(), { refundId: 'r1' }, undefined)).toMatchObject({ ok: false, fault });
  });

  it('rejects a pending one where it is of all', () => {
    expect(taken(PENDING, { refundId: 'r1' })).toMatchObject({ status: 'rejected', reason: 'phone call' });
    expect(taken(PENDING, refund('r1', 60n), refund('r2', 40n))).toMatchObject({ status: 'rejected' });
  });

  it('makes a pending one cost less: that is what is billed once it is confirmed', () => {
    const less = taken(PENDING, refund('r1', 40n));
    expect(less).toMatchObject({ status: 'pending', reason: 'on_hold', chargeMinor: 1500n, commissionMinor: 1079n });
    expect(entriesOf(less, 'UTC')).toEqual([]);
    const confirmed = leadOf(confirmLead(less, decision()));
    expect(entriesOf(confirmed, 'UTC').map((entry) => amountOn(entry, receivable(ADVERTISER_ID)))).toEqual([1500n]);
    const more = taken(confirmed, refund('r2', 10n));
    expect(entriesOf(more, 'UTC').map((entry) => amountOn(entry, receivable(ADVERTISER_ID)))).toEqual([1500n, -250n]);
    expect(pricedAt(more)).toEqual({ chargeMinor: 2500n, commissionMinor: 1799n });
  });

  it('stands where a rejection is undone', () => {
    const under = { terms: terms({ undoMs: DAY_MS }), affiliateTerms: undefined };
    const rejected = { ...taken(PENDING, refund('r1', 40n)), status: 'rejected' as const };
    const history = [...rejected.history, transition({ version: 3, status: 'rejected', actor: 'key', at: NOW })];
    const undone = leadOf(undoRejection({ ...rejected, version: 3, history }, decision(), under));
    const { chargeMinor } = pricedAt(undone);
    expect(undone.chargeMinor).toBe(chargeMinor - 1000n);
    expect(entriesOf(undone, 'UTC').map((entry) => amountOn(entry, receivable(ADVERTISER_ID)))).toEqual([
      chargeMinor - 1000n,
    ]);
  });
});

describe('a refund under the rules for returns', () => {
  const rules = { reasons: ['refunded'], withinMs: DAY_MS, maxSharePercent: 10 };
  const refunded = decision({ reason: 'refunded' });

  it.each([
    ['for a reason that counts', refunded, { ok: true }],
    ['for another reason', decision({ reason: 'chargeback' }), { ok: false, broken: { rule: 'reasons' } }],
    ['at the last instant', { ...refunded, at: later(NOW, DAY_MS) }, { ok: true }],
    ['too late', { ...refunded, at: later(NOW, DAY_MS + 1) }, { ok: false, broken: { rule: 'within' } }],
  ])('is taken or not as a return is: %s', (_case, made, expected) => {
    const confirmed = lead({ history: [transition({ status: 'confirmed', at: NOW })] });
    expect(refundLead(confirmed, made, refund('r1', 10n), rules)).toMatchObject(expected);
    expect(refundLead(confirmed, made, { refundId: 'r1' }, rules)).toMatchObject(expected);
  });

  it('counts in the share of the month with its first part', () => {
    const first = refundLead(CONFIRMED, refunded, refund('r1', 10n), rules);
    expect(first).toMatchObject({ ok: true, maxSharePercent: 10 });
    expect(refundLead(leadOf(first), refunded, refund('r2', 10n), rules)).toMatchObject({ maxSharePercent: undefined });
  });

  it('is free while the lead is pending', () => {
    expect(refundLead(PENDING, decision({ reason: 'any' }), refund('r1', 10n), rules).ok).toBe(true);
  });
});

describe('a told refund', () => {
  const worth = lead({ amount: { amountMinor: 5000n, currency: 'EUR' } });
  it.each<[string, ToldRefund, object]>([
    [
      'with its total',
      { refunded: '10.00', total: '40' },
      { part: { refundedMicros: 10_000_000n, totalMicros: 40_000_000n } },
    ],
    [
      'of what the conversion was worth',
      { refunded: '0.5' },
      { part: { refundedMicros: 500_000n, totalMicros: 50_000_000n } },
    ],
    ['in the same currency', { refunded: '1', currency: 'EUR' }, { part: { totalMicros: 50_000_000n } }],
    ['in another one', { refunded: '1', currency: 'USD' }, { ok: false, field: 'currency' }],
    [
      'in another one with its total',
      { refunded: '1', total: '2', currency: 'USD' },
      { part: { totalMicros: 2_000_000n } },
    ],
    ['that is negative', { refunded: '-1' }, { ok: false, field: 'refunded' }],
    ['too fine', { refunded: '1.0000001' }, { ok: false, field: 'refunded' }],
    ['of a total that is none', { refunded: '1', total: 'all' }, { ok: false, field: 'total' }],
  ])('is read %s', (_case, told, expected) => {
    expect(readRefund(worth, told)).toMatchObject(expected);
  });

  it('needs a total where the conversion was told without an amount', () => {
    expect(readRefund(lead({ amount: undefined }), { refunded: '1' })).toMatchObject({ ok: false, field: 'total' });
  });
});

describe('refunds of a lead', () => {
  const price = fc.record({ chargeMinor: fc.bigInt(1n, 100_000n), commissionMinor: fc.bigInt(0n, 120_000n) });
  const shares = fc.array(fc.bigInt(0n, 10_000n), { minLength: 1, maxLength: MAX_PARTS });
  /** Refunds, some of them told more than once, in any order. */
  const notices = shares.chain((parts) =>
    fc.record({
      parts: fc.constant(parts),
      order: fc.array(fc.nat({ max: parts.length - 1 }), { maxLength: 30 }).chain((more) =>
        fc.shuffledSubarray([...parts.keys(), ...more], {
          minLength: parts.length + more.length,
          maxLength: parts.length + more.length,
        }),
      ),
      extra: fc.bigInt(0n, 5000n),
      heldFirst: fc.boolean(),
    }),
  );

  it('in any order, however often they are told, take the same share, once, and never more than was billed', () => {
    fc.assert(
      fc.property(price, notices, ({ chargeMinor, commissionMinor }, { parts, order, extra, heldFirst }) => {
        const total = parts.reduce((sum, part) => sum + part, extra) || 1n;
        const sum = parts.reduce((all, part) => all + part, 0n);
        const status = heldFirst ? 'pending' : 'confirmed';
        let current = lead({ chargeMinor, commissionMinor, status, history: [transition({ status })] });
        for (const [step, index] of order.entries()) {
          const result = refundLead(current, decision(), refund(`r${index}`, parts[index] ?? 0n, total), undefined);
          if (result.ok) current = result.lead;
          expect(current.chargeMinor >= 0n && current.commissionMinor >= 0n).toBe(true);
          expect(pricedAt(current)).toEqual({ chargeMinor, commissionMinor });
          if (step === 0 && current.status === 'pending') current = leadOf(confirmLead(current, decision()));
        }
        const entries = entriesOf(current, 'UTC');
        expect(entries.every(isBalanced)).toBe(true);
        const owed = entries.reduce((all, entry) => all + amountOn(entry, receivable(ADVERTISER_ID)), 0n);
        const earned = entries.reduce((all, entry) => all - amountOn(entry, payable(AFFILIATE_ID)), 0n);
        const share = sum >= total ? chargeMinor : (2n * chargeMinor * sum + total) / (2n * total);
        if (current.status === 'rejected') expect(sum >= total || share >= chargeMinor).toBe(true);
        else expect(owed).toBe(chargeMinor - share);
        if (share >= chargeMinor) expect([owed, earned]).toEqual([0n, 0n]);
        expect(earned >= 0n && earned <= commissionMinor).toBe(true);
      }),
    );
  });
});
