import type { Destination, DestinationOwner } from '../domain/deliveries/destination.ts';
import type { Instant } from '../domain/time/calendar.ts';
import type { ListPage } from './list-page.ts';

/** What webhooks are signed with, each beginning with `whsec_`. */
export interface DestinationSecrets {
  readonly current: string;
  /** Those before sign too until then, oldest first, so that receivers can change to the new one in between. */
  readonly previous?: readonly PreviousSecret[] | undefined;
}

export interface PreviousSecret {
  readonly secret: string;
  readonly until: Instant;
}

/** A destination and, of a webhook, its secrets. */
export interface KeptDestination {
  readonly destination: Destination;
  readonly secrets?: DestinationSecrets | undefined;
}

/** How many destinations an owner may have. */
export const MAX_OWN_DESTINATIONS = 20;

/** Where events are told. Secrets are kept encrypted. Every call throws StoreUnavailable where the store does not answer. */
export interface DestinationStore {
  get(destinationId: string): Promise<KeptDestination | undefined>;
  /** In the order in which they were made; everybody's, where no owner is named. */
  list(owner: DestinationOwner | undefined, limit: number, after?: string): Promise<ListPage<Destination>>;
  /** Throws VersionConflict where there is one of that id. */
  create(kept: KeptDestination): Promise<void>;
  /** Puts a destination in the place of its version before. Throws VersionConflict where it has changed since. */
  replace(kept: KeptDestination): Promise<void>;
  /** Takes it away with its secrets. What is not there is no fault. */
  remove(destinationId: string): Promise<void>;
}

/** All destinations of an owner, paused ones too; younger than SETTLES_MS, and up to a day old while the store does not answer. */
export type OwnDestinations = (owner: DestinationOwner) => Promise<readonly Destination[]>;
