import type { StreamMessage } from '../contracts/deliveries.ts';
import { newDelivery, streamOf } from '../domain/deliveries/delivery.ts';
import { type DestinationOwner, type News, ownersOf, wants } from '../domain/deliveries/destination.ts';
import type { OutgoingEvent } from '../domain/deliveries/event.ts';
import { type DestinationHealth, isSlow } from '../domain/deliveries/health.ts';
import type { LeadEvent } from '../domain/deliveries/lead-events.ts';
import { topicOf } from '../domain/deliveries/render-postback.ts';
import { isOfMessage } from '../domain/leads/lead.ts';
import type { Instant } from '../domain/time/calendar.ts';
import type { Digest } from '../ports/crypto.ts';
import type { DeliveryStore } from '../ports/deliveries.ts';
import type { OwnDestinations } from '../ports/destinations.ts';
import type { Queue } from '../ports/queues.ts';
import { tellLead } from './tell-lead.ts';

export interface AnnounceDependencies {
  readonly ownDestinations: OwnDestinations;
  readonly deliveries: Pick<DeliveryStore, 'add'>;
  /** How a destination answers; may be somewhat old. */
  readonly healthOf: (destinationId: string) => Promise<DestinationHealth>;
  readonly quickQueue: Pick<Queue<StreamMessage>, 'sendAll'>;
  readonly patientQueue: Pick<Queue<StreamMessage>, 'sendAll'>;
  readonly digest: Digest;
  readonly now: () => Instant;
}

/** What is to be told: an event that all may see whole, or one of a lead, which each party sees as its own. */
export type Announcement = OutgoingEvent | LeadEvent;

export type Announce = (announced: readonly Announcement[]) => Promise<void>;

/** A stream in which something waits, and whether its destination is one of those that take their time. */
interface Woken {
  readonly stream: string;
  readonly isPatient: boolean;
}

/**
 * Puts events on their way to the destinations that want them, those about one subject in the order in which they are given, and wakes the
 * senders. What is announced again is there already and changes nothing. What was added and not woken is found by `resume-deliveries`.
 */
export function createAnnounce(dependencies: AnnounceDependencies): Announce {
  const { quickQueue, patientQueue } = dependencies;
  const wake = async (added: readonly Woken[]): Promise<void> => {
    const messages = (patient: boolean): StreamMessage[] =>
      [...new Map(added.map((one) => [one.stream, one])).values()].flatMap(({ stream, isPatient }) =>
        isPatient === patient ? [{ kind: 'stream', stream }] : [],
      );
    await Promise.all([quickQueue.sendAll(messages(false)), patientQueue.sendAll(messages(true))]);
  };
  return async (announced) => {
    const subjects = [...Map.groupBy(announced, subjectOf).values()];
    for (let start = 0; start < subjects.length; start += SUBJECTS_AT_ONCE) {
      const added = await Promise.all(
        subjects.slice(start, start + SUBJECTS_AT_ONCE).map((ofSubject) => addAll(ofSubject, dependencies)),
      );
      await wake(added.flat());
    }
  };
}

/** Of a large batch the first are on their way before the last are added. */
const SUBJECTS_AT_ONCE = 20;

/** One after another: whoever is told reads them in this order. */
async function addAll(ofSubject: readonly Announcement[], dependencies: AnnounceDependencies): Promise<Woken[]> {
  const woken: Woken[] = [];
  for (const one of ofSubject) woken.push(...(await addDeliveries(one, dependencies)));
  return woken;
}

const subjectOf = (announced: Announcement): string =>
  'lead' in announced ? announced.lead.leadId : announced.subject;

async function addDeliveries(
  announced: Announcement,
  { ownDestinations, deliveries, healthOf, digest, now }: AnnounceDependencies,
): Promise<Woken[]> {
  const news = newsOf(announced);
  const added = await Promise.all(
    ownersOf('lead' in announced ? { ...announced.lead, type: announced.type } : announced).map(async (owner) => {
      const wanting = (await ownDestinations(owner)).filter((destination) => wants(destination, news));
      if (wanting.length === 0) return [];
      const event = seenBy(announced, owner);
      return Promise.all(
        wanting.map(async ({ destinationId }) => {
          const isNew = await deliveries.add(newDelivery(destinationId, event, now(), digest));
          if (!isNew) return [];
          const isPatient = isSlow(await healthOf(destinationId), now());
          return [{ stream: streamOf(destinationId, event), isPatient }];
        }),
      );
    }),
  );
  return added.flat(2);
}

function newsOf(announced: Announcement): News {
  const { occurredAt } = announced;
  if (!('lead' in announced)) return { ...topicOf(announced), occurredAt };
  const { type, lead } = announced;
  const moved = lead.history.at(-1);
  return {
    type,
    campaignId: lead.campaignId,
    leadEvent: lead.event,
    occurredAt,
    convertedAt: moved !== undefined && isOfMessage(moved) ? lead.occurredAt : undefined,
  };
}

const seenBy = (announced: Announcement, owner: DestinationOwner): OutgoingEvent =>
  'lead' in announced ? tellLead(announced, owner) : announced;
