import { createHttpHandler } from '../../shared/runtime/http.ts';
import { createDependencies } from './dependencies.ts';
import { createReadReceipt } from './read-receipt.ts';
import { createShowKeys } from './show-keys.ts';

const dependencies = createDependencies();

export const handler = createHttpHandler({
  'GET /.well-known/jwks.json': createShowKeys(dependencies.keys),
  'GET /v1/receipts/{receiptId}': createReadReceipt(dependencies),
});
