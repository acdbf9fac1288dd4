import type { ReceiptKeys } from '../../shared/ports/crypto.ts';
import { type HttpHandler, json } from '../../shared/runtime/http.ts';

/** A new key is published long before it signs: what is cached this long has it. */
const CACHED_SECONDS = 300;

/** Publishes the keys that receipts are checked with. */
export function createShowKeys(keys: () => Promise<ReceiptKeys>): HttpHandler {
  return async () =>
    json(200, { keys: (await keys()).publicKeys }, { 'cache-control': `public, max-age=${CACHED_SECONDS}` });
}
