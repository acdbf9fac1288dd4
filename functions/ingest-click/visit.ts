import { isbot } from 'isbot';
import type { ClickParameters } from '../../shared/contracts/click.ts';
import { campaignReference } from '../../shared/contracts/primitives.ts';
import { type Campaign, mayPromote, versionAt } from '../../shared/domain/catalog/campaign.ts';
import { type Instant, millisecondsOf } from '../../shared/domain/time/calendar.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import type { HttpEvent } from '../../shared/runtime/http.ts';
import { notFound } from '../../shared/runtime/problems.ts';

export type VisitCatalog = Pick<CatalogReader, 'campaign' | 'affiliate' | 'affiliateTerms'>;

const DAY_MS = 86_400_000;

/** Throws 404. */
export async function findCampaign(catalog: VisitCatalog, reference: string): Promise<Campaign> {
  const campaign = campaignReference.safeParse(reference).success ? await catalog.campaign(reference) : undefined;
  if (campaign === undefined) throw notFound('There is no such campaign.');
  return campaign;
}

/** The id of the affiliate that is named, if one is. Throws 404. */
export async function findAffiliate(
  catalog: VisitCatalog,
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

/** A visitor whom a link has brought, or a pixel has seen. */
export interface Visit {
  readonly parameters: ClickParameters;
  readonly affiliateId: string | undefined;
  readonly clickedAt: Instant;
}

/** Whether the affiliate of a visit, where there is one, may promote a campaign. */
export async function isApproved(
  catalog: VisitCatalog,
  campaign: Campaign,
  { affiliateId, clickedAt }: Visit,
): Promise<boolean> {
  if (affiliateId === undefined) return true;
  return mayPromote(campaign, versionAt(await catalog.affiliateTerms(campaign.campaignId, affiliateId), clickedAt));
}

/** Link checkers, crawlers and browsers that fetch ahead are sent on, but they are no visitors. */
export function isCounted({ requestContext, headers }: HttpEvent): boolean {
  const purpose = `${headers['purpose'] ?? ''} ${headers['sec-purpose'] ?? ''}`;
  return (
    requestContext.http.method !== 'HEAD' &&
    !/prefetch|prerender|preview/i.test(purpose) &&
    !isbot(headers['user-agent'])
  );
}

/** When a touch may be forgotten: a day after the longest window of its campaign. Seconds since 1970. */
export function touchExpiry({ terms }: Campaign, at: Instant): number {
  const longestWindowMs = Math.max(...terms.map(({ clickWindowMs }) => clickWindowMs));
  return Math.ceil((millisecondsOf(at) + longestWindowMs + DAY_MS) / 1000);
}

/** Those of the named parameters that say something. */
export function given<Name extends keyof ClickParameters>(
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
