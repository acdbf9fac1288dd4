import { instantOf, millisecondsOf } from '../../time/calendar.ts';
import { type Lead, lessParts } from '../lead.ts';
import { leadPrice } from '../price.ts';
import type { SystemReason } from '../reasons.ts';
import { type DecidedUnder, type Decision, move, type TransitionResult } from './transition.ts';

/**
 * Verdicts that say whose lead it is, that it is nobody's, or that it has no price: they are not for the advertiser to take back, as it
 * would owe somebody who did not bring the lead. What a rule, a score or a cap has rejected, or a person, was somebody's lead.
 */
const NOTHING_OWED: ReadonlySet<string> = new Set([
  'unattributed',
  'click_not_found',
  'campaign_mismatch',
  'affiliate_mismatch',
  'affiliate_not_approved',
  'conversion_before_click',
  'no_terms_in_force',
  'amount_needed',
  'amount_in_other_currency',
] satisfies SystemReason[]);

/**
 * rejected → confirmed, by the advertiser or the operator, within the time that the terms give after the rejection. The lead is billed at
 * the price of the versions that it was decided under, whatever they are by now.
 */
export function undoRejection(
  lead: Lead,
  decision: Decision,
  { terms, affiliateTerms }: DecidedUnder,
): TransitionResult {
  const moved = move(lead, 'rejected', 'confirmed', 'undone', decision);
  if (!moved.ok) return moved;
  if (lead.yieldedTo !== undefined) return { ok: false, fault: 'key_taken', heldBy: lead.yieldedTo };
  const rejection = lead.history.findLast(({ status }) => status === 'rejected');
  // What a person gave as the reason is in words of its own, whatever they look like.
  const isFinal = rejection?.actor === 'system' && NOTHING_OWED.has(rejection.reason ?? '');
  if (terms === undefined || isFinal) {
    return { ok: false, fault: 'nothing_owed', status: 'rejected', reason: lead.reason };
  }
  if (terms.undoMs === 0) return { ok: false, fault: 'undo_over', status: 'rejected', until: undefined };
  const until = instantOf(millisecondsOf(rejection?.at ?? lead.receivedAt) + terms.undoMs);
  if (decision.at > until) return { ok: false, fault: 'undo_over', status: 'rejected', until };
  const { evidence, currency } = lead;
  const price = leadPrice(terms, affiliateTerms, { ...lead, country: evidence.country }, currency);
  if (typeof price === 'string') return { ok: false, fault: 'nothing_owed', status: 'rejected', reason: price };
  return { ok: true, lead: { ...moved.lead, ...price, ...lessParts(price, lead.history) } };
}
