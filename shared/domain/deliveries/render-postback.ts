import { formatAmount, parseAmount } from '../money/money.ts';
import { type Instant, millisecondsOf } from '../time/calendar.ts';
import { type EventTopic, type PostbackDestination, templateFor } from './destination.ts';
import type { OutgoingEvent } from './event.ts';
import { type StatusWords, SUBS, systemStatuses } from './postback-macros.ts';
import { fillTemplate, fillUrl, type MacroValues } from './postback-template.ts';

/** What of an event its destinations are chosen by. */
export const topicOf = ({ type, campaignId, data }: OutgoingEvent): EventTopic => ({
  type,
  campaignId,
  leadEvent: type.startsWith('lead.') ? textIn(data, 'event') : undefined,
});

/** A postback without its signature. */
export interface RenderedPostback {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly body?: string | undefined;
}

/** What the parties call what an event is about. */
export interface Names {
  readonly campaign?: { readonly name: string; readonly externalId?: string | undefined } | undefined;
  readonly affiliate?: { readonly name: string; readonly externalId?: string | undefined } | undefined;
}

/** Fills the template that a destination has for an event. */
export function renderPostback(
  destination: PostbackDestination,
  event: OutgoingEvent,
  names: Names = {},
): RenderedPostback {
  const { method, url, body } = templateFor(destination, topicOf(event));
  const { macros, statuses } = destination;
  const values = macroValues(event, { ...(macros && systemStatuses[macros]), ...statuses }, names);
  return {
    method,
    url: fillUrl(url, values, macros),
    body: method === 'GET' ? undefined : fillTemplate(body ?? '', values, macros),
  };
}

/** What macros stand for in an event of a lead. Times are UTC. */
function macroValues(
  { eventId, type, data }: OutgoingEvent,
  statuses: StatusWords,
  { campaign, affiliate }: Names,
): MacroValues {
  const text = (name: string) => textIn(data, name);
  const occurredAt = text('occurredAt');
  const all = {
    advertiser_id: text('advertiserId'),
    affiliate_id: text('affiliateId'),
    affiliate_name: affiliate?.name,
    affiliate_ref: affiliate?.externalId ?? text('affiliateId'),
    amount: textIn(data['amount'], 'amount'),
    amount_currency: textIn(data['amount'], 'currency'),
    campaign_id: text('campaignId'),
    campaign_name: campaign?.name,
    campaign_ref: campaign?.externalId ?? text('campaignId'),
    click_id: text('clickId'),
    click_time: dateTime(text('clickedAt')),
    commission: commissionOf(data),
    currency: text('currency'),
    date_only: occurredAt?.slice(0, 10),
    datetime: dateTime(occurredAt),
    event: text('event'),
    event_type: type,
    lead_id: text('leadId'),
    occurred_at: occurredAt,
    postback_id: eventId,
    reason: text('reason'),
    source: text('source'),
    status: statusOf(data, statuses),
    time: dateTime(occurredAt)?.slice(11),
    timestamp: occurredAt && Math.floor(millisecondsOf(occurredAt) / 1000).toString(),
    transaction_id: text('transactionId'),
    ...Object.fromEntries(SUBS.map((name) => [name, textIn(data['subIds'], name)])),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function statusOf(data: OutgoingEvent['data'], words: StatusWords): string {
  const status = textIn(data, 'status') ?? '';
  const isHeld = status === 'pending' && textIn(data, 'holdUntil') !== undefined;
  return (isHeld ? words.held : undefined) ?? words[status as keyof StatusWords] ?? status;
}

/**
 * What the affiliate earns, less what was taken back in part; nothing where the lead was rejected. Of one that is reversed all of it is
 * taken back, and a tracker that heard of no parts has booked what it was confirmed with: so they are counted too.
 */
function commissionOf(data: OutgoingEvent['data']): string | undefined {
  const [commission, currency] = [textIn(data, 'commission'), textIn(data, 'currency')];
  if (commission === undefined || currency === undefined) return commission;
  if (data['status'] === 'rejected') return formatAmount(0n, currency);
  if (data['status'] !== 'reversed' || !Array.isArray(data['history'])) return commission;
  const parts = data['history'].flatMap((transition) =>
    textIn(transition, 'status') === 'confirmed' ? (textIn(transition.takenBack, 'commission') ?? []) : [],
  );
  const minors = [commission, ...parts].map((text) => {
    const parsed = parseAmount(text, currency);
    return parsed.ok ? parsed.amountMinor : 0n;
  });
  return formatAmount(
    minors.reduce((sum, minor) => sum + minor, 0n),
    currency,
  );
}

/** `2026-11-22 10:00:00`. */
const dateTime = (at: Instant | undefined): string | undefined => at?.slice(0, 19).replace('T', ' ');

function textIn(data: unknown, name: string): string | undefined {
  const value =
    typeof data === 'object' && data !== null ? (data as Readonly<Record<string, unknown>>)[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}
