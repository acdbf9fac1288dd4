import { Webhook } from 'standardwebhooks';
import type { OutgoingEvent } from '../domain/deliveries/event.ts';
import { signedText, withParameters } from '../domain/deliveries/postback-template.ts';
import { type Names, type RenderedPostback, renderPostback } from '../domain/deliveries/render-postback.ts';
import { type Instant, millisecondsOf } from '../domain/time/calendar.ts';
import type { ReceiptKeys } from '../ports/crypto.ts';
import type { RenderDelivery } from '../ports/deliveries.ts';
import type { DestinationSecrets, KeptDestination } from '../ports/destinations.ts';
import type { Contact } from '../ports/leads.ts';
import type { OutgoingRequest } from '../ports/outgoing-http.ts';

/** What receivers of Standard Webhooks are asked to take at the most. */
export const MAX_WEBHOOK_BYTES = 20_000;

export interface RenderDependencies {
  /** What the parties call them. */
  readonly catalog: {
    campaign(campaignId: string): Promise<Names['campaign']>;
    affiliate(affiliateId: string): Promise<Names['affiliate']>;
  };
  /** Contact data of a lead; undefined where there are none, or they were erased. */
  readonly contactOf: (leadId: string) => Promise<Contact | undefined>;
  readonly receiptKeys: () => Promise<ReceiptKeys>;
}

export type RenderEvent = (kept: KeptDestination, event: OutgoingEvent, now: Instant) => Promise<OutgoingRequest>;

/** Makes the request by which a destination is told of an event at an instant: signed, as it is sent. */
export function createRenderEvent({ catalog, contactOf, receiptKeys }: RenderDependencies): RenderEvent {
  const namesIn = async ({ campaignId, affiliateId }: OutgoingEvent): Promise<Names> => {
    const [campaign, affiliate] = await Promise.all([
      campaignId === undefined ? undefined : catalog.campaign(campaignId),
      affiliateId === undefined ? undefined : catalog.affiliate(affiliateId),
    ]);
    return { campaign, affiliate };
  };
  return async ({ destination, secrets }, event, now) => {
    if (destination.kind === 'postback') {
      const rendered = renderPostback(destination, event, await namesIn(event));
      return postback(rendered, now, destination.signed ? await receiptKeys() : undefined);
    }
    if (secrets === undefined) throw new Error(`${destination.destinationId} has no secret`);
    const isLead = event.type.startsWith('lead.');
    const contact = destination.includeContact && isLead ? await contactOf(event.subject) : undefined;
    return webhook(destination.url, event, contact, secrets, now);
  };
}

/** Makes what is sent for a delivery, by the destination as it is now. */
export function createRenderDelivery({
  keptDestination,
  ...dependencies
}: RenderDependencies & {
  readonly keptDestination: (destinationId: string) => Promise<KeptDestination | undefined>;
}): RenderDelivery {
  const render = createRenderEvent(dependencies);
  return async ({ destinationId, event }, now) => {
    const kept = await keptDestination(destinationId);
    if (kept === undefined) return { kind: 'undeliverable', reason: 'the destination is no more' };
    const { destination } = kept;
    if (destination.status === 'paused') return { kind: 'undeliverable', reason: 'the destination is paused' };
    const isPersonal = destination.kind === 'webhook' && destination.includeContact;
    return { kind: 'request', request: await render(kept, event, now), isPersonal };
  };
}

const seconds = (now: Instant): string => Math.floor(millisecondsOf(now) / 1000).toString();

function postback(
  { method, url, body }: RenderedPostback,
  now: Instant,
  keys: ReceiptKeys | undefined,
): OutgoingRequest {
  const headers: Readonly<Record<string, string>> =
    body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
  if (keys === undefined) return { method, url, headers, body };
  const dated = withParameters(url, { ts: seconds(now), kid: keys.kid });
  const sig = keys.signText(signedText(method, dated, body));
  return { method, url: withParameters(dated, { sig }), headers, body };
}

/** By Standard Webhooks: the id is the event's, the same in every attempt; while secrets change each of them signs. */
function webhook(
  url: string,
  event: OutgoingEvent,
  contact: Contact | undefined,
  { current, previous = [] }: DestinationSecrets,
  now: Instant,
): OutgoingRequest {
  const body = webhookBody(event, contact);
  const live = [current, ...previous.filter(({ until }) => now < until).map(({ secret }) => secret)];
  const sentAt = new Date(now);
  return {
    method: 'POST',
    url,
    headers: {
      'content-type': 'application/json',
      'webhook-id': event.eventId,
      'webhook-timestamp': seconds(now),
      'webhook-signature': live.map((secret) => new Webhook(secret).sign(event.eventId, sentAt, body)).join(' '),
    },
    body,
  };
}

/** Contact data may be as long as a sender made them: of what does not fit the longest is left out, and named, to be asked for at the API. */
function webhookBody({ type, occurredAt, data }: OutgoingEvent, contact: Contact | undefined): string {
  const write = (told: object) => JSON.stringify({ type, timestamp: occurredAt, data: { ...data, ...told } });
  if (contact === undefined) return write({});
  const fields = Object.entries(contact).sort(([, left], [, right]) => left.length - right.length);
  const leftOut: string[] = [];
  for (;;) {
    const body = write({
      contact: Object.fromEntries(fields),
      ...(leftOut.length > 0 && { contactLeftOut: leftOut }),
    });
    const longest = Buffer.byteLength(body) > MAX_WEBHOOK_BYTES ? fields.pop() : undefined;
    if (longest === undefined) return body;
    leftOut.push(longest[0]);
  }
}
