import type { Delivery } from '../../../shared/domain/deliveries/delivery.ts';
import { leadEvents } from '../../../shared/domain/deliveries/lead-events.ts';
import { MAX_ATTEMPTS } from '../../../shared/domain/deliveries/schedule.ts';
import type { Lead } from '../../../shared/domain/leads/lead.ts';
import type { Stage } from '../actors/actor.ts';
import { DESTINATIONS } from '../network.ts';
import type { Received } from '../outside.ts';
import type { Books } from './books.ts';

interface StoredHealth {
  readonly position: string;
  readonly disabled?: object;
}

/** Who is to be told hears of everything that is its to know, at least once, in order, one by one, and of nothing else. */
export function judgeDeliveries({ world }: Stage, { leads }: Books): string | undefined {
  if (!world.settings.delivers) return undefined;
  const { received } = world.outside;
  const fault = orderFault(received) ?? othersFault(received);
  if (fault !== undefined) return fault;
  const all = [...(world.engine.itemsOf('Deliveries') as Iterable<unknown>)] as (Delivery & StoredHealth)[];
  const disabled = new Set(all.filter((item) => item.disabled !== undefined).map(({ destinationId }) => destinationId));
  const deliveries = all.filter(({ position }) => position !== 'HEALTH');
  const good = new Set(received.filter(({ isGood }) => isGood).map(nameOf));
  for (const delivery of deliveries) {
    const { destinationId, deliveryId, status, attemptCount } = delivery;
    if (status === 'waiting') return `${deliveryId} is never delivered`;
    const name = nameOf(delivery);
    if (status === 'delivered' && !good.has(name)) return `${name} is delivered, and never arrived`;
    if (status === 'failed' && !disabled.has(destinationId) && attemptCount < MAX_ATTEMPTS)
      return `${deliveryId} was given up after ${attemptCount} attempts`;
  }
  if (world.readers.some(({ hasMissed }) => hasMissed)) return undefined;
  const known = new Set(deliveries.map(nameOf));
  const missing = [...leads.values()].flatMap(eventsOf).find((name) => !known.has(name));
  return missing && `nobody was told of ${missing}`;
}

const nameOf = ({ destinationId, event }: Pick<Received, 'destinationId' | 'event'>): string =>
  `${destinationId} ${event.subject} ${event.sequence} ${event.type}`;

/** What the destinations are to be told of a lead. Where it gave way to another message, it may have been another's before. */
function eventsOf(lead: Lead): string[] {
  if (lead.history.some(({ action }) => action === 'replaced')) return [];
  const events = leadEvents(undefined, lead, (text) => text);
  return DESTINATIONS.flatMap(({ destinationId, advertiserId, affiliateId, events: wanted }) => {
    const isOwn =
      (advertiserId ?? lead.advertiserId) === lead.advertiserId &&
      (affiliateId ?? lead.affiliateId) === lead.affiliateId;
    return events
      .filter(({ type }) => isOwn && wanted.includes(type))
      .map(({ type, sequence }) => `${destinationId} ${lead.leadId} ${sequence} ${type}`);
  });
}

/** Of one subject a destination never hears something older again, nor two things at once. */
function orderFault(received: readonly Received[]): string | undefined {
  const before = new Map<string, Received>();
  for (const one of received) {
    const stream = `${one.destinationId} ${one.event.subject}`;
    const last = before.get(stream);
    if (last !== undefined && one.event.sequence < last.event.sequence)
      return `${stream} was told ${one.event.sequence} after ${last.event.sequence}`;
    if (last !== undefined && one.fromMs < last.toMs) return `${stream} was told two things at once`;
    before.set(stream, one);
  }
  return undefined;
}

/** Nobody is told what is another's, nor an affiliate what its leads cost. */
function othersFault(received: readonly Received[]): string | undefined {
  const told = received.find(({ destinationId, event }) => {
    const { advertiserId, affiliateId } = DESTINATIONS.find((each) => each.destinationId === destinationId) ?? {};
    if (advertiserId !== undefined) return event.advertiserId !== advertiserId;
    return affiliateId !== undefined && (event.affiliateId !== affiliateId || 'charge' in event.data);
  });
  return told && `${nameOf(told)} is not for it to know`;
}
