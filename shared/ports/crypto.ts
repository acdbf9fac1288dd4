import type { ClickMac } from '../domain/clicks/click-id.ts';

/** The keys of click ids, and what is computed with them. */
export interface ClickSecrets {
  readonly clickMac: ClickMac;
  readonly currentClickKeyId: number;
}

/** The pepper of lead ids, and what is computed with it. */
export interface LeadSecrets {
  /** The dedupe key of a lead: keyed, so that it tells nothing about the order it was made from. `lead_` + 22 characters. */
  leadId(parts: readonly string[]): string;
  /** A short keyed digest of personal data: it tells one from another and nothing else. 16 characters. */
  fingerprint(parts: readonly string[]): string;
}

/** First 128 bits of SHA-256, as 22 characters of base64url. */
export type Digest = (text: string) => string;

/** The keys of receipts and documents: one signs, all are published. */
export interface ReceiptKeys {
  /** What the current key says: a compact JWS over the claims. `type` is its `typ`, which tells what is signed. */
  sign(type: string, claims: object): Promise<string>;
  /** The id of the current key. */
  readonly kid: string;
  /**
   * What the current key says of a text that stands beside it: an Ed25519 signature in base64url. The text must have a space, which no JWS has,
   * so that neither can be taken for the other.
   */
  signText(text: string): string;
  /** The public halves, as JWKs: of the current key, of the next, and of all that what is still kept was signed with. */
  readonly publicKeys: readonly object[];
}
