import { hash, randomBytes } from 'node:crypto';
import { ulid } from 'ulid';
import { sha256Base64Url } from './crypto.ts';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const SECRET_CHARACTERS = 26;
const CHECKSUM_CHARACTERS = 6;
const KEY = /^ll_(?<kid>[0-9A-HJKMNP-TV-Z]{26})_(?<secret>[0-9A-HJKMNP-TV-Z]{26})(?<checksum>[0-9A-HJKMNP-TV-Z]{6})$/;

/** Bytes as Crockford base32, 5 bits of each byte. */
function base32(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += CROCKFORD[byte & 31];
  return text;
}

const checksumOf = (text: string): string => base32(hash('sha256', text, 'buffer').subarray(0, CHECKSUM_CHARACTERS));

/** An API key as it is shown once, with what is kept of it. */
export interface MadeApiKey {
  readonly kid: string;
  /** `ll_<kid>_<130 random bits><checksum>`: recognisable to secret scanners, a slip of the pen is noticed without a read. */
  readonly key: string;
  /** SHA-256 of the key, base64url. */
  readonly secretHash: string;
}

/** Makes an API key, from fresh random bits unless it is to be the same each time. */
export function makeApiKey(kid: string = ulid(), secret: Uint8Array = randomBytes(SECRET_CHARACTERS)): MadeApiKey {
  const body = `ll_${kid}_${base32(secret)}`;
  const key = body + checksumOf(body);
  return { kid, key, secretHash: sha256Base64Url(key) };
}

/** The kid of a well-formed key, or undefined where form or checksum are wrong. Says nothing of whether the key is known. */
export function kidOf(key: string): string | undefined {
  const match = KEY.exec(key);
  if (match?.groups === undefined) return undefined;
  return checksumOf(key.slice(0, -CHECKSUM_CHARACTERS)) === match.groups['checksum'] ? match.groups['kid'] : undefined;
}
