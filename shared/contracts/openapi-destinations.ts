import * as z from 'zod';
import type { ZodOpenApiObject, ZodOpenApiPathItemObject } from 'zod-openapi';
import { type EventType, eventTypes } from '../domain/deliveries/event.ts';
import {
  createdDestination,
  destinationChanges,
  destinationPage,
  destinationsQuery,
  destinationTest,
  destinationToCreate,
  destinationView,
  rotatedSecret,
  testedDestination,
} from './destinations.ts';
import { leadView } from './leads.ts';
import { answer, jsonContent, jsonRequest, type Operation, type OperationKey } from './openapi-operation.ts';
import { destinationId } from './primitives.ts';

const own = z.object({ destinationId });
const manage = {
  tag: 'Destinations',
  access: ['operator', 'advertiser', 'affiliate'],
  ownOnly: true,
} as const satisfies Partial<Operation>;

/** Destinations: where events are told. */
export const destinationOperations: Readonly<Record<OperationKey, Operation>> = {
  'GET /v1/destinations': {
    ...manage,
    id: 'listDestinations',
    summary: 'List destinations',
    description: 'An advertiser’s or affiliate’s own; for the operator everybody’s, or those of the one that is named.',
    query: destinationsQuery,
    answers: { 200: answer('A page of destinations, in the order in which they were made.', destinationPage) },
  },
  'POST /v1/destinations': {
    ...manage,
    id: 'createDestination',
    summary: 'Make a destination',
    description:
      'A `postback` is a URL with macros, by GET or as a form by POST; see `docs/affiliate-postbacks.md`, also for what becomes of templates that were written for other networks (`macros`). A `webhook` gets JSON by Standard Webhooks; see `docs/webhooks.md`, and what comes at “Webhooks” in this description. The operator names whose it is, or nobody for the network’s own. Without `events` a postback tells of `lead.confirmed`, and of `lead.rejected` and `lead.reversed` where its template names `{status}`, `{event_type}` or `{reason}`, without which a tracker takes them for conversions that are paid; a webhook of all that its owner may be told of; of `lead.opt_in_requested` only where it gets contact data, as the link to mail is among them. What happens from `tellsFrom` on, five seconds later, is told; what happened before it was made never is. Up to 20 of each owner.',
    body: jsonRequest(destinationToCreate, {
      kind: 'postback',
      url: 'https://tracker.example/pb?cid={sub1}&payout={commission}&status={status}',
    }),
    answers: { 201: answer('The destination; of a webhook with its secret, this once.', createdDestination) },
    problems: {
      404: 'There is no such advertiser, affiliate or campaign.',
      409: 'There are as many as there may be (`too-many-destinations`).',
    },
  },
  'GET /v1/destinations/{destinationId}': {
    ...manage,
    id: 'getDestination',
    summary: 'See a destination',
    path: own,
    answers: { 200: answer('The destination.', destinationView) },
  },
  'PATCH /v1/destinations/{destinationId}': {
    ...manage,
    id: 'changeDestination',
    summary: 'Change a destination',
    description:
      '`null` takes away what may be left out; `templates` are put in the place of those before. `status: active` enables one again that was disabled. What happens while it is paused is not told later. The change holds from the new `tellsFrom` on.',
    path: own,
    body: jsonRequest(destinationChanges, { status: 'paused' }),
    answers: { 200: answer('The destination.', destinationView) },
    problems: { 409: 'It was changed at the same moment (`changed-meanwhile`).' },
  },
  'DELETE /v1/destinations/{destinationId}': {
    ...manage,
    id: 'removeDestination',
    summary: 'Remove a destination with its secret',
    description: 'What is on its way to it is given up.',
    path: own,
    answers: { 204: { description: 'It is gone.' } },
  },
  'POST /v1/destinations/{destinationId}/rotate-secret': {
    ...manage,
    id: 'rotateDestinationSecret',
    summary: 'Make a new secret for a webhook',
    description: 'The one before signs too for 24 hours, also where it is changed again meanwhile.',
    path: own,
    answers: { 200: answer('The secret, this once.', rotatedSecret) },
    problems: { 409: 'A postback has none (`no-secret`), or it was changed at the same moment.' },
  },
  'POST /v1/destinations/{destinationId}/test': {
    ...manage,
    id: 'testDestination',
    summary: 'Send a sample now',
    description:
      'Sends what an event would send, about a lead, document or payout that was made up, once, and tells what is answered within 10 seconds. Its ids are those of nothing, the `webhook-id` is another each time, and the data of a webhook have `test: true`.',
    path: own,
    body: { required: false, content: jsonContent(destinationTest, { event: 'lead.confirmed' }) },
    answers: { 200: answer('What was sent, and what was answered.', testedDestination) },
    problems: { 429: 'Ten samples a minute are sent to a destination: try again after `Retry-After` seconds.' },
  },
};

const amount = z.string().meta({ example: '119.00' });
const instant = z.iso.datetime();

const leadData = leadView.extend({
  contact: z.record(z.string(), z.string()).optional().meta({
    description:
      'Where the destination gets contact data and there are any. Of `lead.opt_in_requested` with the link to mail, `field_opt_in_url`',
  }),
  contactLeftOut: z
    .array(z.string())
    .optional()
    .meta({ description: 'Fields that are too long for a webhook: ask for them at `/v1/leads/{leadId}/contact`' }),
});
const documentData = z.object({
  number: z.string(),
  type: z.enum(['invoice', 'statement', 'credit_note']),
  advertiserId: z.string().optional(),
  affiliateId: z.string().optional(),
  name: z.string(),
  month: z.string(),
  currency: z.string(),
  net: amount,
  tax: amount,
  gross: amount,
  withheld: amount.optional(),
  typeCode: z.string().optional(),
  issuedAt: instant,
});
const payoutData = z.object({
  payoutId: z.string(),
  affiliateId: z.string(),
  state: z.enum(['sent', 'paid', 'failed']),
  amount,
  currency: z.string(),
  destination: z.record(z.string(), z.string()).meta({ description: 'Accounts by their last characters' }),
  failure: z.enum(['rejected', 'returned']).optional(),
  reason: z.string().optional(),
  bankDay: z.string().optional(),
});

const SUMMARIES: Readonly<Record<EventType, string>> = {
  'lead.pending': 'A lead waits: for a hold to end, or for somebody to decide',
  'lead.confirmed': 'A lead is confirmed: the advertiser owes for it',
  'lead.rejected': 'A lead is rejected',
  'lead.reversed': 'A confirmed lead is taken back',
  'lead.reversed_in_part': 'A part of what a confirmed lead costs is taken back',
  'lead.opt_in_requested': 'A person must open a link before the lead counts',
  'invoice.issued': 'An invoice or credit note is issued to an advertiser',
  'statement.issued': 'A statement or credit note is issued to an affiliate',
  'payout.sent': 'A payout is on its way',
  'payout.paid': 'A payout was paid',
  'payout.failed': 'A payout was rejected, or came back',
};

const dataOf = (type: EventType): z.ZodObject => {
  if (type.startsWith('payout.')) return payoutData;
  return type.startsWith('lead.') ? leadData : documentData;
};

const header = (name: string, description: string) => ({
  in: 'header' as const,
  name,
  required: true,
  description,
  schema: { type: 'string' as const },
});

function messageOf(type: EventType): ZodOpenApiPathItemObject {
  const test = z.literal(true).optional().meta({ description: 'Of a sample' });
  const body = z.object({
    type: z.literal(type),
    timestamp: instant.meta({ description: 'When it happened' }),
    data: dataOf(type).extend({ test }),
  });
  return {
    post: {
      operationId: `on_${type.replace('.', '_')}`,
      summary: SUMMARIES[type],
      description:
        'Answer 2xx within 15 seconds. 410 disables the destination; `Retry-After` is honoured; anything else is tried ten times over a day and more. Attempts of one event have the same `webhook-id`, and events about one lead, document or payout come in their order.',
      tags: ['Destinations'],
      parameters: [
        header('webhook-id', 'The event’s id, the same in every attempt'),
        header('webhook-timestamp', 'When it was sent, in seconds since 1970'),
        header('webhook-signature', 'By Standard Webhooks: `v1,` and a signature; several while secrets change'),
      ],
      requestBody: { required: true, content: jsonContent(body) },
      responses: { '2XX': { description: 'It was taken.' } },
    },
  };
}

/** What webhooks are sent. */
export const webhookMessages: NonNullable<ZodOpenApiObject['webhooks']> = Object.fromEntries(
  eventTypes.map((type) => [type, messageOf(type)]),
);
