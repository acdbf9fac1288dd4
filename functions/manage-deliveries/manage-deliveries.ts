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
import { breakEnded } from '../../shared/domain/deliveries/health.ts';
import { begunAgain } from '../../shared/domain/deliveries/progress.ts';
import type { Instant } from '../../shared/domain/time/calendar.ts';
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
import {
  type HttpEvent,
  type HttpHandler,
  type HttpResult,
  json,
  jsonBody,
  pathParameter,
  query,
} from '../../shared/runtime/http.ts';
import { conflict, invalidField, notFound } from '../../shared/runtime/problems.ts';
import { isOwn } from '../../shared/runtime/scope.ts';
import { changeHealth } from '../../shared/use-cases/change-health.ts';

export interface ManageDeliveriesDependencies {
  readonly catalog: Pick<CatalogReader, 'apiKey'>;
  readonly ownerOf: OwnerOfDestination;
  readonly log: Pick<DeliveryLog, 'find' | 'list'>;
  readonly deliveries: Pick<DeliveryStore, 'replace'>;
  readonly health: HealthStore;
  /** Of the patient lane. */
  readonly queue: Queue<DeliveryMessage>;
  readonly clock: Clock;
}

const FIRST = '1970-01-01T00:00:00.000Z';
const LAST = '2999-12-31T23:59:59.999Z';
/** Whoever meets the sender at a delivery as often leaves it to it. */
const TRIES = 3;

/** What became of what destinations were told: the operator sees everything, an advertiser or affiliate its own; another's is not there. */
export const deliveryHandlers = (dependencies: ManageDeliveriesDependencies): Record<string, HttpHandler> => ({
  'GET /v1/destinations/{destinationId}/deliveries': (event) => listDeliveries(dependencies, event),
  'GET /v1/deliveries/{deliveryId}': async (event) => json(200, viewDelivery(await ownDelivery(dependencies, event))),
  'POST /v1/deliveries/{deliveryId}/redeliver': (event) => redeliverOne(dependencies, event),
  'POST /v1/destinations/{destinationId}/redeliver': (event) => redeliverAll(dependencies, event),
});

async function listDeliveries(dependencies: ManageDeliveriesDependencies, event: HttpEvent): Promise<HttpResult> {
  const destinationId = await ownDestination(dependencies, event);
  const { status, from = FIRST, to, limit, cursor } = query(event, deliveriesQuery);
  checkRange(from, to, LAST);
  const before = to ?? LAST;
  const bound = ['deliveries', destinationId, status, from, before];
  const position = cursor === undefined ? undefined : readCursor(bound, cursor);
  const statuses = status && [status];
  const asked = { destinationId, statuses, from, before, order: 'newest_first' } as const;
  const page = await dependencies.log.list(asked, limit, position);
  const items = page.deliveries.map((summary) => viewSummary(destinationId, summary));
  const nextCursor = page.position === undefined ? null : makeCursor(bound, page.position);
  return json(200, deliveryList.parse({ items, nextCursor }));
}

async function redeliverOne(dependencies: ManageDeliveriesDependencies, event: HttpEvent): Promise<HttpResult> {
  const delivery = await ownDelivery(dependencies, event);
  await openDestination(dependencies, delivery.destinationId);
  const begun = await beginAgain(dependencies, delivery);
  await dependencies.queue.send({ kind: 'stream', stream: streamOf(begun.destinationId, begun.event) });
  return json(202, viewDelivery(begun));
}

async function redeliverAll(dependencies: ManageDeliveriesDependencies, event: HttpEvent): Promise<HttpResult> {
  const destinationId = await ownDestination(dependencies, event);
  const askedAt = dependencies.clock();
  const { from, to, status } = jsonBody(event, redeliverRequest);
  checkRange(from, to, askedAt);
  const before = to ?? askedAt;
  await openDestination(dependencies, destinationId);
  await dependencies.queue.send({ kind: 'redelivery', destinationId, from, before, status, askedAt });
  return json(202, redeliverAccepted.parse({ destinationId, from, to: before, status }));
}

const partyOf = ({ catalog }: ManageDeliveriesDependencies, event: HttpEvent): Promise<Party> =>
  authenticate(catalog, event, ['operator', 'advertiser', 'affiliate']);

async function mayUse(
  { ownerOf }: ManageDeliveriesDependencies,
  party: Party,
  destinationId: string,
): Promise<boolean> {
  const owner = await ownerOf(destinationId);
  // Where a destination is no more, what it was told is the operator's.
  return owner === undefined ? party.role === 'operator' : isOwn(party, owner);
}

async function ownDestination(dependencies: ManageDeliveriesDependencies, event: HttpEvent): Promise<string> {
  const party = await partyOf(dependencies, event);
  const destinationId = pathParameter(event, 'destinationId');
  const isKnown =
    destinationIdSchema.safeParse(destinationId).success && (await mayUse(dependencies, party, destinationId));
  if (!isKnown) throw notFound('There is no such destination.');
  return destinationId;
}

async function ownDelivery(dependencies: ManageDeliveriesDependencies, event: HttpEvent): Promise<Delivery> {
  const party = await partyOf(dependencies, event);
  const deliveryId = pathParameter(event, 'deliveryId');
  const delivery = deliveryIdSchema.safeParse(deliveryId).success ? await dependencies.log.find(deliveryId) : undefined;
  if (delivery === undefined || !(await mayUse(dependencies, party, delivery.destinationId))) {
    throw notFound('There is no such delivery, or it ended more than 90 days ago.');
  }
  return delivery;
}

/** Throws 400 where a range is over before it begins. `end`: what a range without `to` goes to. */
function checkRange(from: Instant, to: Instant | undefined, end: Instant): void {
  if (from <= (to ?? end)) return;
  throw invalidField('from', to === undefined ? 'must not lie in the future' : 'must not be later than to');
}

/**
 * Ends the break of a destination: who asks for a delivery believes that it is well. Throws 409 for one that is told nothing: what is begun
 * again for it would end as failed, also what has arrived before.
 */
async function openDestination(
  { ownerOf, health }: ManageDeliveriesDependencies,
  destinationId: string,
): Promise<void> {
  const [destination, known] = await Promise.all([ownerOf(destinationId), health.get(destinationId)]);
  if (destination === undefined) throw conflict('destination-deleted', `${destinationId} is no more.`);
  const hindrance = known.disabled !== undefined ? 'disabled' : destination.status === 'paused' ? 'paused' : undefined;
  if (hindrance !== undefined) {
    throw conflict(`destination-${hindrance}`, `${destinationId} is ${hindrance}: set its status to active first.`);
  }
  if (breakEnded(known) !== undefined) await changeHealth(health, destinationId, breakEnded);
}

async function beginAgain(
  { deliveries, log, clock }: ManageDeliveriesDependencies,
  delivery: Delivery,
): Promise<Delivery> {
  let current: Delivery | undefined = delivery;
  for (let tries = 0; tries < TRIES && current !== undefined; tries += 1) {
    const again = begunAgain(current, clock());
    if (again === undefined) return current;
    if (await deliveries.replace(again)) return again;
    current = await log.find(delivery.deliveryId);
  }
  throw conflict('changed-meanwhile', 'The delivery is being sent at this moment: look at it, and try again.');
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
