import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Tier, TierStep } from '../../../shared/domain/prices/pricing.ts';
import { tierAdjustment } from '../../../shared/domain/prices/tiers.ts';

const EUR = 1_000_000n;
const to = (from: bigint, eur: bigint): TierStep => ({ from, price: { kind: 'fixed', micros: eur * EUR } });
const by = (from: bigint, shareMicros: bigint): TierStep => ({ from, price: { kind: 'of_own', shareMicros } });
const STEPS = [to(101n, 22n), to(501n, 20n)];
const marginal = (steps: readonly TierStep[]): Pick<Tier, 'mode' | 'steps'> => ({ mode: 'marginal', steps });
const retroactive = (steps: readonly TierStep[]): Pick<Tier, 'mode' | 'steps'> => ({ mode: 'retroactive', steps });
/** Leads at 25.00 each. */
const at25 = (leads: bigint) => ({ leads, micros: leads * 25n * EUR });

describe('prices by volume', () => {
  it.each([
    ['none', 0n, 0n],
    ['the last before a step', 100n, 0n],
    ['the first of a step', 101n, -3n],
    ['the last of a step', 500n, -1200n],
    ['the first of the next', 501n, -1205n],
    ['many', 1000n, -3700n],
  ])('marginal: %s', (_what, leads, eur) => {
    expect(tierAdjustment(marginal(STEPS), at25(leads))).toBe(eur * EUR);
  });

  it.each([
    ['none', 0n, 0n],
    ['the last before a step', 100n, 0n],
    ['the first of a step', 101n, -303n],
    ['the last of a step', 500n, -1500n],
    ['the first of the next', 501n, -2505n],
  ])('retroactive: %s', (_what, leads, eur) => {
    expect(tierAdjustment(retroactive(STEPS), at25(leads))).toBe(eur * EUR);
  });

  it.each([
    ['none of them', 1n, 0n],
    ['one of two', 2n, 5n],
    ['two of three', 3n, 10n],
  ])('a share of what each was priced at: %s', (_what, leads, eur) => {
    expect(tierAdjustment(marginal([by(2n, 1_200_000n)]), at25(leads))).toBe(eur * EUR);
  });

  it('counts leads of different prices at their average', () => {
    // 10, 20 and 30 EUR; the third and last is to be 14 instead of 20.
    expect(tierAdjustment(marginal([to(3n, 14n)]), { leads: 3n, micros: 60n * EUR })).toBe(-6n * EUR);
    expect(tierAdjustment(marginal([by(3n, 500_000n)]), { leads: 3n, micros: 60n * EUR })).toBe(-10n * EUR);
  });

  const step = fc.record({
    from: fc.bigInt(1n, 40n),
    price: fc.oneof(
      fc.record({ kind: fc.constant('fixed' as const), micros: fc.bigInt(0n, 50n * EUR) }),
      fc.record({ kind: fc.constant('of_own' as const), shareMicros: fc.bigInt(0n, 3_000_000n) }),
    ),
  });
  const steps = fc
    .uniqueArray(step, { minLength: 1, maxLength: 5, selector: ({ from }) => from })
    .map((list) => list.toSorted((left, right) => (left.from < right.from ? -1 : 1)));
  const volume = fc
    .bigInt(1n, 50n)
    .chain((leads) => fc.bigInt(0n, 50n * EUR).map((each) => ({ leads, micros: leads * each })));

  it('marginal is the sum over the leads one by one, whatever their order, where all have one price', () => {
    fc.assert(
      fc.property(steps, volume, (given, counted) => {
        const own = counted.micros / counted.leads;
        let sum = 0n;
        for (let lead = 1n; lead <= counted.leads; lead += 1n) {
          const reached = given.findLast(({ from }) => from <= lead)?.price;
          if (reached === undefined) continue;
          sum += (reached.kind === 'fixed' ? reached.micros : (own * reached.shareMicros) / EUR) - own;
        }
        const off = tierAdjustment(marginal(given), counted) - sum;
        // Shares are rounded once a step here, and down for each lead above.
        expect(off >= -3n && off <= 50n + 3n).toBe(true);
      }),
    );
  });

  it('marginal and retroactive are the same while no step but one that begins with the first lead is reached', () => {
    fc.assert(
      fc.property(steps, volume, ([first, ...others], { leads, micros }) => {
        if (first === undefined) return;
        const from1 = [{ ...first, from: 1n }, ...others.filter(({ from }) => from > leads)];
        const counted = { leads, micros };
        expect(tierAdjustment(marginal(from1), counted)).toBe(tierAdjustment(retroactive(from1), counted));
      }),
    );
  });

  it('never takes more off than was priced', () => {
    fc.assert(
      fc.property(steps, volume, fc.constantFrom(marginal, retroactive), (given, counted, mode) => {
        // Each step may be rounded by half a millionth.
        expect(counted.micros + tierAdjustment(mode(given), counted) >= -5n).toBe(true);
      }),
    );
  });
});
