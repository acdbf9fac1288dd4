import * as z from 'zod';
import { listParameters } from './catalog.ts';
import { endpointMessage } from './endpoint-messages.ts';
import { endpointChanges, endpointToCreate, endpointView, messageToTry, triedMessage } from './endpoints.ts';
import { answer, jsonContent, jsonRequest, type Operation, type OperationKey } from './openapi-operation.ts';
import { endpointId, pageOf } from './primitives.ts';

const own = z.object({ endpointId });
const below = z.object({
  endpointId,
  path: z.string().meta({ description: 'A path of the sender’s, such as aff_lsr' }),
});

const message = {
  tag: 'Endpoints',
  access: 'anyone',
  answers: { 200: { description: 'In the form that the sender’s side reads; so are refusals, in most dialects.' } },
  problems: { 404: 'There is no such endpoint.', 413: 'The message is larger than 1 MiB.' },
} as const satisfies Partial<Operation>;

const manage = { tag: 'Endpoints', access: ['operator'] } as const satisfies Partial<Operation>;

const TRUST =
  'What a signature or token proves is its sender’s word, and the campaign’s confirmation mode decides; what nothing proves is pending, unless `trust` says otherwise.';

/** Endpoints: where senders report in their own dialects. */
export const endpointOperations: Readonly<Record<OperationKey, Operation>> = {
  'GET /e/{endpointId}': { ...message, id: 'getMessage', summary: 'Send a message by a link', path: own },
  'POST /e/{endpointId}': {
    ...message,
    id: 'postMessage',
    summary: 'Send a message',
    description: `Takes what the dialect of the endpoint reads, as its sender sends it. ${TRUST}`,
    path: own,
  },
  'GET /e/{endpointId}/{path+}': {
    ...message,
    id: 'getMessageBelow',
    summary: 'Send a message by a link of the sender’s',
    path: below,
  },
  'POST /e/{endpointId}/{path+}': {
    ...message,
    id: 'postMessageBelow',
    summary: 'Send a message to a path of the sender’s',
    path: below,
  },
  'GET /v1/endpoints': {
    ...manage,
    id: 'listEndpoints',
    summary: 'List endpoints',
    query: listParameters,
    answers: { 200: answer('A page of endpoints, in the order in which they were made.', pageOf(endpointView)) },
  },
  'POST /v1/endpoints': {
    ...manage,
    id: 'createEndpoint',
    summary: 'Make an endpoint',
    description: `Its \`url\` is what the sender is given. Which \`secrets\` and \`settings\` there are depends on the dialect; see \`docs/dialects\`. Secrets are kept encrypted and never told again. ${TRUST}`,
    body: jsonRequest(endpointToCreate, { dialect: 'tune', label: 'Our network', campaign: 'ext:shop' }),
    answers: { 201: answer('The endpoint.', endpointView) },
    problems: {
      404: 'There is no such campaign or affiliate.',
      409: 'The domain is another endpoint’s, or the campaign has a form already.',
    },
  },
  'GET /v1/endpoints/{endpointId}': {
    ...manage,
    id: 'getEndpoint',
    summary: 'See an endpoint',
    path: own,
    answers: { 200: answer('The endpoint.', endpointView) },
  },
  'PATCH /v1/endpoints/{endpointId}': {
    ...manage,
    id: 'changeEndpoint',
    summary: 'Change an endpoint',
    description:
      'Null takes away. Of `secrets` and `settings` only those named change; `mapping` is put in the place of the one before. A secret that is replaced proves its sender for 24 hours more, unless `forgetPrevious` is given; one that is taken away proves nobody from then on.',
    path: own,
    body: jsonRequest(endpointChanges, { status: 'paused' }),
    answers: { 200: answer('The endpoint.', endpointView) },
    problems: {
      409: 'The domain is another endpoint’s, or the campaign has a form already (`endpoint-taken`); or it was changed at the same moment (`changed-meanwhile`).',
    },
  },
  'DELETE /v1/endpoints/{endpointId}': {
    ...manage,
    id: 'removeEndpoint',
    summary: 'Remove an endpoint with its secrets',
    description: 'Its URLs answer 404 a moment later. What it brought stays.',
    path: own,
    answers: { 204: { description: 'It is gone.' } },
    problems: { 409: 'It was changed at the same moment (`changed-meanwhile`).' },
  },
  'GET /v1/endpoints/{endpointId}/messages': {
    ...manage,
    id: 'listEndpointMessages',
    summary: 'See what an endpoint was sent',
    description:
      'The last 1,000 messages of 30 days, newest first, each with what it told and what became of that; those that were refused too. Secrets are left out, and what tells of persons is masked.',
    path: own,
    query: listParameters,
    answers: { 200: answer('A page of messages.', pageOf(endpointMessage)) },
  },
  'POST /v1/endpoints/{endpointId}/test': {
    ...manage,
    id: 'tryEndpoint',
    summary: 'Try a message at an endpoint',
    description:
      'Reads a message as if its sender had sent it, and tells the verdict that it would get and the answer: nothing is written. Without a body, the dialect’s own sample is tried, signed with the secrets of the endpoint. Caps are not looked at.',
    path: own,
    body: { content: jsonContent(messageToTry, { query: 'transaction_id=click-1&adv_sub=order-1' }) },
    answers: { 200: answer('What would become of it.', triedMessage) },
  },
};

export const endpointSchemas = { Endpoint: endpointView, EndpointMessage: endpointMessage };
