import { type ClickParameters, clickParameters, utmNames } from '../../shared/contracts/click.ts';
import { platformClickIdNames, subIdNames } from '../../shared/contracts/postback.ts';
import { fallbackCounts, isFull } from '../../shared/domain/caps/usage.ts';
import { type Campaign, versionAt } from '../../shared/domain/catalog/campaign.ts';
import { makeClickId } from '../../shared/domain/clicks/click-id.ts';
import { renderLandingUrl } from '../../shared/domain/clicks/landing-url.ts';
import { type Instant, millisecondsOf } from '../../shared/domain/time/calendar.ts';
import type { CounterReader } from '../../shared/ports/counters.ts';
import type { ClickSecrets } from '../../shared/ports/crypto.ts';
import type { StoredTouch, TouchWriter } from '../../shared/ports/touches.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { type HttpHandler, type HttpResult, parse, pathParameter, queryParameters } from '../../shared/runtime/http.ts';
import { forbidden, HttpProblem } from '../../shared/runtime/problems.ts';
import {
  findAffiliate,
  findCampaign,
  given,
  isApproved,
  isCounted,
  touchExpiry,
  type Visit,
  type VisitCatalog,
} from './visit.ts';

export interface IngestClickDependencies {
  readonly catalog: VisitCatalog;
  readonly touches: Pick<TouchWriter, 'put'>;
  /** Read for caps that send visitors elsewhere, and no others; some seconds old. */
  readonly counters: CounterReader;
  readonly secrets: () => Promise<ClickSecrets>;
  readonly clock: Clock;
  readonly makeUlid: (timeMs: number) => string;
  /** Told when a touch could not be stored; the visitor is sent on all the same. */
  readonly onTouchLost: (error: unknown) => void;
  /** Told when it is not known whether a cap is reached; the visitor is taken all the same. */
  readonly onCapsUnknown: (error: unknown) => void;
}

/** Answers a click link: stores the touch and sends the visitor to the landing page, with a click id that speaks for itself. */
export function createIngestClick(dependencies: IngestClickDependencies): HttpHandler {
  const { catalog, secrets, clock } = dependencies;
  return async (event) => {
    const parameters = parse(clickParameters, { ...queryParameters(event) }, 'query');
    const named = await findCampaign(catalog, pathParameter(event, 'campaignId'));
    const affiliateId = await findAffiliate(catalog, parameters);
    if (named.status === 'paused') return elsewhere(named, paused(named));
    const visit = { parameters, affiliateId, clickedAt: clock() };
    const { clickedAt } = visit;
    if (!(await isApproved(catalog, named, visit)))
      return elsewhere(named, forbidden('The affiliate is not approved for this campaign.'));
    const campaign = (await hasRoom(dependencies, named, visit))
      ? named
      : await findFallback(dependencies, named, visit);
    if (campaign === undefined) return elsewhere(named, full(named));
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

/** Whether no cap that sends visitors elsewhere is reached. What is not known is left to the lead: there caps are exact. */
async function hasRoom(
  { counters, onCapsUnknown }: IngestClickDependencies,
  campaign: Campaign,
  { parameters, affiliateId, clickedAt }: Visit,
): Promise<boolean> {
  const terms = versionAt(campaign.terms, clickedAt);
  const { campaignId, advertiserId, currency } = campaign;
  const subIds = given(parameters, subIdNames);
  const visitor = { campaignId, advertiserId, affiliateId, source: parameters.source, subIds, currency };
  const counts = fallbackCounts(terms, campaign, visitor, clickedAt);
  if (terms === undefined || counts.length === 0) return true;
  try {
    const itemIds = [...new Set(counts.flatMap((count) => count.itemIds))];
    const items = await counters.read(itemIds, 'eventual');
    return !counts.some((count) => isFull(count, items, { chargeMinor: terms.chargeMinor, currency }));
  } catch (error) {
    onCapsUnknown(error);
    return true;
  }
}

/** The campaign that takes the visitors over another's caps, where it takes this one; what it would send on is not sent further. */
async function findFallback(
  dependencies: IngestClickDependencies,
  { fallbackCampaignId }: Campaign,
  visit: Visit,
): Promise<Campaign | undefined> {
  const { catalog } = dependencies;
  const fallback = fallbackCampaignId === undefined ? undefined : await catalog.campaign(fallbackCampaignId);
  if (fallback === undefined || fallback.status === 'paused') return undefined;
  const takes = (await isApproved(catalog, fallback, visit)) && (await hasRoom(dependencies, fallback, visit));
  return takes ? fallback : undefined;
}

const full = (campaign: Campaign) =>
  new HttpProblem({
    status: 410,
    code: 'campaign-full',
    title: 'The campaign is full',
    detail: `${campaign.name} takes no more visitors for now.`,
  });

const paused = (campaign: Campaign) =>
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

function touchOf(
  parameters: ClickParameters,
  campaign: Campaign,
  click: { readonly clickId: string; readonly clickedAt: Instant; readonly affiliateId: string | undefined },
): StoredTouch {
  return {
    ...click,
    campaignId: campaign.campaignId,
    source: parameters.source,
    subIds: given(parameters, subIdNames),
    utm: given(parameters, utmNames),
    platformClickId: Object.values(given(parameters, platformClickIdNames))[0],
    expiresAtSeconds: touchExpiry(campaign, click.clickedAt),
  };
}
