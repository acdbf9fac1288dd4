import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { systemClock } from '../runtime/clock.ts';
import { digest128 } from '../runtime/crypto.ts';
import { requiredText, timeZone } from '../runtime/env.ts';
import { systemPace } from '../runtime/pace.ts';
import { createCatalogReader } from './dynamodb/catalog-reader.ts';
import { createCounterReader } from './dynamodb/counters.ts';
import { createJournalWriter } from './dynamodb/journal.ts';
import { createLeadStore } from './dynamodb/leads.ts';
import { createLeadSecrets } from './ssm/secrets.ts';
import type { Surroundings } from './surroundings.ts';

/** The environment of every function that moves leads, as part of its schema. */
export const transitionEnv = {
  CATALOG_TABLE_NAME: requiredText,
  LEADS_TABLE_NAME: requiredText,
  JOURNAL_TABLE_NAME: requiredText,
  COUNTERS_TABLE_NAME: requiredText,
  SECRETS_PREFIX: requiredText,
  NETWORK_TIME_ZONE: timeZone,
};

type TransitionEnv = Readonly<Record<keyof typeof transitionEnv, string>>;

/** The real stores behind moving leads, the same for people, for files of decisions and for the schedule. */
export function createTransitionStores(
  env: TransitionEnv,
  client: DynamoDBDocumentClient,
  { pace = systemPace, maxItems, nowMs, callSsm, clock = systemClock }: Surroundings = {},
) {
  return {
    catalog: createCatalogReader({ client, tableName: env.CATALOG_TABLE_NAME, maxItems, nowMs }),
    leads: createLeadStore({
      client,
      leadsTableName: env.LEADS_TABLE_NAME,
      countersTableName: env.COUNTERS_TABLE_NAME,
      timeZone: env.NETWORK_TIME_ZONE,
      pace,
    }),
    counters: createCounterReader({ client, tableName: env.COUNTERS_TABLE_NAME }),
    pace,
    leadSecrets: createLeadSecrets({ prefix: env.SECRETS_PREFIX, nowMs, callSsm }),
    journal: createJournalWriter({ client, tableName: env.JOURNAL_TABLE_NAME, digest: digest128, clock }),
  };
}
