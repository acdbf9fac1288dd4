import { divideRounded } from '../../money/divide-rounded.ts';

import { type Lead, pricedAt, type RefundRecord } from '../lead.ts';
import type { Decision, TransitionResult } from './transition.ts';

/** How many parts of a lead may be taken back before the rest is. */
export const MAX_PARTS = 10;

/** A part of a lead's charge, and the version of the lead that it is to be taken off. */
export interface Part {
  readonly chargeMinor: bigint;
  /** Left out: whatever version it is, but the same part is not taken twice for the same reason by the same key. */
  readonly version?: number | undefined;
}

/**
 * confirmed → confirmed, with a part of the charge taken back, and as large a part of the commission: of all parts together it is the
 * share, rounded a half up, so that the reversal of the rest leaves nothing. The part must be less than what is left.
 */
export function reversePart(lead: Lead, decision: Decision, part: Part): TransitionResult {
  if (isTakenBack(lead, decision, part)) return { ok: false, fault: 'already', status: lead.status };
  if (lead.status !== 'confirmed') return { ok: false, fault: 'not_allowed', status: lead.status };
  if (part.version !== undefined && part.version !== lead.version) {
    return { ok: false, fault: 'version_changed', status: lead.status, version: lead.version };
  }
  if (part.chargeMinor >= lead.chargeMinor) {
    return { ok: false, fault: 'too_much', status: lead.status, leftMinor: lead.chargeMinor, currency: lead.currency };
  }
  if (hasAllParts(lead)) return { ok: false, fault: 'too_many_parts', status: lead.status, most: MAX_PARTS };
  return { ok: true, lead: { ...takePart(lead, decision, part.chargeMinor), reason: decision.reason } };
}

/**
 * A lead with a part taken off its charge, and as large a part off its commission. Of a lead without a charge no part says what it is of
 * the commission.
 */
export function takePart(lead: Lead, { at, actor, reason }: Decision, partMinor: bigint, refund?: RefundRecord): Lead {
  const priced = pricedAt(lead);
  const chargeMinor = lead.chargeMinor - partMinor;
  const takenMinor =
    priced.chargeMinor === 0n
      ? 0n
      : divideRounded(priced.commissionMinor * (priced.chargeMinor - chargeMinor), priced.chargeMinor);
  const commissionMinor = priced.commissionMinor - takenMinor;
  const version = lead.version + 1;
  const takenBack = { chargeMinor: partMinor, commissionMinor: lead.commissionMinor - commissionMinor };
  const { status } = lead;
  return {
    ...lead,
    chargeMinor,
    commissionMinor,
    version,
    history: [...lead.history, { version, action: 'reversed_in_part', status, reason, at, actor, takenBack, refund }],
  };
}

/** Whether as many parts of a lead were taken back as may be. */
export const hasAllParts = ({ history }: Lead): boolean =>
  history.filter(({ takenBack }) => takenBack !== undefined).length >= MAX_PARTS;

/** Whether a part was taken back just so before: perhaps for the same caller, who never got the answer. */
export const isTakenBack = (lead: Lead, decision: Decision, part: Part): boolean =>
  lead.history.some(
    ({ version, takenBack, actor, reason }) =>
      takenBack?.chargeMinor === part.chargeMinor &&
      actor === decision.actor &&
      reason === decision.reason &&
      (part.version === undefined || part.version === version - 1),
  );
