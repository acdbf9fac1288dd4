import { clickParameters } from '../../shared/contracts/click.ts';
import { subIdNames } from '../../shared/contracts/postback.ts';
import { millisecondsOf } from '../../shared/domain/time/calendar.ts';
import type { TouchWriter } from '../../shared/ports/touches.ts';
import { type HttpEvent, type HttpHandler, parse, pathParameter, queryParameters } from '../../shared/runtime/http.ts';
import { pixelHandler } from '../../shared/runtime/pixel.ts';
import { forbidden, notFound } from '../../shared/runtime/problems.ts';
import type { IngestClickDependencies } from './ingest-click.ts';
import { findAffiliate, findCampaign, given, isApproved, isCounted, touchExpiry } from './visit.ts';

export interface CountImpressionDependencies
  extends Pick<IngestClickDependencies, 'catalog' | 'clock' | 'makeUlid' | 'onTouchLost'> {
  readonly touches: Pick<TouchWriter, 'putImpression'>;
}

const SUFFIX = '.gif';

/** Answers the pixel of an advertisement, and counts its showing where the affiliate may show it and a person may have seen it. */
export function createCountImpression(dependencies: CountImpressionDependencies): HttpHandler {
  return pixelHandler((event) => countImpression(dependencies, event));
}

async function countImpression(
  { catalog, touches, clock, makeUlid, onTouchLost }: CountImpressionDependencies,
  event: HttpEvent,
): Promise<'counted' | 'not-counted' | 'unavailable'> {
  const image = pathParameter(event, 'image');
  if (!image.endsWith(SUFFIX)) throw notFound(`There is nothing at ${event.rawPath}.`);
  const parameters = parse(clickParameters, { ...queryParameters(event) }, 'query');
  const campaign = await findCampaign(catalog, image.slice(0, -SUFFIX.length));
  const affiliateId = await findAffiliate(catalog, parameters);
  const shownAt = clock();
  if (!(await isApproved(catalog, campaign, { parameters, affiliateId, clickedAt: shownAt })))
    throw forbidden('The affiliate is not approved for this campaign.');
  if (campaign.status === 'paused' || !isCounted(event)) return 'not-counted';
  try {
    await touches.putImpression({
      ulid: makeUlid(millisecondsOf(shownAt)),
      campaignId: campaign.campaignId,
      affiliateId,
      source: parameters.source,
      subIds: given(parameters, subIdNames),
      shownAt,
      expiresAtSeconds: touchExpiry(campaign, shownAt),
    });
    return 'counted';
  } catch (error) {
    onTouchLost(error);
    return 'unavailable';
  }
}
