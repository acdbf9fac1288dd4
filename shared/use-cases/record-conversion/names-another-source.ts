import type { Conversion } from '../../contracts/postback.ts';
import type { Lead } from '../../domain/leads/lead.ts';
import type { CatalogReader } from '../../ports/catalog.ts';
import type { Digest } from '../../ports/crypto.ts';
import type { TouchReader } from '../../ports/touches.ts';
import { saysSameSource } from './make-lead.ts';
import { touchesOf } from './resolve-conversion.ts';

export interface NamesAnotherSourceDependencies {
  readonly catalog: Pick<CatalogReader, 'affiliateByPromoCode'>;
  readonly touches: Pick<TouchReader, 'byClickRef' | 'byPlatformClickId'>;
  readonly digest: Digest;
}

/**
 * Whether a conversion names a click or an affiliate that are not a lead's own, under whatever name; one that names none says nothing of
 * it. `affiliate` is an id. Throws StoreUnavailable.
 */
export async function namesAnotherSource(
  { catalog, touches, digest }: NamesAnotherSourceDependencies,
  lead: Lead,
  conversion: Conversion,
): Promise<boolean> {
  const { affiliate, clickId, clickRef, platformClickIds, promoCode } = conversion;
  // Clicks are forgotten, what the lead's own message said is not.
  if (saysSameSource(lead, conversion, digest)) return false;
  // Whoever named another affiliate than the click's own is shown as the lead's; the click is in the evidence.
  if (affiliate !== undefined && affiliate !== lead.affiliateId) return true;
  const own = lead.evidence.attribution ?? lead;
  if (clickId !== undefined) return clickId !== own.clickId;
  if (clickRef !== undefined) {
    const touch = await touches.byClickRef(lead.campaignId, clickRef);
    return touch === undefined || touch.clickId !== own.clickId;
  }
  if (platformClickIds.length > 0) {
    // As of when the lead came about: its visitor may have clicked again since.
    const [touch] = await touchesOf(touches, lead.campaignId, platformClickIds, lead.occurredAt);
    if (touch !== undefined) return touch.clickId !== own.clickId;
  }
  // Of a lead that a click brought its code says nothing: it is weaker, and a shop that knows no clicks tells the code of the order all the same.
  if (promoCode === undefined || own.clickId !== undefined) return false;
  const holder = await catalog.affiliateByPromoCode(lead.campaignId, promoCode, lead.occurredAt);
  return holder !== undefined && holder !== lead.affiliateId;
}
