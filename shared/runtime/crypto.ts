import { createHmac, hash, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Sha256 } from '../domain/verification/merkle-tree.ts';

const DIGEST_BYTES = 16;

export const sha256Base64Url = (text: string): string => hash('sha256', text, 'base64url');

/** A prefix and two hashes: what a node of a tree is made of, written where the one before was. */
const NODE_BYTES = 65;
const node = Buffer.alloc(NODE_BYTES);

/** What trees are hashed with. As hex throughout: buffers cost twice as much. */
export const sha256Hex: Sha256 = {
  ofText: (text) => hash('sha256', text, 'hex'),
  ofHex(hex) {
    const bytes = hex.length / 2;
    if (bytes !== NODE_BYTES) return hash('sha256', Buffer.from(hex, 'hex'), 'hex');
    node.write(hex, 'hex');
    return hash('sha256', node, 'hex');
  },
};

export const digest128 = (data: string | Uint8Array): string =>
  hash('sha256', data, 'buffer').subarray(0, DIGEST_BYTES).toString('base64url');

/** HMAC-SHA256 (under a key object: one made of bytes anew for each call costs five times as much), cut to 128 bits, as 22 characters of base64url. */
export const keyedDigest128 = (key: KeyObject, text: string): string =>
  createHmac('sha256', key).update(text).digest().subarray(0, DIGEST_BYTES).toString('base64url');

export const hmacSha256 = (key: KeyObject, bytes: Uint8Array): Uint8Array =>
  createHmac('sha256', key).update(bytes).digest();

/** Compares two texts in time that depends on their lengths alone. */
export function sameText(left: string, right: string): boolean {
  const leftBytes = Buffer.from(left);
  const rightBytes = Buffer.from(right);
  return leftBytes.length === rightBytes.length && timingSafeEqual(leftBytes, rightBytes);
}

const SECRET_BYTES = 32;

/** A text that nobody can guess: 256 bits, as 43 characters of base64url. */
export const randomSecret = (): string => randomBytes(SECRET_BYTES).toString('base64url');
