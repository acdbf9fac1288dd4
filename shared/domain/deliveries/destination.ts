import { type Instant, later } from '../time/calendar.ts';
import type { EventType, OutgoingEvent } from './event.ts';
import { type MacroSystem, type StatusWords, VERDICT_MACROS } from './postback-macros.ts';
import { macrosIn } from './postback-template.ts';

/** Whose destination it is: an advertiser's, an affiliate's or, with neither, the network's own. */
export interface DestinationOwner {
  readonly advertiserId?: string | undefined;
  readonly affiliateId?: string | undefined;
}

interface DestinationFacts extends DestinationOwner {
  readonly destinationId: string;
  readonly label?: string | undefined;
  /** What happens while it is paused is not told later. */
  readonly status: 'active' | 'paused';
  /** What it is told of. */
  readonly events: readonly EventType[];
  /** The campaigns of whose leads it is told, and of which of their events (`lead`, `sale`, ...); all, where absent. */
  readonly campaigns?: readonly string[] | undefined;
  readonly leadEvents?: readonly string[] | undefined;
  /** Where the events go: of a postback, the template for what none of its `templates` is for. */
  readonly url: string;
  /** When it was made, or went on after a pause: what happened before is not told. */
  readonly since: Instant;
  /** What was converted before is history, and not told. */
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  /** Counts from 1. */
  readonly version: number;
}

/** What is sent: a GET, or a POST of a form. Both may have macros. */
export interface PostbackTemplate {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  /** Of a POST: `application/x-www-form-urlencoded`. */
  readonly body?: string | undefined;
}

/** A template for some types of events, or some events of leads, alone. */
export interface SpecialTemplate extends PostbackTemplate {
  readonly events?: readonly EventType[] | undefined;
  readonly leadEvents?: readonly string[] | undefined;
}

/** A postback's own template, and those that come before it. */
export interface PostbackTemplates extends PostbackTemplate {
  /** The first that is for an event is taken, before the one of the destination itself. */
  readonly templates: readonly SpecialTemplate[];
  /** Whose macros they have; ours, where it is left out. */
  readonly macros?: MacroSystem | undefined;
  /** The events of leads that alone are told by them; all, where absent. */
  readonly leadEvents?: readonly string[] | undefined;
}

/** A URL with macros, as affiliates' trackers take it. */
export interface PostbackDestination extends DestinationFacts, PostbackTemplates {
  readonly kind: 'postback';
  /** What `{status}` says, where the receiver has other words. */
  readonly statuses?: StatusWords | undefined;
  /** Whether `ts`, `kid` and `sig` follow. */
  readonly signed: boolean;
}

/** A message by Standard Webhooks. */
export interface WebhookDestination extends DestinationFacts {
  readonly kind: 'webhook';
  /** Whether contact data of leads are sent too; they are read as it is sent, and never kept with it. */
  readonly includeContact: boolean;
}

/** Where events are told. */
export type Destination = PostbackDestination | WebhookDestination;

/** Whoever announces events knows what is changed of destinations after so long. */
export const SETTLES_MS = 5000;

/** From when on all that a destination wants is told to it, as it is now: in the seconds before, as it was, or not at all. */
export const tellsFrom = ({ updatedAt }: Pick<Destination, 'updatedAt'>): Instant => later(updatedAt, SETTLES_MS);

/** Under what an owner's destinations are found. */
export const ownerKey = ({ advertiserId, affiliateId }: DestinationOwner): string =>
  advertiserId ?? affiliateId ?? 'network';

const LEAD_EVENTS = [
  'lead.pending',
  'lead.confirmed',
  'lead.rejected',
  'lead.reversed',
  'lead.reversed_in_part',
] as const satisfies readonly EventType[];
const PAYOUT_EVENTS = ['payout.sent', 'payout.paid', 'payout.failed'] as const satisfies readonly EventType[];

/**
 * What an owner may be told of. The link of `lead.opt_in_requested` is for whoever writes to the person: an affiliate that had it could
 * open it itself.
 */
export function tellable({ advertiserId, affiliateId }: DestinationOwner): readonly EventType[] {
  if (advertiserId !== undefined) return [...LEAD_EVENTS, 'lead.opt_in_requested', 'invoice.issued'];
  if (affiliateId !== undefined) return [...LEAD_EVENTS, 'statement.issued', ...PAYOUT_EVENTS];
  return [...LEAD_EVENTS, 'lead.opt_in_requested', 'invoice.issued', 'statement.issued', ...PAYOUT_EVENTS];
}

/** What a postback can tell: its macros are those of leads. */
export const postbackEvents: readonly EventType[] = LEAD_EVENTS;

const USUAL_POSTBACK_EVENTS: readonly EventType[] = ['lead.confirmed', 'lead.rejected', 'lead.reversed'];

/** What a postback tells where nothing else is asked for: of that, what its templates can tell from a conversion that is paid. */
export function usualPostbackEvents(templates: PostbackTemplates): EventType[] {
  const mistaken = new Set(mistakable(templates, USUAL_POSTBACK_EVENTS).flatMap(({ events }) => events));
  return USUAL_POSTBACK_EVENTS.filter((type) => !mistaken.has(type));
}

function saysVerdict({ url, body = '' }: PostbackTemplate, macros: MacroSystem | undefined): boolean {
  const named = new Set([...macrosIn(url, macros), ...macrosIn(body, macros)]);
  return VERDICT_MACROS.some((macro) => named.has(macro));
}

/** Events that one of a destination's templates would tell just as it tells `lead.confirmed`; its own comes after the special ones. */
export interface Mistakable {
  readonly index: number;
  readonly events: readonly EventType[];
}

/**
 * What trackers would take for one more conversion that is paid: of the events that are told, those that go by the same template as
 * `lead.confirmed`, where that does not name what became of the lead.
 */
export function mistakable(
  { templates, macros, leadEvents, ...own }: PostbackTemplates,
  told: readonly EventType[],
): Mistakable[] {
  const all: readonly SpecialTemplate[] = [...templates, { url: own.url, method: own.method, body: own.body }];
  const ofLeads = leadEvents ?? [...templates.flatMap((template) => template.leadEvents ?? []), ANY_OTHER];
  const taken = told.map((type) => ({
    type,
    by: new Set(ofLeads.map((leadEvent) => all.findIndex((one) => isFor(one, { type, leadEvent })))),
  }));
  return all.flatMap((template, index) => {
    const carried = taken.flatMap(({ type, by }) => (by.has(index) ? [type] : []));
    const events = carried.filter((type) => type !== 'lead.confirmed');
    const isClear = events.length === 0 || events.length === carried.length || saysVerdict(template, macros);
    return isClear ? [] : [{ index, events }];
  });
}

/** An event of leads that no template names. */
const ANY_OTHER = '';

/** The owners whose destinations may want an event: its parties, and the network. */
export function ownersOf({
  type,
  advertiserId,
  affiliateId,
}: Pick<OutgoingEvent, 'type'> & DestinationOwner): DestinationOwner[] {
  const parties = [
    ...(advertiserId === undefined ? [] : [{ advertiserId }]),
    ...(affiliateId === undefined ? [] : [{ affiliateId }]),
    {},
  ];
  return parties.filter((owner) => tellable(owner).includes(type));
}

/** What of an event its destinations are chosen by. */
export interface EventTopic {
  readonly type: EventType;
  readonly campaignId?: string | undefined;
  /** Of a lead: its `event`. */
  readonly leadEvent?: string | undefined;
}

/** What happened, and when. */
export interface News extends EventTopic {
  readonly occurredAt: Instant;
  /** Of a lead that was reported: when it was converted. */
  readonly convertedAt?: Instant | undefined;
}

/** Senders tell when something happened by clocks of their own, and some of them late. */
const TOLD_LATE_MS = 3_600_000;

/**
 * Whether one of its owner's destinations is told of an event. What a tracker was told before the network moved here is history: it is imported,
 * and told to nobody again.
 */
export function wants(destination: Destination, news: News): boolean {
  const { status, events, campaigns, leadEvents, since, createdAt } = destination;
  const { type, campaignId, leadEvent, occurredAt, convertedAt = occurredAt } = news;
  if (status !== 'active' || !events.includes(type)) return false;
  if (occurredAt < since || convertedAt < later(createdAt, -TOLD_LATE_MS)) return false;
  return isAmong(campaigns, campaignId) && isAmong(leadEvents, leadEvent);
}

/** What an event is not about rules nothing out: a payout has no campaign. */
const isAmong = (allowed: readonly string[] | undefined, value: string | undefined): boolean =>
  allowed === undefined || value === undefined || allowed.includes(value);

/** The template that a postback sends an event by. */
export const templateFor = (destination: PostbackDestination, topic: EventTopic): PostbackTemplate =>
  destination.templates.find((template) => isFor(template, topic)) ?? destination;

const isFor = ({ events, leadEvents }: SpecialTemplate, { type, leadEvent }: EventTopic): boolean =>
  isAmong(events, type) && isAmong(leadEvents, leadEvent);
