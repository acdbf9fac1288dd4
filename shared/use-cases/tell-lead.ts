import { viewLead } from '../contracts/leads.ts';
import type { DestinationOwner } from '../domain/deliveries/destination.ts';
import type { OutgoingEvent } from '../domain/deliveries/event.ts';
import type { LeadEvent } from '../domain/deliveries/lead-events.ts';

/** A lead that was taken back in many parts has a long history: the latest are told. */
const TOLD_TRANSITIONS = 20;

/** An event of a lead as the owner of a destination may see it: the lead as the API shows it to that party. */
export function tellLead(
  { eventId, type, sequence, occurredAt, lead }: LeadEvent,
  owner: DestinationOwner,
): OutgoingEvent {
  const { leadId, advertiserId, affiliateId, campaignId } = lead;
  const role =
    owner.affiliateId !== undefined ? 'affiliate' : owner.advertiserId !== undefined ? 'advertiser' : 'operator';
  const { history, ...view } = viewLead(lead, role);
  return {
    eventId,
    type,
    subject: leadId,
    sequence,
    occurredAt,
    advertiserId,
    affiliateId,
    campaignId,
    data: { ...view, history: history.slice(-TOLD_TRANSITIONS) },
  };
}
