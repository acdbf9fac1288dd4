import type { Instant } from '../../time/calendar.ts';
import { afterOptIn, standing } from '../decide-lead.ts';
import { awaitsOptIn, hasExpired, type Lead } from '../lead.ts';
import type { DecidedUnder, TransitionResult } from './transition.ts';

/**
 * Moves a lead on whose person has opened the link that was mailed: to where the campaign's confirmation mode takes it, by the terms that it
 * was decided under. `already`: it does not wait for the link, or not any more; `not_allowed`: the link has run out.
 */
export function optIn(lead: Lead, at: Instant, { terms }: Pick<DecidedUnder, 'terms'>): TransitionResult {
  const { status, occurredAt, holdUntil, evidence, score } = lead;
  if (!awaitsOptIn(lead) && !hasExpired(lead)) return { ok: false, fault: 'already', status };
  const isOver = hasExpired(lead) || (holdUntil !== undefined && holdUntil < at);
  if (isOver || terms === undefined) return { ok: false, fault: 'not_allowed', status };
  const next = standing({ sender: afterOptIn(evidence.sender ?? 'decides'), occurredAt }, terms, score);
  const because = next.status === 'pending' ? next.reason : undefined;
  const version = lead.version + 1;
  return {
    ok: true,
    lead: {
      ...lead,
      status: next.status,
      reason: because,
      holdUntil: next.status === 'pending' ? next.holdUntil : undefined,
      version,
      history: [
        ...lead.history,
        { version, action: 'opted_in', status: next.status, reason: because, at, actor: 'system' },
      ],
    },
  };
}
