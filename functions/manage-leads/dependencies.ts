import { createCatalogStore } from '../../shared/adapters/dynamodb/catalog-store.ts';
import { createDocumentClient, REQUEST_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createConfirmedLeads } from '../../shared/adapters/dynamodb/confirmed-leads.ts';
import { createCounterReader } from '../../shared/adapters/dynamodb/counters.ts';
import { createContactStore, createLeadReader } from '../../shared/adapters/dynamodb/leads.ts';
import { createRollupReader } from '../../shared/adapters/dynamodb/rollups.ts';
import { createCipher } from '../../shared/adapters/kms/cipher.ts';
import { createTransitionStores } from '../../shared/adapters/transition-stores.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { createAllAdvertisers } from '../../shared/use-cases/all-advertisers.ts';
import { createEraseContact } from '../../shared/use-cases/erase-contact.ts';
import { createPostEntries } from '../../shared/use-cases/post-entries.ts';
import { createTakeReturn } from '../../shared/use-cases/take-return.ts';
import { createTransitionLead } from '../../shared/use-cases/transition-lead.ts';
import { env } from './env.ts';

/** The real stores behind this function's routes. */
export function createDependencies() {
  const client = createDocumentClient(REQUEST_PATIENCE);
  const table = { client, leadsTableName: env.LEADS_TABLE_NAME };
  const timeZone = env.NETWORK_TIME_ZONE;
  const stores = createTransitionStores(env, client);
  const contacts = createContactStore({
    client,
    contactsTableName: env.CONTACTS_TABLE_NAME,
    cipher: createCipher({ prefix: env.SECRETS_PREFIX }),
  });
  const confirmedLeads = createConfirmedLeads({
    ...table,
    rollups: createRollupReader({ client, tableName: env.ROLLUPS_TABLE_NAME }),
    clock: systemClock,
    freshMs: 0,
  });
  return {
    catalog: stores.catalog,
    allAdvertisers: createAllAdvertisers(createCatalogStore({ client, tableName: env.CATALOG_TABLE_NAME }).advertisers),
    leads: createLeadReader(table),
    contacts,
    eraseContact: createEraseContact({ contacts, leads: stores.leads }),
    transitionLead: createTransitionLead({
      ...stores,
      takeReturn: createTakeReturn({
        counters: createCounterReader({ client, tableName: env.COUNTERS_TABLE_NAME }),
        confirmedLeads,
        timeZone,
      }),
      postEntries: createPostEntries({ journal: stores.journal, timeZone }),
    }),
    clock: systemClock,
    timeZone,
  };
}
