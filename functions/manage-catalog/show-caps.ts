import type * as z from 'zod';
import { capsParameters, viewUsage } from '../../shared/contracts/caps.ts';
import type { Party } from '../../shared/contracts/party.ts';
import { subIdNames } from '../../shared/contracts/postback.ts';
import type { Cap } from '../../shared/domain/caps/caps.ts';
import { periodOf } from '../../shared/domain/caps/period-label.ts';
import { type CapCount, countsOf, usedOf } from '../../shared/domain/caps/usage.ts';
import { type Campaign, mayPromote, versionAt } from '../../shared/domain/catalog/campaign.ts';
import type { Instant } from '../../shared/domain/time/calendar.ts';
import type { CatalogStore } from '../../shared/ports/catalog-store.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import { type HttpHandler, json, pathParameter, query } from '../../shared/runtime/http.ts';
import { forbidden, notFound } from '../../shared/runtime/problems.ts';
import { findCampaign } from './find-campaign.ts';
import type { ManageCatalogDependencies } from './manage-catalog.ts';
import { unknownIn } from './refusals.ts';

type CapsParty = Extract<Party, { role: 'operator' | 'advertiser' | 'affiliate' }>;
type CapsQuery = z.output<typeof capsParameters>;

/** What the caps of the terms in force have come to. */
export function showCapsHandlers(dependencies: ManageCatalogDependencies): Record<string, HttpHandler> {
  const { catalog, store, counters, clock } = dependencies;

  return {
    'GET /v1/campaigns/{campaignId}/caps': async (event) => {
      const party = await authenticate(catalog, event, ['operator', 'advertiser', 'affiliate']);
      const campaign = await findCampaign(store.campaigns, pathParameter(event, 'campaignId'), party);
      const now = clock();
      if (party.role === 'affiliate') await refuseStrangers(store, campaign, party.affiliateId, now);
      const asked = query(event, capsParameters);
      const affiliateId = await findAffiliateId(store, asked.affiliateId, party);
      const terms = versionAt(campaign.terms, now);
      const limits = (terms?.caps?.limits ?? []).filter((cap) => party.role !== 'affiliate' || isForAffiliates(cap));
      const counts = limits.flatMap((cap) => countShown(cap, campaign, { ...asked, affiliateId }, now));
      const items = await counters.read([...new Set(counts.flatMap(({ itemIds }) => itemIds))], 'strong');
      const { campaignId, currency, timeZone } = campaign;
      return json(200, {
        campaignId,
        currency,
        timeZone,
        ...(terms !== undefined && { effectiveFrom: terms.effectiveFrom }),
        limits: counts.map((count) =>
          viewUsage(count.cap, usedOf(count, items), periodOf(count.label, timeZone), currency),
        ),
      });
    },
  };
}

/** What an affiliate may know: how many leads it may bring, and never what they cost. */
const isForAffiliates = ({ scope, measure }: Cap): boolean => scope === 'affiliate_on_campaign' && measure === 'leads';

async function refuseStrangers(
  { campaigns }: CatalogStore,
  campaign: Campaign,
  affiliateId: string,
  now: Instant,
): Promise<void> {
  const versions = await campaigns.affiliateTerms(campaign.campaignId, affiliateId);
  if (!mayPromote(campaign, versionAt(versions, now))) throw notFound('There is no such campaign.');
}

/** Whose counts are asked for: an affiliate's own. Throws 403, 404. */
async function findAffiliateId(
  { affiliates }: CatalogStore,
  reference: string | undefined,
  party: CapsParty,
): Promise<string | undefined> {
  const own = party.role === 'affiliate' ? party.affiliateId : undefined;
  if (reference === undefined) return own;
  const affiliateId = (await affiliates.get(reference))?.affiliateId;
  if (own !== undefined && affiliateId !== own) {
    throw forbidden('An affiliate sees its own caps.', [{ field: 'affiliateId', message: 'must be your own' }]);
  }
  if (affiliateId === undefined) throw unknownIn('affiliateId', 'affiliate');
  return affiliateId;
}

/** The count of a cap that is asked for; none where the cap counts each by itself and nobody is named. */
function countShown(cap: Cap, campaign: Campaign, asked: CapsQuery, now: Instant): CapCount[] {
  const affiliateId = asked.affiliateId ?? cap.affiliateId;
  const sub = subIdNames.find((name) => name === cap.sub);
  const value = sub === undefined ? undefined : (asked[sub] ?? cap.value);
  const isNamed =
    cap.scope === 'campaign' || (affiliateId !== undefined && (cap.scope !== 'source' || value !== undefined));
  if (!isNamed) return [];
  const { campaignId, advertiserId, currency } = campaign;
  const subIds: Record<string, string> = sub === undefined || value === undefined ? {} : { [sub]: value };
  return countsOf([cap], campaign, { campaignId, advertiserId, affiliateId, subIds, occurredAt: now, currency });
}
