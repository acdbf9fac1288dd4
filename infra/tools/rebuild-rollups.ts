import { setTimeout as sleep } from 'node:timers/promises';
import Table from 'cli-table3';
import { createCatalogReader } from '../../shared/adapters/dynamodb/catalog-reader.ts';
import { createDocumentClient, WORKER_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createRollupFacts } from '../../shared/adapters/dynamodb/rollup-facts.ts';
import { createRollupRepair } from '../../shared/adapters/dynamodb/rollups.ts';
import { StoreUnavailable } from '../../shared/ports/errors.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { digest128 } from '../../shared/runtime/crypto.ts';
import { createRebuildRollups, type RebuildResult } from '../../shared/use-cases/rebuild-rollups.ts';
import { dataDirFrom, readStackFile } from '../local/data-dir.ts';
import { tableName } from '../stage.ts';
import { readStageName } from './stage-argument.ts';

/** Longer than batches are gathered for: the deployed stream source waits 5 s, the local one 1 s. */
const QUIET_MS = { deployed: 30_000, local: 3000 };

/** Which tables to work on, and how long their streams may keep a record to themselves. */
interface Place {
  readonly catalogTableName: string;
  readonly leadsTableName: string;
  readonly touchesTableName: string;
  readonly rollupsTableName: string;
  readonly timeZone: string;
  readonly quietMs: number;
}

/** The stage named by `--stage` (its time zone by `--time-zone`, default UTC), or else the service that `npm start` runs. */
function findPlace(argv: readonly string[]): Place {
  if (argv.includes('--stage')) {
    const { stageName, others } = readStageName(argv);
    return {
      catalogTableName: tableName(stageName, 'Catalog'),
      leadsTableName: tableName(stageName, 'Leads'),
      touchesTableName: tableName(stageName, 'Touches'),
      rollupsTableName: tableName(stageName, 'Rollups'),
      timeZone: others[0] === '--time-zone' ? (others[1] ?? 'UTC') : 'UTC',
      quietMs: QUIET_MS.deployed,
    };
  }
  const stack = readStackFile(dataDirFrom(process.env));
  if (stack === undefined) {
    throw new Error('Nothing is running here: run npm start, or name a deployed stage with --stage NAME.');
  }
  // The SDK finds the engine, and what it takes for credentials, in the environment.
  Object.assign(process.env, stack.env);
  return {
    catalogTableName: stack.env['CATALOG_TABLE_NAME'] ?? '',
    leadsTableName: stack.env['LEADS_TABLE_NAME'] ?? '',
    touchesTableName: stack.env['TOUCHES_TABLE_NAME'] ?? '',
    rollupsTableName: stack.env['ROLLUPS_TABLE_NAME'] ?? '',
    timeZone: stack.env['NETWORK_TIME_ZONE'] ?? 'UTC',
    quietMs: QUIET_MS.local,
  };
}

function rebuildAt(place: Place): Promise<RebuildResult> {
  const client = createDocumentClient(WORKER_PATIENCE);
  const catalog = createCatalogReader({ client, tableName: place.catalogTableName });
  const rebuild = createRebuildRollups({
    rollups: createRollupRepair({ client, tableName: place.rollupsTableName, digest: digest128 }),
    facts: createRollupFacts({ client, ...place }),
    campaign: catalog.campaign,
    timeZone: place.timeZone,
    clock: systemClock,
    waitForStreams: () => sleep(place.quietMs),
    onProgress: (line) => console.log(line),
  });
  return rebuild();
}

function tableOf({ scopes }: RebuildResult): string {
  const table = new Table({
    head: ['scope', 'items checked', 'items changed', 'touches kept*'],
    style: { head: [], border: [] },
  });
  for (const [scope, count] of scopes) table.push([scope, count.checked, count.changed, count.clicksKept]);
  return `${table}\n* of days whose touches may have expired since they were counted`;
}

async function main(): Promise<void> {
  const result = await rebuildAt(findPlace(process.argv.slice(2)));
  console.log(tableOf(result));
  if (result.outcome === 'busy') {
    throw new Error('Clicks or leads came in meanwhile, so the figures may be wrong: rebuild when nothing comes in.');
  }
  console.log('Every figure is the sum of the leads and touches.');
}

await main().catch((error: Error) => {
  const isAway = error instanceof StoreUnavailable;
  console.error(isAway ? 'The store does not answer. Is the service still running?' : error.message);
  process.exitCode = 1;
});
