import { visitorNames } from '../contracts/postback.ts';
import { followingTerms, type TermsChanges, type TermsFault } from '../contracts/terms.ts';
import { capReason } from '../domain/caps/caps.ts';
import { createCountInMemory } from '../domain/caps/counted-in-memory.ts';
import type { Campaign, Terms } from '../domain/catalog/campaign.ts';
import { hasQualification, judgeLead } from '../domain/leads/decide-lead.ts';
import { type Lead, type LeadStatus, originalVerdict, pricedAt } from '../domain/leads/lead.ts';
import { recordedInputs, termsOfLead } from '../domain/leads/recorded-inputs.ts';
import {
  recordedVerdict,
  replayVerdict,
  sameVerdict,
  type VerdictRecord,
  verdictRecord,
} from '../domain/leads/replay-verdict.ts';
import { formatAmount } from '../domain/money/money.ts';
import { asksCountry } from '../domain/prices/pricing.ts';
import { type Day, monthOf, monthsBetween, nextDay, startOfDay } from '../domain/time/calendar.ts';
import type { CatalogReader } from '../ports/catalog.ts';
import type { ContactStore, LeadReader } from '../ports/leads.ts';
import { createReadSignals, type ReadSignalsDependencies } from './read-signals.ts';
import { createVelocityInMemory } from './velocity-in-memory.ts';

export interface ReplayDependencies extends Omit<ReadSignalsDependencies, 'velocity'> {
  readonly catalog: Pick<CatalogReader, 'campaign' | 'affiliateTerms'>;
  readonly leads: Pick<LeadReader, 'list'>;
  readonly contacts: Pick<ContactStore, 'get'>;
  readonly timeZone: string;
}

/** What is to be replayed: the leads of a campaign of some days, both included, in the network's time zone. */
export interface ReplayRequest {
  readonly campaign: string;
  readonly from: Day;
  readonly to: Day;
  /** Changes to the terms: those of each lead with these in them decide it. Left out: the terms as they were. */
  readonly changes?: TermsChanges | undefined;
}

/** How many leads have which status, and what those that are confirmed cost and earn. */
export interface Totals {
  readonly leads: number;
  readonly confirmed: number;
  readonly pending: number;
  readonly rejected: number;
  readonly reversed: number;
  /** Decimals at the exponent of the currency. */
  readonly charge: string;
  readonly commission: string;
}

/** A lead whose verdict is another. */
export interface Difference {
  readonly leadId: string;
  readonly was: VerdictRecord;
  readonly is: VerdictRecord;
}

export interface Replay {
  readonly campaign: Campaign;
  readonly leads: number;
  readonly different: number;
  /** Leads that cannot be decided again: fields were erased that rules had looked at. They are not among the others. */
  readonly erased: number;
  /** The first of them. */
  readonly differences: readonly Difference[];
  /** By affiliate; the empty id for leads that have none. */
  readonly affiliates: ReadonlyMap<string, { readonly was: Totals; readonly would: Totals }>;
}

const PAGE_LEADS = 500;
const MAX_DIFFERENCES_KEPT = 20;
/** A campaign with more is replayed in parts: all leads of a replay are held in memory, in the order of their decisions. */
const MAX_REPLAYED_LEADS = 500_000;

/**
 * Decides the leads of a campaign again from what they have recorded. With changed terms, as if those had been in force: rules look at
 * the contact data again as far as they are kept, and caps count from nothing, in the order of the decisions. What people decided since
 * stands. Returns the fault of changes that go with no terms, and undefined where there is no such campaign. Throws StoreUnavailable;
 * RangeError over MAX_REPLAYED_LEADS.
 */
export function createReplayVerdicts(
  dependencies: ReplayDependencies,
): (request: ReplayRequest) => Promise<Replay | TermsFault | undefined> {
  const { catalog } = dependencies;
  return async (request) => {
    const campaign = await catalog.campaign(request.campaign);
    if (campaign === undefined) return undefined;
    const all = await leadsOf(dependencies, campaign, request);
    const leads = all.filter(({ evidence }) => !evidence.erased);
    const decideAgain = createDecideAgain(dependencies, campaign);
    const candidates = new Map<Terms, Terms>();
    const affiliates = new Map<string, { was: Sums; would: Sums }>();
    const differences: Difference[] = [];
    let different = 0;
    for (const lead of leads) {
      let candidate: Terms | undefined;
      if (request.changes !== undefined) {
        const made = candidateFor(lead, campaign, request.changes, candidates);
        if (made !== undefined && 'field' in made) return made;
        candidate = made;
      }
      const is = await decideAgain(lead, candidate);
      const was = recordedVerdict(lead);
      if (!sameVerdict(was, is)) {
        different += 1;
        if (differences.length < MAX_DIFFERENCES_KEPT) differences.push({ leadId: lead.leadId, was, is });
      }
      const affiliateId = lead.affiliateId ?? '';
      const totals = affiliates.get(affiliateId) ?? { was: NO_LEADS, would: NO_LEADS };
      affiliates.set(affiliateId, {
        was: plusLead(totals.was, lead.status, lead.chargeMinor, lead.commissionMinor),
        would: plusLead(totals.would, statusUnder(lead, is), ...lessTakenBack(lead, is)),
      });
    }
    const totals = [...affiliates].map(
      ([affiliateId, { was, would }]) =>
        [affiliateId, { was: totalsOf(was, campaign.currency), would: totalsOf(would, campaign.currency) }] as const,
    );
    const erased = all.length - leads.length;
    return { campaign, leads: leads.length, different, erased, differences, affiliates: new Map(totals) };
  };
}

/** A lead's terms with the changes in them; made once for each version. */
function candidateFor(
  lead: Lead,
  { terms, currency }: Campaign,
  changes: TermsChanges,
  made: Map<Terms, Terms>,
): Terms | TermsFault | undefined {
  const decidedBy = termsOfLead(lead, terms);
  if (decidedBy === undefined) return undefined;
  const known = made.get(decidedBy);
  if (known !== undefined) return known;
  const candidate = followingTerms(decidedBy, changes, currency, decidedBy);
  if (!('field' in candidate)) made.set(decidedBy, candidate);
  return candidate;
}

/** The leads in the order in which they were decided. */
async function leadsOf(
  { leads, timeZone }: ReplayDependencies,
  { advertiserId, campaignId }: Campaign,
  { from, to }: ReplayRequest,
): Promise<Lead[]> {
  const range = { from: startOfDay(from, timeZone), before: startOfDay(nextDay(to), timeZone) };
  const found: Lead[] = [];
  for (const month of monthsBetween(monthOf(range.from, timeZone), to.slice(0, 7))) {
    let position: string | undefined;
    do {
      const page = await leads.list({ owner: { advertiserId }, campaignId, month, ...range }, PAGE_LEADS, position);
      found.push(...page.leads);
      if (found.length > MAX_REPLAYED_LEADS) {
        throw new RangeError(`more than ${MAX_REPLAYED_LEADS} leads: replay fewer days at a time`);
      }
      position = page.position;
    } while (position !== undefined);
  }
  return found.sort(
    (left, right) => left.receivedAt.localeCompare(right.receivedAt) || left.leadId.localeCompare(right.leadId),
  );
}

function createDecideAgain(dependencies: ReplayDependencies, campaign: Campaign) {
  const readSignals = createReadSignals({ ...dependencies, velocity: createVelocityInMemory() });
  const count = createCountInMemory();
  return async (lead: Lead, candidate: Terms | undefined): Promise<VerdictRecord> => {
    const { affiliateId = lead.evidence.attribution?.affiliateId } = lead;
    const versions =
      affiliateId === undefined ? [] : await dependencies.catalog.affiliateTerms(campaign.campaignId, affiliateId);
    if (candidate === undefined) return verdictRecord(replayVerdict(lead, campaign, versions));

    const looksAtFields = hasQualification(candidate) || asksCountry(candidate.pricing);
    const kept = looksAtFields ? await dependencies.contacts.get(lead.leadId) : undefined;
    const recorded = recordedInputs(lead, campaign, versions, candidate);
    const { country = kept?.['country'] } = recorded.conversion;
    const inputs = { ...recorded, conversion: { ...recorded.conversion, country } };
    const isVisitor = (name: string) => (visitorNames as readonly string[]).includes(name);
    const fields = (visitors: boolean) =>
      Object.fromEntries(Object.entries(kept ?? {}).filter(([name]) => isVisitor(name) === visitors));
    const { occurredAt, receivedAt, receiptId, subIds } = lead;
    const signals = hasQualification(candidate)
      ? {
          ...(await readSignals(
            {
              conversion: {
                event: lead.event,
                platformClickIds: [],
                subIds,
                contact: fields(false),
                signals: fields(true),
              },
              occurredAt,
              receivedAt,
              receiptId,
            },
            inputs.attribution,
            campaign,
            candidate,
          )),
          // What was found out then stands: contact data may have been erased since.
          ...lead.evidence.signals,
        }
      : undefined;
    const judgement = judgeLead({ ...inputs, signals });
    const record = verdictRecord(judgement);
    const { verdict } = judgement;
    if (verdict.status === 'rejected' || lead.claimant !== undefined || candidate.caps === undefined) return record;
    const { chargeMinor } = verdict;
    const taken = count({
      campaign: { ...campaign, terms: [candidate] },
      now: lead.receivedAt,
      take: { lead: { ...lead, chargeMinor }, terms: candidate },
      start: 0,
      mayRoll: false,
    });
    if (taken.kind === 'settled') return record;
    const over = { ...record, reason: capReason(taken.cap) };
    return taken.cap.over === 'pending'
      ? { ...over, status: 'pending' }
      : { ...over, status: 'rejected', charge: '0', commission: '0' };
  };
}

interface Sums extends Omit<Totals, 'charge' | 'commission'> {
  readonly chargeMinor: bigint;
  readonly commissionMinor: bigint;
}

const totalsOf = ({ chargeMinor, commissionMinor, ...counts }: Sums, currency: string): Totals => ({
  ...counts,
  charge: formatAmount(chargeMinor, currency),
  commission: formatAmount(commissionMinor, currency),
});

const NO_LEADS: Sums = {
  leads: 0,
  confirmed: 0,
  pending: 0,
  rejected: 0,
  reversed: 0,
  chargeMinor: 0n,
  commissionMinor: 0n,
};

function plusLead(totals: Sums, status: LeadStatus, chargeMinor: bigint, commissionMinor: bigint): Sums {
  const isBilled = status === 'confirmed';
  return {
    ...totals,
    leads: totals.leads + 1,
    [status]: totals[status] + 1,
    chargeMinor: totals.chargeMinor + (isBilled ? chargeMinor : 0n),
    commissionMinor: totals.commissionMinor + (isBilled ? commissionMinor : 0n),
  };
}

/** What would be owed and earned for a lead now: what was taken back of it in part stays so. */
function lessTakenBack(
  lead: Lead,
  { charge, commission }: VerdictRecord,
): [chargeMinor: bigint, commissionMinor: bigint] {
  const priced = pricedAt(lead);
  const less = (minor: bigint, takenBack: bigint) => (minor > takenBack ? minor - takenBack : 0n);
  return [
    less(BigInt(charge), priced.chargeMinor - lead.chargeMinor),
    less(BigInt(commission), priced.commissionMinor - lead.commissionMinor),
  ];
}

/** Where a lead would stand now: what became of it since stands, if the verdict that it became of is the same. */
function statusUnder(lead: Lead, { status }: VerdictRecord): LeadStatus {
  return status === originalVerdict(lead).status ? lead.status : (status as LeadStatus);
}
