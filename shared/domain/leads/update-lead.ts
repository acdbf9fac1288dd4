import { isSameMoney, type Money } from '../money/money.ts';
import type { Signals } from '../qualification/signals.ts';
import type { Instant } from '../time/calendar.ts';
import type { Judgement } from './decide-lead.ts';
import { type Evidence, historyOfMessages, type Lead, lessParts } from './lead.ts';
import { NO_PRICE, priceIn } from './price.ts';

/** A later message that adds to a pending lead. */
export interface LeadAddition {
  readonly receiptId: string;
  readonly receivedAt: Instant;
  readonly evidence: Pick<Evidence, 'sender' | 'signals' | 'fieldsHash'>;
  /** Where it says what the conversion is worth by now: it stands in the place of what was said before. */
  readonly said?: { readonly amount: Money | undefined; readonly bodyHash: string } | undefined;
}

/**
 * A lead's signals with those of a later message: what the later one says anew stands. When the lead came from where does not change,
 * so its times, source and affiliate stay.
 */
export function addSignals(signals: Signals | undefined, added: Signals | undefined, at: Instant): Signals | undefined {
  if (signals === undefined || added === undefined) return added ?? signals;
  const given = new Set([...(signals.given ?? []), ...(added.given ?? [])]);
  const said = Object.fromEntries(Object.entries(added).filter(([, value]) => value !== undefined));
  return {
    ...signals,
    ...said,
    occurredAt: signals.occurredAt,
    clickedAt: signals.clickedAt,
    source: signals.source,
    affiliateId: signals.affiliateId,
    subIds: signals.subIds,
    given: given.size > 0 ? [...given].sort() : undefined,
    fields:
      signals.fields === undefined && added.fields === undefined ? undefined : { ...signals.fields, ...added.fields },
    counts:
      signals.counts === undefined && added.counts === undefined ? undefined : { ...signals.counts, ...added.counts },
    updatedAt: at,
  };
}

/**
 * A pending lead after a later message added to it, judged again: where it came from stays, and what it costs unless the message says that
 * it is worth something else.
 */
export function updateLead(existing: Lead, { verdict, score }: Judgement, addition: LeadAddition): Lead {
  const version = existing.version + 1;
  const reason = 'reason' in verdict ? verdict.reason : undefined;
  const { status } = verdict;
  const { receiptId, receivedAt, said = existing } = addition;
  const { amount, bodyHash } = said;
  const action = isSameMoney(amount, existing.amount) ? 'updated' : 'revalued';
  return {
    ...existing,
    ...(verdict.status === 'rejected' ? NO_PRICE : { ...priceIn(verdict), ...lessParts(verdict, existing.history) }),
    status,
    reason,
    amount,
    bodyHash,
    score,
    holdUntil: verdict.status === 'pending' ? verdict.holdUntil : undefined,
    evidence: { ...existing.evidence, ...addition.evidence },
    receiptId,
    receivedAt: receivedAt > existing.receivedAt ? receivedAt : existing.receivedAt,
    version,
    history: [...historyOfMessages(existing), { version, action, status, reason, at: receivedAt, actor: 'system' }],
  };
}
