import { type Instant, millisecondsOf } from '../../time/calendar.ts';
import { awaitsOptIn, isOfMessage, type Lead, type LeadTransition, MAX_TRANSITIONS } from '../lead.ts';

/** How often in 24 hours a person is mailed the link once more. */
const MAX_REMINDERS_A_DAY = 3;
/** What comes sooner after the mail is a second press of the button. */
export const REMINDER_AFTER_MS = 60_000;
const DAY_MS = 86_400_000;

/** A form that was sent again by somebody who has yet to open the link. */
export interface FormAgain {
  readonly receiptId: string;
  readonly receivedAt: Instant;
  /** Whether it said more than before: an address that was mistyped is mailed at once. */
  readonly saysMore: boolean;
}

/**
 * A lead that waits for its person, asked for once more because the form was sent again: the mail may be lost. Undefined where nothing is to be
 * asked, or was asked by the same message already.
 */
export function remind(lead: Lead, { receiptId, receivedAt, saysMore }: FormAgain): Lead | undefined {
  const { history, holdUntil } = lead;
  if (!awaitsOptIn(lead) || history.length >= MAX_TRANSITIONS) return undefined;
  // The link has run out: the form can be sent anew in a moment, once that has ended the lead.
  if (holdUntil !== undefined && holdUntil < receivedAt) return undefined;
  if (history.some((asked) => asked.receiptId === receiptId && !isOfMessage(asked))) return undefined;
  const agoMs = ({ at }: LeadTransition) => millisecondsOf(receivedAt) - millisecondsOf(at);
  const isTooSoon = !saysMore && history.some((asked) => asks(asked) && agoMs(asked) < REMINDER_AFTER_MS);
  const today = history.filter((asked) => asked.action === 'reminded' && agoMs(asked) < DAY_MS);
  if (isTooSoon || today.length >= MAX_REMINDERS_A_DAY) return undefined;
  const version = lead.version + 1;
  const { status, reason } = lead;
  return {
    ...lead,
    version,
    history: [...history, { version, action: 'reminded', status, reason, at: receivedAt, actor: 'system', receiptId }],
  };
}

/** Whether a transition had the person mailed. */
const asks = (transition: LeadTransition): boolean => awaitsOptIn(transition) && transition.action !== 'updated';
