import { createCheckConservation } from '../../../functions/check-conservation/check-conservation.ts';
import { createCheckPayouts } from '../../../functions/check-payouts/check-payouts.ts';
import { createReconcileLeads } from '../../../functions/reconcile-leads/reconcile-leads.ts';
import { createReleaseHolds } from '../../../functions/release-holds/release-holds.ts';
import { WORKER_PATIENCE } from '../../../shared/adapters/dynamodb/client.ts';
import { createCorrectionStore } from '../../../shared/adapters/dynamodb/corrections.ts';
import { createCountedMessages } from '../../../shared/adapters/dynamodb/counted-messages.ts';
import { createDecisionStore } from '../../../shared/adapters/dynamodb/decisions.ts';
import { createDueDeliveries } from '../../../shared/adapters/dynamodb/deliveries.ts';
import { createImportStore } from '../../../shared/adapters/dynamodb/imports.ts';
import { createLeadReader } from '../../../shared/adapters/dynamodb/leads.ts';
import { createPayoutStore } from '../../../shared/adapters/dynamodb/payouts.ts';
import { createRollupReader } from '../../../shared/adapters/dynamodb/rollups.ts';
import { createTallyStore } from '../../../shared/adapters/dynamodb/tallies.ts';
import type { DecisionChunkMessage } from '../../../shared/contracts/decisions.ts';
import type { StreamMessage } from '../../../shared/contracts/deliveries.ts';
import type { ImportChunkMessage } from '../../../shared/contracts/imports.ts';
import { createPostCorrections } from '../../../shared/use-cases/decide-correction.ts';
import { createCheckRuns } from '../../../shared/use-cases/payouts/check-runs.ts';
import { createPostPayout } from '../../../shared/use-cases/payouts/post-payout.ts';
import { createReleaseRun } from '../../../shared/use-cases/payouts/release-run.ts';
import { createFinishRun } from '../../../shared/use-cases/payouts/send-run.ts';
import { createPostEntries } from '../../../shared/use-cases/post-entries.ts';
import { createResumeDecisions } from '../../../shared/use-cases/resume-decisions.ts';
import { createResumeDeliveries } from '../../../shared/use-cases/resume-deliveries.ts';
import { createResumeImports } from '../../../shared/use-cases/resume-imports.ts';
import { createTransitionLead } from '../../../shared/use-cases/transition-lead.ts';
import {
  type Around,
  allAdvertisersOf,
  clientOf,
  journalWriterOf,
  surroundingsOf,
  tableOf,
  transitionStoresOf,
} from './around.ts';
import { journalReaderOf, reconcileMonthOf } from './workers.ts';

export const SCHEDULED_TIMEOUT_MS = 900_000;
const STREAMS_SETTLE_MS = 120_000;

type ScheduledFunction = (event: unknown) => Promise<unknown>;

/** The functions that run by schedule, each put together as its own `dependencies.ts` does it. */
export const SCHEDULED_FUNCTIONS = {
  'release-holds': (around: Around): ScheduledFunction => {
    const { machine, timeZone } = around;
    const stores = transitionStoresOf(around, WORKER_PATIENCE);
    const releaseHolds = createReleaseHolds({
      dueHolds: createLeadReader({ client: clientOf(around, WORKER_PATIENCE), leadsTableName: 'Leads' }),
      transitionLead: createTransitionLead({
        ...stores,
        postEntries: createPostEntries({ journal: stores.journal, timeZone }),
      }),
      clock: machine.scheduler.clock,
      onReleased: () => undefined,
    });
    return (event) => {
      const endMs = machine.scheduler.elapsedMs + SCHEDULED_TIMEOUT_MS;
      return releaseHolds(event, { getRemainingTimeInMillis: () => endMs - machine.scheduler.elapsedMs });
    };
  },

  'reconcile-leads': (around: Around): ScheduledFunction => {
    const { clock } = around.machine.scheduler;
    const client = clientOf(around, WORKER_PATIENCE);
    const imports = createResumeImports({
      imports: createImportStore({ client, tableName: 'Imports', pace: surroundingsOf(around).pace }),
      queue: around.queueOf<ImportChunkMessage>('postbacks'),
      now: clock,
    });
    const decisions = createResumeDecisions({
      decisions: createDecisionStore({ client, tableName: 'Imports', pace: surroundingsOf(around).pace }),
      queue: around.queueOf<DecisionChunkMessage>('decisions'),
      now: clock,
    });
    return createReconcileLeads({
      allAdvertisers: allAdvertisersOf(around, WORKER_PATIENCE),
      reconcileMonth: reconcileMonthOf(around),
      postCorrections: createPostCorrections({
        corrections: createCorrectionStore(tableOf(around, WORKER_PATIENCE, 'Bookings')),
        journal: journalWriterOf(around, WORKER_PATIENCE),
        timeZone: around.timeZone,
      }),
      resumeImports: () => imports.all(),
      resumeDecisions: () => decisions.all(),
      clock,
      timeZone: around.timeZone,
      onPosted: around.onReconciled,
    });
  },

  'resume-deliveries': (around: Around): ScheduledFunction => {
    const resumeDeliveries = createResumeDeliveries({
      due: createDueDeliveries(tableOf(around, WORKER_PATIENCE, 'Deliveries')),
      queue: around.queueOf<StreamMessage>('patientDeliveries'),
      now: around.machine.scheduler.clock,
    });
    return () => resumeDeliveries(() => SCHEDULED_TIMEOUT_MS);
  },

  'check-conservation': (around: Around): ScheduledFunction => {
    const client = clientOf(around, WORKER_PATIENCE);
    const { timeZone } = around;
    return createCheckConservation({
      allAdvertisers: allAdvertisersOf(around, WORKER_PATIENCE),
      messages: createCountedMessages({
        client,
        leadsTableName: 'Leads',
        receiptsTableName: 'Receipts',
        timeZone,
      }),
      rollups: createRollupReader({ client, tableName: 'Rollups' }),
      journal: journalReaderOf(around),
      tallies: createTallyStore({ client, tableName: 'Tallies' }),
      queueDepths: async () => around.queueDepths(),
      waitForStreams: () => around.instance.sleep(STREAMS_SETTLE_MS),
      onDifferences: (differences) => {
        const text = JSON.stringify(differences, (_name, value) => (typeof value === 'bigint' ? `${value}` : value));
        around.onFailure(new Error(`the conservation report differs: ${text}`));
      },
      clock: around.machine.scheduler.clock,
      timeZone,
    });
  },

  'check-payouts': (around: Around): ScheduledFunction => {
    const payouts = createPayoutStore(tableOf(around, WORKER_PATIENCE, 'Payouts'));
    const postPayout = createPostPayout({
      journal: journalWriterOf(around, WORKER_PATIENCE),
      timeZone: around.timeZone,
    });
    return createCheckPayouts({
      checkRuns: createCheckRuns({
        payouts,
        postPayout,
        finishRun: createFinishRun({ payouts, postPayout }),
        releaseRun: createReleaseRun(payouts),
        clock: around.machine.scheduler.clock,
      }),
      onOverdue: () => undefined,
    });
  },
} as const;
