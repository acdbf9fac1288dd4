const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CHARACTERS = 26;

/**
 * The receipt id of a conversion row: always the same for one line of one import, so that a chunk that is worked off twice meets its
 * own leads and not duplicates. `digest` gives 128 bits as base64url, which are written as a ULID is.
 */
export function importReceiptId(importId: string, line: number, digest: (text: string) => string): string {
  let value = 0n;
  for (const byte of Buffer.from(digest(`${importId}#${line}`), 'base64url')) value = (value << 8n) | BigInt(byte);
  let text = '';
  for (let index = 0; index < CHARACTERS; index += 1) {
    text = CROCKFORD.charAt(Number(value & 31n)) + text;
    value >>= 5n;
  }
  return `rcp_${text}`;
}
