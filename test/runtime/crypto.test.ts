import { createSecretKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { digest128, hmacSha256, keyedDigest128, sameText, sha256Base64Url } from '../../shared/runtime/crypto.ts';

/** Leads, entries and keys are found by these for ever: published vectors hold them where they are. */
describe('digests', () => {
  const base64url = (hex: string) => Buffer.from(hex, 'hex').toString('base64url');

  it('are SHA-256 (FIPS 180-4, "abc"), whole or its first 128 bits', () => {
    const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect(sha256Base64Url('abc')).toBe(base64url(abc));
    expect(digest128('abc')).toBe(base64url(abc.slice(0, 32)));
  });

  it('under a key are HMAC-SHA-256 (RFC 4231, test case 2), whole or its first 128 bits', () => {
    const key = createSecretKey(Buffer.from('Jefe'));
    const text = 'what do ya want for nothing?';
    const mac = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
    expect(Buffer.from(hmacSha256(key, Buffer.from(text))).toString('hex')).toBe(mac);
    expect(keyedDigest128(key, text)).toBe(base64url(mac.slice(0, 32)));
  });

  it('are of the UTF-8 of a text', () => {
    expect(digest128('Łódź')).not.toBe(digest128('Lodz'));
    expect(sha256Base64Url('é')).toBe(base64url('4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c'));
  });
});

describe('sameText', () => {
  it.each([
    ['abc', 'abc', true],
    ['abc', 'abd', false],
    ['abc', 'ab', false],
    ['', '', true],
    ['', 'a', false],
    ['é', 'e', false],
    // As long in characters, not in bytes.
    ['é', 'x', false],
  ])('%j and %j: %s', (left, right, expected) => {
    expect(sameText(left, right)).toBe(expected);
  });
});
