import type { Touch } from '../domain/attribution/attribute.ts';
import type { CountedImpression } from '../domain/rollups/contribution.ts';
import type { Instant } from '../domain/time/calendar.ts';

/** A touch as it is kept: with what reports and platforms ask of it, and the instant after which it may be forgotten. */
export interface StoredTouch extends Touch {
  readonly platformClickId?: string | undefined;
  readonly utm: Readonly<Record<string, string>>;
  readonly expiresAtSeconds: number;
}

/** An impression as it is kept: it is counted, and attributes nothing. */
export interface StoredImpression extends CountedImpression {
  readonly ulid: string;
  readonly expiresAtSeconds: number;
}

export interface TouchWriter {
  /** Stores a touch of our own click id: a plain put, as the id is new. Throws StoreUnavailable. */
  put(touch: StoredTouch): Promise<void>;
  /** Stores an impression: a plain put, as its ULID is new. Throws StoreUnavailable. */
  putImpression(impression: StoredImpression): Promise<void>;
  /** Stores a touch under a foreign click reference once. `conflict`: the reference is taken by another click. */
  putReferenced(
    clickRef: string,
    touch: Omit<StoredTouch, 'clickId'>,
  ): Promise<'stored' | 'already_stored' | 'conflict'>;
}

export interface TouchReader {
  byClickId(clickId: string): Promise<Touch | undefined>;
  /** By a foreign click reference, unique per campaign. */
  byClickRef(campaignId: string, clickRef: string): Promise<Touch | undefined>;
  /** The latest touch of a campaign, not after `notAfter`, that an ad platform's click id was seen on. */
  byPlatformClickId(campaignId: string, platformClickId: string, notAfter: Instant): Promise<Touch | undefined>;
}
