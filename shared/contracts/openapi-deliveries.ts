import * as z from 'zod';
import {
  deliveriesQuery,
  deliveryId,
  deliveryList,
  deliverySummary,
  deliveryView,
  redeliverAccepted,
  redeliverRequest,
} from './deliveries.ts';
import { answer, jsonRequest, type Operation, type OperationKey } from './openapi-operation.ts';
import { destinationId } from './primitives.ts';

const ofDestination = z.object({ destinationId });
const ofDelivery = z.object({ deliveryId });
const deliveries = { tag: 'Deliveries', access: ['operator', 'advertiser', 'affiliate'], ownOnly: true } as const;
const disabled = {
  409: 'The destination is disabled (`destination-disabled`) or paused (`destination-paused`): set its status to active first. Or it is no more (`destination-deleted`).',
} as const;

/** What became of what destinations were told. */
export const deliveryOperations: Readonly<Record<OperationKey, Operation>> = {
  'GET /v1/destinations/{destinationId}/deliveries': {
    ...deliveries,
    id: 'listDeliveries',
    summary: 'Deliveries to a destination, newest first',
    description:
      'They are kept for 90 days after they have ended. With `status` a page may have fewer than were asked for, and none at all, and still have a `nextCursor`.',
    path: ofDestination,
    query: deliveriesQuery,
    answers: { 200: answer('A page of deliveries.', deliveryList) },
  },
  'GET /v1/deliveries/{deliveryId}': {
    ...deliveries,
    id: 'showDelivery',
    summary: 'A delivery with its attempts',
    path: ofDelivery,
    answers: { 200: answer('The delivery.', deliveryView) },
  },
  'POST /v1/deliveries/{deliveryId}/redeliver': {
    ...deliveries,
    id: 'redeliver',
    summary: 'Deliver once more, from the start',
    description:
      'With the same `webhook-id`, so that receivers know it again. One that waits for its next attempt is tried at once, and a break of the destination ends (`leftAloneUntil`).',
    path: ofDelivery,
    answers: { 202: answer('The delivery, on its way.', deliveryView) },
    problems: disabled,
  },
  'POST /v1/destinations/{destinationId}/redeliver': {
    ...deliveries,
    id: 'redeliverMany',
    summary: 'Deliver once more what has not arrived, or everything from a time on',
    description:
      'Oldest first, with the same `webhook-id`s. What waits for a later attempt is tried at once, and a break of the destination ends (`leftAloneUntil`). What is being sent, and what ends or is tried after the request, is left alone: asking for `all` twice delivers it twice.',
    path: ofDestination,
    body: jsonRequest(redeliverRequest, { from: '2025-11-30T12:00:00Z' }),
    answers: { 202: answer('It is being done.', redeliverAccepted) },
    problems: disabled,
  },
};

export const deliverySchemas = { Delivery: deliveryView, DeliverySummary: deliverySummary };
