import { createSecretKey } from 'node:crypto';
import type { Attribution, Touch } from '../../shared/domain/attribution/attribute.ts';
import type { IssuedDocument } from '../../shared/domain/billing/document.ts';
import type { AffiliateTerms, Campaign, Terms } from '../../shared/domain/catalog/campaign.ts';
import { type ClickMac, makeClickId } from '../../shared/domain/clicks/click-id.ts';
import type { DecisionInputs } from '../../shared/domain/leads/decide-lead.ts';
import type { Dedupe } from '../../shared/domain/leads/dedupe.ts';
import type { Lead, LeadTransition } from '../../shared/domain/leads/lead.ts';
import type { Decision } from '../../shared/domain/leads/transitions/transition.ts';
import { type Instant, instantOf, millisecondsOf } from '../../shared/domain/time/calendar.ts';
import type { ApiKey } from '../../shared/ports/catalog.ts';
import { hmacSha256 } from '../../shared/runtime/crypto.ts';
import type { HttpEvent } from '../../shared/runtime/http.ts';

export const ADVERTISER_ID = 'adv_01JD3Y8Q5T9Z6V2K4M7N1P0R8A';
export const AFFILIATE_ID = 'aff_01JD3Y8Q5T9Z6V2K4M7N1P0R8B';
export const OTHER_AFFILIATE_ID = 'aff_01JD3Y8Q5T9Z6V2K4M7N1P0R8C';
export const CAMPAIGN_ID = 'cmp_01JD3Y8Q5T9Z6V2K4M7N1P0R8D';
export const OTHER_CAMPAIGN_ID = 'cmp_01JD3Y8Q5T9Z6V2K4M7N1P0R8E';
export const KEY_ID = '01JD3Y8Q5T9Z6V2K4M7N1P0R8F';
export const RECEIPT_ID = 'rcp_01JD3Y8Q5T9Z6V2K4M7N1P0R8G';
export const LEAD_ID = 'lead_3q2-7wAAAAAAAAAAAAAAAA';
export const CLICK_ULID = '01JDGXK4T09Z6V2K4M7N1P0R8H';

export const DAY_MS = 86_400_000;
export const WINDOW_MS = 30 * DAY_MS;
export const HOLD_MS = 7 * DAY_MS;
export const CLICKED_AT: Instant = '2025-11-10T09:30:00.000Z';
export const NOW: Instant = '2025-11-20T10:00:00.000Z';

/** The instant `milliseconds` after another one; before it where they are negative. */
export const later = (instant: Instant, milliseconds: number): Instant =>
  instantOf(millisecondsOf(instant) + milliseconds);

export const terms = (changes: Partial<Terms> = {}): Terms => ({
  effectiveFrom: '2025-01-01T00:00:00.000Z',
  chargeMinor: 2500n,
  commissionMinor: 1800n,
  clickWindowMs: WINDOW_MS,
  confirmation: { mode: 'automatic' },
  trustAffiliates: false,
  rules: [],
  undoMs: 7 * DAY_MS,
  setAt: '2025-01-01T00:00:00.000Z',
  setBy: KEY_ID,
  ...changes,
});

export const BY_TRANSACTION: Dedupe = { by: ['transaction_id'], scope: 'campaign', repeat: 'ignore' };

export const campaign = (changes: Partial<Campaign> = {}): Campaign => ({
  campaignId: CAMPAIGN_ID,
  advertiserId: ADVERTISER_ID,
  name: 'Shop',
  landingUrl: 'https://shop.example/?c={click_id}',
  currency: 'EUR',
  timeZone: 'UTC',
  dedupe: BY_TRANSACTION,
  capShards: 1,
  affiliateExplanation: 'full',
  status: 'active',
  affiliateApproval: 'automatic',
  terms: [terms()],
  ...changes,
});

export const affiliateTerms = (changes: Partial<AffiliateTerms> = {}): AffiliateTerms => ({
  effectiveFrom: '2025-01-01T00:00:00.000Z',
  status: 'approved',
  promoCodes: [],
  ...changes,
});

/** MACs under one key a key id; ids over `keys` are not known. */
export const clickMac =
  (keys: readonly string[] = ['key 0', 'key 1']): ClickMac =>
  (keyId, bytes) => {
    const key = keys[keyId];
    return key === undefined ? undefined : hmacSha256(createSecretKey(Buffer.from(key)), bytes);
  };

export const CLICK_ID = makeClickId(
  { ulid: CLICK_ULID, campaignId: CAMPAIGN_ID, affiliateId: AFFILIATE_ID },
  1,
  clickMac(),
);

export const touch = (changes: Partial<Touch> = {}): Touch => ({
  clickId: CLICK_ID,
  clickedAt: CLICKED_AT,
  campaignId: CAMPAIGN_ID,
  affiliateId: AFFILIATE_ID,
  source: 'newsletter',
  subIds: { sub1: 'a' },
  ...changes,
});

/** An affiliate's click. */
export const attribution = (changes: Partial<Attribution> = {}): Attribution => ({
  attributedBy: 'click_id',
  campaignId: CAMPAIGN_ID,
  affiliateId: AFFILIATE_ID,
  clickId: CLICK_ID,
  clickedAt: CLICKED_AT,
  subIds: {},
  ...changes,
});

/** A conversion an hour after an affiliate's click, reported by the advertiser on a campaign that confirms by itself. */
export function conversion(changes: Partial<DecisionInputs> & { afterClickMs?: number } = {}): DecisionInputs {
  const { afterClickMs = 3_600_000, ...inputs } = changes;
  return {
    occurredAt: later(CLICKED_AT, afterClickMs),
    sender: 'decides',
    campaign: campaign(),
    terms: terms(),
    affiliateTerms: undefined,
    attribution: attribution(),
    conversion: { event: 'lead', subIds: {} },
    ...inputs,
  };
}

export const transition = (changes: Partial<LeadTransition> = {}): LeadTransition => ({
  version: 1,
  action: 'decided',
  status: 'confirmed',
  at: NOW,
  actor: KEY_ID,
  ...changes,
});

/** A confirmed lead; with a status only, one that was decided so. */
export function lead(changes: Partial<Lead> = {}): Lead {
  const { status = 'confirmed', reason } = changes;
  return {
    leadId: LEAD_ID,
    campaignId: CAMPAIGN_ID,
    advertiserId: ADVERTISER_ID,
    affiliateId: AFFILIATE_ID,
    event: 'lead',
    transactionId: 'order-1',
    evidence: {},
    status,
    chargeMinor: 2500n,
    commissionMinor: 1800n,
    currency: 'EUR',
    termsFrom: '2025-01-01T00:00:00.000Z',
    attributedBy: 'click_id',
    clickId: CLICK_ID,
    clickedAt: CLICKED_AT,
    subIds: { sub1: 'a' },
    occurredAt: later(CLICKED_AT, 3_600_000),
    receivedAt: NOW,
    receiptId: RECEIPT_ID,
    bodyHash: 'aaaaaaaaaaaaaaaaaaaaaa',
    version: 1,
    history: [transition({ status, reason })],
    ...changes,
  };
}

/** What a person decided about a lead. */
export const issuedInvoice: IssuedDocument = {
  kind: 'invoice',
  month: '2025-11',
  partyId: ADVERTISER_ID,
  partyName: 'Acme',
  currency: 'EUR',
  netMinor: 10_000n,
  taxMinor: 1900n,
  lineCount: 1,
  annex: { rows: 4, sha256: '' },
  bodyDigest: '',
  number: 'INV-2025-000001',
  issuedAt: NOW,
};

export const decision = (changes: Partial<Decision> = {}): Decision => ({
  at: NOW,
  actor: KEY_ID,
  reason: 'phone call',
  ...changes,
});

export const apiKey = (changes: Partial<ApiKey> = {}): ApiKey => ({
  kid: KEY_ID,
  secretHash: '',
  role: 'operator',
  scopes: ['postback', 'api'],
  createdAt: NOW,
  ...changes,
});

/** A request as API Gateway hands it on. */
export const httpEvent = (changes: Partial<HttpEvent> = {}): HttpEvent => ({
  routeKey: 'GET /v1/leads',
  rawPath: '/v1/leads',
  rawQueryString: '',
  headers: {},
  isBase64Encoded: false,
  requestContext: { requestId: 'request-1', http: { method: 'GET' } } as HttpEvent['requestContext'],
  ...changes,
});
