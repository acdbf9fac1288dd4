import { NO_ULID, timeOfUlid, ULID_BYTES, ulidBytes, ulidText } from '../ids/ulid.ts';
import { type Instant, instantOf } from '../time/calendar.ts';

/** What a click id says by itself. `affiliateId` is absent on a click of an ad platform. */
export interface Click {
  readonly clickId: string;
  readonly clickedAt: Instant;
  readonly campaignId: string;
  readonly affiliateId?: string | undefined;
}

/** Computes a MAC (at least 7 bytes) under the key numbered `keyId`, or undefined where that key is not known. */
export type ClickMac = (keyId: number, bytes: Uint8Array) => Uint8Array | undefined;

export type ClickIdFault = 'malformed' | 'forged';
export type ReadClickId =
  | { readonly ok: true; readonly click: Click }
  | { readonly ok: false; readonly fault: ClickIdFault };

const MAC_BYTES = 8;
/** The key's number is one byte of the id. */
const MAX_KEY_ID = 255;
const SIGNED_BYTES = 3 * ULID_BYTES;
const CLICK_ID_BYTES = SIGNED_BYTES + MAC_BYTES;
/** base64url of 56 bytes without padding. */
export const CLICK_ID_CHARACTERS = 75;

const withoutPrefix = (id: string): string => id.slice(id.indexOf('_') + 1);

/**
 * Makes a self-contained click id: base64url of click ULID, campaign ULID, affiliate ULID (16 bytes each; zeros where there is no
 * affiliate) and 8 bytes of MAC, the first of which names the key. It can be attributed, dated and checked without a read.
 */
export function makeClickId(
  parts: { readonly ulid: string; readonly campaignId: string; readonly affiliateId?: string | undefined },
  keyId: number,
  mac: ClickMac,
): string {
  const bytes = new Uint8Array(CLICK_ID_BYTES);
  bytes.set(ulidBytes(parts.ulid), 0);
  bytes.set(ulidBytes(withoutPrefix(parts.campaignId)), ULID_BYTES);
  bytes.set(ulidBytes(parts.affiliateId === undefined ? NO_ULID : withoutPrefix(parts.affiliateId)), 2 * ULID_BYTES);
  const digest = mac(keyId, bytes.subarray(0, SIGNED_BYTES));
  if (digest === undefined || keyId > MAX_KEY_ID) throw new RangeError(`no click id key has the number ${keyId}`);
  bytes[SIGNED_BYTES] = keyId;
  bytes.set(digest.subarray(0, MAC_BYTES - 1), SIGNED_BYTES + 1);
  return Buffer.from(bytes.buffer).toString('base64url');
}

/** Reads and checks a click id. Any changed character makes it `forged`; any other length or alphabet `malformed`. */
export function readClickId(clickId: string, mac: ClickMac): ReadClickId {
  if (clickId.length !== CLICK_ID_CHARACTERS) return { ok: false, fault: 'malformed' };
  const bytes = Buffer.from(clickId, 'base64url');
  // Written again it must be the same: else stray characters, or the two spare bits at the end, would give one click two names.
  if (bytes.toString('base64url') !== clickId) return { ok: false, fault: 'malformed' };
  const digest = mac(bytes[SIGNED_BYTES] ?? 0, bytes.subarray(0, SIGNED_BYTES));
  if (digest === undefined) return { ok: false, fault: 'forged' };
  let difference = 0;
  for (let index = 1; index < MAC_BYTES; index += 1) {
    difference |= (bytes[SIGNED_BYTES + index] ?? 0) ^ (digest[index - 1] ?? 0);
  }
  if (difference !== 0) return { ok: false, fault: 'forged' };
  const affiliate = ulidText(bytes.subarray(2 * ULID_BYTES, SIGNED_BYTES));
  return {
    ok: true,
    click: {
      clickId,
      clickedAt: instantOf(timeOfUlid(bytes)),
      campaignId: `cmp_${ulidText(bytes.subarray(ULID_BYTES, 2 * ULID_BYTES))}`,
      affiliateId: affiliate === NO_ULID ? undefined : `aff_${affiliate}`,
    },
  };
}
