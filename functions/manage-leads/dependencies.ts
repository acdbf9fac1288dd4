import { createCatalogReader } from '../../shared/adapters/dynamodb/catalog-reader.ts';
import { createCatalogStore } from '../../shared/adapters/dynamodb/catalog-store.ts';
import { createDocumentClient, REQUEST_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createContactStore, createLeadReader, createLeadStore } from '../../shared/adapters/dynamodb/leads.ts';
import { createContactCipher } from '../../shared/adapters/kms/contact-cipher.ts';
import { createLeadSecrets } from '../../shared/adapters/ssm/secrets.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { createAllAdvertisers } from '../../shared/use-cases/all-advertisers.ts';
import { createTransitionLead } from '../../shared/use-cases/transition-lead.ts';
import { env } from './env.ts';

/** The real stores behind this function's routes. */
export function createDependencies() {
  const client = createDocumentClient(REQUEST_PATIENCE);
  const catalog = { client, tableName: env.CATALOG_TABLE_NAME };
  const table = { client, leadsTableName: env.LEADS_TABLE_NAME };
  return {
    catalog: createCatalogReader(catalog),
    allAdvertisers: createAllAdvertisers(createCatalogStore(catalog).advertisers),
    leads: createLeadReader(table),
    contacts: createContactStore({
      client,
      contactsTableName: env.CONTACTS_TABLE_NAME,
      cipher: createContactCipher({ prefix: env.SECRETS_PREFIX }),
    }),
    transitionLead: createTransitionLead({
      leads: createLeadStore({ ...table, timeZone: env.NETWORK_TIME_ZONE }),
      leadSecrets: createLeadSecrets({ prefix: env.SECRETS_PREFIX }),
    }),
    clock: systemClock,
    timeZone: env.NETWORK_TIME_ZONE,
  };
}
