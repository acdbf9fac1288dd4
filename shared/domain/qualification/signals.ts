import type { Instant } from '../time/calendar.ts';

/** How much of a custom field's value is recorded; a longer one ends in `…` and so equals no listed value. */
export const MAX_FIELD_CHARACTERS = 64;

/**
 * The facts that a lead's rules and score look at, as they were when it was decided: what is judged is this record alone, so the verdict
 * can be replayed. Only what a rule or a condition asks for is in it, and of personal data only what was found out about them.
 */
export interface Signals {
  /** When the conversion happened. */
  readonly occurredAt: Instant;
  /** When fields were last added to a lead that was pending. */
  readonly updatedAt?: Instant | undefined;
  readonly clickedAt?: Instant | undefined;
  readonly source?: string | undefined;
  readonly affiliateId?: string | undefined;
  readonly subIds?: Readonly<Record<string, string>> | undefined;
  /** Of the parameters that had to be given or had to be empty: the names of those that were given, sorted. */
  readonly given?: readonly string[] | undefined;
  /** Custom fields by name. */
  readonly fields?: Readonly<Record<string, string>> | undefined;
  /** ISO 3166-1 alpha-2. */
  readonly country?: string | undefined;
  readonly email?: EmailSignal | undefined;
  readonly phone?: PhoneSignal | undefined;
  readonly userAgent?: 'bot' | 'browser' | undefined;
  /** How long the form was open. */
  readonly formSeconds?: number | undefined;
  /** Which evidence of consent is kept with the lead's contact data. */
  readonly consent?: readonly ('url' | 'token')[] | undefined;
  /** Keyed digests: they tell one from another, and nothing else. */
  readonly ip?: string | undefined;
  readonly device?: string | undefined;
  /** Leads and requests counted, this one included, by the name that `countName` gives. */
  readonly counts?: Readonly<Record<string, number>> | undefined;
}

export interface EmailSignal {
  readonly syntaxValid: boolean;
  /** In lower case; present where the syntax is valid. */
  readonly domain?: string | undefined;
  readonly disposable: boolean;
}

export interface PhoneSignal {
  readonly valid: boolean;
  /** ISO 3166-1 alpha-2; absent where the number does not tell it. */
  readonly country?: string | undefined;
}
