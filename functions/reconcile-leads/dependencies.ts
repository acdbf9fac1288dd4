import { createCatalogStore } from '../../shared/adapters/dynamodb/catalog-store.ts';
import { createDocumentClient, WORKER_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createCorrectionStore } from '../../shared/adapters/dynamodb/corrections.ts';
import { createDecisionStore } from '../../shared/adapters/dynamodb/decisions.ts';
import { createImportStore } from '../../shared/adapters/dynamodb/imports.ts';
import { createJournalReader, createJournalWriter } from '../../shared/adapters/dynamodb/journal.ts';
import { createLeadReader } from '../../shared/adapters/dynamodb/leads.ts';
import { createQueue, createSqsClient } from '../../shared/adapters/sqs/queue.ts';
import type { DecisionChunkMessage } from '../../shared/contracts/decisions.ts';
import type { ImportChunkMessage } from '../../shared/contracts/imports.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { digest128 } from '../../shared/runtime/crypto.ts';
import { count } from '../../shared/runtime/metrics.ts';
import { createAllAdvertisers } from '../../shared/use-cases/all-advertisers.ts';
import { createPostCorrections } from '../../shared/use-cases/decide-correction.ts';
import { createReconcileMonth } from '../../shared/use-cases/reconcile-month.ts';
import { createResumeDecisions } from '../../shared/use-cases/resume-decisions.ts';
import { createResumeImports } from '../../shared/use-cases/resume-imports.ts';
import { env } from './env.ts';
import type { ReconcileLeadsDependencies } from './reconcile-leads.ts';

/** The real stores behind the reconcile. */
export function createDependencies(): ReconcileLeadsDependencies {
  const client = createDocumentClient(WORKER_PATIENCE);
  const timeZone = env.NETWORK_TIME_ZONE;
  const journal = { client, tableName: env.JOURNAL_TABLE_NAME };
  const writer = createJournalWriter({ ...journal, digest: digest128, clock: systemClock });
  const sqs = createSqsClient();
  const decisions = createResumeDecisions({
    decisions: createDecisionStore({ client, tableName: env.IMPORTS_TABLE_NAME }),
    queue: createQueue<DecisionChunkMessage>({ client: sqs, queueUrl: env.DECISIONS_QUEUE_URL }),
    now: systemClock,
  });
  const imports = createResumeImports({
    imports: createImportStore({ client, tableName: env.IMPORTS_TABLE_NAME }),
    queue: createQueue<ImportChunkMessage>({ client: sqs, queueUrl: env.POSTBACKS_QUEUE_URL }),
    now: systemClock,
  });
  return {
    allAdvertisers: createAllAdvertisers(createCatalogStore({ client, tableName: env.CATALOG_TABLE_NAME }).advertisers),
    reconcileMonth: createReconcileMonth({
      leads: createLeadReader({ client, leadsTableName: env.LEADS_TABLE_NAME }),
      journal: { ...createJournalReader(journal), ...writer },
      timeZone,
    }),
    postCorrections: createPostCorrections({
      corrections: createCorrectionStore({ client, tableName: env.BOOKINGS_TABLE_NAME }),
      journal: writer,
      timeZone,
    }),
    resumeImports: () => imports.all(),
    resumeDecisions: () => decisions.all(),
    clock: systemClock,
    timeZone,
    onPosted: (entries) => count('EntryPostedByReconcile', entries),
  };
}
