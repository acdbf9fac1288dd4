import type * as z from 'zod';
import { affiliateTermsToAdd, startInstant } from '../../shared/contracts/catalog.ts';
import { amountIn } from '../../shared/contracts/primitives.ts';
import { type AffiliateTerms, type Campaign, versionAt } from '../../shared/domain/catalog/campaign.ts';
import { MAX_VERSIONS, startOfAffiliateTerms } from '../../shared/domain/catalog/version-start.ts';
import { formatAmount } from '../../shared/domain/money/money.ts';
import type { Instant } from '../../shared/domain/time/calendar.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import { type HttpHandler, json, jsonBody, pathParameter } from '../../shared/runtime/http.ts';
import { conflict, invalidField, notFound } from '../../shared/runtime/problems.ts';
import { findCampaign } from './find-campaign.ts';
import type { ManageCatalogDependencies } from './manage-catalog.ts';
import { startsTooEarly, tooManyVersions, versionExists } from './refusals.ts';

/** What holds for one affiliate on one campaign: approval, a commission of its own, promo codes; in versions as a campaign's terms. */
export function affiliateTermsHandlers(dependencies: ManageCatalogDependencies): Record<string, HttpHandler> {
  const { catalog, store, clock, timeZone } = dependencies;
  const { affiliates, campaigns } = store;

  async function findAffiliateId(reference: string): Promise<string> {
    const affiliate = await affiliates.get(reference);
    if (affiliate === undefined) throw notFound('There is no such affiliate.');
    return affiliate.affiliateId;
  }

  return {
    'GET /v1/campaigns/{campaignId}/affiliates/{affiliateId}': async (event) => {
      const party = await authenticate(catalog, event, ['operator', 'advertiser', 'affiliate']);
      const campaign = await findCampaign(campaigns, pathParameter(event, 'campaignId'), party);
      const affiliateId = await findAffiliateId(pathParameter(event, 'affiliateId'));
      if (party.role === 'affiliate' && party.affiliateId !== affiliateId)
        throw notFound('There is no such affiliate.');
      const versions = await campaigns.affiliateTerms(campaign.campaignId, affiliateId);
      const shown = versionAt(versions, clock()) ?? versions[0];
      if (shown === undefined) throw notFound('The affiliate has no terms of its own on this campaign.');
      return json(200, {
        ...viewVersion(campaign, affiliateId, shown),
        versions: versions.map((version) => view(version, campaign.currency)),
      });
    },
    'PUT /v1/campaigns/{campaignId}/affiliates/{affiliateId}': async (event) => {
      const party = await authenticate(catalog, event, ['operator']);
      const campaign = await findCampaign(campaigns, pathParameter(event, 'campaignId'), party);
      const affiliateId = await findAffiliateId(pathParameter(event, 'affiliateId'));
      const body = jsonBody(event, affiliateTermsToAdd);
      const versions = await campaigns.affiliateTerms(campaign.campaignId, affiliateId);
      const terms = nextVersion(campaign, versions, body, clock(), timeZone);
      if (versions.length >= MAX_VERSIONS) throw tooManyVersions(MAX_VERSIONS);
      const written = await campaigns.addAffiliateTerms(campaign.campaignId, affiliateId, terms);
      if (written === 'exists') throw versionExists(terms.effectiveFrom);
      if (written !== 'written') throw promoCodeTaken(written.takenPromoCode);
      return json(200, viewVersion(campaign, affiliateId, terms));
    },
  };
}

const promoCodeTaken = (promoCode: string) =>
  conflict('promo-code-taken', `The promo code ${promoCode} is another affiliate's on this campaign.`, { promoCode });

/** The version that a body adds: what it leaves out stays as it is in the version that it follows. Throws 400. */
function nextVersion(
  campaign: Campaign,
  versions: readonly AffiliateTerms[],
  body: z.output<typeof affiliateTermsToAdd>,
  now: Instant,
  timeZone: string,
): AffiliateTerms {
  const asked = body.effectiveFrom === undefined ? undefined : startInstant(body.effectiveFrom, timeZone);
  const start = startOfAffiliateTerms(asked, now, campaign, versions);
  if (!start.ok) throw startsTooEarly(start.earliest);
  const followed = versionAt(versions, start.effectiveFrom) ?? versions[0];
  return {
    effectiveFrom: start.effectiveFrom,
    status: body.status ?? followed?.status ?? 'approved',
    commissionMinor: commissionOf(body.commission, followed, campaign.currency),
    promoCodes: body.promoCodes?.map((code) => code.toUpperCase()) ?? followed?.promoCodes ?? [],
  };
}

function commissionOf(
  given: string | null | undefined,
  followed: AffiliateTerms | undefined,
  currency: string,
): bigint | undefined {
  if (given === undefined) return followed?.commissionMinor;
  if (given === null) return undefined;
  const read = amountIn(given, currency);
  if ('message' in read) throw invalidField('commission', read.message);
  return read.amountMinor;
}

const view = ({ status, commissionMinor, promoCodes, effectiveFrom }: AffiliateTerms, currency: string) => ({
  status,
  commission: commissionMinor === undefined ? undefined : formatAmount(commissionMinor, currency),
  promoCodes,
  effectiveFrom,
});

const viewVersion = ({ campaignId, currency }: Campaign, affiliateId: string, terms: AffiliateTerms) => ({
  campaignId,
  affiliateId,
  currency,
  ...view(terms, currency),
});
