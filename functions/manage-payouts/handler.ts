import { createHttpHandler } from '../../shared/runtime/http.ts';
import { createDependencies } from './dependencies.ts';
import { createGetFile } from './get-file.ts';
import { createListPayables } from './list-payables.ts';
import { payoutMethodHandlers } from './payout-methods.ts';
import { payoutRunHandlers } from './payout-runs.ts';

const dependencies = createDependencies();

export const handler = createHttpHandler({
  ...payoutMethodHandlers(dependencies),
  ...payoutRunHandlers(dependencies),
  'GET /v1/payables': createListPayables(dependencies),
  'GET /v1/payout-runs/{runId}/file': createGetFile(dependencies),
});
