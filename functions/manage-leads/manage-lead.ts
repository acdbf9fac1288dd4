import { confirmRequest, decisionRequest, partIn, reverseRequest, viewLead } from '../../shared/contracts/leads.ts';
import type { Party } from '../../shared/contracts/party.ts';
import { leadId as leadIdSchema } from '../../shared/contracts/primitives.ts';
import type { Lead } from '../../shared/domain/leads/lead.ts';
import { type MoveAction, moveLead } from '../../shared/domain/leads/transitions/move-lead.ts';
import type { Part } from '../../shared/domain/leads/transitions/reverse-part.ts';
import type { CatalogReader, Role } from '../../shared/ports/catalog.ts';
import type { ContactStore, LeadReader } from '../../shared/ports/leads.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { type HttpEvent, type HttpHandler, json, jsonBody, pathParameter } from '../../shared/runtime/http.ts';
import { invalidField, notFound } from '../../shared/runtime/problems.ts';
import { problemOfTransition } from '../../shared/runtime/transition-problems.ts';
import type { TransitionLead } from '../../shared/use-cases/transition-lead.ts';
import { explainLead } from './explain-lead.ts';

export interface ManageLeadDependencies {
  readonly catalog: Pick<CatalogReader, 'apiKey' | 'campaign' | 'affiliateTerms'>;
  readonly leads: Pick<LeadReader, 'get'>;
  readonly contacts: Pick<ContactStore, 'get'>;
  readonly eraseContact: (lead: Lead) => Promise<void>;
  readonly transitionLead: TransitionLead;
  readonly clock: Clock;
}

/** What is asked for of a lead: why, and of a reversal how much. */
interface Asked {
  readonly reason?: string | undefined;
  readonly part?: Part | undefined;
}

function readReversal(event: HttpEvent, { currency }: Lead): Asked {
  const { reason, amount, version } = jsonBody(event, reverseRequest);
  if (amount === undefined) return { reason };
  const read = partIn(amount, currency);
  if ('message' in read) throw invalidField('amount', read.message);
  return { reason, part: { chargeMinor: read.amountMinor, version } };
}

const owns = (party: Party, lead: Lead): boolean => {
  if (party.role === 'advertiser') return party.advertiserId === lead.advertiserId;
  return party.role !== 'affiliate' || party.affiliateId === lead.affiliateId;
};

/** Reads, decides and erases one lead. Another's lead is not there. */
export function createManageLead({
  catalog,
  leads,
  contacts,
  eraseContact,
  transitionLead,
  clock,
}: ManageLeadDependencies) {
  const ownLead = async <Allowed extends Role>(
    event: HttpEvent,
    roles: readonly Allowed[],
  ): Promise<{ party: Extract<Party, { role: Allowed }>; lead: Lead }> => {
    const party = await authenticate(catalog, event, roles);
    const leadId = pathParameter(event, 'leadId');
    const lead = leadIdSchema.safeParse(leadId).success ? await leads.get(leadId) : undefined;
    if (lead === undefined || !owns(party, lead)) throw notFound('There is no such lead.');
    return { party, lead };
  };

  const decide =
    (action: MoveAction, read: (event: HttpEvent, lead: Lead) => Asked): HttpHandler =>
    async (event) => {
      const { party, lead } = await ownLead(event, ['operator', 'advertiser']);
      const decision = { at: clock(), actor: party.kid, by: party.role, ...read(event, lead) };
      const outcome = await transitionLead(lead, (current, under) => moveLead(current, action, decision, under));
      if (outcome.ok) return json(200, viewLead(outcome.lead, party.role));
      // Done before, perhaps by this caller whose answer was lost: what it asked for holds.
      if (outcome.fault === 'already') return json(200, viewLead((await leads.get(lead.leadId)) ?? lead, party.role));
      throw problemOfTransition(outcome);
    };

  return {
    get: (async (event) => {
      const { party, lead } = await ownLead(event, ['operator', 'finance', 'advertiser', 'affiliate']);
      return json(200, viewLead(lead, party.role));
    }) satisfies HttpHandler,
    explain: (async (event) => {
      const { party, lead } = await ownLead(event, ['operator', 'finance', 'advertiser', 'affiliate']);
      const campaign = await catalog.campaign(lead.campaignId);
      if (campaign === undefined) throw notFound('There is no such campaign.');
      const affiliateTerms =
        lead.affiliateId === undefined ? [] : await catalog.affiliateTerms(lead.campaignId, lead.affiliateId);
      return json(200, explainLead(lead, campaign, affiliateTerms, party));
    }) satisfies HttpHandler,
    getContact: (async (event) => {
      const { lead } = await ownLead(event, ['operator', 'advertiser']);
      const contact = await contacts.get(lead.leadId);
      if (contact === undefined) throw notFound('The lead has no contact data, or they were erased.');
      return json(200, { leadId: lead.leadId, contact });
    }) satisfies HttpHandler,
    eraseContact: (async (event) => {
      const { lead } = await ownLead(event, ['operator', 'advertiser']);
      await eraseContact(lead);
      return { statusCode: 204 };
    }) satisfies HttpHandler,
    confirm: decide('confirm', (event) => (event.body === undefined ? {} : jsonBody(event, confirmRequest))),
    reject: decide('reject', (event) => jsonBody(event, decisionRequest)),
    reverse: decide('reverse', readReversal),
  };
}
