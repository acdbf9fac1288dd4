import type * as z from 'zod';
import {
  type campaignToCreate,
  listParameters,
  returnsFrom,
  startInstant,
  termsToAdd,
  viewReturns,
} from '../../shared/contracts/catalog.ts';
import { amountIn, checkedDurationMs, durationText } from '../../shared/contracts/primitives.ts';
import { rulesFrom, scoringFrom, viewRules, viewScoring } from '../../shared/contracts/qualification.ts';
import { type Campaign, type Terms, versionAt } from '../../shared/domain/catalog/campaign.ts';
import { MAX_VERSIONS, startOfTerms } from '../../shared/domain/catalog/version-start.ts';
import { formatAmount } from '../../shared/domain/money/money.ts';
import { qualificationFault } from '../../shared/domain/qualification/limits.ts';
import type { Instant } from '../../shared/domain/time/calendar.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import { type HttpHandler, json, jsonBody, pathParameter, query } from '../../shared/runtime/http.ts';
import { invalidField } from '../../shared/runtime/problems.ts';
import { findCampaign } from './find-campaign.ts';
import { listPage } from './list-page.ts';
import type { ManageCatalogDependencies } from './manage-catalog.ts';
import { startsTooEarly, tooManyVersions, versionExists } from './refusals.ts';

/** A campaign's terms: versions that are added, 5 minutes ahead or more, and never edited. */
export function termsHandlers(dependencies: ManageCatalogDependencies): Record<string, HttpHandler> {
  const { catalog, store, clock, timeZone } = dependencies;
  const { campaigns } = store;

  return {
    'GET /v1/campaigns/{campaignId}/terms': async (event) => {
      const party = await authenticate(catalog, event, ['operator', 'advertiser']);
      const campaign = await findCampaign(campaigns, pathParameter(event, 'campaignId'), party);
      const page = query(event, listParameters);
      return listPage(
        ['terms', campaign.campaignId],
        page,
        async (limit, after = '') => {
          const rest = campaign.terms.filter(({ effectiveFrom }) => effectiveFrom > after);
          const items = rest.slice(0, limit);
          return { items, position: rest.length > limit ? items.at(-1)?.effectiveFrom : undefined };
        },
        (terms) => viewVersion(campaign, terms),
      );
    },
    'PUT /v1/campaigns/{campaignId}/terms': async (event) => {
      const party = await authenticate(catalog, event, ['operator']);
      const campaign = await findCampaign(campaigns, pathParameter(event, 'campaignId'), party);
      const body = jsonBody(event, termsToAdd);
      const terms = nextTerms(campaign, body, { setAt: clock(), setBy: party.kid }, timeZone);
      if (campaign.terms.length >= MAX_VERSIONS) throw tooManyVersions(MAX_VERSIONS);
      if ((await campaigns.addTerms(campaign.campaignId, terms)) === 'exists') throw versionExists(terms.effectiveFrom);
      return json(200, viewVersion(campaign, terms));
    },
  };
}

type TermsFields = Pick<
  z.output<typeof campaignToCreate>,
  | 'charge'
  | 'commission'
  | 'clickWindow'
  | 'confirmation'
  | 'trustAffiliates'
  | 'undoWindow'
  | 'returns'
  | 'rules'
  | 'scoring'
>;

/** When a version is made, and by which key. */
export type SetBy = Pick<Terms, 'setAt' | 'setBy'>;

/** A version of terms from its fields on the wire. Throws 400 on an amount that its currency does not have. */
export function termsOf(fields: TermsFields, currency: string, effectiveFrom: Instant, set: SetBy): Terms {
  const rules = rulesFrom(fields.rules);
  const scoring = fields.scoring === undefined ? undefined : scoringFrom(fields.scoring);
  const fault = qualificationFault(rules, scoring);
  if (fault !== undefined) throw invalidField(fault.field, fault.message);
  return {
    ...set,
    effectiveFrom,
    chargeMinor: amountOf('charge', fields.charge, currency),
    commissionMinor: amountOf('commission', fields.commission, currency),
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
  };
}

/** Terms on the wire. */
export const viewTerms = (
  terms: Terms,
  currency: string,
): Omit<TermsFields, 'rules'> & Partial<Pick<TermsFields, 'rules'>> & SetBy & { readonly effectiveFrom: Instant } => ({
  charge: formatAmount(terms.chargeMinor, currency),
  commission: formatAmount(terms.commissionMinor, currency),
  clickWindow: durationText(terms.clickWindowMs),
  confirmation:
    terms.confirmation.mode === 'hold'
      ? { mode: 'hold', hold: durationText(terms.confirmation.holdMs) }
      : terms.confirmation,
  trustAffiliates: terms.trustAffiliates,
  undoWindow: durationText(terms.undoMs),
  ...(terms.rules.length > 0 && { rules: viewRules(terms.rules) }),
  ...(terms.scoring !== undefined && { scoring: viewScoring(terms.scoring) }),
  ...(terms.returns !== undefined && { returns: viewReturns(terms.returns) }),
  effectiveFrom: terms.effectiveFrom,
  setAt: terms.setAt,
  setBy: terms.setBy,
});

const viewVersion = ({ campaignId, currency }: Campaign, terms: Terms) => ({
  campaignId,
  currency,
  ...viewTerms(terms, currency),
});

/** The amount of a field in minor units. Throws 400 naming the field. */
export function amountOf(field: string, text: string, currency: string): bigint {
  const read = amountIn(text, currency);
  if ('message' in read) throw invalidField(field, read.message);
  return read.amountMinor;
}

/** The version that a body adds: what it leaves out stays as it is in the version that it follows. Throws 400. */
function nextTerms(
  { terms, currency }: Campaign,
  { effectiveFrom, ...given }: z.output<typeof termsToAdd>,
  set: SetBy,
  timeZone: string,
): Terms {
  const asked = effectiveFrom === undefined ? undefined : startInstant(effectiveFrom, timeZone);
  const start = startOfTerms(asked, set.setAt);
  if (!start.ok) throw startsTooEarly(start.earliest);
  const followed = versionAt(terms, start.effectiveFrom) ?? terms[0];
  if (followed === undefined) throw new Error('a campaign without terms');
  const fields: TermsFields = { rules: [], ...viewTerms(followed, currency) };
  return termsOf({ ...fields, ...replacing(given) }, currency, start.effectiveFrom, set);
}

/** What a body sets: what it leaves out is not in it, and what it sets to null is taken away. */
function replacing(given: Partial<Nullable<TermsFields>>): Partial<TermsFields> {
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(set.map(([field, value]) => [field, value ?? undefined]));
}

type Nullable<Fields> = { readonly [Name in keyof Fields]: Fields[Name] | null | undefined };
