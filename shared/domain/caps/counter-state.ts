import type { Instant } from '../time/calendar.ts';
import type { CapPeriod } from './caps.ts';
import type { PeriodLabels } from './period-label.ts';

/** What a limit leaves to be cut into shares: whole units, as a lead is never cut. */
export interface Quota {
  readonly period: CapPeriod;
  /** What follows the label in the name of the count: nothing for leads, a dot and the currency for money. */
  readonly suffix: string;
  readonly limit: bigint;
  /** 1 for leads; for money what one lead is charged. */
  readonly unit: bigint;
}

/**
 * How the limits of a counter are cut among its sub-counters. While it stands, no count of the periods of `since` or later is above the
 * share of its sub-counter, whoever put it there: so a sub-counter by itself knows that there is room.
 */
export interface Shares {
  /** `effectiveFrom` of the terms whose limits are cut: those of older terms do not replace them. */
  readonly from: Instant;
  readonly since: Instant;
  readonly quotas: readonly Quota[];
}

/**
 * What holds for all sub-counters of a counter alike, and only ever changes on all of them in one transaction: a write that depends on
 * it needs to look at one item alone.
 */
export interface CounterState {
  /** Counts of periods before these were moved to items of their own. Undefined where none ever was. */
  readonly floor?: PeriodLabels | undefined;
  readonly shares?: Shares | undefined;
}

/** All that may be taken of a quota: the limit, less what is too little for another lead. */
export const quotaTotal = ({ limit, unit }: Quota): bigint => limit - (limit % unit);

/** What a sub-counter may take. Shares differ by one unit at most, and sum to the quota's total. */
export function shareOf({ limit, unit }: Quota, shard: number, shards: number): bigint {
  const units = limit / unit;
  const extra = BigInt(shard) < units % BigInt(shards) ? 1n : 0n;
  return unit * (units / BigInt(shards) + extra);
}

type StateText = {
  readonly floor?: readonly [string, string, string, string];
  readonly from?: string;
  readonly since?: string;
  readonly quotas?: readonly (readonly [period: CapPeriod, suffix: string, limit: string, unit: string])[];
};

/** A state as text: equal texts are equal states. */
export function writeState({ floor, shares }: CounterState): string {
  const text: StateText = {
    ...(floor !== undefined && { floor: [floor.hour, floor.day, floor.week, floor.month] }),
    ...(shares !== undefined && {
      from: shares.from,
      since: shares.since,
      quotas: shares.quotas.map(({ period, suffix, limit, unit }) => [period, suffix, `${limit}`, `${unit}`]),
    }),
  };
  return JSON.stringify(text);
}

export function readState(text: string | undefined): CounterState {
  if (text === undefined) return {};
  const { floor, from, since, quotas } = JSON.parse(text) as StateText;
  return {
    ...(floor !== undefined && {
      floor: { hour: floor[0], day: floor[1], week: floor[2], month: floor[3], total: 't' },
    }),
    ...(from !== undefined &&
      since !== undefined &&
      quotas !== undefined && {
        shares: {
          from,
          since,
          quotas: quotas.map(([period, suffix, limit, unit]) => ({
            period,
            suffix,
            limit: BigInt(limit),
            unit: BigInt(unit),
          })),
        },
      }),
  };
}
