import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { digest128 } from '../runtime/crypto.ts';
import { requiredText, timeZone } from '../runtime/env.ts';
import { systemPace } from '../runtime/pace.ts';
import { createContactChecks } from './contact-checks.ts';
import { createCatalogReader } from './dynamodb/catalog-reader.ts';
import { createCounterReader } from './dynamodb/counters.ts';
import { createLeadStore } from './dynamodb/leads.ts';
import { createReceiptStore } from './dynamodb/receipts.ts';
import { createTouchReader } from './dynamodb/touches.ts';
import { createVelocityStore } from './dynamodb/velocity.ts';
import { createCipher } from './kms/cipher.ts';
import { createClickSecrets, createLeadSecrets } from './ssm/secrets.ts';
import type { Surroundings } from './surroundings.ts';

/** The environment of every function that records conversions, as part of its schema. */
export const conversionEnv = {
  CATALOG_TABLE_NAME: requiredText,
  TOUCHES_TABLE_NAME: requiredText,
  LEADS_TABLE_NAME: requiredText,
  CONTACTS_TABLE_NAME: requiredText,
  RECEIPTS_TABLE_NAME: requiredText,
  COUNTERS_TABLE_NAME: requiredText,
  SECRETS_PREFIX: requiredText,
  NETWORK_TIME_ZONE: timeZone,
};

type ConversionEnv = Readonly<Record<keyof typeof conversionEnv, string>>;

/** The real stores behind the recording of conversions, the same for the request and for the queue. */
export function createConversionStores(
  env: ConversionEnv,
  client: DynamoDBDocumentClient,
  { cipher, pace = systemPace, maxItems, nowMs, callSsm }: Surroundings = {},
) {
  const secrets = { prefix: env.SECRETS_PREFIX, nowMs, callSsm };
  return {
    catalog: createCatalogReader({ client, tableName: env.CATALOG_TABLE_NAME, maxItems, nowMs }),
    touches: createTouchReader({ client, tableName: env.TOUCHES_TABLE_NAME }),
    leads: createLeadStore({
      client,
      leadsTableName: env.LEADS_TABLE_NAME,
      countersTableName: env.COUNTERS_TABLE_NAME,
      contacts: { tableName: env.CONTACTS_TABLE_NAME, cipher: cipher ?? createCipher(secrets) },
      timeZone: env.NETWORK_TIME_ZONE,
      pace,
    }),
    receipts: createReceiptStore({ client, tableName: env.RECEIPTS_TABLE_NAME }),
    clickSecrets: createClickSecrets(secrets),
    leadSecrets: createLeadSecrets(secrets),
    contactChecks: createContactChecks(),
    counters: createCounterReader({ client, tableName: env.COUNTERS_TABLE_NAME }),
    pace,
    velocity: createVelocityStore({ client, tableName: env.COUNTERS_TABLE_NAME }),
    digest: digest128,
  };
}
