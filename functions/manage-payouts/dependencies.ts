import { createStatementReader } from '../../shared/adapters/dynamodb/billing-statements.ts';
import { createCatalogReader } from '../../shared/adapters/dynamodb/catalog-reader.ts';
import { createCatalogStore } from '../../shared/adapters/dynamodb/catalog-store.ts';
import { createDocumentClient, REQUEST_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createJournalWriter } from '../../shared/adapters/dynamodb/journal.ts';
import { createPayoutProfiles } from '../../shared/adapters/dynamodb/payout-profiles.ts';
import { createPayoutStore } from '../../shared/adapters/dynamodb/payouts.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { digest128 } from '../../shared/runtime/crypto.ts';
import { makeId } from '../../shared/runtime/ids.ts';
import { createPostPayout } from '../../shared/use-cases/payouts/post-payout.ts';
import { createProposeRun } from '../../shared/use-cases/payouts/propose-run.ts';
import { createReadAccount, createReadAccounts } from '../../shared/use-cases/payouts/read-account.ts';
import { createReleaseRun } from '../../shared/use-cases/payouts/release-run.ts';
import { createFinishRun, createSendRun } from '../../shared/use-cases/payouts/send-run.ts';
import { env } from './env.ts';

/** The real stores behind this function's routes. */
export function createDependencies() {
  const client = createDocumentClient(REQUEST_PATIENCE);
  const catalogTable = { client, tableName: env.CATALOG_TABLE_NAME };
  const payoutsTable = { client, tableName: env.PAYOUTS_TABLE_NAME };
  const clock = systemClock;
  const timeZone = env.NETWORK_TIME_ZONE;
  const store = createCatalogStore(catalogTable);
  const payouts = createPayoutStore(payoutsTable);
  const profiles = createPayoutProfiles(payoutsTable);
  const statements = createStatementReader({ client, tableName: env.BILLING_TABLE_NAME });
  const journal = createJournalWriter({ client, tableName: env.JOURNAL_TABLE_NAME, digest: digest128, clock });
  const postPayout = createPostPayout({ journal, timeZone });
  const catalog = createCatalogReader(catalogTable);
  const readAccount = createReadAccount({ payouts, statements });
  const releaseRun = createReleaseRun(payouts);
  const makeRunId = () => makeId('run');
  const finishRun = createFinishRun({ payouts, postPayout });
  const findPayer = async () => {
    const entity = await store.legalEntities.defaultEntity();
    return entity?.iban === undefined ? undefined : { name: entity.legalName, iban: entity.iban, bic: entity.bic };
  };
  return {
    catalog,
    listAffiliates: store.affiliates.list,
    payouts,
    profiles,
    readAccounts: createReadAccounts({ profiles, payouts, statements }),
    releaseRun,
    proposeRun: createProposeRun({ profiles, payouts, readAccount, releaseRun, catalog, clock, makeRunId }),
    sendRun: createSendRun({ payouts, finishRun, findPayer, clock }),
    clock,
    timeZone,
  };
}
