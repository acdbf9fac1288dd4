import type { LeadExplanation } from '../../shared/contracts/explanation.ts';
import type { Party } from '../../shared/contracts/party.ts';
import { durationText } from '../../shared/contracts/primitives.ts';
import type { Cap } from '../../shared/domain/caps/caps.ts';
import { amountsOf, suffixOf } from '../../shared/domain/caps/counter.ts';
import type { CapReading } from '../../shared/domain/caps/readings.ts';
import type { AffiliateTerms, Campaign, Terms } from '../../shared/domain/catalog/campaign.ts';
import {
  type ConsideredSource,
  hasExpired,
  isOfMessage,
  type Lead,
  originalVerdict,
} from '../../shared/domain/leads/lead.ts';
import { type LeadPrice, leadPrice, NO_PRICE, type PriceFault } from '../../shared/domain/leads/price.ts';
import { reasons, type SystemReason } from '../../shared/domain/leads/reasons.ts';
import { recordedInputs } from '../../shared/domain/leads/recorded-inputs.ts';
import { remedies } from '../../shared/domain/leads/remedies.ts';
import {
  type ReplayedVerdict,
  recordedVerdict,
  replayVerdict,
  sameVerdict,
  verdictRecord,
} from '../../shared/domain/leads/replay-verdict.ts';
import { formatAmount } from '../../shared/domain/money/money.ts';
import { later } from '../../shared/domain/time/calendar.ts';

/**
 * Explains a lead's verdict to a party from what the lead has recorded, decided again. An affiliate never sees what the advertiser is
 * charged; and of rules, caps and score only what was against its lead where the campaign says so.
 */
export function explainLead(
  lead: Lead,
  campaign: Campaign,
  affiliateTerms: readonly AffiliateTerms[],
  { role }: Pick<Party, 'role'>,
): LeadExplanation {
  const { terms, attribution, affiliateTerms: ownTerms, conversion } = recordedInputs(lead, campaign, affiliateTerms);
  const replayed = replayVerdict(lead, campaign, affiliateTerms);
  const isAffiliate = role === 'affiliate';
  const isOthers = attribution.affiliateId !== lead.affiliateId;
  const isBrief = isAffiliate && campaign.affiliateExplanation === 'reason';
  const { status, reason } = originalVerdict(lead);
  const { affiliateId = lead.affiliateId, source } = attribution;
  const price =
    terms === undefined
      ? NO_PRICE
      : leadPrice(terms, ownTerms, { ...conversion, affiliateId, source }, campaign.currency);
  const record = verdictRecord(replayed);
  const full = fullCaps(lead, replayed);
  return {
    leadId: lead.leadId,
    campaignId: lead.campaignId,
    status: lead.status,
    reason: lead.reason ?? null,
    verdict: {
      status,
      reason: reason ?? null,
      meaning: meaningOf(reason),
      at: lead.history.findLast(isOfMessage)?.at ?? lead.receivedAt,
      receiptId: lead.receiptId,
    },
    whatToChange: whatToChange(hasExpired(lead) ? lead.reason : reason, replayed, full, isBrief),
    source: {
      attributedBy: lead.attributedBy,
      considered: consideredOf(lead, isAffiliate),
      clickWindow: clickWindowOf(lead, terms),
    },
    terms:
      terms === undefined
        ? null
        : {
            effectiveFrom: terms.effectiveFrom,
            setAt: terms.setAt,
            ...(!isAffiliate && { setBy: terms.setBy }),
            ...viewPrice(price, campaign.currency, !isAffiliate),
            priceRule: typeof price === 'string' || isBrief ? null : (price.price?.rule ?? null),
            currency: campaign.currency,
            clickWindow: durationText(terms.clickWindowMs),
            confirmation: confirmationOf(terms),
            affiliateTermsFrom: (isOthers && isAffiliate ? undefined : lead.evidence.affiliateTermsFrom) ?? null,
          },
    rules: replayed.rules
      .filter(({ passed, severity }) => !isBrief || (!passed && severity === 'hard'))
      .map(({ ruleId, kind, severity, passed, input, expected, reason: why }) => ({
        ruleId,
        kind,
        severity,
        passed,
        ...(!isBrief && { input, expected }),
        reason: why ?? null,
      })),
    score:
      replayed.score === undefined
        ? null
        : { ...replayed.score, parts: isBrief ? [] : replayed.score.parts.map((part) => ({ ...part })) },
    caps: replayed.readings
      .filter(({ cap }) => !isAffiliate || (cap.measure === 'leads' && (!isBrief || full.has(cap))))
      .map((reading) => viewReading(reading, lead, full)),
    replay: {
      status: record.status,
      reason: record.reason,
      same: lead.evidence.erased ? null : sameVerdict(record, recordedVerdict(lead)),
    },
  };
}

/** What such a lead costs and earns by its terms, whatever the verdict; nothing, where they need an amount that it has not. */
function viewPrice(price: LeadPrice | PriceFault, currency: string, withCharge: boolean) {
  const { chargeMinor, commissionMinor } = typeof price === 'string' ? NO_PRICE : price;
  return {
    ...(withCharge && { charge: formatAmount(chargeMinor, currency) }),
    commission: formatAmount(commissionMinor, currency),
  };
}

const meaningOf = (reason: string | undefined): string | null =>
  reason === undefined ? null : (reasons[reason as SystemReason] ?? null);

const confirmationOf = ({ confirmation }: Terms): string =>
  confirmation.mode === 'hold' ? `hold ${durationText(confirmation.holdMs)}` : confirmation.mode;

function clickWindowOf(lead: Lead, terms: Terms | undefined): LeadExplanation['source']['clickWindow'] {
  if (lead.clickedAt === undefined || terms === undefined) return null;
  const until = later(lead.clickedAt, terms.clickWindowMs);
  return {
    clickedAt: lead.clickedAt,
    convertedAt: lead.occurredAt,
    until,
    within: lead.occurredAt <= until,
  };
}

const TAKEN = 'the strongest that was found';
const WEAKER = 'something stronger was found';
const WAY_NOT_FOUND = {
  click_id: 'no such click',
  click_ref: 'no click of the campaign was imported with this reference',
  platform_click_id: 'no click of the campaign had this platform click id',
  promo_code: 'no affiliate held this code at the conversion',
  named_affiliate: 'no such affiliate',
  ad_platform: 'no ad platform delivered it',
} as const;

/** Where the source was looked for; whose another's click is stays untold to an affiliate. */
function consideredOf(lead: Lead, isAffiliate: boolean): LeadExplanation['source']['considered'] {
  const { considered, attribution } = lead.evidence;
  const shown = isAffiliate ? lead : { ...lead, ...attribution };
  if (considered === undefined) {
    if (lead.attributedBy === 'none') return [];
    const isUnknown = attribution?.clickNotFound === true;
    const isOthers = attribution !== undefined && !isUnknown;
    return [
      {
        way: lead.attributedBy,
        taken: !isUnknown,
        why: isUnknown
          ? WAY_NOT_FOUND[lead.attributedBy]
          : isOthers
            ? 'the message named it; it is of another campaign or affiliate, and nothing weaker is looked at then'
            : 'the message named it: a click that is named is taken, and nothing weaker is looked at',
        affiliateId: shown.affiliateId ?? null,
        clickId: shown.clickId ?? null,
        clickedAt: shown.clickedAt ?? null,
      },
    ];
  }
  let isTaken = false;
  return considered.map((source) => {
    const taken = source.found && !isTaken;
    const why = taken ? TAKEN : source.found ? weakerBecause(source, considered) : WAY_NOT_FOUND[source.way];
    isTaken ||= taken;
    const isHidden = isAffiliate && source.affiliateId !== lead.affiliateId;
    return {
      way: source.way,
      taken,
      why,
      affiliateId: (isHidden ? undefined : source.affiliateId) ?? null,
      clickId: (isHidden ? undefined : source.clickId) ?? null,
      clickedAt: (isHidden ? undefined : source.clickedAt) ?? null,
    };
  });
}

const weakerBecause = (source: ConsideredSource, considered: readonly ConsideredSource[]): string =>
  considered.find(({ found }) => found)?.way === source.way ? 'a later click was found' : WEAKER;

/** The caps that were full for the lead, at what it would have been charged. */
function fullCaps(lead: Lead, replayed: ReplayedVerdict): ReadonlySet<Cap> {
  const { uncapped } = replayed;
  const chargeMinor = uncapped.status === 'rejected' ? 0n : uncapped.chargeMinor;
  const amounts = amountsOf({ chargeMinor, currency: lead.currency });
  return new Set(
    replayed.readings
      .filter(({ cap, used, limit }) => used + (amounts[suffixOf(cap, lead)] ?? 0n) > limit)
      .map(({ cap }) => cap),
  );
}

function viewReading({ cap, used, limit }: CapReading, lead: Lead, full: ReadonlySet<Cap>) {
  const show = (amount: bigint) => (cap.measure === 'leads' ? amount.toString() : formatAmount(amount, lead.currency));
  return {
    for: cap.scope,
    period: cap.period,
    measure: cap.measure,
    used: show(used),
    limit: show(limit),
    full: full.has(cap),
  };
}

/** What must be different for such a lead to be confirmed: nothing, where it was. */
function whatToChange(
  reason: string | undefined,
  { rules, verdict }: ReplayedVerdict,
  full: ReadonlySet<Cap>,
  isBrief: boolean,
): string[] {
  if (verdict.status === 'confirmed') return [];
  const failed = rules.filter(({ passed, severity }) => severity === 'hard' && !passed);
  const ofRules = failed.map(({ ruleId, input, expected, reason: why }) =>
    isBrief ? `Rule ${ruleId}: ${meaningOf(why) ?? ''}` : `Rule ${ruleId}: was ${input}, must be: ${expected}.`,
  );
  const ofCaps = [...full].map(
    ({ scope, period }) =>
      `The cap per ${period} for ${scope.replaceAll('_', ' ')} was full: send leads ${period === 'total' ? 'once it is raised' : `in another ${period}`}.`,
  );
  const remedy = remedies[reason as keyof typeof remedies];
  return [...(remedy === undefined ? [] : [remedy]), ...ofRules, ...ofCaps];
}
