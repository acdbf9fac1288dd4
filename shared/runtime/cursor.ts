import { digest128 } from './crypto.ts';
import { invalidField } from './problems.ts';

/**
 * Hands a position on to the caller, bound to the query it belongs to. The digest notices slips, not attacks: a cursor opens nothing,
 * as what may be read comes from the key and the query alone.
 */
export function makeCursor(query: readonly (string | undefined)[], position: string): string {
  return `${Buffer.from(position).toString('base64url')}.${digestOf(query, position)}`;
}

/** The position in a cursor. Throws 400 where it was altered or comes from another query. */
export function readCursor(query: readonly (string | undefined)[], cursor: string): string {
  const [encoded = ''] = cursor.split('.', 1);
  const position = Buffer.from(encoded, 'base64url').toString();
  // Made again it must be the same: decoding by itself overlooks stray characters and spare bits.
  if (makeCursor(query, position) !== cursor) {
    throw invalidField('cursor', 'must be the nextCursor of the same query, unchanged');
  }
  return position;
}

const digestOf = (query: readonly (string | undefined)[], position: string): string =>
  digest128(JSON.stringify([position, ...query.map((part) => part ?? null)]));
