import { confirmRequest, decisionRequest, viewLead } from '../../shared/contracts/leads.ts';
import type { Party } from '../../shared/contracts/party.ts';
import { leadId as leadIdSchema } from '../../shared/contracts/primitives.ts';
import type { Lead } from '../../shared/domain/leads/lead.ts';
import { confirmLead } from '../../shared/domain/leads/transitions/confirm-lead.ts';
import { rejectLead } from '../../shared/domain/leads/transitions/reject-lead.ts';
import { reverseLead } from '../../shared/domain/leads/transitions/reverse-lead.ts';
import type { Decision, TransitionResult } from '../../shared/domain/leads/transitions/transition.ts';
import type { CatalogReader, Role } from '../../shared/ports/catalog.ts';
import type { ContactStore, LeadReader } from '../../shared/ports/leads.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { type HttpEvent, type HttpHandler, json, jsonBody, pathParameter } from '../../shared/runtime/http.ts';
import { conflict, notFound } from '../../shared/runtime/problems.ts';

export interface ManageLeadDependencies {
  readonly catalog: Pick<CatalogReader, 'apiKey'>;
  readonly leads: Pick<LeadReader, 'get'>;
  readonly contacts: ContactStore;
  readonly transitionLead: (lead: Lead, transition: (lead: Lead) => TransitionResult) => Promise<TransitionResult>;
  readonly clock: Clock;
}

const owns = (party: Party, lead: Lead): boolean => {
  if (party.role === 'advertiser') return party.advertiserId === lead.advertiserId;
  return party.role !== 'affiliate' || party.affiliateId === lead.affiliateId;
};

/** Reads, decides and erases one lead. Another's lead is not there. */
export function createManageLead({ catalog, leads, contacts, transitionLead, clock }: ManageLeadDependencies) {
  const ownLead = async (event: HttpEvent, roles: readonly Role[]): Promise<{ party: Party; lead: Lead }> => {
    const party = await authenticate(catalog, event, roles);
    const leadId = pathParameter(event, 'leadId');
    const lead = leadIdSchema.safeParse(leadId).success ? await leads.get(leadId) : undefined;
    if (lead === undefined || !owns(party, lead)) throw notFound('There is no such lead.');
    return { party, lead };
  };

  const decide =
    (
      schema: typeof decisionRequest | typeof confirmRequest,
      transition: (lead: Lead, decision: Decision) => TransitionResult,
    ): HttpHandler =>
    async (event) => {
      const { party, lead } = await ownLead(event, ['operator', 'advertiser']);
      const { reason } = event.body === undefined && schema === confirmRequest ? {} : jsonBody(event, schema);
      const decision: Decision = { at: clock(), actor: party.kid, reason };
      const outcome = await transitionLead(lead, (current) => transition(current, decision));
      if (outcome.ok) return json(200, viewLead(outcome.lead, party.role));
      // Done before, perhaps by this caller whose answer was lost: what it asked for holds.
      if (outcome.fault === 'already') return json(200, viewLead((await leads.get(lead.leadId)) ?? lead, party.role));
      throw problemOf(outcome);
    };

  return {
    get: (async (event) => {
      const { party, lead } = await ownLead(event, ['operator', 'finance', 'advertiser', 'affiliate']);
      return json(200, viewLead(lead, party.role));
    }) satisfies HttpHandler,
    getContact: (async (event) => {
      const { lead } = await ownLead(event, ['operator', 'advertiser']);
      const contact = await contacts.get(lead.leadId);
      if (contact === undefined) throw notFound('The lead has no contact data, or they were erased.');
      return json(200, { leadId: lead.leadId, contact });
    }) satisfies HttpHandler,
    eraseContact: (async (event) => {
      const { lead } = await ownLead(event, ['operator', 'advertiser']);
      await contacts.erase(lead.leadId);
      return { statusCode: 204 };
    }) satisfies HttpHandler,
    confirm: decide(confirmRequest, confirmLead),
    reject: decide(decisionRequest, rejectLead),
    reverse: decide(decisionRequest, reverseLead),
  };
}

function problemOf(outcome: Exclude<TransitionResult, { ok: true } | { fault: 'already' }>) {
  if (outcome.fault === 'key_taken') {
    return conflict(
      'transaction-taken',
      'Another lead was confirmed for this transaction; this claim can only be rejected.',
      {
        heldBy: outcome.heldBy,
      },
    );
  }
  const { status } = outcome;
  return conflict('not-allowed', `A lead that is ${status} cannot be moved there.`, { leadStatus: status });
}
