import { ulidText } from '../ids/ulid.ts';

/**
 * The receipt id of a conversion row: always the same for one line of one import, so that a chunk that is worked off twice meets its
 * own leads and not duplicates. `digest` gives 128 bits as base64url, which are written as a ULID is.
 */
export function importReceiptId(importId: string, line: number, digest: (text: string) => string): string {
  return `rcp_${ulidText(Buffer.from(digest(`${importId}#${line}`), 'base64url'))}`;
}
