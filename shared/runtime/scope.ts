import type { Party } from '../contracts/party.ts';
import type { CatalogReader } from '../ports/catalog.ts';
import { forbidden, notFound } from './problems.ts';

/** Whose data is asked for, as references in a query. */
export interface ScopeFilters {
  readonly advertiserId?: string | undefined;
  readonly affiliateId?: string | undefined;
  readonly campaignId?: string | undefined;
}

/** Whose data may be read, as ids: what matches all of them. A party's own id is always among them, and a campaign's advertiser. */
export type Scope = ScopeFilters;

/** Whether something is a party's own; the operator's and finance's is everything. */
export function isOwn(party: Party, { advertiserId, affiliateId }: Omit<Scope, 'campaignId'>): boolean {
  if (party.role === 'advertiser') return party.advertiserId === advertiserId;
  return party.role !== 'affiliate' || party.affiliateId === affiliateId;
}

/**
 * Narrows what a party may see by the filters of its query. Throws 403 for a filter that names what is another's, whether or not it is
 * there, and 404 for what is not there.
 */
export async function resolveScope(
  catalog: Pick<CatalogReader, 'advertiser' | 'affiliate' | 'campaign'>,
  party: Party,
  filters: ScopeFilters,
): Promise<Scope> {
  const [advertiser, affiliate, campaign] = await Promise.all([
    filters.advertiserId === undefined ? undefined : catalog.advertiser(filters.advertiserId),
    filters.affiliateId === undefined ? undefined : catalog.affiliate(filters.affiliateId),
    filters.campaignId === undefined ? undefined : catalog.campaign(filters.campaignId),
  ]);
  if (party.role === 'advertiser') {
    refuseOthers('advertiserId', filters, advertiser?.advertiserId === party.advertiserId);
    refuseOthers('campaignId', filters, campaign?.advertiserId === party.advertiserId);
  }
  if (party.role === 'affiliate') refuseOthers('affiliateId', filters, affiliate?.affiliateId === party.affiliateId);
  requireKnown('advertiserId', filters, advertiser);
  requireKnown('affiliateId', filters, affiliate);
  requireKnown('campaignId', filters, campaign);
  return {
    advertiserId:
      party.role === 'advertiser' ? party.advertiserId : (advertiser?.advertiserId ?? campaign?.advertiserId),
    affiliateId: party.role === 'affiliate' ? party.affiliateId : affiliate?.affiliateId,
    campaignId: campaign?.campaignId,
  };
}

function refuseOthers(field: keyof ScopeFilters, filters: ScopeFilters, own: boolean): void {
  if (filters[field] === undefined || own) return;
  throw forbidden(`${field} is not yours.`, [{ field, message: 'must be your own, or left out' }]);
}

function requireKnown(field: keyof ScopeFilters, filters: ScopeFilters, found: unknown): void {
  if (filters[field] === undefined || found !== undefined) return;
  throw notFound(`There is no such ${field.slice(0, -2)}.`, [{ field, message: 'is not known' }]);
}
