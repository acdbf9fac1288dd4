import type * as z from 'zod';
import type { Terms } from '../domain/catalog/campaign.ts';
import { formatAmount } from '../domain/money/money.ts';
import { qualificationFault } from '../domain/qualification/limits.ts';
import type { Instant } from '../domain/time/calendar.ts';
import { capsFrom, viewCaps } from './caps.ts';
import { type campaignToCreate, returnsFrom, type termsToAdd, viewReturns } from './catalog.ts';
import { pricingFrom, viewPricing } from './prices.ts';
import { amountIn, checkedDurationMs, durationText } from './primitives.ts';
import { rulesFrom, scoringFrom, viewRules, viewScoring } from './qualification.ts';

type TermsFields = Pick<
  z.output<typeof campaignToCreate>,
  | 'charge'
  | 'commission'
  | 'pricing'
  | 'clickWindow'
  | 'confirmation'
  | 'trustAffiliates'
  | 'undoWindow'
  | 'returns'
  | 'caps'
  | 'rules'
  | 'scoring'
>;

/** What a body changes in the terms that it follows. */
export type TermsChanges = z.output<typeof termsToAdd>;

/** When a version is made, and by which key. */
export type TermsSetBy = Pick<Terms, 'setAt' | 'setBy'>;

/** What is wrong with terms whose fields are each right by themselves. */
export interface TermsFault {
  readonly field: string;
  readonly message: string;
}

/** A version of terms from its fields on the wire. */
export function termsFrom(
  fields: TermsFields,
  currency: string,
  set: TermsSetBy & Pick<Terms, 'effectiveFrom'>,
): Terms | TermsFault {
  const charge = amountIn(fields.charge, currency);
  if ('message' in charge) return { field: 'charge', message: charge.message };
  const commission = amountIn(fields.commission, currency);
  if ('message' in commission) return { field: 'commission', message: commission.message };
  const pricing = fields.pricing === undefined ? undefined : pricingFrom(fields.pricing, currency);
  if (pricing !== undefined && 'field' in pricing) return pricing;
  const rules = rulesFrom(fields.rules);
  const scoring = fields.scoring === undefined ? undefined : scoringFrom(fields.scoring);
  const fault = qualificationFault(rules, scoring);
  if (fault !== undefined) return fault;
  const caps = fields.caps === undefined ? undefined : capsFrom(fields.caps, currency);
  if (caps !== undefined && 'field' in caps) return caps;
  return {
    ...set,
    chargeMinor: charge.amountMinor,
    commissionMinor: commission.amountMinor,
    pricing,
    clickWindowMs: checkedDurationMs(fields.clickWindow),
    confirmation:
      fields.confirmation.mode === 'hold'
        ? { mode: 'hold', holdMs: checkedDurationMs(fields.confirmation.hold) }
        : fields.confirmation,
    trustAffiliates: fields.trustAffiliates,
    undoMs: checkedDurationMs(fields.undoWindow),
    returns: fields.returns === undefined ? undefined : returnsFrom(fields.returns),
    rules,
    scoring,
    caps,
  };
}

/** Terms on the wire. */
export const viewTerms = (
  terms: Terms,
  currency: string,
): Omit<TermsFields, 'rules'> &
  Partial<Pick<TermsFields, 'rules'>> &
  TermsSetBy & { readonly effectiveFrom: Instant } => ({
  charge: formatAmount(terms.chargeMinor, currency),
  commission: formatAmount(terms.commissionMinor, currency),
  ...(terms.pricing !== undefined && { pricing: viewPricing(terms.pricing, currency) }),
  clickWindow: durationText(terms.clickWindowMs),
  confirmation:
    terms.confirmation.mode === 'hold'
      ? { mode: 'hold', hold: durationText(terms.confirmation.holdMs) }
      : terms.confirmation,
  trustAffiliates: terms.trustAffiliates,
  undoWindow: durationText(terms.undoMs),
  ...(terms.rules.length > 0 && { rules: viewRules(terms.rules) }),
  ...(terms.scoring !== undefined && { scoring: viewScoring(terms.scoring) }),
  ...(terms.caps !== undefined && { caps: viewCaps(terms.caps, currency) }),
  ...(terms.returns !== undefined && { returns: viewReturns(terms.returns) }),
  effectiveFrom: terms.effectiveFrom,
  setAt: terms.setAt,
  setBy: terms.setBy,
});

/**
 * The version that follows another with what a body gives: what it leaves out stays, and what it sets to null is taken away. The start
 * that it asks for is not looked at.
 */
export function followingTerms(
  followed: Terms,
  { effectiveFrom: _asked, ...given }: TermsChanges,
  currency: string,
  set: TermsSetBy & Pick<Terms, 'effectiveFrom'>,
): Terms | TermsFault {
  const kept: TermsFields = { rules: [], ...viewTerms(followed, currency) };
  const changes = Object.entries(given).filter(([, value]) => value !== undefined);
  const replaced = Object.fromEntries(changes.map(([field, value]) => [field, value ?? undefined]));
  return termsFrom({ ...kept, ...replaced }, currency, set);
}
