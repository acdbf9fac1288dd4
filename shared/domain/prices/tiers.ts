import { divideRounded } from '../money/divide-rounded.ts';
import { MICROS } from '../money/micros.ts';
import type { Tier, TierStep } from './pricing.ts';

/** Leads that are priced together: how many, and what they were priced at one by one, in micros. */
export interface Volume {
  readonly leads: bigint;
  readonly micros: bigint;
}

/**
 * What leads come to more (or less) by a tier than what they were priced at, in micros. Leads of different prices count as if each had
 * the average: so it does not matter which of them came first.
 */
export function tierAdjustment({ mode, steps }: Pick<Tier, 'mode' | 'steps'>, volume: Volume): bigint {
  if (volume.leads === 0n) return 0n;
  const reached = steps.filter(({ from }) => from <= volume.leads);
  if (mode === 'retroactive') {
    const highest = reached.at(-1);
    return highest === undefined ? 0n : differenceOf(highest, volume, volume.leads);
  }
  return reached.reduce((sum, step, index) => {
    const next = reached[index + 1]?.from ?? volume.leads + 1n;
    return sum + differenceOf(step, volume, next - step.from);
  }, 0n);
}

/** What `leads` of a volume cost by a step, less their part of what the volume was priced at. */
function differenceOf({ price }: TierStep, { leads: all, micros }: Volume, leads: bigint): bigint {
  return price.kind === 'fixed'
    ? divideRounded(price.micros * leads * all - micros * leads, all)
    : divideRounded(micros * leads * (price.shareMicros - MICROS), all * MICROS);
}
