import type { Lead, LeadAction, LeadTransition } from '../leads/lead.ts';
import type { Instant } from '../time/calendar.ts';
import { type Digest, type EventType, eventIdOf } from './event.ts';

/** An event of a lead, and the lead as it was then. */
export interface LeadEvent {
  readonly eventId: string;
  readonly type: EventType;
  readonly sequence: number;
  readonly occurredAt: Instant;
  readonly lead: Lead;
}

/**
 * The events that a change of a lead makes: one for each transition that others shall know of, oldest first. `before` is what was there;
 * a change that is told again makes the same events, with the same ids.
 */
export function leadEvents(before: Lead | undefined, after: Lead, digest: Digest): LeadEvent[] {
  const since = before?.version ?? 0;
  return after.history.flatMap((transition, index) => {
    if (transition.version <= since || !isNews(transition, after.history[index - 1])) return [];
    const type = typeOf(transition);
    const { version, status, reason, at } = transition;
    return [
      {
        eventId: eventIdOf(digest, type, after.leadId, version),
        type,
        sequence: version,
        occurredAt: at,
        lead: { ...after, version, status, reason, history: after.history.slice(0, index + 1) },
      },
    ];
  });
}

/** What nobody knows yet but the person who has to confirm it is told to the mailer alone, which has the link in the contact data. */
function typeOf({ action, status, reason }: LeadTransition): EventType {
  if (status === 'pending' && reason === 'awaiting_opt_in') return 'lead.opt_in_requested';
  return action === 'reversed_in_part' ? 'lead.reversed_in_part' : `lead.${status}`;
}

const LEAVES_IT_PENDING: ReadonlySet<LeadAction> = new Set(['updated', 'revalued', 'reversed_in_part']);

/** What changes a pending lead and leaves it pending is no news: what it costs is told once it is confirmed. */
const isNews = ({ action, status }: LeadTransition, previous: LeadTransition | undefined): boolean =>
  status !== previous?.status || status !== 'pending' || !LEAVES_IT_PENDING.has(action);
