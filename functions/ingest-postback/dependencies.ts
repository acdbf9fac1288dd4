import { createConversionStores } from '../../shared/adapters/conversion-stores.ts';
import { createDocumentClient, REQUEST_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createDomainReader } from '../../shared/adapters/dynamodb/endpoint-domains.ts';
import { createQueue, createSqsClient } from '../../shared/adapters/sqs/queue.ts';
import { createReceiptKeys } from '../../shared/adapters/ssm/receipt-keys.ts';
import type { ConversionMessage } from '../../shared/contracts/postback.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { makeId } from '../../shared/runtime/ids.ts';
import { logger } from '../../shared/runtime/logger.ts';
import { count } from '../../shared/runtime/metrics.ts';
import { createRecordConversion } from '../../shared/use-cases/record-conversion.ts';
import { createSignReceipt } from '../../shared/use-cases/sign-receipt.ts';
import { env } from './env.ts';
import { createForwardMessage } from './forward-message.ts';
import type { IngestPostbackDependencies } from './ingest-postback.ts';

/** The real stores and queue behind a postback. */
export function createDependencies(): IngestPostbackDependencies {
  const client = createDocumentClient(REQUEST_PATIENCE);
  const stores = createConversionStores(env, client);
  return {
    catalog: stores.catalog,
    forwardMessage: createForwardMessage({
      endpointOf: createDomainReader({ client, tableName: env.CONNECTIONS_TABLE_NAME }),
      apiUrl: env.API_URL,
      fetch,
    }),
    recordConversion: createRecordConversion(stores),
    receipts: stores.receipts,
    signReceipt: createSignReceipt({
      keys: createReceiptKeys({ prefix: env.SECRETS_PREFIX }),
      network: env.NETWORK_NAME,
    }),
    onUnsigned: (error) => {
      count('ReceiptUnsigned');
      logger.error('answered without a signed receipt', { error: error as Error });
    },
    queue: createQueue<ConversionMessage>({ client: createSqsClient(), queueUrl: env.POSTBACKS_QUEUE_URL }),
    clock: systemClock,
    makeId,
    onQueued: (error) => {
      count('PostbackQueued');
      logger.warn('postback queued', { error: error as Error });
    },
  };
}
