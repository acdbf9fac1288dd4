import {
  type DeliveryMessage,
  deliveriesQuery,
  deliveryId as deliveryIdSchema,
  deliveryList,
  deliveryView,
  redeliverAccepted,
  redeliverRequest,
} from '../../shared/contracts/deliveries.ts';
import type { Party } from '../../shared/contracts/party.ts';
import { destinationId as destinationIdSchema } from '../../shared/contracts/primitives.ts';
import { type Delivery, streamOf } from '../../shared/domain/deliveries/delivery.ts';
import { begunAgain } from '../../shared/domain/deliveries/progress.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import type {
  DeliveryLog,
  DeliveryStore,
  DeliverySummary,
  HealthStore,
  OwnerOfDestination,
} from '../../shared/ports/deliveries.ts';
import type { Queue } from '../../shared/ports/queues.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { makeCursor, readCursor } from '../../shared/runtime/cursor.ts';
import { type HttpEvent, type HttpHandler, json, jsonBody, pathParameter, query } from '../../shared/runtime/http.ts';
import { conflict, notFound } from '../../shared/runtime/problems.ts';
import { isOwn } from '../../shared/runtime/scope.ts';

export interface ManageDeliveriesDependencies {
  readonly catalog: Pick<CatalogReader, 'apiKey'>;
  readonly ownerOf: OwnerOfDestination;
  readonly log: Pick<DeliveryLog, 'find' | 'list'>;
  readonly deliveries: Pick<DeliveryStore, 'replace'>;
  readonly health: Pick<HealthStore, 'get'>;
  /** Of the patient lane. */
  readonly queue: Queue<DeliveryMessage>;
  readonly clock: Clock;
}

const FIRST = '1970-01-01T00:00:00.000Z';
const LAST = '2999-12-31T23:59:59.999Z';
/** Whoever meets the sender at a delivery as often leaves it to it. */
const TRIES = 3;

/** What became of what destinations were told: the operator sees everything, an advertiser or affiliate its own; another's is not there. */
export function deliveryHandlers(dependencies: ManageDeliveriesDependencies): Record<string, HttpHandler> {
  const { catalog, ownerOf, log, deliveries, health, queue, clock } = dependencies;

  const partyOf = (event: HttpEvent): Promise<Party> =>
    authenticate(catalog, event, ['operator', 'advertiser', 'affiliate']);

  async function mayUse(party: Party, destinationId: string): Promise<boolean> {
    const owner = await ownerOf(destinationId);
    // Where a destination is no more, what it was told is the operator's.
    return owner === undefined ? party.role === 'operator' : isOwn(party, owner);
  }

  async function ownDestination(event: HttpEvent): Promise<string> {
    const party = await partyOf(event);
    const destinationId = pathParameter(event, 'destinationId');
    const isKnown = destinationIdSchema.safeParse(destinationId).success && (await mayUse(party, destinationId));
    if (!isKnown) throw notFound('There is no such destination.');
    return destinationId;
  }

  async function ownDelivery(event: HttpEvent): Promise<Delivery> {
    const party = await partyOf(event);
    const deliveryId = pathParameter(event, 'deliveryId');
    const delivery = deliveryIdSchema.safeParse(deliveryId).success ? await log.find(deliveryId) : undefined;
    if (delivery === undefined || !(await mayUse(party, delivery.destinationId))) {
      throw notFound('There is no such delivery, or it ended more than 90 days ago.');
    }
    return delivery;
  }

  /** What is begun again for one that is told nothing would end as failed, also what has arrived before. */
  async function requireEnabled(destinationId: string): Promise<void> {
    const [destination, { disabled }] = await Promise.all([ownerOf(destinationId), health.get(destinationId)]);
    if (destination === undefined) throw conflict('destination-deleted', `${destinationId} is no more.`);
    const hindrance = disabled !== undefined ? 'disabled' : destination.status === 'paused' ? 'paused' : undefined;
    if (hindrance === undefined) return;
    throw conflict(`destination-${hindrance}`, `${destinationId} is ${hindrance}: set its status to active first.`);
  }

  async function beginAgain(delivery: Delivery): Promise<Delivery> {
    let current: Delivery | undefined = delivery;
    for (let tries = 0; tries < TRIES && current !== undefined; tries += 1) {
      const again = begunAgain(current, clock());
      if (again === undefined) return current;
      if (await deliveries.replace(again)) return again;
      current = await log.find(delivery.deliveryId);
    }
    throw conflict('changed-meanwhile', 'The delivery is being sent at this moment: look at it, and try again.');
  }

  return {
    'GET /v1/destinations/{destinationId}/deliveries': async (event) => {
      const destinationId = await ownDestination(event);
      const { status, from = FIRST, to = LAST, limit, cursor } = query(event, deliveriesQuery);
      const bound = ['deliveries', destinationId, status, from, to];
      const position = cursor === undefined ? undefined : readCursor(bound, cursor);
      const asked = { destinationId, status, from, before: to, order: 'newest_first' } as const;
      const page = await log.list(asked, limit, position);
      const items = page.deliveries.map((summary) => viewSummary(destinationId, summary));
      const nextCursor = page.position === undefined ? null : makeCursor(bound, page.position);
      return json(200, deliveryList.parse({ items, nextCursor }));
    },

    'GET /v1/deliveries/{deliveryId}': async (event) => json(200, viewDelivery(await ownDelivery(event))),

    'POST /v1/deliveries/{deliveryId}/redeliver': async (event) => {
      const delivery = await ownDelivery(event);
      await requireEnabled(delivery.destinationId);
      const begun = await beginAgain(delivery);
      await queue.send({ kind: 'stream', stream: streamOf(begun.destinationId, begun.event) });
      return json(202, viewDelivery(begun));
    },

    'POST /v1/destinations/{destinationId}/redeliver': async (event) => {
      const destinationId = await ownDestination(event);
      const askedAt = clock();
      const { from, to = askedAt, status } = jsonBody(event, redeliverRequest);
      await requireEnabled(destinationId);
      await queue.send({ kind: 'redelivery', destinationId, from, before: to, status, askedAt });
      return json(202, redeliverAccepted.parse({ destinationId, from, to, status }));
    },
  };
}

const viewSummary = (
  destinationId: string,
  { nextAttemptAt, endedAt, ...summary }: Omit<DeliverySummary, 'stream' | 'position'>,
) => ({ ...summary, destinationId, nextAttemptAt: nextAttemptAt ?? null, endedAt: endedAt ?? null });

/** What was told stays with who was told: it may hold what another party may not see. */
function viewDelivery({ destinationId, event, attempts, failure, ...delivery }: Delivery) {
  const { type, subject, eventId, sequence } = event;
  return deliveryView.parse({
    ...viewSummary(destinationId, { ...delivery, type, subject }),
    eventId,
    sequence,
    failure: failure ?? null,
    attempts: attempts.map(({ status, detail, ...attempt }) => ({
      ...attempt,
      status: status ?? null,
      detail: detail ?? null,
    })),
  });
}
