import type * as z from 'zod';
import { listParameters, startInstant, termsToAdd } from '../../shared/contracts/catalog.ts';
import { followingTerms, type TermsFault, type TermsSetBy, viewTerms } from '../../shared/contracts/terms.ts';
import { type Campaign, type Terms, versionAt } from '../../shared/domain/catalog/campaign.ts';
import { MAX_TERMS_BYTES, MAX_VERSIONS, startOfTerms } from '../../shared/domain/catalog/version-start.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import { type HttpHandler, json, jsonBody, pathParameter, query } from '../../shared/runtime/http.ts';
import { invalidField } from '../../shared/runtime/problems.ts';
import { findCampaign } from './find-campaign.ts';
import { listPage } from './list-page.ts';
import type { ManageCatalogDependencies } from './manage-catalog.ts';
import { withAffiliateIds, withPricedAffiliates } from './named-affiliates.ts';
import { startsTooEarly, termsTooLarge, tooManyVersions, versionExists } from './refusals.ts';

/** A campaign's terms: versions that are added, 5 minutes ahead or more, and never edited. */
export function termsHandlers(dependencies: ManageCatalogDependencies): Record<string, HttpHandler> {
  const { catalog, store, clock, timeZone } = dependencies;
  const { campaigns } = store;

  return {
    'GET /v1/campaigns/{campaignId}/terms': async (event) => {
      const party = await authenticate(catalog, event, ['operator', 'advertiser']);
      const campaign = await findCampaign(campaigns, pathParameter(event, 'campaignId'), party);
      const page = query(event, listParameters);
      return listPage(
        ['terms', campaign.campaignId],
        page,
        async (limit, after = '') => {
          const rest = campaign.terms.filter(({ effectiveFrom }) => effectiveFrom > after);
          const items = rest.slice(0, limit);
          return { items, position: rest.length > limit ? items.at(-1)?.effectiveFrom : undefined };
        },
        (terms) => viewVersion(campaign, terms),
      );
    },
    'PUT /v1/campaigns/{campaignId}/terms': async (event) => {
      const party = await authenticate(catalog, event, ['operator']);
      const campaign = await findCampaign(campaigns, pathParameter(event, 'campaignId'), party);
      const body = jsonBody(event, termsToAdd);
      const caps = await withAffiliateIds(store.affiliates, body.caps);
      const pricing = await withPricedAffiliates(store.affiliates, body.pricing);
      const terms = nextTerms(campaign, { ...body, caps, pricing }, { setAt: clock(), setBy: party.kid }, timeZone);
      if (campaign.terms.length >= MAX_VERSIONS) throw tooManyVersions(MAX_VERSIONS);
      if (bytesOf([...campaign.terms, terms]) > MAX_TERMS_BYTES) throw termsTooLarge(MAX_TERMS_BYTES);
      if ((await campaigns.addTerms(campaign.campaignId, terms)) === 'exists') throw versionExists(terms.effectiveFrom);
      return json(200, viewVersion(campaign, terms));
    },
  };
}

/** What versions take where they are stored, within a fifth. */
const bytesOf = (versions: readonly Terms[]): number =>
  Buffer.byteLength(
    JSON.stringify(versions, (_name, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)),
  );

const viewVersion = ({ campaignId, currency }: Campaign, terms: Terms) => ({
  campaignId,
  currency,
  ...viewTerms(terms, currency),
});

/** Terms that have no fault. Throws 400 naming the field that has one. */
export function checkedTerms(terms: Terms | TermsFault): Terms {
  if ('field' in terms) throw invalidField(terms.field, terms.message);
  return terms;
}

/** The version that a body adds: what it leaves out stays as it is in the version that it follows. Throws 400. */
function nextTerms(
  { terms, currency }: Campaign,
  { effectiveFrom, ...given }: z.output<typeof termsToAdd>,
  set: TermsSetBy,
  timeZone: string,
): Terms {
  const asked = effectiveFrom === undefined ? undefined : startInstant(effectiveFrom, timeZone);
  const start = startOfTerms(asked, set.setAt);
  if (!start.ok) throw startsTooEarly(start.earliest);
  const followed = versionAt(terms, start.effectiveFrom) ?? terms[0];
  if (followed === undefined) throw new Error('a campaign without terms');
  return checkedTerms(followingTerms(followed, given, currency, { ...set, effectiveFrom: start.effectiveFrom }));
}
