import { createContactChecks } from '../../shared/adapters/contact-checks.ts';
import { createCatalogReader } from '../../shared/adapters/dynamodb/catalog-reader.ts';
import { createDocumentClient, REQUEST_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createEndpointStore } from '../../shared/adapters/dynamodb/endpoints.ts';
import { createLeadStore } from '../../shared/adapters/dynamodb/leads.ts';
import { createMessageLog } from '../../shared/adapters/dynamodb/message-log.ts';
import { createTouchReader } from '../../shared/adapters/dynamodb/touches.ts';
import { createCipher } from '../../shared/adapters/kms/cipher.ts';
import { createClickSecrets, createLeadSecrets } from '../../shared/adapters/ssm/secrets.ts';
import { dialectOf } from '../../shared/dialects/registry.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { digest128, randomSecret } from '../../shared/runtime/crypto.ts';
import { makeId } from '../../shared/runtime/ids.ts';
import { createFindLead } from '../../shared/use-cases/find-lead.ts';
import { createTryTold } from '../../shared/use-cases/try-told.ts';
import { env } from './env.ts';
import type { ManageEndpointsDependencies } from './manage-endpoints.ts';

/** The real stores behind this function's routes. */
export function createDependencies(): ManageEndpointsDependencies {
  const client = createDocumentClient(REQUEST_PATIENCE);
  const secrets = { prefix: env.SECRETS_PREFIX };
  const catalog = createCatalogReader({ client, tableName: env.CATALOG_TABLE_NAME });
  const leadSecrets = createLeadSecrets(secrets);
  const leads = createLeadStore({
    client,
    leadsTableName: env.LEADS_TABLE_NAME,
    timeZone: env.NETWORK_TIME_ZONE,
  });
  return {
    catalog,
    endpoints: createEndpointStore({
      client,
      tableName: env.CONNECTIONS_TABLE_NAME,
      cipher: createCipher(secrets),
    }),
    log: createMessageLog({ client, tableName: env.MESSAGES_TABLE_NAME }),
    dialectOf,
    tryTold: createTryTold({
      catalog,
      touches: createTouchReader({ client, tableName: env.TOUCHES_TABLE_NAME }),
      clickSecrets: createClickSecrets(secrets),
      contactChecks: createContactChecks(),
      leadSecrets,
      findLead: createFindLead({ catalog, leads, leadSecrets }),
      digest: digest128,
    }),
    clock: systemClock,
    makeId,
    randomSecret,
  };
}
