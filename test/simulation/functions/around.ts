import type { Context } from 'aws-lambda';
import { createConversionStores } from '../../../shared/adapters/conversion-stores.ts';
import { createCatalogReader } from '../../../shared/adapters/dynamodb/catalog-reader.ts';
import { createCatalogStore } from '../../../shared/adapters/dynamodb/catalog-store.ts';
import type { StorePatience } from '../../../shared/adapters/dynamodb/client.ts';
import { createConfirmedLeads } from '../../../shared/adapters/dynamodb/confirmed-leads.ts';
import { createCounterReader } from '../../../shared/adapters/dynamodb/counters.ts';
import { createJournalWriter } from '../../../shared/adapters/dynamodb/journal.ts';
import { createRollupReader } from '../../../shared/adapters/dynamodb/rollups.ts';
import { createEndpointStores } from '../../../shared/adapters/endpoint-stores.ts';
import { createTransitionStores } from '../../../shared/adapters/transition-stores.ts';
import type { SendRequest } from '../../../shared/ports/outgoing-http.ts';
import type { Queue } from '../../../shared/ports/queues.ts';
import { digest128 } from '../../../shared/runtime/crypto.ts';
import type { HttpEvent, HttpResult } from '../../../shared/runtime/http.ts';
import { createAllAdvertisers } from '../../../shared/use-cases/all-advertisers.ts';
import { createPostEntries } from '../../../shared/use-cases/post-entries.ts';
import { createTakeReturn } from '../../../shared/use-cases/take-return.ts';
import { createToldWork } from '../../../shared/use-cases/told-work.ts';
import { createTransitionLead } from '../../../shared/use-cases/transition-lead.ts';
import { sealedInTheClear } from '../contacts.ts';
import type { FileStore } from '../files.ts';
import type { Ids } from '../ids.ts';
import type { Instance } from '../instance.ts';
import type { Machine } from '../machine.ts';
import { callSecrets, SECRETS_PREFIX, type SecretValues } from '../secrets.ts';
import { storeClient } from '../store.ts';
import type { TableName } from '../tables.ts';

export type QueueName = 'postbacks' | 'decisions' | 'close' | 'fetches' | 'deliveries' | 'patientDeliveries';
export type HttpFunction = (event: HttpEvent, context: Context) => Promise<HttpResult>;

/** What an instance of a function finds around it. */
export interface Around {
  readonly machine: Machine;
  readonly instance: Instance;
  readonly ids: Ids;
  readonly secrets: SecretValues;
  readonly files: FileStore;
  /** The network's. */
  readonly timeZone: string;
  readonly queueOf: <Body>(name: QueueName) => Queue<Body>;
  readonly queueDepths: () => { readonly waiting: number; readonly deadLetters: number };
  /** Hides a message of a queue for so long. */
  readonly putOff: (name: QueueName, receiptHandle: string, seconds: number) => Promise<void>;
  /** To everybody else's servers. */
  readonly sendRequest: SendRequest;
  /** Whether anybody is told of what happens. */
  readonly delivers: boolean;
  /** Told how many entries the reconcile has posted. */
  readonly onReconciled: (entries: number) => void;
  /** Told of what a worker could not do and will try again. */
  readonly onFailure: (error: unknown) => void;
}

/** As many as a run has of anything, and no more: room for thousands takes longer to make than a run. */
const CACHED_ITEMS = 64;

const TABLE_NAMES = {
  CATALOG_TABLE_NAME: 'Catalog',
  TOUCHES_TABLE_NAME: 'Touches',
  LEADS_TABLE_NAME: 'Leads',
  CONTACTS_TABLE_NAME: 'Contacts',
  RECEIPTS_TABLE_NAME: 'Receipts',
  COUNTERS_TABLE_NAME: 'Counters',
  JOURNAL_TABLE_NAME: 'Journal',
  ROLLUPS_TABLE_NAME: 'Rollups',
  CONNECTIONS_TABLE_NAME: 'Connections',
  MESSAGES_TABLE_NAME: 'Messages',
} as const;

const envOf = ({ timeZone }: Around) => ({ ...TABLE_NAMES, SECRETS_PREFIX, NETWORK_TIME_ZONE: timeZone });

export const clientOf = ({ machine, instance }: Around, patience: StorePatience) =>
  storeClient(machine, instance, patience);

/** A table with what stores of documents and bookings want beside it. */
export const tableOf = (around: Around, patience: StorePatience, tableName: TableName) => ({
  client: clientOf(around, patience),
  tableName,
  pace: surroundingsOf(around).pace,
});

export const journalWriterOf = (around: Around, patience: StorePatience) =>
  createJournalWriter({
    client: clientOf(around, patience),
    tableName: 'Journal',
    digest: digest128,
    clock: around.machine.scheduler.clock,
  });

/** What the stores of an instance have around them. */
export const surroundingsOf = ({ machine, instance, secrets }: Around) => ({
  nowMs: machine.scheduler.nowMs,
  clock: machine.scheduler.clock,
  maxItems: CACHED_ITEMS,
  callSsm: callSecrets(machine, instance, secrets),
  cipher: sealedInTheClear,
  pace: { random: machine.random, sleep: instance.sleep },
});

export const conversionStoresOf = (around: Around, patience: StorePatience) =>
  createConversionStores(envOf(around), clientOf(around, patience), surroundingsOf(around));

const endpointStoresOf = (around: Around, patience: StorePatience) =>
  createEndpointStores(envOf(around), clientOf(around, patience), surroundingsOf(around));

export const transitionStoresOf = (around: Around, patience: StorePatience) =>
  createTransitionStores(envOf(around), clientOf(around, patience), surroundingsOf(around));

/** Moves leads as whoever decides by hand may: returns are counted. `shareFreshMs`: how old a month's share may be. */
export function transitionLeadOf(around: Around, patience: StorePatience, shareFreshMs: number) {
  const { machine, timeZone } = around;
  const client = clientOf(around, patience);
  const stores = transitionStoresOf(around, patience);
  const transitionLead = createTransitionLead({
    ...stores,
    takeReturn: createTakeReturn({
      counters: createCounterReader({ client, tableName: 'Counters' }),
      confirmedLeads: createConfirmedLeads({
        client,
        leadsTableName: 'Leads',
        rollups: createRollupReader({ client, tableName: 'Rollups' }),
        clock: machine.scheduler.clock,
        freshMs: shareFreshMs,
      }),
      timeZone,
    }),
    postEntries: createPostEntries({ journal: stores.journal, timeZone }),
  });
  return { stores, transitionLead };
}

export function catalogReaderOf(around: Around, patience: StorePatience, maxTermsAgeMs?: number) {
  const { nowMs, maxItems } = surroundingsOf(around);
  return createCatalogReader({
    client: clientOf(around, patience),
    tableName: 'Catalog',
    nowMs,
    maxItems,
    ...(maxTermsAgeMs !== undefined && { maxTermsAgeMs }),
  });
}

export const catalogStoreOf = (around: Around, patience: StorePatience) =>
  createCatalogStore({ client: clientOf(around, patience), tableName: 'Catalog', ...surroundingsOf(around).pace });

export const allAdvertisersOf = (around: Around, patience: StorePatience) =>
  createAllAdvertisers(catalogStoreOf(around, patience).advertisers);

/** Does what endpoints are told. */
export function toldOf(around: Around, patience: StorePatience) {
  const stores = endpointStoresOf(around, patience);
  return { stores, does: createToldWork(stores, around.timeZone) };
}
