import type { Instant } from '../time/calendar.ts';

/** What is told to others. */
export const eventTypes = [
  'lead.pending',
  'lead.confirmed',
  'lead.rejected',
  'lead.reversed',
  'lead.reversed_in_part',
  'lead.opt_in_requested',
  'invoice.issued',
  'statement.issued',
  'payout.sent',
  'payout.paid',
  'payout.failed',
] as const;

export type EventType = (typeof eventTypes)[number];

/** Something that happened, made from the change that shows it: the same change always makes the same event. */
export interface OutgoingEvent {
  /** `evt_` and a digest of type, subject and sequence. */
  readonly eventId: string;
  readonly type: EventType;
  /** What it is about: a lead id, document number or payout id. Events about one subject are delivered in the order of `sequence`. */
  readonly subject: string;
  /** Of a lead: its version. */
  readonly sequence: number;
  readonly occurredAt: Instant;
  readonly advertiserId?: string | undefined;
  readonly affiliateId?: string | undefined;
  readonly campaignId?: string | undefined;
  /** What receivers are told, as JSON: money as decimal texts, no contact data. What only some of them may see is left out per receiver. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** A short digest of a text: first 128 bits of SHA-256, in base64url. */
export type Digest = (text: string) => string;

/** The id of an event: a function of what it is, so that whoever makes it again makes the same. */
export const eventIdOf = (digest: Digest, type: EventType, subject: string, sequence: number): string =>
  `evt_${digest(JSON.stringify([type, subject, sequence]))}`;
