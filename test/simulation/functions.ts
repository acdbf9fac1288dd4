import type { Context, DynamoDBStreamEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createTakeCloseEvents } from '../../functions/close-month/close-events.ts';
import { createDecidePostbacks } from '../../functions/decide-postbacks/decide-postbacks.ts';
import { createIngestClick } from '../../functions/ingest-click/ingest-click.ts';
import { createIngestPostback } from '../../functions/ingest-postback/ingest-postback.ts';
import { createManageCatalog } from '../../functions/manage-catalog/manage-catalog.ts';
import { createListLeads } from '../../functions/manage-leads/list-leads.ts';
import { createManageLead } from '../../functions/manage-leads/manage-lead.ts';
import { createPostJournalEntries } from '../../functions/post-journal-entries/post-journal-entries.ts';
import { createReconcileLeads } from '../../functions/reconcile-leads/reconcile-leads.ts';
import { createReleaseHolds } from '../../functions/release-holds/release-holds.ts';
import { createRollUp, type WindowEvent } from '../../functions/roll-up/roll-up.ts';
import { createWatchJournal } from '../../functions/watch-journal/watch-journal.ts';
import { createConversionStores } from '../../shared/adapters/conversion-stores.ts';
import { createDocumentIssuer } from '../../shared/adapters/dynamodb/billing-documents.ts';
import { createLateMarks } from '../../shared/adapters/dynamodb/billing-marks.ts';
import { createCommissionNotes } from '../../shared/adapters/dynamodb/billing-notes.ts';
import { createMonthRuns } from '../../shared/adapters/dynamodb/billing-runs.ts';
import { createCatalogReader, REDIRECT_MAX_AGE_MS } from '../../shared/adapters/dynamodb/catalog-reader.ts';
import { createCatalogStore } from '../../shared/adapters/dynamodb/catalog-store.ts';
import {
  CLICK_PATIENCE,
  REQUEST_PATIENCE,
  type StorePatience,
  WORKER_PATIENCE,
} from '../../shared/adapters/dynamodb/client.ts';
import { createConfirmedLeads } from '../../shared/adapters/dynamodb/confirmed-leads.ts';
import { createCounterReader } from '../../shared/adapters/dynamodb/counters.ts';
import { createJournalReader, createJournalWriter } from '../../shared/adapters/dynamodb/journal.ts';
import { createContactStore, createLeadReader } from '../../shared/adapters/dynamodb/leads.ts';
import { createRollupReader, createRollupWriter } from '../../shared/adapters/dynamodb/rollups.ts';
import { createTouchWriter } from '../../shared/adapters/dynamodb/touches.ts';
import { createClickSecrets } from '../../shared/adapters/ssm/secrets.ts';
import { createTransitionStores } from '../../shared/adapters/transition-stores.ts';
import type { CloseMessage } from '../../shared/contracts/billing.ts';
import type { ConversionMessage } from '../../shared/contracts/postback.ts';
import type { Queue } from '../../shared/ports/queues.ts';
import { makeApiKey } from '../../shared/runtime/api-key.ts';
import { digest128 } from '../../shared/runtime/crypto.ts';
import { toCsv } from '../../shared/runtime/csv.ts';
import { createHttpHandler, type HttpEvent, type HttpResult } from '../../shared/runtime/http.ts';
import { createAllAdvertisers } from '../../shared/use-cases/all-advertisers.ts';
import { createBillAdvertiser } from '../../shared/use-cases/close-month/bill-advertiser.ts';
import { createBillAffiliate } from '../../shared/use-cases/close-month/bill-affiliate.ts';
import { createCloseMonth } from '../../shared/use-cases/close-month.ts';
import { createPostEntries } from '../../shared/use-cases/post-entries.ts';
import { createReconcileMonth } from '../../shared/use-cases/reconcile-month.ts';
import { createRecordConversion } from '../../shared/use-cases/record-conversion.ts';
import { createTakeReturn } from '../../shared/use-cases/take-return.ts';
import { createTransitionLead } from '../../shared/use-cases/transition-lead.ts';
import { sealedInTheClear } from './contacts.ts';
import type { FileStore } from './files.ts';
import type { Ids } from './ids.ts';
import type { Instance } from './instance.ts';
import type { Machine } from './machine.ts';
import { callSecrets, SECRETS_PREFIX, type SecretValues } from './secrets.ts';
import { storeClient } from './store.ts';

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
  /** Told how many entries the reconcile has posted. */
  readonly onReconciled: (entries: number) => void;
  /** Told of what a worker could not do and will try again. */
  readonly onFailure: (error: unknown) => void;
}

export type QueueName = 'postbacks' | 'close';
export type HttpFunction = (event: HttpEvent, context: Context) => Promise<HttpResult>;

const MAX_RECEIVE_COUNT = 5;
export const SCHEDULED_TIMEOUT_MS = 900_000;
const CACHED_ITEMS = 64;

const ENV = {
  CATALOG_TABLE_NAME: 'Catalog',
  TOUCHES_TABLE_NAME: 'Touches',
  LEADS_TABLE_NAME: 'Leads',
  CONTACTS_TABLE_NAME: 'Contacts',
  RECEIPTS_TABLE_NAME: 'Receipts',
  COUNTERS_TABLE_NAME: 'Counters',
  JOURNAL_TABLE_NAME: 'Journal',
  ROLLUPS_TABLE_NAME: 'Rollups',
  BILLING_TABLE_NAME: 'Billing',
  SECRETS_PREFIX,
} as const;
const envOf = ({ timeZone }: Around) => ({ ...ENV, NETWORK_TIME_ZONE: timeZone });

const surroundings = ({ machine, instance, secrets }: Around) => ({
  nowMs: machine.scheduler.nowMs,
  clock: machine.scheduler.clock,
  maxItems: CACHED_ITEMS,
  callSsm: callSecrets(machine, instance, secrets),
  cipher: sealedInTheClear,
  pace: { random: machine.random, sleep: instance.sleep },
});
const clientOf = ({ machine, instance }: Around, patience: StorePatience) => storeClient(machine, instance, patience);
const catalogOf = (around: Around, patience: StorePatience, maxTermsAgeMs?: number) => {
  const { nowMs, maxItems } = surroundings(around);
  return createCatalogReader({
    client: clientOf(around, patience),
    tableName: ENV.CATALOG_TABLE_NAME,
    nowMs,
    maxItems,
    ...(maxTermsAgeMs !== undefined && { maxTermsAgeMs }),
  });
};
const conversionStores = (around: Around, patience: StorePatience) =>
  createConversionStores(envOf(around), clientOf(around, patience), surroundings(around));
const transitionStores = (around: Around, patience: StorePatience) =>
  createTransitionStores(envOf(around), clientOf(around, patience), surroundings(around));

/** Puts each function together as its own `dependencies.ts` does, around the simulated store, queue, secrets and time. */
export const FUNCTIONS = {
  'ingest-click': (around: Around): HttpFunction => {
    const { machine, ids } = around;
    const ingestClick = createIngestClick({
      catalog: catalogOf(around, CLICK_PATIENCE, REDIRECT_MAX_AGE_MS),
      touches: createTouchWriter({ client: clientOf(around, CLICK_PATIENCE), tableName: ENV.TOUCHES_TABLE_NAME }),
      secrets: createClickSecrets({ prefix: SECRETS_PREFIX, ...surroundings(around) }),
      clock: machine.scheduler.clock,
      makeUlid: ids.ulid,
      onTouchLost: () => undefined,
      counters: createCounterReader({ client: clientOf(around, CLICK_PATIENCE), tableName: ENV.COUNTERS_TABLE_NAME }),
      onCapsUnknown: () => undefined,
    });
    return createHttpHandler({ 'GET /c/{campaignId}': ingestClick });
  },
  'ingest-postback': (around: Around): HttpFunction => {
    const { machine, instance, ids } = around;
    const stores = conversionStores(around, REQUEST_PATIENCE);
    const ingestPostback = createIngestPostback({
      catalog: stores.catalog,
      recordConversion: createRecordConversion(stores),
      receipts: stores.receipts,
      signReceipt: async () => 'signed',
      onUnsigned: () => undefined,
      queue: around.queueOf<ConversionMessage>('postbacks'),
      clock: machine.scheduler.clock,
      makeId: ids.make,
      startTimer: instance.startTimer,
      onQueued: () => undefined,
    });
    return createHttpHandler({ 'GET /postback': ingestPostback, 'POST /postback': ingestPostback });
  },
  'decide-postbacks': (around: Around): ((event: SQSEvent) => Promise<SQSBatchResponse>) => {
    const stores = conversionStores(around, WORKER_PATIENCE);
    const decidePostbacks = createDecidePostbacks({
      recordConversion: createRecordConversion(stores),
      receipts: stores.receipts,
      maxReceiveCount: MAX_RECEIVE_COUNT,
      processImportChunk: async () => undefined,
      onFailure: (_messageId, error) => around.onFailure(error),
    });
    return (event) => decidePostbacks(event, {} as Context);
  },
  'manage-leads': (around: Around): HttpFunction => {
    const { machine } = around;
    const client = clientOf(around, REQUEST_PATIENCE);
    const stores = transitionStores(around, REQUEST_PATIENCE);
    const table = { client, leadsTableName: ENV.LEADS_TABLE_NAME };
    const managed = {
      catalog: stores.catalog,
      allAdvertisers: allAdvertisers(around),
      leads: createLeadReader(table),
      contacts: createContactStore({
        client,
        contactsTableName: ENV.CONTACTS_TABLE_NAME,
        cipher: sealedInTheClear,
      }),
      transitionLead: createTransitionLead({
        ...stores,
        takeReturn: createTakeReturn({
          counters: createCounterReader({ client, tableName: ENV.COUNTERS_TABLE_NAME }),
          confirmedLeads: createConfirmedLeads({
            ...table,
            rollups: createRollupReader({ client, tableName: ENV.ROLLUPS_TABLE_NAME }),
            clock: machine.scheduler.clock,
            freshMs: 0,
          }),
          timeZone: around.timeZone,
        }),
        postEntries: createPostEntries({ journal: stores.journal, timeZone: around.timeZone }),
      }),
      clock: machine.scheduler.clock,
      timeZone: around.timeZone,
    };
    const lead = createManageLead(managed);
    return createHttpHandler({
      'GET /v1/leads': createListLeads(managed),
      'GET /v1/leads/{leadId}': lead.get,
      'POST /v1/leads/{leadId}/confirm': lead.confirm,
      'POST /v1/leads/{leadId}/reject': lead.reject,
      'POST /v1/leads/{leadId}/reverse': lead.reverse,
    });
  },
  'manage-catalog': (around: Around): HttpFunction => {
    const { machine, ids } = around;
    return createHttpHandler(
      createManageCatalog({
        catalog: catalogOf(around, REQUEST_PATIENCE),
        store: createCatalogStore({
          client: clientOf(around, REQUEST_PATIENCE),
          tableName: ENV.CATALOG_TABLE_NAME,
          ...surroundings(around).pace,
        }),
        counters: createCounterReader({
          client: clientOf(around, REQUEST_PATIENCE),
          tableName: ENV.COUNTERS_TABLE_NAME,
        }),
        clock: machine.scheduler.clock,
        makeId: ids.make,
        makeApiKey,
        timeZone: around.timeZone,
      }),
    );
  },
  'post-journal-entries': (around: Around): ((event: DynamoDBStreamEvent) => Promise<void>) =>
    createPostJournalEntries({
      postEntries: createPostEntries({ journal: journalWriter(around), timeZone: around.timeZone }),
    }),
  'roll-up': (around: Around): ((event: WindowEvent) => Promise<unknown>) =>
    createRollUp({
      rollups: createRollupWriter({
        client: clientOf(around, WORKER_PATIENCE),
        tableName: 'Rollups',
        digest: digest128,
      }),
      catalog: catalogOf(around, WORKER_PATIENCE),
      timeZone: around.timeZone,
      clock: around.machine.scheduler.clock,
    }),
  'release-holds': (around: Around): (() => Promise<unknown>) => {
    const stores = transitionStores(around, WORKER_PATIENCE);
    const releaseHolds = createReleaseHolds({
      dueHolds: createLeadReader({
        client: clientOf(around, WORKER_PATIENCE),
        leadsTableName: ENV.LEADS_TABLE_NAME,
      }),
      transitionLead: createTransitionLead({
        ...stores,
        postEntries: createPostEntries({ journal: stores.journal, timeZone: around.timeZone }),
      }),
      clock: around.machine.scheduler.clock,
      onReleased: () => undefined,
    });
    const { scheduler } = around.machine;
    return () => {
      const endMs = scheduler.elapsedMs + SCHEDULED_TIMEOUT_MS;
      return releaseHolds({}, { getRemainingTimeInMillis: () => endMs - scheduler.elapsedMs });
    };
  },
  'reconcile-leads': (around: Around): ((event: unknown) => Promise<unknown>) =>
    createReconcileLeads({
      allAdvertisers: allAdvertisers(around),
      reconcileMonth: reconcileMonth(around),
      resumeImports: async () => undefined,
      resumeDecisions: async () => undefined,
      clock: around.machine.scheduler.clock,
      timeZone: around.timeZone,
      onPosted: around.onReconciled,
    }),
  'watch-journal': (around: Around): ((event: DynamoDBStreamEvent) => Promise<void>) => {
    const billing = billingTable(around);
    return createWatchJournal({
      runs: createMonthRuns(billing),
      marks: createLateMarks(billing),
      onChanged: (change) => around.onFailure(new Error(`an entry was changed: ${JSON.stringify(change)}`)),
    });
  },
  'close-month': (around: Around): ((event: Partial<SQSEvent>) => Promise<SQSBatchResponse>) => {
    const { machine, files } = around;
    const { clock } = machine.scheduler;
    const billing = billingTable(around);
    const runs = createMonthRuns(billing);
    const notes = createCommissionNotes(billing);
    const issuing = {
      clock,
      catalog: catalogOf(around, WORKER_PATIENCE),
      files: files.documentsFor(machine, around.instance),
      rendered: files.renderedFor(machine, around.instance),
      toCsv,
      issuer: createDocumentIssuer({ ...billing, timeZone: around.timeZone }),
      notes,
    };
    return createTakeCloseEvents({
      closeMonth: createCloseMonth({
        clock,
        runs,
        notes,
        queue: around.queueOf<CloseMessage>('close'),
        allAdvertisers: allAdvertisers(around),
        billAdvertiser: createBillAdvertiser({
          ...issuing,
          journal: journalReader(around),
          runs,
          marks: createLateMarks(billing),
          reconcileMonth: reconcileMonth(around),
        }),
        billAffiliate: createBillAffiliate(issuing),
      }),
      clock,
      timeZone: around.timeZone,
      onFailure: (_messageId, error) => around.onFailure(error),
    });
  },
} as const;

export type FunctionName = keyof typeof FUNCTIONS;
export type FunctionOf<Name extends FunctionName> = ReturnType<(typeof FUNCTIONS)[Name]>;

const billingTable = (around: Around) => ({
  client: clientOf(around, WORKER_PATIENCE),
  tableName: 'Billing',
  pace: surroundings(around).pace,
});
const journalTable = (around: Around) => ({ client: clientOf(around, WORKER_PATIENCE), tableName: 'Journal' });
const journalReader = (around: Around) => createJournalReader(journalTable(around));
const journalWriter = (around: Around) =>
  createJournalWriter({ ...journalTable(around), digest: digest128, clock: around.machine.scheduler.clock });

const allAdvertisers = (around: Around) =>
  createAllAdvertisers(
    createCatalogStore({
      client: clientOf(around, WORKER_PATIENCE),
      tableName: ENV.CATALOG_TABLE_NAME,
      ...surroundings(around).pace,
    }).advertisers,
  );

const reconcileMonth = (around: Around) =>
  createReconcileMonth({
    leads: createLeadReader({ client: clientOf(around, WORKER_PATIENCE), leadsTableName: ENV.LEADS_TABLE_NAME }),
    journal: { ...journalReader(around), ...journalWriter(around) },
    timeZone: around.timeZone,
  });
