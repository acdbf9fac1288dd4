import { OPT_IN_LINK, subIdNames } from '../contracts/postback.ts';
import type { DestinationOwner } from '../domain/deliveries/destination.ts';
import { documentEvent } from '../domain/deliveries/document-events.ts';
import type { Digest, EventType, OutgoingEvent } from '../domain/deliveries/event.ts';
import { leadEvents } from '../domain/deliveries/lead-events.ts';
import { payoutEvent } from '../domain/deliveries/payout-events.ts';
import type { Lead, LeadTransition } from '../domain/leads/lead.ts';
import { type Instant, monthOf } from '../domain/time/calendar.ts';
import type { Contact } from '../ports/leads.ts';
import type { RenderDependencies } from './render-delivery.ts';
import { tellLead } from './tell-lead.ts';

const SAMPLE_ULID = '00000000000000000000000000';
const SAMPLE_LEAD_ID = 'lead_TESTTESTTESTTESTTESTTE';
const CURRENCY = 'EUR';

/** Contact data that nobody has. */
export const sampleContact: Contact = {
  email: 'test@example.com',
  first_name: 'Test',
  last_name: 'Test',
  [OPT_IN_LINK]: 'https://example.com/confirm?token=test',
};

/** What those are called whom a sample is about: as nobody real is. */
export const sampleCatalog: RenderDependencies['catalog'] = {
  campaign: async () => ({ name: 'Test', externalId: 'test-campaign' }),
  affiliate: async () => ({ name: 'Test', externalId: 'test-affiliate' }),
};

export interface SampleOf {
  readonly type: EventType;
  /** Of a lead: its `event`. */
  readonly leadEvent: string;
}

/**
 * An event as an owner's destinations are told of it, about what was made up for a test: its ids are those of nothing, its texts say so, and
 * its data have `test: true`. `eventId` is another each time: who remembers the ids that it has worked off takes every sample.
 */
export function sampleEvent(sample: SampleOf, owner: DestinationOwner, now: Instant, eventId: string): OutgoingEvent {
  const event = eventOf(sample, owner, now, () => '');
  return { ...event, eventId, data: { ...event.data, test: true } };
}

function eventOf(sample: SampleOf, owner: DestinationOwner, now: Instant, digest: Digest): OutgoingEvent {
  const { type } = sample;
  const affiliateId = owner.affiliateId ?? `aff_${SAMPLE_ULID}`;
  const advertiserId = owner.advertiserId ?? `adv_${SAMPLE_ULID}`;
  switch (type) {
    case 'invoice.issued':
    case 'statement.issued': {
      const kind = type === 'invoice.issued' ? 'invoice' : 'statement';
      return documentEvent(
        {
          kind,
          month: monthOf(now, 'UTC'),
          partyId: kind === 'invoice' ? advertiserId : affiliateId,
          partyName: 'Test',
          currency: CURRENCY,
          netMinor: 10_000n,
          taxMinor: 0n,
          lineCount: 1,
          annex: { rows: 1, sha256: '' },
          bodyDigest: '',
          number: 'TEST-000001',
          issuedAt: now,
        },
        digest,
      );
    }
    case 'payout.sent':
    case 'payout.paid':
    case 'payout.failed': {
      const state = type === 'payout.sent' ? 'sent' : type === 'payout.paid' ? 'paid' : 'failed';
      const event = payoutEvent(
        {
          payoutId: 'TEST-001',
          runId: `run_${SAMPLE_ULID}`,
          affiliateId,
          affiliateName: 'Test',
          currency: CURRENCY,
          amountMinor: 10_000n,
          payee: { method: 'paypal', email: 'test@example.com' },
          profileVersion: 1,
          state,
          version: 2,
          proposedAt: now,
          sentAt: now,
          ...(state === 'paid' && { paidAt: now }),
          ...(state === 'failed' && { failedAt: now, failure: 'returned' as const, reason: 'test' }),
          madeBy: SAMPLE_ULID,
        },
        digest,
      );
      if (event === undefined) throw new Error(`${type} is no event of a payout`);
      return event;
    }
    default: {
      const [event] = leadEvents(undefined, sampleLead(sample, { advertiserId, affiliateId }, now), digest);
      if (event === undefined) throw new Error(`${type} is no event of a lead`);
      return tellLead({ ...event, type }, owner);
    }
  }
}

const STATUS_OF = {
  'lead.pending': 'pending',
  'lead.opt_in_requested': 'pending',
  'lead.confirmed': 'confirmed',
  'lead.reversed_in_part': 'confirmed',
  'lead.rejected': 'rejected',
  'lead.reversed': 'reversed',
} as const;

function sampleLead(
  { type, leadEvent }: SampleOf,
  parties: { readonly advertiserId: string; readonly affiliateId: string },
  now: Instant,
): Lead {
  const status = STATUS_OF[type as keyof typeof STATUS_OF];
  const decided: LeadTransition = { version: 1, action: 'decided', status, reason: 'test', at: now, actor: 'test' };
  return {
    leadId: SAMPLE_LEAD_ID,
    campaignId: `cmp_${SAMPLE_ULID}`,
    ...parties,
    event: leadEvent,
    transactionId: 'test-1',
    evidence: {},
    status,
    reason: 'test',
    chargeMinor: 2500n,
    commissionMinor: 1800n,
    currency: CURRENCY,
    amount: { amountMinor: 9990n, currency: CURRENCY },
    attributedBy: 'click_id',
    clickId: 'test-click',
    clickedAt: now,
    source: 'test-source',
    subIds: Object.fromEntries(subIdNames.map((name) => [name, `test-${name}`])),
    occurredAt: now,
    receivedAt: now,
    receiptId: `rcp_${SAMPLE_ULID}`,
    bodyHash: 'test',
    version: 1,
    history: [decided],
  };
}
