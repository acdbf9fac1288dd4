import { freshReceiptKeys } from '../../infra/tools/key-rotation.ts';
import { createReceiptKeys } from '../../shared/adapters/ssm/receipt-keys.ts';
import {
  type Destination,
  ownerKey,
  type PostbackDestination,
  type WebhookDestination,
} from '../../shared/domain/deliveries/destination.ts';
import { eventTypes } from '../../shared/domain/deliveries/event.ts';
import type { DestinationStore, KeptDestination, OwnDestinations } from '../../shared/ports/destinations.ts';
import { VersionConflict } from '../../shared/ports/errors.ts';
import { AFFILIATE_ID, NOW } from './builders.ts';

/** The secret of the specification's own example. */
export const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const DESTINATION_ID = 'dst_01JD3Y8Q5T9Z6V2K4M7N1P0R8S';

const facts = {
  destinationId: DESTINATION_ID,
  status: 'active',
  events: eventTypes,
  since: '2025-01-01T00:00:00.000Z',
  createdAt: '2025-01-01T00:00:00.000Z',
  updatedAt: NOW,
  version: 1,
} as const;

export const postbackDestination = (changes: Partial<PostbackDestination> = {}): PostbackDestination => ({
  ...facts,
  kind: 'postback',
  affiliateId: AFFILIATE_ID,
  method: 'GET',
  url: 'https://tracker.example/pb?cid={sub1}&payout={payout}&status={status}',
  templates: [],
  signed: false,
  ...changes,
});

export const webhookDestination = (changes: Partial<WebhookDestination> = {}): WebhookDestination => ({
  ...facts,
  kind: 'webhook',
  url: 'https://crm.example/hooks',
  includeContact: false,
  ...changes,
});

const value = await freshReceiptKeys('2025-11-22T00:00:00.000Z');

/** Keys that were made for this run alone. */
export const receiptKeys = createReceiptKeys({
  prefix: '/test/',
  callSsm: async () => ({ Parameters: [{ Name: '/test/receipt-keys', Value: value }] }),
});

/** Destinations in memory, with the rules of the real store. */
export function memoryDestinations() {
  const all = new Map<string, KeptDestination>();
  const put = async (kept: KeptDestination): Promise<void> => {
    const { destinationId, version } = kept.destination;
    if ((all.get(destinationId)?.destination.version ?? 0) !== version - 1) throw new VersionConflict('changed');
    all.set(destinationId, kept);
  };
  const of = (key: string | undefined): Destination[] =>
    [...all.values()]
      .map(({ destination }) => destination)
      .filter((destination) => key === undefined || ownerKey(destination) === key)
      .sort((left, right) => (left.destinationId < right.destinationId ? -1 : 1));
  const store: DestinationStore = {
    get: async (destinationId) => all.get(destinationId),
    list: async (owner, limit, after) => {
      const rest = of(owner && ownerKey(owner)).filter(
        ({ destinationId }) => after === undefined || destinationId > after,
      );
      return {
        items: rest.slice(0, limit),
        position: rest.length > limit ? rest[limit - 1]?.destinationId : undefined,
      };
    },
    create: put,
    replace: put,
    remove: async (destinationId) => {
      all.delete(destinationId);
    },
  };
  const ownDestinations: OwnDestinations = async (owner) => of(ownerKey(owner));
  return { store, ownDestinations };
}
