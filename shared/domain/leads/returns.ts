import { type Instant, instantOf, type Month, millisecondsOf } from '../time/calendar.ts';
import type { Lead } from './lead.ts';

/** What an advertiser has agreed to when it gives a confirmed lead back. Part of a campaign's terms; binds the advertiser, not the operator. */
export interface ReturnRules {
  /** The reasons that count, word for word; none named: any. */
  readonly reasons: readonly string[];
  /** How long after its confirmation a lead may be returned; undefined: for ever. */
  readonly withinMs?: number | undefined;
  /** How many of a month's confirmed leads may be returned, in whole percent; undefined: all. */
  readonly maxSharePercent?: number | undefined;
}

export type ReturnFault =
  | { readonly rule: 'reasons'; readonly allowed: readonly string[] }
  /** `until`: the last instant at which it was possible. */
  | { readonly rule: 'within'; readonly until: Instant }
  /** `allowed`: how many of the month's leads may be returned, all of which were. */
  | { readonly rule: 'maxShare'; readonly maxSharePercent: number; readonly month: Month; readonly allowed: bigint };

/** What stands against returning a lead for a reason at an instant, its month's share aside; undefined where nothing does. */
export function returnFault(
  { reasons, withinMs }: ReturnRules,
  lead: Lead,
  { reason, at }: { readonly reason?: string | undefined; readonly at: Instant },
): ReturnFault | undefined {
  if (reasons.length > 0 && (reason === undefined || !reasons.includes(reason))) {
    return { rule: 'reasons', allowed: reasons };
  }
  const confirmedAt = lead.history.findLast(
    ({ status, takenBack }) => status === 'confirmed' && takenBack === undefined,
  )?.at;
  if (withinMs === undefined || confirmedAt === undefined) return undefined;
  const until = instantOf(millisecondsOf(confirmedAt) + withinMs);
  return at > until ? { rule: 'within', until } : undefined;
}

/** How many leads of a month may be returned in all where `confirmed` were confirmed, later returned ones included. Rounded down. */
export const returnsAllowed = (maxSharePercent: number, confirmed: bigint): bigint =>
  (confirmed * BigInt(maxSharePercent)) / 100n;

/** How many confirmed leads of a month it takes so that `returned` may be returned; undefined where no number would do. */
export const returnsNeed = (maxSharePercent: number, returned: bigint): bigint | undefined =>
  maxSharePercent === 0 ? undefined : (returned * 100n + BigInt(maxSharePercent) - 1n) / BigInt(maxSharePercent);
