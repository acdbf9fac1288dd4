import { isbot } from 'isbot';
import { type ClickParameters, clickParameters, utmNames } from '../../shared/contracts/click.ts';
import { platformClickIdNames, subIdNames } from '../../shared/contracts/postback.ts';
import { campaignReference } from '../../shared/contracts/primitives.ts';
import { type Campaign, mayPromote, versionAt } from '../../shared/domain/catalog/campaign.ts';
import { makeClickId } from '../../shared/domain/clicks/click-id.ts';
import { renderLandingUrl } from '../../shared/domain/clicks/landing-url.ts';
import { millisecondsOf } from '../../shared/domain/time/calendar.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import type { ClickSecrets } from '../../shared/ports/crypto.ts';
import type { StoredTouch, TouchWriter } from '../../shared/ports/touches.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import {
  type HttpEvent,
  type HttpHandler,
  type HttpResult,
  parse,
  pathParameter,
  queryParameters,
} from '../../shared/runtime/http.ts';
import { forbidden, HttpProblem, notFound } from '../../shared/runtime/problems.ts';

export interface IngestClickDependencies {
  readonly catalog: Pick<CatalogReader, 'campaign' | 'affiliate' | 'affiliateTerms'>;
  readonly touches: Pick<TouchWriter, 'put'>;
  readonly secrets: () => Promise<ClickSecrets>;
  readonly clock: Clock;
  readonly makeUlid: (timeMs: number) => string;
  /** Told when a touch could not be stored; the visitor is sent on all the same. */
  readonly onTouchLost: (error: unknown) => void;
}

const DAY_MS = 86_400_000;

/** Answers a click link: stores the touch and sends the visitor to the landing page, with a click id that speaks for itself. */
export function createIngestClick(dependencies: IngestClickDependencies): HttpHandler {
  const { catalog, secrets, clock } = dependencies;
  return async (event) => {
    const parameters = parse(clickParameters, { ...queryParameters(event) }, 'query');
    const campaign = await findCampaign(catalog, pathParameter(event, 'campaignId'));
    const affiliateId = await findAffiliate(catalog, parameters);
    if (campaign.status === 'paused') return elsewhere(campaign, gone(campaign));
    const clickedAt = clock();
    if (affiliateId !== undefined) {
      const ownTerms = versionAt(await catalog.affiliateTerms(campaign.campaignId, affiliateId), clickedAt);
      if (!mayPromote(campaign, ownTerms))
        return elsewhere(campaign, forbidden('The affiliate is not approved for this campaign.'));
    }
    const { clickMac, currentClickKeyId } = await secrets();
    const ulid = dependencies.makeUlid(millisecondsOf(clickedAt));
    const clickId = makeClickId({ ulid, campaignId: campaign.campaignId, affiliateId }, currentClickKeyId, clickMac);
    if (isCounted(event)) {
      // The click id alone attributes the lead: a store that is down costs the source dimensions, never the visitor.
      await dependencies.touches
        .put(touchOf(parameters, campaign, { clickId, clickedAt, affiliateId }))
        .catch(dependencies.onTouchLost);
    }
    const macros = { ...parameters, click_id: clickId, campaign_id: campaign.campaignId, affiliate_id: affiliateId };
    return redirect(renderLandingUrl(campaign.landingUrl, macros));
  };
}

async function findCampaign(catalog: IngestClickDependencies['catalog'], reference: string): Promise<Campaign> {
  const campaign = campaignReference.safeParse(reference).success ? await catalog.campaign(reference) : undefined;
  if (campaign === undefined) throw notFound('There is no such campaign.');
  return campaign;
}

async function findAffiliate(
  catalog: IngestClickDependencies['catalog'],
  { affiliate_id }: ClickParameters,
): Promise<string | undefined> {
  if (affiliate_id === undefined) return undefined;
  const affiliate = await catalog.affiliate(affiliate_id);
  if (affiliate === undefined) {
    throw notFound('There is no such affiliate.', [
      { field: 'affiliate_id', message: 'must be the id of an affiliate' },
    ]);
  }
  return affiliate.affiliateId;
}

const gone = (campaign: Campaign) =>
  new HttpProblem({
    status: 410,
    code: 'campaign-paused',
    title: 'The campaign is paused',
    detail: `${campaign.name} takes no visitors at the moment.`,
  });

/** Where a visitor goes whom the campaign does not take: its fallback, or the problem itself. */
function elsewhere(campaign: Campaign, problem: HttpProblem): HttpResult {
  if (campaign.fallbackUrl === undefined) throw problem;
  return redirect(campaign.fallbackUrl);
}

const redirect = (location: string): HttpResult => ({
  statusCode: 302,
  headers: { location, 'cache-control': 'no-store' },
});

/** Link checkers, crawlers and browsers that fetch ahead are sent on, but they are no visitors. */
function isCounted({ requestContext, headers }: HttpEvent): boolean {
  const purpose = `${headers['purpose'] ?? ''} ${headers['sec-purpose'] ?? ''}`;
  return (
    requestContext.http.method !== 'HEAD' &&
    !/prefetch|prerender|preview/i.test(purpose) &&
    !isbot(headers['user-agent'])
  );
}

function touchOf(
  parameters: ClickParameters,
  campaign: Campaign,
  click: { readonly clickId: string; readonly clickedAt: string; readonly affiliateId: string | undefined },
): StoredTouch {
  const longestWindowMs = Math.max(...campaign.terms.map((terms) => terms.clickWindowMs));
  return {
    ...click,
    campaignId: campaign.campaignId,
    source: parameters.source,
    subIds: given(parameters, subIdNames),
    utm: given(parameters, utmNames),
    platformClickId: Object.values(given(parameters, platformClickIdNames))[0],
    expiresAtSeconds: Math.ceil((millisecondsOf(click.clickedAt) + longestWindowMs + DAY_MS) / 1000),
  };
}

function given<Name extends keyof ClickParameters>(
  parameters: ClickParameters,
  names: readonly Name[],
): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = parameters[name];
      return value === undefined || value === '' ? [] : [[name, value]];
    }),
  );
}
