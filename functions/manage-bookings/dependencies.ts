import { createCatalogReader } from '../../shared/adapters/dynamodb/catalog-reader.ts';
import { createDocumentClient, REQUEST_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createCorrectionStore } from '../../shared/adapters/dynamodb/corrections.ts';
import { createJournalReader, createJournalWriter } from '../../shared/adapters/dynamodb/journal.ts';
import { createRateBook } from '../../shared/adapters/dynamodb/rates.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { digest128 } from '../../shared/runtime/crypto.ts';
import { makeId } from '../../shared/runtime/ids.ts';
import { createDecideCorrection } from '../../shared/use-cases/decide-correction.ts';
import { env } from './env.ts';

/** The real stores behind this function's routes. */
export function createDependencies() {
  const client = createDocumentClient(REQUEST_PATIENCE);
  const journal = { client, tableName: env.JOURNAL_TABLE_NAME };
  const bookings = { client, tableName: env.BOOKINGS_TABLE_NAME };
  const timeZone = env.NETWORK_TIME_ZONE;
  const corrections = createCorrectionStore(bookings);
  const writer = createJournalWriter({ ...journal, digest: digest128, clock: systemClock });
  return {
    catalog: createCatalogReader({ client, tableName: env.CATALOG_TABLE_NAME }),
    corrections,
    rates: createRateBook(bookings),
    journal: createJournalReader(journal),
    decideCorrection: createDecideCorrection({ corrections, journal: writer, timeZone }),
    makeId,
    clock: systemClock,
    timeZone,
  };
}
