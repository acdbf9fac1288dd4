import { createCatalogReader, REDIRECT_MAX_AGE_MS } from '../../shared/adapters/dynamodb/catalog-reader.ts';
import { CLICK_PATIENCE, createDocumentClient } from '../../shared/adapters/dynamodb/client.ts';
import { createCounterReader, createGlancingCounterReader } from '../../shared/adapters/dynamodb/counters.ts';
import { createTouchWriter } from '../../shared/adapters/dynamodb/touches.ts';
import { createClickSecrets } from '../../shared/adapters/ssm/secrets.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { makeUlid } from '../../shared/runtime/ids.ts';
import { logger } from '../../shared/runtime/logger.ts';
import { count } from '../../shared/runtime/metrics.ts';
import type { CountImpressionDependencies } from './count-impression.ts';
import { env } from './env.ts';
import type { IngestClickDependencies } from './ingest-click.ts';

/** The real stores behind the click links and the pixels of advertisements. */
export function createDependencies(): IngestClickDependencies & CountImpressionDependencies {
  const client = createDocumentClient(CLICK_PATIENCE);
  return {
    catalog: createCatalogReader({ client, tableName: env.CATALOG_TABLE_NAME, maxTermsAgeMs: REDIRECT_MAX_AGE_MS }),
    touches: createTouchWriter({ client, tableName: env.TOUCHES_TABLE_NAME }),
    counters: createGlancingCounterReader(createCounterReader({ client, tableName: env.COUNTERS_TABLE_NAME })),
    secrets: createClickSecrets({ prefix: env.SECRETS_PREFIX }),
    clock: systemClock,
    makeUlid,
    onTouchLost: (error) => {
      count('TouchNotStored');
      logger.warn('touch not stored', { error: error as Error });
    },
    onCapsUnknown: (error) => logger.warn('caps not read', { error: error as Error }),
  };
}
