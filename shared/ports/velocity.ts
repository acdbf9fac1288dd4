import type { Instant } from '../domain/time/calendar.ts';

/** A lead as it is counted among others of the same IP address or device. */
export interface Sighting {
  /** Tells leads apart: the same lead is counted once, however often its message comes, and at its first time. */
  readonly leadKey: string;
  readonly at: Instant;
  /** How long it must be remembered. */
  readonly keptMs: number;
}

/** When the leads of a group came, in milliseconds. */
export interface Sightings {
  /** The lead itself: when its first message came. */
  readonly ownAt: number;
  /** All that are remembered, this one included. */
  readonly times: readonly number[];
}

/** Counts leads and requests. `group` says what is counted: a campaign, and an IP address, a device or an affiliate on it. */
export interface VelocityStore {
  /**
   * Remembers a lead in its group. Of a group with more than `MAX_REPEATS` leads, at least so many and one more of the newest are
   * remembered. Throws StoreUnavailable.
   */
  remember(group: string, sighting: Sighting): Promise<Sightings>;
  /** Counts a request in its minute and returns how many there were so far, this one included. Throws StoreUnavailable. */
  countRequest(group: string, at: Instant): Promise<number>;
}
