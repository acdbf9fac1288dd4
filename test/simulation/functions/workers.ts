import type { Context, DynamoDBStreamEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createAnnounceEvents } from '../../../functions/announce-events/announce-events.ts';
import { createTakeCloseEvents } from '../../../functions/close-month/close-events.ts';
import { createDecidePostbacks } from '../../../functions/decide-postbacks/decide-postbacks.ts';
import { createFetchLeads } from '../../../functions/fetch-leads/fetch-leads.ts';
import { createPostJournalEntries } from '../../../functions/post-journal-entries/post-journal-entries.ts';
import { createRollUp, type WindowEvent } from '../../../functions/roll-up/roll-up.ts';
import { createHandleDeliveries } from '../../../functions/send-deliveries/send-deliveries.ts';
import { createWatchJournal } from '../../../functions/watch-journal/watch-journal.ts';
import { createClosingStores } from '../../../shared/adapters/closing-stores.ts';
import { createLateMarks } from '../../../shared/adapters/dynamodb/billing-marks.ts';
import { createMonthRuns } from '../../../shared/adapters/dynamodb/billing-runs.ts';
import { WORKER_PATIENCE } from '../../../shared/adapters/dynamodb/client.ts';
import { createDecisionStore } from '../../../shared/adapters/dynamodb/decisions.ts';
import {
  createDeliveryLog,
  createDeliveryStore,
  createHealthStore,
} from '../../../shared/adapters/dynamodb/deliveries.ts';
import { createOwnDestinations } from '../../../shared/adapters/dynamodb/destinations.ts';
import { createImportStore } from '../../../shared/adapters/dynamodb/imports.ts';
import { createJournalReader } from '../../../shared/adapters/dynamodb/journal.ts';
import { createLeadReader } from '../../../shared/adapters/dynamodb/leads.ts';
import { createPartyReader } from '../../../shared/adapters/dynamodb/party-reader.ts';
import { createPayoutStore } from '../../../shared/adapters/dynamodb/payouts.ts';
import { createRateBook } from '../../../shared/adapters/dynamodb/rates.ts';
import { createRollupReader, createRollupWriter } from '../../../shared/adapters/dynamodb/rollups.ts';
import { createTouchWriter } from '../../../shared/adapters/dynamodb/touches.ts';
import type { CloseMessage } from '../../../shared/contracts/billing.ts';
import { decisionChunk, decisionChunkMessage } from '../../../shared/contracts/decisions.ts';
import type { DeliveryMessage, StreamMessage } from '../../../shared/contracts/deliveries.ts';
import { type ImportChunkMessage, importChunk } from '../../../shared/contracts/imports.ts';
import { digest128, sha256Hex } from '../../../shared/runtime/crypto.ts';
import { makeIdOf } from '../../../shared/runtime/ids.ts';
import { createQueueWorker } from '../../../shared/runtime/queue-worker.ts';
import { problemOfLine } from '../../../shared/runtime/transition-problems.ts';
import { type Announce, createAnnounce } from '../../../shared/use-cases/announce.ts';
import { createBilling } from '../../../shared/use-cases/close-month/create-billing.ts';
import { createCloseMonth } from '../../../shared/use-cases/close-month.ts';
import type { EndpointWork } from '../../../shared/use-cases/endpoint-work.ts';
import { createFindLead } from '../../../shared/use-cases/find-lead.ts';
import { createPaidOut } from '../../../shared/use-cases/payouts/paid-out.ts';
import { createPostEntries } from '../../../shared/use-cases/post-entries.ts';
import { createProcessDecisionChunk } from '../../../shared/use-cases/process-decision-chunk.ts';
import { createProcessImportChunk } from '../../../shared/use-cases/process-import-chunk.ts';
import { createReconcileMonth } from '../../../shared/use-cases/reconcile-month.ts';
import { createRecordConversion } from '../../../shared/use-cases/record-conversion.ts';
import { createRedeliver } from '../../../shared/use-cases/redeliver.ts';
import { createSendDeliveries } from '../../../shared/use-cases/send-deliveries.ts';
import { createTakeTold } from '../../../shared/use-cases/take-told.ts';
import { plainDialect } from '../sender.ts';
import {
  type Around,
  allAdvertisersOf,
  catalogReaderOf,
  catalogStoreOf,
  clientOf,
  conversionStoresOf,
  journalWriterOf,
  type QueueName,
  surroundingsOf,
  tableOf,
  toldOf,
  transitionLeadOf,
} from './around.ts';

export const MAX_RECEIVES = 5;
/** Of a notice, or of what could not be done at once: over half a day, and not over two as in earnest. */
export const MAX_FETCH_RECEIVES = 18;
export const DELIVERY_TIMEOUT_MS = 30_000;
const SHARE_FRESH_MS = 5_000;
const NO_CONTEXT = {} as Context;

type QueueFunction = (event: SQSEvent) => Promise<SQSBatchResponse>;
type StreamFunction = (event: WindowEvent & DynamoDBStreamEvent) => Promise<unknown>;

/** The functions that work off queues and streams, each put together as its own `dependencies.ts` does it. */
export const WORKER_FUNCTIONS = {
  'decide-postbacks': (around: Around): QueueFunction => {
    const { clock } = around.machine.scheduler;
    const client = clientOf(around, WORKER_PATIENCE);
    const stores = conversionStoresOf(around, WORKER_PATIENCE);
    const recordConversion = createRecordConversion(stores);
    const decidePostbacks = createDecidePostbacks({
      recordConversion,
      receipts: stores.receipts,
      maxReceiveCount: MAX_RECEIVES,
      processImportChunk: createProcessImportChunk({
        imports: createImportStore({ client, tableName: 'Imports', pace: surroundingsOf(around).pace }),
        files: around.files.chunksFor(around.machine, around.instance, importChunk),
        queue: around.queueOf<ImportChunkMessage>('postbacks'),
        catalog: stores.catalog,
        touches: { ...stores.touches, ...createTouchWriter({ client, tableName: 'Touches' }) },
        recordConversion,
        digest: digest128,
        now: clock,
      }),
      onFailure: (_messageId, error) => around.onFailure(error),
    });
    return (event) => decidePostbacks(event, NO_CONTEXT);
  },

  'decide-leads': (around: Around): QueueFunction => {
    const { stores, transitionLead } = transitionLeadOf(around, WORKER_PATIENCE, SHARE_FRESH_MS);
    const decideLeads = createQueueWorker({
      schema: decisionChunkMessage,
      work: createProcessDecisionChunk({
        decisions: createDecisionStore({
          client: clientOf(around, WORKER_PATIENCE),
          tableName: 'Imports',
          pace: surroundingsOf(around).pace,
        }),
        files: around.files.chunksFor(around.machine, around.instance, decisionChunk),
        findLead: createFindLead(stores),
        transitionLead,
        problemOf: (fault) => problemOfLine(fault).toJSON(),
        now: around.machine.scheduler.clock,
      }),
      onFailure: (_messageId, error) => around.onFailure(error),
    });
    return (event) => decideLeads(event, NO_CONTEXT);
  },

  'post-journal-entries': (around: Around): StreamFunction =>
    createPostJournalEntries({
      postEntries: createPostEntries({ journal: journalWriterOf(around, WORKER_PATIENCE), timeZone: around.timeZone }),
      announce: announceOf(around),
      digest: digest128,
    }),

  'announce-events': (around: Around): StreamFunction =>
    createAnnounceEvents({ announce: announceOf(around), digest: digest128 }),

  'fetch-leads': (around: Around): QueueFunction => {
    const { clock } = around.machine.scheduler;
    const { stores, does } = toldOf(around, WORKER_PATIENCE);
    const fetchLeads = createFetchLeads({
      endpoints: stores.endpoints,
      dialect: () => plainDialect,
      sendRequest: around.sendRequest,
      takeTold: createTakeTold({
        ...stores,
        ...does,
        takeConversion: does.recordConversion,
        keepReceipt: (receipt) => stores.receipts.put(receipt),
      }),
      tryTold: does.tryTold,
      keepReceipt: (receipt) => stores.receipts.put(receipt),
      log: stores.log,
      queue: around.queueOf<EndpointWork>('fetches'),
      putOff: (receiptHandle, seconds) => around.putOff('fetches', receiptHandle, seconds),
      maxReceiveCount: MAX_FETCH_RECEIVES,
      clock,
      random: around.machine.random,
      receiptIdOf: (timeMs, seed) => makeIdOf('rcp', timeMs, seed),
      onOverdue: () => undefined,
      // What is tried again says so by the endpoint that it is for.
      onFailure: (_messageId, error) => {
        if (!(error as Error).message.startsWith('ep_')) around.onFailure(error);
      },
    });
    return (event) => fetchLeads(event, NO_CONTEXT);
  },

  'send-deliveries': (around: Around): QueueFunction => {
    const { scheduler, random } = around.machine;
    const table = tableOf(around, WORKER_PATIENCE, 'Deliveries');
    const deliveries = createDeliveryStore(table);
    const patientQueue = around.queueOf<DeliveryMessage>('patientDeliveries');
    const handleDeliveries = createHandleDeliveries({
      sendDeliveries: createSendDeliveries({
        deliveries,
        health: createHealthStore(table),
        // What a receiver reads of it is tried by itself.
        render: async ({ destinationId, event }) => ({
          kind: 'request',
          request: {
            method: 'POST',
            url: `https://${destinationId}.example/`,
            headers: {},
            body: JSON.stringify({ destinationId, event }),
          },
          isPersonal: false,
        }),
        send: around.sendRequest,
        patientQueue,
        notices: undefined,
        now: scheduler.clock,
        random,
        onTrouble: () => undefined,
      }),
      redeliver: createRedeliver({
        deliveries,
        log: createDeliveryLog(table),
        queue: patientQueue,
        now: scheduler.clock,
      }),
      patientQueueUrl: 'patientDeliveries' satisfies QueueName,
      onFailure: (_messageId, error) => around.onFailure(error),
    });
    return (event) => {
      const endMs = scheduler.elapsedMs + DELIVERY_TIMEOUT_MS;
      return handleDeliveries(event, {
        getRemainingTimeInMillis: () => endMs - scheduler.elapsedMs,
      } as Context);
    };
  },

  'roll-up': (around: Around): StreamFunction =>
    createRollUp({
      rollups: createRollupWriter({
        client: clientOf(around, WORKER_PATIENCE),
        tableName: 'Rollups',
        digest: digest128,
      }),
      catalog: catalogReaderOf(around, WORKER_PATIENCE),
      timeZone: around.timeZone,
      clock: around.machine.scheduler.clock,
    }),

  'watch-journal': (around: Around): StreamFunction => {
    const billing = tableOf(around, WORKER_PATIENCE, 'Billing');
    return createWatchJournal({
      runs: createMonthRuns(billing),
      marks: createLateMarks(billing),
      onChanged: (change) => around.onFailure(new Error(`an entry was changed: ${JSON.stringify(change)}`)),
    });
  },

  'close-month': (around: Around): QueueFunction => {
    const { machine, instance, files, timeZone } = around;
    const { clock } = machine.scheduler;
    const billing = tableOf(around, WORKER_PATIENCE, 'Billing');
    const client = clientOf(around, WORKER_PATIENCE);
    const catalogTable = { client, tableName: 'Catalog' };
    const { marks, closing, dryRunOf } = createClosingStores({ ...billing, timeZone });
    const stores = createBilling({
      clock,
      timeZone,
      catalog: catalogReaderOf(around, WORKER_PATIENCE),
      parties: createPartyReader(catalogTable),
      campaigns: catalogStoreOf(around, WORKER_PATIENCE).campaigns,
      rollups: createRollupReader({ client, tableName: 'Rollups' }),
      rates: createRateBook({ ...billing, tableName: 'Bookings' }),
      paidOut: createPaidOut(createPayoutStore({ ...billing, tableName: 'Payouts' })),
      files: files.documentsFor(machine, instance),
      views: files.viewsFor(machine, instance),
      sha256: sha256Hex,
      signDocument: async ({ number }) => `signature of ${number}`,
      renderings: { send: async () => undefined },
      journal: { ...journalReaderOf(around), ...journalWriterOf(around, WORKER_PATIENCE) },
      marks,
      reconcileMonth: reconcileMonthOf(around),
    });
    return createTakeCloseEvents({
      closeMonth: createCloseMonth({
        clock,
        queue: around.queueOf<CloseMessage>('close'),
        queuedMessages: async () => 0,
        allAdvertisers: allAdvertisersOf(around, WORKER_PATIENCE),
        ...stores.issuing(closing),
        dryRun: (draft) => stores.dryRun(dryRunOf(draft)),
      }),
      monthsInReview: closing.runs.inReview,
      clock,
      timeZone,
      onFailure: (_messageId, error) => around.onFailure(error),
    });
  },
} as const;

/** Puts what happens on its way to those who are told. */
function announceOf(around: Around): Announce {
  if (!around.delivers) return async () => undefined;
  const table = tableOf(around, WORKER_PATIENCE, 'Deliveries');
  const { nowMs, clock } = surroundingsOf(around);
  return createAnnounce({
    ownDestinations: createOwnDestinations({ client: table.client, tableName: 'Connections' }, nowMs),
    deliveries: createDeliveryStore(table),
    healthOf: createHealthStore(table).get,
    quickQueue: around.queueOf<StreamMessage>('deliveries'),
    patientQueue: around.queueOf<StreamMessage>('patientDeliveries'),
    digest: digest128,
    now: clock,
  });
}

export const journalReaderOf = (around: Around) =>
  createJournalReader({ client: clientOf(around, WORKER_PATIENCE), tableName: 'Journal' });

export const reconcileMonthOf = (around: Around) =>
  createReconcileMonth({
    leads: createLeadReader({ client: clientOf(around, WORKER_PATIENCE), leadsTableName: 'Leads' }),
    journal: { ...journalReaderOf(around), ...journalWriterOf(around, WORKER_PATIENCE) },
    timeZone: around.timeZone,
  });
