import { versionAt } from '../../../shared/domain/catalog/campaign.ts';
import type { DecisionInputs } from '../../../shared/domain/leads/decide-lead.ts';
import { isOfMessage, type Lead, lessParts } from '../../../shared/domain/leads/lead.ts';
import { leadPrice } from '../../../shared/domain/leads/price.ts';
import { recordedInputs } from '../../../shared/domain/leads/recorded-inputs.ts';
import { replayVerdict } from '../../../shared/domain/leads/replay-verdict.ts';
import type { Stage } from '../actors/actor.ts';
import type { Books } from './books.ts';
import { type Catalog, readCatalog } from './catalog.ts';

/** Leads: each with a history that leads to where it is, none held beyond its time, each verdict what its inputs call for. */
export function judgeLeads({ world }: Stage, { leads }: Books): string | undefined {
  const catalog = readCatalog(world.engine);
  const now = world.scheduler.clock();
  for (const lead of leads.values()) {
    const fault = historyFault(lead) ?? verdictFault(lead, catalog);
    if (fault !== undefined) return `${lead.leadId} ${fault}`;
    if (lead.status === 'pending' && lead.holdUntil !== undefined && lead.holdUntil <= now) {
      return `${lead.leadId} is held though its hold has run out`;
    }
  }
  return undefined;
}

function historyFault({ history, version, status, reason, yieldedTo }: Lead): string | undefined {
  const last = history.at(-1);
  // Giving its key away is a change of its own, and no transition.
  const lastVersion = yieldedTo === undefined ? version : version - 1;
  // A part that is taken off a pending lead leaves it pending for the reason that it had.
  const isPart = last?.action === 'reversed_in_part' && status === 'pending';
  const reasoned = isPart ? history.findLast(({ action }) => action !== 'reversed_in_part') : last;
  if (last?.version !== lastVersion || last.status !== status || reasoned?.reason !== reason) {
    return 'is not where its history ends';
  }
  const isWhole = history.every((transition, index) => transition.version === index + 1);
  return isWhole ? undefined : 'has a history with gaps';
}

const NOTHING = { chargeMinor: 0n, commissionMinor: 0n };

/** A rejected lead costs nothing, until the rejection is taken back. */
function priceOfRejected(lead: Lead, { terms, affiliateTerms }: DecisionInputs): typeof NOTHING {
  if (terms === undefined || !lead.history.some(({ action }) => action === 'undone')) return NOTHING;
  const price = leadPrice(terms, affiliateTerms, { ...lead, country: lead.evidence.country }, lead.currency);
  return typeof price === 'string' ? NOTHING : price;
}

/** Judged again from what it has recorded, and by the terms that were in force, a lead's message gets the same verdict. */
function verdictFault(lead: Lead, catalog: Catalog): string | undefined {
  const campaign = catalog.campaigns.get(lead.campaignId);
  if (campaign === undefined) return 'is of no campaign';
  const versions = lead.affiliateId === undefined ? [] : catalog.affiliateTerms(lead.campaignId, lead.affiliateId);
  const inputs = recordedInputs(lead, campaign, versions);
  const decided = lead.history.findLast(isOfMessage);
  const { verdict } = replayVerdict(lead, campaign, versions);
  const reason = 'reason' in verdict ? verdict.reason : undefined;
  if (verdict.status !== decided?.status || reason !== decided?.reason) {
    return `is judged again ${verdict.status} ${reason}, and was ${decided?.status} ${decided?.reason}`;
  }
  const price = verdict.status !== 'rejected' ? verdict : priceOfRejected(lead, inputs);
  const left = lessParts(price, lead.history);
  if (left.chargeMinor !== lead.chargeMinor || left.commissionMinor !== lead.commissionMinor) {
    return `costs ${lead.chargeMinor}/${lead.commissionMinor} instead of ${left.chargeMinor}/${left.commissionMinor}`;
  }
  const due = versionAt(
    campaign.terms,
    (lead.evidence.attribution ?? lead).clickedAt ?? lead.occurredAt,
  )?.effectiveFrom;
  return due === lead.termsFrom ? undefined : `was decided by the terms from ${lead.termsFrom} instead of ${due}`;
}
