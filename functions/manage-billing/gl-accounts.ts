import { glAccounts } from '../../shared/contracts/gl-accounts.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import type { GlAccountStore } from '../../shared/ports/gl-accounts.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import { type HttpHandler, json, jsonBody } from '../../shared/runtime/http.ts';

export interface GlAccountsDependencies {
  readonly catalog: Pick<CatalogReader, 'apiKey'>;
  readonly accounts: GlAccountStore;
}

/** Shows and sets how documents are booked in the network's own bookkeeping. */
export function createGlAccounts({ catalog, accounts }: GlAccountsDependencies): {
  readonly get: HttpHandler;
  readonly put: HttpHandler;
} {
  return {
    async get(event) {
      await authenticate(catalog, event, ['operator', 'finance']);
      return json(200, await accounts.get());
    },
    async put(event) {
      await authenticate(catalog, event, ['operator', 'finance']);
      const mapping = jsonBody(event, glAccounts);
      await accounts.put(mapping);
      return json(200, mapping);
    },
  };
}
