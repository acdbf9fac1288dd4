import { createCatalogReader } from '../../shared/adapters/dynamodb/catalog-reader.ts';
import { createDocumentClient, REQUEST_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createLeadReader } from '../../shared/adapters/dynamodb/leads.ts';
import { createReceiptStore } from '../../shared/adapters/dynamodb/receipts.ts';
import { createReceiptKeys } from '../../shared/adapters/ssm/receipt-keys.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { createSignReceipt } from '../../shared/use-cases/sign-receipt.ts';
import { env } from './env.ts';

/** The real stores and keys behind this function's routes. */
export function createDependencies() {
  const client = createDocumentClient(REQUEST_PATIENCE);
  const keys = createReceiptKeys({ prefix: env.SECRETS_PREFIX });
  return {
    catalog: createCatalogReader({ client, tableName: env.CATALOG_TABLE_NAME }),
    leads: createLeadReader({ client, leadsTableName: env.LEADS_TABLE_NAME }),
    receipts: createReceiptStore({ client, tableName: env.RECEIPTS_TABLE_NAME }),
    keys,
    signReceipt: createSignReceipt({ keys, network: env.NETWORK_NAME }),
    clock: systemClock,
    timeZone: env.NETWORK_TIME_ZONE,
  };
}
