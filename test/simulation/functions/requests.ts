import { createAcceptDecisions } from '../../../functions/accept-decisions/accept-decisions.ts';
import { createShowDecisions } from '../../../functions/accept-decisions/show-decisions.ts';
import { createAcceptImport } from '../../../functions/accept-imports/accept-import.ts';
import { createShowImport } from '../../../functions/accept-imports/show-import.ts';
import { createIngestClick } from '../../../functions/ingest-click/ingest-click.ts';
import { createIngestPostback } from '../../../functions/ingest-postback/ingest-postback.ts';
import { createManageMonth } from '../../../functions/manage-billing/manage-month.ts';
import { correctionHandlers } from '../../../functions/manage-bookings/corrections.ts';
import { createManageCatalog } from '../../../functions/manage-catalog/manage-catalog.ts';
import { createListLeads } from '../../../functions/manage-leads/list-leads.ts';
import { createManageLead } from '../../../functions/manage-leads/manage-lead.ts';
import { payoutRunHandlers } from '../../../functions/manage-payouts/payout-runs.ts';
import { createReceiveMessage } from '../../../functions/receive-message/receive-message.ts';
import { createDryRuns } from '../../../shared/adapters/dynamodb/billing-drafts.ts';
import { createMonthRuns } from '../../../shared/adapters/dynamodb/billing-runs.ts';
import { createStatementReader } from '../../../shared/adapters/dynamodb/billing-statements.ts';
import { REDIRECT_MAX_AGE_MS } from '../../../shared/adapters/dynamodb/catalog-reader.ts';
import { CLICK_PATIENCE, REQUEST_PATIENCE, WORKER_PATIENCE } from '../../../shared/adapters/dynamodb/client.ts';
import { createCorrectionStore } from '../../../shared/adapters/dynamodb/corrections.ts';
import { createCounterReader, createGlancingCounterReader } from '../../../shared/adapters/dynamodb/counters.ts';
import { createDecisionStore } from '../../../shared/adapters/dynamodb/decisions.ts';
import { createImportStore } from '../../../shared/adapters/dynamodb/imports.ts';
import { createJournalReader } from '../../../shared/adapters/dynamodb/journal.ts';
import { createContactStore, createLeadReader } from '../../../shared/adapters/dynamodb/leads.ts';
import { createPayoutProfiles } from '../../../shared/adapters/dynamodb/payout-profiles.ts';
import { createPayoutStore } from '../../../shared/adapters/dynamodb/payouts.ts';
import { createTouchWriter } from '../../../shared/adapters/dynamodb/touches.ts';
import { createClickSecrets } from '../../../shared/adapters/ssm/secrets.ts';
import type { CloseMessage } from '../../../shared/contracts/billing.ts';
import { type DecisionChunkMessage, decisionChunk } from '../../../shared/contracts/decisions.ts';
import { type ImportChunkMessage, importChunk } from '../../../shared/contracts/imports.ts';
import type { ConversionMessage } from '../../../shared/contracts/postback.ts';
import { makeApiKey } from '../../../shared/runtime/api-key.ts';
import { digest128 } from '../../../shared/runtime/crypto.ts';
import { createHttpHandler, json } from '../../../shared/runtime/http.ts';
import { createDecideCorrection } from '../../../shared/use-cases/decide-correction.ts';
import type { EndpointWork } from '../../../shared/use-cases/endpoint-work.ts';
import { createEraseContact } from '../../../shared/use-cases/erase-contact.ts';
import { createPostPayout } from '../../../shared/use-cases/payouts/post-payout.ts';
import { createProposeRun } from '../../../shared/use-cases/payouts/propose-run.ts';
import { createReadAccount } from '../../../shared/use-cases/payouts/read-account.ts';
import { createReleaseRun } from '../../../shared/use-cases/payouts/release-run.ts';
import { createFinishRun, createSendRun } from '../../../shared/use-cases/payouts/send-run.ts';
import { createSettleAnswers } from '../../../shared/use-cases/payouts/settle-answers.ts';
import { createRecordConversion } from '../../../shared/use-cases/record-conversion.ts';
import { createResumeDecisions } from '../../../shared/use-cases/resume-decisions.ts';
import { createResumeImports } from '../../../shared/use-cases/resume-imports.ts';
import { createTakeMessage } from '../../../shared/use-cases/take-message.ts';
import { sealedInTheClear } from '../contacts.ts';
import { SECRETS_PREFIX } from '../secrets.ts';
import { plainDialect } from '../sender.ts';
import {
  type Around,
  allAdvertisersOf,
  catalogReaderOf,
  catalogStoreOf,
  clientOf,
  conversionStoresOf,
  type HttpFunction,
  journalWriterOf,
  surroundingsOf,
  tableOf,
  toldOf,
  transitionLeadOf,
} from './around.ts';

/** The functions that answer requests, each put together as its own `dependencies.ts` does it. */
export const REQUEST_FUNCTIONS = {
  'receive-message': (around: Around): HttpFunction => {
    const { instance, ids, machine } = around;
    const { stores, does } = toldOf(around, REQUEST_PATIENCE);
    const receiveMessage = createReceiveMessage({
      endpoints: stores.endpoints,
      takeMessage: createTakeMessage({
        ...stores,
        ...does,
        dialect: () => plainDialect,
        postbacks: around.queueOf<ConversionMessage>('postbacks'),
        work: around.queueOf<EndpointWork>('fetches'),
        clock: machine.scheduler.clock,
        startTimer: instance.startTimer,
        makeId: ids.make,
        onQueued: () => undefined,
        onUnlogged: () => undefined,
      }),
      pathsOf: () => [],
      clock: machine.scheduler.clock,
      sleep: instance.sleep,
    });
    return createHttpHandler({ $default: receiveMessage });
  },

  'ingest-click': (around: Around): HttpFunction => {
    const client = clientOf(around, CLICK_PATIENCE);
    const surroundings = surroundingsOf(around);
    const ingestClick = createIngestClick({
      catalog: catalogReaderOf(around, CLICK_PATIENCE, REDIRECT_MAX_AGE_MS),
      touches: createTouchWriter({ client, tableName: 'Touches' }),
      counters: createGlancingCounterReader(createCounterReader({ client, tableName: 'Counters' }), surroundings),
      secrets: createClickSecrets({ prefix: SECRETS_PREFIX, ...surroundings }),
      clock: around.machine.scheduler.clock,
      makeUlid: around.ids.ulid,
      onTouchLost: () => undefined,
      onCapsUnknown: () => undefined,
    });
    return createHttpHandler({ 'GET /c/{campaignId}': ingestClick });
  },

  'ingest-postback': (around: Around): HttpFunction => {
    const stores = conversionStoresOf(around, REQUEST_PATIENCE);
    const ingestPostback = createIngestPostback({
      forwardMessage: async () => undefined,
      catalog: stores.catalog,
      recordConversion: createRecordConversion(stores),
      receipts: stores.receipts,
      // Tried by itself: here it would only take time.
      signReceipt: async () => 'signed',
      onUnsigned: () => undefined,
      queue: around.queueOf<ConversionMessage>('postbacks'),
      clock: around.machine.scheduler.clock,
      makeId: around.ids.make,
      startTimer: around.instance.startTimer,
      onQueued: () => undefined,
    });
    return createHttpHandler({ 'GET /postback': ingestPostback, 'POST /postback': ingestPostback });
  },

  'manage-leads': (around: Around): HttpFunction => {
    const client = clientOf(around, REQUEST_PATIENCE);
    const { stores, transitionLead } = transitionLeadOf(around, REQUEST_PATIENCE, 0);
    const contacts = createContactStore({ client, contactsTableName: 'Contacts', cipher: sealedInTheClear });
    const dependencies = {
      catalog: stores.catalog,
      allAdvertisers: allAdvertisersOf(around, REQUEST_PATIENCE),
      leads: createLeadReader({ client, leadsTableName: 'Leads' }),
      contacts,
      eraseContact: createEraseContact({ contacts, leads: stores.leads }),
      transitionLead,
      clock: around.machine.scheduler.clock,
      timeZone: around.timeZone,
    };
    const lead = createManageLead(dependencies);
    return createHttpHandler({
      'GET /v1/leads': createListLeads(dependencies),
      'GET /v1/leads/{leadId}': lead.get,
      'POST /v1/leads/{leadId}/confirm': lead.confirm,
      'POST /v1/leads/{leadId}/reject': lead.reject,
      'POST /v1/leads/{leadId}/reverse': lead.reverse,
    });
  },

  'manage-catalog': (around: Around): HttpFunction =>
    createHttpHandler(
      createManageCatalog({
        catalog: catalogReaderOf(around, REQUEST_PATIENCE),
        store: catalogStoreOf(around, REQUEST_PATIENCE),
        clock: around.machine.scheduler.clock,
        makeId: around.ids.make,
        counters: createCounterReader({ client: clientOf(around, REQUEST_PATIENCE), tableName: 'Counters' }),
        makeApiKey,
        timeZone: around.timeZone,
      }),
    ),

  'accept-imports': (around: Around): HttpFunction => {
    const { clock } = around.machine.scheduler;
    const imports = createImportStore({ client: clientOf(around, WORKER_PATIENCE), tableName: 'Imports' });
    const queue = around.queueOf<ImportChunkMessage>('postbacks');
    const dependencies = {
      catalog: catalogReaderOf(around, WORKER_PATIENCE),
      imports,
      files: around.files.chunksFor(around.machine, around.instance, importChunk),
      queue,
      resumeImports: createResumeImports({ imports, queue, now: clock }),
      clock,
      makeId: around.ids.make,
      onUnsent: () => undefined,
    };
    return createHttpHandler({
      'POST /v1/imports': createAcceptImport(dependencies),
      'GET /v1/imports/{importId}': createShowImport(dependencies),
    });
  },

  'accept-decisions': (around: Around): HttpFunction => {
    const { clock } = around.machine.scheduler;
    const { pace } = surroundingsOf(around);
    const decisions = createDecisionStore({ client: clientOf(around, REQUEST_PATIENCE), tableName: 'Imports', pace });
    const queue = around.queueOf<DecisionChunkMessage>('decisions');
    const dependencies = {
      catalog: catalogReaderOf(around, REQUEST_PATIENCE),
      decisions,
      files: around.files.chunksFor(around.machine, around.instance, decisionChunk),
      queue,
      resumeDecisions: createResumeDecisions({ decisions, queue, now: clock }),
      clock,
      makeId: around.ids.make,
      digest: digest128,
      onUnsent: () => undefined,
    };
    return createHttpHandler({
      'POST /v1/leads/decisions': createAcceptDecisions(dependencies),
      'GET /v1/decisions/{decisionId}': createShowDecisions(dependencies),
    });
  },

  'manage-bookings': (around: Around): HttpFunction => {
    const { timeZone } = around;
    const bookings = tableOf(around, REQUEST_PATIENCE, 'Bookings');
    const corrections = createCorrectionStore(bookings);
    const journal = journalWriterOf(around, REQUEST_PATIENCE);
    return createHttpHandler(
      correctionHandlers({
        catalog: catalogReaderOf(around, REQUEST_PATIENCE),
        corrections,
        journal: createJournalReader({ client: bookings.client, tableName: 'Journal' }),
        decideCorrection: createDecideCorrection({ corrections, journal, timeZone }),
        makeId: around.ids.make,
        clock: around.machine.scheduler.clock,
        timeZone,
      }),
    );
  },

  'manage-billing': (around: Around): HttpFunction => {
    const billing = tableOf(around, REQUEST_PATIENCE, 'Billing');
    const month = createManageMonth({
      catalog: catalogReaderOf(around, REQUEST_PATIENCE),
      runs: createMonthRuns(billing),
      runsOf: (draft) => createMonthRuns({ ...billing, draft }),
      drafts: createDryRuns(billing),
      newDraft: () => around.ids.make('dry'),
      queue: around.queueOf<CloseMessage>('close'),
      clock: around.machine.scheduler.clock,
      timeZone: around.timeZone,
    });
    return createHttpHandler({
      'POST /v1/months/{month}/close': month.close,
      'POST /v1/months/{month}/issue': month.issue,
      'GET /v1/months/{month}': month.get,
    });
  },

  'manage-payouts': (around: Around): HttpFunction => {
    const { clock } = around.machine.scheduler;
    const catalog = catalogReaderOf(around, REQUEST_PATIENCE);
    const payoutsTable = tableOf(around, REQUEST_PATIENCE, 'Payouts');
    const payouts = createPayoutStore(payoutsTable);
    const profiles = createPayoutProfiles(payoutsTable);
    const statements = createStatementReader(tableOf(around, REQUEST_PATIENCE, 'Billing'));
    const readAccount = createReadAccount({ payouts, statements });
    const postPayout = createPostPayout({
      journal: journalWriterOf(around, REQUEST_PATIENCE),
      timeZone: around.timeZone,
    });
    const releaseRun = createReleaseRun(payouts);
    const finishRun = createFinishRun({ payouts, postPayout });
    const makeRunId = () => around.ids.make('run');
    const settleAnswers = createSettleAnswers({ payouts, postPayout, clock });
    return createHttpHandler({
      ...payoutRunHandlers({
        catalog,
        payouts,
        proposeRun: createProposeRun({ profiles, payouts, readAccount, releaseRun, catalog, clock, makeRunId }),
        sendRun: createSendRun({ payouts, finishRun, findPayer: async () => undefined, clock }),
        releaseRun,
        clock,
      }),
      // The files of banks are read by tests of their own.
      'POST /v1/payout-runs/answers': async ({ body = '[]' }) =>
        json(200, { applied: (await settleAnswers(JSON.parse(body), 'valid')).applied }),
    });
  },
} as const;
