import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Lead, pricedAt } from '../../../../shared/domain/leads/lead.ts';
import { moveLead, wasMovedBy } from '../../../../shared/domain/leads/transitions/move-lead.ts';
import { returnLead } from '../../../../shared/domain/leads/transitions/return-lead.ts';
import { reverseLead } from '../../../../shared/domain/leads/transitions/reverse-lead.ts';
import { MAX_PARTS, reversePart } from '../../../../shared/domain/leads/transitions/reverse-part.ts';
import { amountOn, entriesOf, isBalanced, payable, receivable } from '../../../../shared/domain/ledger/entry.ts';
import { ADVERTISER_ID, AFFILIATE_ID, DAY_MS, decision, KEY_ID, later, lead, NOW } from '../../../support/builders.ts';

const CONFIRMED = lead({ chargeMinor: 2500n, commissionMinor: 1799n });

const movedTo = (result: ReturnType<typeof reverseLead>): Lead => {
  if (!result.ok) throw new Error(result.fault);
  return result.lead;
};
const part = (chargeMinor: bigint, version?: number) => ({ chargeMinor, version });

describe('reversePart', () => {
  it('takes a part of the charge and as large a part of the commission; the lead stays confirmed', () => {
    expect(reversePart(CONFIRMED, decision(), part(1000n))).toEqual({
      ok: true,
      lead: {
        ...CONFIRMED,
        reason: 'phone call',
        chargeMinor: 1500n,
        // 719.6 of 1799.
        commissionMinor: 1079n,
        version: 2,
        history: [
          ...CONFIRMED.history,
          {
            version: 2,
            action: 'reversed_in_part',
            status: 'confirmed',
            reason: 'phone call',
            at: NOW,
            actor: KEY_ID,
            takenBack: { chargeMinor: 1000n, commissionMinor: 720n },
          },
        ],
      },
    });
  });

  it.each([
    ['all but a cent', 2499n, { ok: true }],
    ['all that is left', 2500n, { ok: false, fault: 'too_much', leftMinor: 2500n }],
    ['more than is left', 2501n, { ok: false, fault: 'too_much', leftMinor: 2500n }],
  ])('takes less than the rest: %s', (_what, chargeMinor, expected) => {
    expect(reversePart(CONFIRMED, decision(), part(chargeMinor))).toMatchObject(expected);
  });

  it.each(['pending', 'rejected', 'reversed'] as const)('refuses a %s lead', (status) => {
    expect(reversePart(lead({ status }), decision(), part(1n))).toEqual({ ok: false, fault: 'not_allowed', status });
  });

  it('takes the same for the same reason by the same key once, and again for another reason or from a version', () => {
    const once = movedTo(reversePart(CONFIRMED, decision(), part(10n)));
    expect(reversePart(once, decision({ at: later(NOW, 1) }), part(10n))).toMatchObject({ fault: 'already' });
    expect(reversePart(once, decision({ reason: 'another' }), part(10n)).ok).toBe(true);
    expect(reversePart(once, decision(), part(10n, 2)).ok).toBe(true);
    expect(reversePart(once, decision(), part(10n, 1))).toMatchObject({ fault: 'already' });
    expect(reversePart(once, decision(), part(11n, 1))).toMatchObject({ fault: 'version_changed', version: 2 });
  });

  it('is taken a limited number of times', () => {
    let current = CONFIRMED;
    for (let count = 0; count < MAX_PARTS; count += 1) {
      current = movedTo(reversePart(current, decision({ reason: `${count}` }), part(1n)));
    }
    expect(reversePart(current, decision(), part(1n))).toMatchObject({ fault: 'too_many_parts', most: MAX_PARTS });
    expect(reverseLead(current, decision()).ok).toBe(true);
  });
});

describe('a reversal of a part', () => {
  it('that is all that is left is a reversal of the whole', () => {
    const rest = movedTo(reverseLead(CONFIRMED, decision(), part(1000n)));
    const whole = reverseLead(rest, decision(), part(1500n));
    expect(whole).toEqual(reverseLead(rest, decision()));
    expect(reverseLead(movedTo(whole), decision(), part(1500n))).toMatchObject({ fault: 'already' });
    expect(reverseLead(movedTo(whole), decision(), part(1500n, 2))).toMatchObject({ fault: 'already' });
    expect(reverseLead(movedTo(whole), decision(), part(1500n, 1))).toMatchObject({ fault: 'not_allowed' });
  });

  it('repeated is not taken for the rest, though it is as large', () => {
    const half = movedTo(reverseLead(CONFIRMED, decision(), part(1250n)));
    expect(reverseLead(half, decision(), part(1250n))).toMatchObject({ fault: 'already', status: 'confirmed' });
    expect(reverseLead(half, decision(), part(1250n, 2))).toMatchObject({ ok: true, lead: { status: 'reversed' } });
  });

  it('by an advertiser keeps to the rules for returns, and counts once in the share of the month', () => {
    const rules = { reasons: ['phone call'], withinMs: DAY_MS, maxSharePercent: 10 };
    const first = returnLead(CONFIRMED, decision(), rules, part(10n));
    expect(first).toMatchObject({ ok: true, maxSharePercent: 10 });
    const second = returnLead(movedTo(first), decision({ at: later(NOW, DAY_MS) }), rules, part(20n));
    expect(second).toMatchObject({ ok: true, maxSharePercent: undefined });
    const late = decision({ at: later(NOW, DAY_MS + 1) });
    expect(returnLead(movedTo(first), late, rules, part(20n))).toMatchObject({ broken: { rule: 'within' } });
    expect(returnLead(CONFIRMED, decision({ reason: 'no' }), rules, part(1n))).toMatchObject({
      broken: { rule: 'reasons' },
    });
  });

  it('is known again as what a decision did, and is no confirmation', () => {
    const made = { ...decision(), part: part(5n) };
    const under = { terms: undefined, affiliateTerms: undefined };
    const moved = movedTo(moveLead(CONFIRMED, 'reverse', { ...made, by: 'operator' }, under));
    const earlier = { ...made, at: later(NOW, -1) };
    expect(wasMovedBy(moved, 'reverse', made)).toBe(true);
    expect(wasMovedBy(moved, 'reverse', earlier)).toBe(false);
    const ofOther = { ...made, actor: 'other' };
    const byOther = movedTo(reverseLead(CONFIRMED, ofOther, part(5n)));
    expect(wasMovedBy(byOther, 'confirm', ofOther)).toBe(false);
  });
});

describe('the entries of a lead that is taken back in parts', () => {
  const steps = fc.array(fc.bigInt(1n, 4000n), { maxLength: MAX_PARTS });
  const price = fc.record({
    chargeMinor: fc.bigInt(1n, 5000n),
    commissionMinor: fc.bigInt(0n, 6000n),
    chargeOff: fc.bigInt(-4999n, 4999n),
    commissionOff: fc.bigInt(-4999n, 4999n),
  });

  it('never reverse more than was billed, and net to exactly zero once all is taken back', () => {
    fc.assert(
      fc.property(price, steps, ({ chargeMinor, commissionMinor, chargeOff, commissionOff }, parts) => {
        // Unit prices that round to what is billed.
        const chargeMicros = chargeMinor * 10_000n + chargeOff;
        const commissionMicros = commissionMinor * 10_000n + (commissionMinor === 0n ? 0n : commissionOff);
        let current = lead({ chargeMinor, commissionMinor, price: { chargeMicros, commissionMicros } });
        for (const [index, chargeOfPart] of parts.entries()) {
          const result = reverseLead(current, decision({ reason: `${index}` }), part(chargeOfPart));
          if (result.ok) current = result.lead;
          expect(current.chargeMinor >= 0n && current.commissionMinor >= 0n).toBe(true);
          expect(pricedAt(current)).toEqual({ chargeMinor, commissionMinor });
        }
        const whole = current.status === 'reversed' ? current : movedTo(reverseLead(current, decision()));
        const entries = entriesOf(whole, 'UTC');
        let owed = 0n;
        let earned = 0n;
        for (const entry of entries) {
          expect(isBalanced(entry)).toBe(true);
          owed += amountOn(entry, receivable(ADVERTISER_ID));
          earned -= amountOn(entry, payable(AFFILIATE_ID));
          expect(owed >= 0n && owed <= chargeMinor && earned >= 0n && earned <= commissionMinor).toBe(true);
        }
        expect([owed, earned]).toEqual([0n, 0n]);
        const [first, ...reversals] = entries;
        const micros = (side: 'chargeMicros' | 'commissionMicros') =>
          reversals.reduce(
            (sum, entry) =>
              sum +
              (entry[side] ??
                (side === 'chargeMicros'
                  ? -amountOn(entry, receivable(ADVERTISER_ID))
                  : amountOn(entry, payable(AFFILIATE_ID))) * 10_000n),
            0n,
          );
        expect(micros('chargeMicros')).toBe(first?.chargeMicros);
        expect(micros('commissionMicros')).toBe(first?.commissionMicros);
        expect(reversals.map(({ isPart }) => isPart)).toEqual([...reversals.slice(1).map(() => true), undefined]);
      }),
    );
  });

  it('are those of before for a lead that has no pricing and no parts', () => {
    const [confirmation] = entriesOf(CONFIRMED, 'UTC');
    expect(Object.keys(confirmation ?? {}).sort()).toEqual(
      [
        'affiliateId',
        'campaignId',
        'causeId',
        'currency',
        'decidedAt',
        'event',
        'kind',
        'legs',
        'month',
        'occurredAt',
        'party',
        'sequence',
        'transactionId',
      ].sort(),
    );
  });
});
