import { createHttpHandler } from '../../shared/runtime/http.ts';
import { createDependencies } from './dependencies.ts';
import { createListLeads } from './list-leads.ts';
import { createManageLead } from './manage-lead.ts';

const dependencies = createDependencies();
const lead = createManageLead(dependencies);

export const handler = createHttpHandler({
  'GET /v1/leads': createListLeads(dependencies),
  'GET /v1/leads/{leadId}': lead.get,
  'GET /v1/leads/{leadId}/explanation': lead.explain,
  'GET /v1/leads/{leadId}/contact': lead.getContact,
  'DELETE /v1/leads/{leadId}/contact': lead.eraseContact,
  'POST /v1/leads/{leadId}/confirm': lead.confirm,
  'POST /v1/leads/{leadId}/reject': lead.reject,
  'POST /v1/leads/{leadId}/reverse': lead.reverse,
});
