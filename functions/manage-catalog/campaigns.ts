import type * as z from 'zod';
import {
  campaignChanges,
  campaignListParameters,
  campaignToCreate,
  dedupeFrom,
  startInstant,
  viewDedupe,
} from '../../shared/contracts/catalog.ts';
import type { Party } from '../../shared/contracts/party.ts';
import { type TermsSetBy, termsFrom, viewTerms } from '../../shared/contracts/terms.ts';
import { type Campaign, versionAt } from '../../shared/domain/catalog/campaign.ts';
import { startOfFirstTerms } from '../../shared/domain/catalog/version-start.ts';
import type { Instant } from '../../shared/domain/time/calendar.ts';
import type { CatalogStore, Recorded } from '../../shared/ports/catalog-store.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import { type HttpHandler, json, jsonBody, pathParameter, query } from '../../shared/runtime/http.ts';
import { forbidden, invalidField } from '../../shared/runtime/problems.ts';
import { findCampaign } from './find-campaign.ts';
import { listPage } from './list-page.ts';
import type { ManageCatalogDependencies } from './manage-catalog.ts';
import { withAffiliateIds, withPricedAffiliates } from './named-affiliates.ts';
import { refuseTaken, unknownIn } from './refusals.ts';
import { checkedTerms } from './terms.ts';

type CampaignParty = Extract<Party, { role: 'operator' | 'advertiser' }>;

/** Fields of its own campaigns that are not an advertiser's to change: who may promote, and how other systems name them. */
const OPERATOR_FIELDS = ['externalId', 'affiliateApproval'] as const;

/** Campaigns: the operator makes and changes them; an advertiser sees its own, and may rename, pause and redirect them. */
export function campaignHandlers(dependencies: ManageCatalogDependencies): Record<string, HttpHandler> {
  const { catalog, store, clock, makeId, timeZone } = dependencies;
  const { campaigns } = store;

  return {
    'GET /v1/campaigns': async (event) => {
      const party = await authenticate(catalog, event, ['operator', 'advertiser']);
      const { advertiserId: reference, ...page } = query(event, campaignListParameters);
      const advertiserId = await listOwner(store, party, reference);
      const now = clock();
      return listPage(
        ['campaigns', advertiserId ?? ''],
        page,
        (limit, after) =>
          advertiserId === undefined ? campaigns.list(limit, after) : campaigns.listOf(advertiserId, limit, after),
        (campaign) => view(campaign, now),
      );
    },
    'POST /v1/campaigns': async (event) => {
      const { kid } = await authenticate(catalog, event, ['operator']);
      const body = jsonBody(event, campaignToCreate);
      const advertiser = await store.advertisers.get(body.advertiserId);
      if (advertiser === undefined) throw unknownIn('advertiserId', 'advertiser');
      const now = clock();
      const fallbackCampaignId = await findFallback(campaigns, body.fallbackCampaignId, advertiser.advertiserId);
      const campaign = newCampaign(
        {
          ...body,
          fallbackCampaignId,
          timeZone: body.timeZone ?? timeZone,
          caps: await withAffiliateIds(store.affiliates, body.caps),
          pricing: await withPricedAffiliates(store.affiliates, body.pricing),
        },
        makeId('cmp'),
        advertiser.advertiserId,
        { setAt: now, setBy: kid },
        timeZone,
      );
      refuseTaken(await campaigns.create(campaign), 'campaign', body.externalId);
      return json(201, view(campaign, now));
    },
    'GET /v1/campaigns/{campaignId}': async (event) => {
      const party = await authenticate(catalog, event, ['operator', 'advertiser']);
      return json(200, view(await findCampaign(campaigns, pathParameter(event, 'campaignId'), party), clock()));
    },
    'PATCH /v1/campaigns/{campaignId}': async (event) => {
      const party = await authenticate(catalog, event, ['operator', 'advertiser']);
      const campaign = await findCampaign(campaigns, pathParameter(event, 'campaignId'), party);
      const { campaignId } = campaign;
      const { name, status, externalId, landingUrl, fallbackUrl, affiliateApproval, affiliateExplanation, ...body } =
        jsonBody(event, campaignChanges);
      const fallbackCampaignId =
        body.fallbackCampaignId === null
          ? null
          : await findFallback(campaigns, body.fallbackCampaignId, campaign.advertiserId);
      const changes = {
        name,
        status,
        externalId,
        landingUrl,
        fallbackUrl,
        fallbackCampaignId,
        affiliateApproval,
        affiliateExplanation,
      };
      refuseOperatorFields(changes, party);
      const now = clock();
      // Pausing what is paused already leaves the pause where it began.
      const pausedAt =
        status === undefined || status === campaign.status ? undefined : status === 'paused' ? now : null;
      refuseTaken(await campaigns.change(campaignId, { ...changes, pausedAt }, now), 'campaign', externalId);
      return json(200, view(await findCampaign(campaigns, campaignId, party), clock()));
    },
  };
}

/** Whose campaigns are listed: an advertiser's own, whom the operator asks for, or everybody's (undefined). Throws 403, 404. */
async function listOwner(
  { advertisers }: CatalogStore,
  party: CampaignParty,
  reference: string | undefined,
): Promise<string | undefined> {
  if (reference === undefined) return party.role === 'advertiser' ? party.advertiserId : undefined;
  const advertiserId = (await advertisers.get(reference))?.advertiserId;
  if (party.role === 'advertiser' && advertiserId !== party.advertiserId) {
    throw forbidden('An advertiser lists its own campaigns.', [{ field: 'advertiserId', message: 'must be your own' }]);
  }
  if (advertiserId === undefined) throw unknownIn('advertiserId', 'advertiser');
  return advertiserId;
}

function refuseOperatorFields(changes: object, party: CampaignParty): void {
  if (party.role === 'operator') return;
  const refused = OPERATOR_FIELDS.filter((field) => (changes as Record<string, unknown>)[field] !== undefined);
  if (refused.length === 0) return;
  throw forbidden(
    `${refused.join(' and ')}: only an operator may change this.`,
    refused.map((field) => ({ field, message: 'is the operator’s' })),
  );
}

/** The campaign that is to take the visitors over the caps of another: of the same advertiser, who pays for them. Throws 400. */
async function findFallback(
  campaigns: CatalogStore['campaigns'],
  reference: string | undefined,
  advertiserId: string,
): Promise<string | undefined> {
  if (reference === undefined) return undefined;
  const found = await campaigns.get(reference);
  if (found === undefined || found.advertiserId !== advertiserId) {
    throw invalidField('fallbackCampaignId', 'must be a campaign of the same advertiser');
  }
  return found.campaignId;
}

function newCampaign(
  body: z.output<typeof campaignToCreate> & Pick<Campaign, 'timeZone'>,
  campaignId: string,
  advertiserId: string,
  set: TermsSetBy,
  networkTimeZone: string,
): Recorded<Campaign> {
  const { name, externalId, landingUrl, fallbackUrl, fallbackCampaignId, currency, effectiveFrom } = body;
  const { status, affiliateApproval, affiliateExplanation, timeZone, capShards } = body;
  const now = set.setAt;
  const start = effectiveFrom === undefined ? startOfFirstTerms(now) : startInstant(effectiveFrom, networkTimeZone);
  return {
    campaignId,
    advertiserId,
    name,
    externalId,
    landingUrl,
    fallbackUrl,
    fallbackCampaignId,
    currency,
    timeZone,
    dedupe: dedupeFrom(body.dedupe),
    capShards,
    affiliateExplanation,
    status,
    pausedAt: status === 'paused' ? now : undefined,
    affiliateApproval,
    terms: [checkedTerms(termsFrom(body, currency, { ...set, effectiveFrom: start }))],
    createdAt: now,
    updatedAt: now,
  };
}

function view(campaign: Recorded<Campaign>, now: Instant): Record<string, unknown> {
  const { terms, createdAt, updatedAt, pausedAt: _pausedAt, ...profile } = campaign;
  // Before its first terms begin, a campaign shows those to come.
  const shown = versionAt(terms, now) ?? terms[0];
  return {
    ...profile,
    dedupe: viewDedupe(campaign.dedupe),
    ...(shown !== undefined && viewTerms(shown, campaign.currency)),
    createdAt,
    updatedAt,
  };
}
