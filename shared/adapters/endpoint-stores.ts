import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { ConversionMessage } from '../contracts/postback.ts';
import { systemClock } from '../runtime/clock.ts';
import { digest128 } from '../runtime/crypto.ts';
import { requiredText } from '../runtime/env.ts';
import { makeId } from '../runtime/ids.ts';
import { logger } from '../runtime/logger.ts';
import { count } from '../runtime/metrics.ts';
import { systemTimer } from '../runtime/pace.ts';
import { conversionEnv, createConversionStores } from './conversion-stores.ts';
import { createConfirmedLeads } from './dynamodb/confirmed-leads.ts';
import { createEndpointReader } from './dynamodb/endpoints.ts';
import { createJournalWriter } from './dynamodb/journal.ts';
import { createContactStore } from './dynamodb/leads.ts';
import { createMessageLog } from './dynamodb/message-log.ts';
import { createRollupReader } from './dynamodb/rollups.ts';
import { createCipher } from './kms/cipher.ts';
import { createQueue, createSqsClient } from './sqs/queue.ts';
import type { Surroundings } from './surroundings.ts';

/** The environment of the function that takes forms, as part of its schema. */
export const formEnv = {
  ...conversionEnv,
  JOURNAL_TABLE_NAME: requiredText,
  CONNECTIONS_TABLE_NAME: requiredText,
  MESSAGES_TABLE_NAME: requiredText,
};

/** The environment of every function that does all that endpoints are told, as part of its schema. */
export const endpointEnv = { ...formEnv, ROLLUPS_TABLE_NAME: requiredText };

/** What functions that take messages need beside, as part of their schemas. */
export const intakeEnv = { POSTBACKS_QUEUE_URL: requiredText, FETCHES_QUEUE_URL: requiredText };

type FormEnv = Readonly<Record<keyof typeof formEnv, string>>;
type EndpointEnv = Readonly<Record<keyof typeof endpointEnv, string>>;

/** The real stores behind endpoints, the same for the request and for the queue. */
export function createEndpointStores(env: EndpointEnv, client: DynamoDBDocumentClient, given: Surroundings = {}) {
  return {
    ...createFormStores(env, client, given),
    confirmedLeads: createConfirmedLeads({
      client,
      leadsTableName: env.LEADS_TABLE_NAME,
      rollups: createRollupReader({ client, tableName: env.ROLLUPS_TABLE_NAME }),
      clock: given.clock ?? systemClock,
      freshMs: 0,
    }),
  };
}

/** Those of them behind forms, which take nothing back. */
export function createFormStores(env: FormEnv, client: DynamoDBDocumentClient, given: Surroundings = {}) {
  const { nowMs, callSsm, clock = systemClock } = given;
  const cipher = given.cipher ?? createCipher({ prefix: env.SECRETS_PREFIX, callSsm });
  return {
    ...createConversionStores(env, client, { ...given, cipher }),
    contacts: createContactStore({ client, contactsTableName: env.CONTACTS_TABLE_NAME, cipher }),
    journal: createJournalWriter({ client, tableName: env.JOURNAL_TABLE_NAME, digest: digest128, clock }),
    endpoints: createEndpointReader({ client, tableName: env.CONNECTIONS_TABLE_NAME, cipher, nowMs }),
    log: createMessageLog({ client, tableName: env.MESSAGES_TABLE_NAME }),
  };
}

/** All that taking messages needs beside stores. `Work`: what waits in the queue of fetches. */
export function createIntake<Work>(env: Readonly<Record<keyof typeof intakeEnv, string>>) {
  const client = createSqsClient();
  return {
    postbacks: createQueue<ConversionMessage>({ client, queueUrl: env.POSTBACKS_QUEUE_URL }),
    work: createQueue<Work>({ client, queueUrl: env.FETCHES_QUEUE_URL }),
    clock: systemClock,
    startTimer: systemTimer,
    makeId,
    onQueued: (error: unknown) => {
      count('MessageQueued');
      logger.warn('message queued', { error: error as Error });
    },
    onUnlogged: (error: unknown) => logger.warn('message not logged', { error: error as Error }),
  };
}
