import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { RawMessage, Verification } from './dialect.ts';

/** Why a message is not taken for its sender's; none of them tells what would have been right. */
export const refusals = {
  noSecret: 'the endpoint has no secret to verify it with',
  missing: 'it carries no proof of its sender',
  wrong: 'the proof of its sender is wrong',
} as const;

/** Whoever knows the URL could have sent it. */
export const unproven = (message: RawMessage): Verification => ({ ok: true, by: 'nothing', message });

/** Compares in time that tells neither where two texts differ nor how long the one is that was not presented. */
export const sameSecret = (secret: string, presented: string): boolean =>
  timingSafeEqual(createHash('sha256').update(secret).digest(), createHash('sha256').update(presented).digest());

/** By a secret that the message carries as it is. A secret that is absent or empty proves nothing, whatever is presented. */
export function verifyToken(
  message: RawMessage,
  secret: string | undefined,
  presented: string | undefined,
): Verification {
  return verdict(message, 'token', secret, presented, (key, proof) => sameSecret(key, proof));
}

/** By the user and password of HTTP Basic (RFC 7617). */
export function verifyBasic(message: RawMessage, user: string | undefined, password: string | undefined): Verification {
  const secret = user === undefined || user === '' || password === undefined || password === '' ? undefined : password;
  const [scheme, credentials] = message.headers['authorization']?.split(' ') ?? [];
  const presented = scheme?.toLowerCase() === 'basic' ? credentials : undefined;
  return verdict(message, 'token', secret, presented, (key, proof) =>
    sameSecret(`${user}:${key}`, Buffer.from(proof, 'base64').toString()),
  );
}

/** How a sender signs with HMAC-SHA256, and where it says the result. */
export interface HmacScheme {
  /** In lower case. */
  readonly header: string;
  readonly encoding: 'hex' | 'base64';
  /** What stands before the digest in the header, such as `sha256=`. */
  readonly prefix?: string | undefined;
  /** What stands before the body in what is signed. */
  readonly signedPrefix?: string | undefined;
}

/** By an HMAC-SHA256 over the bytes of the body as they were sent. The digest is compared as text: base64 has several for the same bytes. */
export function verifyHmac(message: RawMessage, secret: string | undefined, scheme: HmacScheme): Verification {
  return verdict(message, 'signature', secret, message.headers[scheme.header], (key, proof) =>
    sameSecret(signHmac(message.body, key, scheme), proof),
  );
}

/** What the header of such a scheme says of a body. */
export function signHmac(
  body: Uint8Array,
  secret: string,
  { encoding, prefix = '', signedPrefix = '' }: Omit<HmacScheme, 'header'>,
): string {
  return prefix + createHmac('sha256', secret).update(signedPrefix).update(body).digest(encoding);
}

/** The value of a query parameter as a proof: absent where it is given more than once, as nobody could say which one counts. */
export function queryProof(message: RawMessage, name: string): string | undefined {
  const values = new URLSearchParams(message.query).getAll(name);
  return values.length === 1 ? values[0] : undefined;
}

/** The shape of every scheme: fails closed without a secret, and says what is missing before it compares. */
function verdict(
  message: RawMessage,
  by: 'signature' | 'token',
  secret: string | undefined,
  presented: string | undefined,
  proves: (secret: string, presented: string) => boolean,
): Verification {
  if (secret === undefined || secret === '') return { ok: false, reason: refusals.noSecret };
  if (presented === undefined || presented === '') return { ok: false, reason: refusals.missing };
  return proves(secret, presented) ? { ok: true, by, message } : { ok: false, reason: refusals.wrong };
}
