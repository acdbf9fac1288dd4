import type { Party } from '../../shared/contracts/party.ts';
import type { ReferredBy } from '../../shared/domain/tax/parties.ts';
import type { Instant } from '../../shared/domain/time/calendar.ts';
import type { CatalogStore, PartyChange } from '../../shared/ports/catalog-store.ts';
import type { MakeId } from '../../shared/runtime/ids.ts';
import { invalidField } from '../../shared/runtime/problems.ts';
import { unknownIn } from './refusals.ts';

/** What a party sets by a body, to be kept with the change itself. */
export const changeBy = ({ kid }: Party, body: object, at: Instant, makeId: MakeId): PartyChange => ({
  changeId: makeId('chg'),
  at,
  by: kid,
  fields: { ...body },
});

/** Throws 404 where a body names a legal entity that is not there. */
export async function checkReferences(
  { legalEntities }: Pick<CatalogStore, 'legalEntities'>,
  { legalEntityId }: { readonly legalEntityId?: string | null | undefined },
): Promise<void> {
  if (typeof legalEntityId === 'string' && (await legalEntities.get(legalEntityId)) === undefined) {
    throw unknownIn('legalEntityId', 'legal entity');
  }
}

/** A body with the id of whom it names as the referrer of an affiliate, which is somebody else. Throws 400, 404. */
export async function withReferrerId<Body extends { readonly referredBy?: ReferredBy | null | undefined }>(
  { affiliates }: Pick<CatalogStore, 'affiliates'>,
  affiliateId: string,
  body: Body,
): Promise<Body> {
  const { referredBy } = body;
  if (referredBy === undefined || referredBy === null) return body;
  const referrer = await affiliates.get(referredBy.affiliateId);
  if (referrer === undefined) throw unknownIn('referredBy.affiliateId', 'affiliate');
  if (referrer.affiliateId === affiliateId) throw invalidField('referredBy.affiliateId', 'must be another affiliate');
  await refuseCircle(affiliates, affiliateId, referrer.referredBy);
  return { ...body, referredBy: { ...referredBy, affiliateId: referrer.affiliateId } };
}

/** How long a chain of referrals may be. */
const MAX_REFERRERS = 20;

/** Throws 400 where an affiliate has referred, itself or through others, the one by whom it is to be referred. */
async function refuseCircle(
  affiliates: CatalogStore['affiliates'],
  affiliateId: string,
  referredBy: ReferredBy | undefined,
): Promise<void> {
  let next = referredBy;
  for (let length = 1; next !== undefined; length += 1) {
    if (next.affiliateId === affiliateId) {
      throw invalidField('referredBy.affiliateId', 'must not be referred by this affiliate, itself or through others');
    }
    if (length === MAX_REFERRERS) {
      throw invalidField('referredBy.affiliateId', `must not stand at the end of more than ${MAX_REFERRERS} referrals`);
    }
    next = (await affiliates.get(next.affiliateId))?.referredBy;
  }
}
