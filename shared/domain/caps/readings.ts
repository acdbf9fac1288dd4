import type { Cap, Caps } from './caps.ts';
import { amountsOf, type CountedLead, suffixOf } from './counter.ts';

/** What a cap had counted before a lead: of one sub-counter and its share, where that alone was looked at. */
export interface CapReading {
  readonly cap: Cap;
  readonly used: bigint;
  readonly limit: bigint;
  readonly shard?: number | undefined;
}

/**
 * The cap that keeps a lead out: of those that are full the first, in the order of the terms, that rejects, else the first. Nobody waits
 * for what another cap forbids. `lead` with what it would be charged.
 */
export function capInTheWay(
  readings: readonly CapReading[],
  { limits }: Caps,
  lead: Pick<CountedLead, 'chargeMinor' | 'currency'>,
): Cap | undefined {
  const amounts = amountsOf(lead);
  const full = new Set(
    readings
      .filter(({ cap, used, limit }) => used + (amounts[suffixOf(cap, lead)] ?? 0n) > limit)
      .map(({ cap }) => cap),
  );
  const inOrder = limits.filter((cap) => full.has(cap));
  return inOrder.find(({ over }) => over !== 'pending') ?? inOrder[0];
}

/**
 * Readings as they stand on a lead: `0=49 2=1200/2500@3` is 49 of the first cap of the terms, and of the third 1200 of the 2500 that are
 * the share of sub-counter 3.
 */
export const writeReadings = (readings: readonly CapReading[], { limits }: Caps): string =>
  readings
    .map(
      ({ cap, used, limit, shard }) =>
        `${limits.indexOf(cap)}=${used}${shard === undefined ? '' : `/${limit}@${shard}`}`,
    )
    .join(' ');

const READING = /^(?<index>\d+)=(?<used>-?\d+)(?:\/(?<limit>\d+)@(?<shard>\d+))?$/;

/** Throws RangeError where the text is none, or of other caps. */
export function readReadings(text: string, { limits }: Caps): CapReading[] {
  return text.split(' ').map((part) => {
    const { index = '', used = '', limit, shard } = READING.exec(part)?.groups ?? {};
    const cap = limits[Number.parseInt(index, 10)];
    if (cap === undefined) throw new RangeError(`${part} is no reading of these caps`);
    return {
      cap,
      used: BigInt(used),
      limit: limit === undefined ? cap.limit : BigInt(limit),
      shard: shard === undefined ? undefined : Number.parseInt(shard, 10),
    };
  });
}
