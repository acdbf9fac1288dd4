import { divideRounded } from '../../money/divide-rounded.ts';
import { microsPerMinor, parseMicros } from '../../money/micros.ts';
import { type Lead, pricedAt } from '../lead.ts';
import type { ReturnRules } from '../returns.ts';
import { rejectLead } from './reject-lead.ts';
import { returnLead, underRules } from './return-lead.ts';
import { hasAllParts, MAX_PARTS, takePart } from './reverse-part.ts';
import type { Decision, TransitionResult } from './transition.ts';

/** What was given back of a conversion's worth, in millionths of its currency's major unit. */
export interface Refund {
  /** The sender's own: the same refund is taken once. */
  readonly refundId: string;
  /** Left out: all that is left. */
  readonly part?: { readonly refundedMicros: bigint; readonly totalMicros: bigint } | undefined;
}

/** A refund in decimals, as its sender tells it: of `total`, or else of what the conversion was told to be worth. */
export interface ToldRefund {
  readonly refunded: string;
  readonly total?: string | undefined;
  readonly currency?: string | undefined;
}

export type ReadRefund =
  | { readonly ok: true; readonly part: Refund['part'] }
  | { readonly ok: false; readonly field: 'refunded' | 'total' | 'currency'; readonly message: string };

const NOT_AN_AMOUNT = 'must be a plain decimal with at most 6 decimals, not negative';

/** Reads what share of a lead's conversion a refund is, or says what is wrong with it. */
export function readRefund({ amount }: Lead, { refunded, total, currency }: ToldRefund): ReadRefund {
  const refundedMicros = parseMicros(refunded);
  if (refundedMicros === undefined) return { ok: false, field: 'refunded', message: NOT_AN_AMOUNT };
  if (total !== undefined) {
    const totalMicros = parseMicros(total);
    return totalMicros === undefined
      ? { ok: false, field: 'total', message: NOT_AN_AMOUNT }
      : { ok: true, part: { refundedMicros, totalMicros } };
  }
  if (amount === undefined)
    return { ok: false, field: 'total', message: 'must be given: the conversion was told without an amount' };
  if (currency !== undefined && currency !== amount.currency)
    return { ok: false, field: 'currency', message: `must be ${amount.currency}, as the conversion was told` };
  return { ok: true, part: { refundedMicros, totalMicros: amount.amountMinor * microsPerMinor(amount.currency) } };
}

/**
 * Takes back of a lead what was refunded of its conversion: of the charge the same share as all its refunds together are of the total,
 * rounded a half up, less what was taken for them before, so that in whatever order they come they sum exactly, and the one that completes
 * the total takes all that is left. A pending lead costs less from then on, or is rejected; of a confirmed one it is a return by the
 * advertiser, as far as the rules let it.
 */
export function refundLead(
  lead: Lead,
  decision: Decision,
  refund: Refund,
  rules: ReturnRules | undefined,
): TransitionResult {
  const { status, history } = lead;
  const { refundId, part } = refund;
  if (status === 'reversed' || history.some((transition) => transition.refund?.refundId === refundId))
    return { ok: false, fault: 'already', status };
  if (status === 'rejected') return { ok: false, fault: 'not_allowed', status };
  const partMinor = part === undefined ? undefined : partOf(lead, part);
  if (part === undefined || partMinor === undefined)
    return status === 'pending' ? rejectLead(lead, decision) : returnLead(lead, decision, rules);
  if (hasAllParts(lead)) return { ok: false, fault: 'too_many_parts', status, most: MAX_PARTS };
  const { refundedMicros } = part;
  const taken = takePart(lead, decision, partMinor, { refundId, refundedMicros });
  if (status === 'pending') return { ok: true, lead: taken };
  return underRules(lead, decision, rules, { ok: true, lead: { ...taken, reason: decision.reason } });
}

/** What a refund takes of the charge; undefined where that is all that is left. */
function partOf(lead: Lead, { refundedMicros, totalMicros }: NonNullable<Refund['part']>): bigint | undefined {
  const before = lead.history.filter(({ refund }) => refund !== undefined);
  const allMicros = before.reduce((sum, { refund }) => sum + (refund?.refundedMicros ?? 0n), refundedMicros);
  if (allMicros >= totalMicros) return undefined;
  const takenMinor = before.reduce((sum, { takenBack }) => sum + (takenBack?.chargeMinor ?? 0n), 0n);
  const partMinor = divideRounded(pricedAt(lead).chargeMinor * allMicros, totalMicros) - takenMinor;
  if (partMinor <= 0n) return 0n;
  return partMinor >= lead.chargeMinor ? undefined : partMinor;
}
