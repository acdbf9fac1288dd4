import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { digest128 } from '../runtime/crypto.ts';
import { createCatalogReader } from './dynamodb/catalog-reader.ts';
import { createLeadStore } from './dynamodb/leads.ts';
import { createReceiptStore } from './dynamodb/receipts.ts';
import { createTouchReader } from './dynamodb/touches.ts';
import { createContactCipher } from './kms/contact-cipher.ts';
import { createClickSecrets, createLeadSecrets } from './ssm/secrets.ts';

/** The environment of every function that records conversions. */
export interface ConversionEnv {
  readonly CATALOG_TABLE_NAME: string;
  readonly TOUCHES_TABLE_NAME: string;
  readonly LEADS_TABLE_NAME: string;
  readonly CONTACTS_TABLE_NAME: string;
  readonly RECEIPTS_TABLE_NAME: string;
  readonly SECRETS_PREFIX: string;
  readonly NETWORK_TIME_ZONE: string;
}

/** The real stores behind the recording of conversions, the same for the request and for the queue. */
export function createConversionStores(env: ConversionEnv, client: DynamoDBDocumentClient) {
  return {
    catalog: createCatalogReader({ client, tableName: env.CATALOG_TABLE_NAME }),
    touches: createTouchReader({ client, tableName: env.TOUCHES_TABLE_NAME }),
    leads: createLeadStore({
      client,
      leadsTableName: env.LEADS_TABLE_NAME,
      contacts: { tableName: env.CONTACTS_TABLE_NAME, cipher: createContactCipher({ prefix: env.SECRETS_PREFIX }) },
      timeZone: env.NETWORK_TIME_ZONE,
    }),
    receipts: createReceiptStore({ client, tableName: env.RECEIPTS_TABLE_NAME }),
    clickSecrets: createClickSecrets({ prefix: env.SECRETS_PREFIX }),
    leadSecrets: createLeadSecrets({ prefix: env.SECRETS_PREFIX }),
    digest: digest128,
  };
}
