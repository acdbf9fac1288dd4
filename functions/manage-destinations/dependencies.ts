import { randomBytes } from 'node:crypto';
import { createCatalogReader } from '../../shared/adapters/dynamodb/catalog-reader.ts';
import { createDocumentClient, REQUEST_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createHealthStore } from '../../shared/adapters/dynamodb/deliveries.ts';
import { createDestinationStore } from '../../shared/adapters/dynamodb/destinations.ts';
import { createVelocityStore } from '../../shared/adapters/dynamodb/velocity.ts';
import { createSendRequest } from '../../shared/adapters/http/outgoing.ts';
import { createCipher } from '../../shared/adapters/kms/cipher.ts';
import { createReceiptKeys } from '../../shared/adapters/ssm/receipt-keys.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { makeId } from '../../shared/runtime/ids.ts';
import { env } from './env.ts';

/** As the specification of Standard Webhooks asks for: 24 to 64 bytes. */
const SECRET_BYTES = 32;

/** The real stores behind this function's routes. */
export function createDependencies() {
  const client = createDocumentClient(REQUEST_PATIENCE);
  const prefix = env.SECRETS_PREFIX;
  const reach = { privateDestinations: env.PRIVATE_DESTINATIONS };
  return {
    catalog: createCatalogReader({ client, tableName: env.CATALOG_TABLE_NAME }),
    destinations: createDestinationStore({
      client,
      tableName: env.CONNECTIONS_TABLE_NAME,
      cipher: createCipher({ prefix }),
    }),
    health: createHealthStore({ client, tableName: env.DELIVERIES_TABLE_NAME }),
    velocity: createVelocityStore({ client, tableName: env.COUNTERS_TABLE_NAME }),
    receiptKeys: createReceiptKeys({ prefix }),
    send: createSendRequest(reach),
    reach,
    clock: systemClock,
    makeId,
    makeSecret: () => `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`,
  };
}
