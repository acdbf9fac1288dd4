import type { ClickMac } from '../domain/clicks/click-id.ts';

/** The secrets that functions share, and what is computed with them. */
export interface Secrets {
  readonly clickMac: ClickMac;
  readonly currentClickKeyId: number;
  /** The dedupe key of a lead: keyed, so that it tells nothing about the order it was made from. `lead_` + 22 characters. */
  leadId(parts: readonly string[]): string;
}

/** First 128 bits of SHA-256, as 22 characters of base64url. */
export type Digest = (text: string) => string;
