import type { Instant } from '../time/calendar.ts';
import { type AffiliateTerms, versionAt } from './campaign.ts';

const PROMO_CODE = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** The form in which a promo code is kept and compared, as people type it in any case; undefined for what cannot be one. */
export const promoCodeKey = (text: string): string | undefined =>
  PROMO_CODE.test(text) ? text.toUpperCase() : undefined;

/** Whether a promo code brings leads to the affiliate that holds it: the version of its terms in force must name the code. */
export function promoCodeCounts(versions: readonly AffiliateTerms[], promoCode: string, at: Instant): boolean {
  const code = promoCodeKey(promoCode);
  return code !== undefined && (versionAt(versions, at)?.promoCodes.includes(code) ?? false);
}
