import type { Price, Pricing } from '../../shared/domain/prices/pricing.ts';

/** A pricing that says nothing but what is given. */
export const pricing = (given: Partial<Pricing> = {}): Pricing => ({
  events: {},
  rules: [],
  tiers: [],
  bonuses: [],
  guarantees: [],
  ...given,
});

/** So many micros: 1 EUR is 1,000,000n. */
export const fixed = (micros: bigint): Price => ({ kind: 'fixed', micros });
/** Shares are in millionths: 5% is 50,000n. */
export const ofAmount = (shareMicros: bigint): Price => ({ kind: 'of_amount', shareMicros });
export const ofCharge = (shareMicros: bigint): Price => ({ kind: 'of_charge', shareMicros });
