import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import * as z from 'zod';
import { createContactChecks } from '../../shared/adapters/contact-checks.ts';
import { createCatalogReader } from '../../shared/adapters/dynamodb/catalog-reader.ts';
import { createDocumentClient, WORKER_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createContactStore, createLeadReader } from '../../shared/adapters/dynamodb/leads.ts';
import { createCipher } from '../../shared/adapters/kms/cipher.ts';
import { createLeadSecrets } from '../../shared/adapters/ssm/secrets.ts';
import { termsToAdd } from '../../shared/contracts/catalog.ts';
import { day } from '../../shared/contracts/primitives.ts';
import type { TermsChanges } from '../../shared/contracts/terms.ts';
import { StoreUnavailable } from '../../shared/ports/errors.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { createReplayVerdicts, type Replay, type Totals } from '../../shared/use-cases/replay-verdicts.ts';
import { dataDirFrom, readStackFile } from '../local/data-dir.ts';
import { secretsPrefix, tableName } from '../stage.ts';

const USAGE = `usage: npm run replay-verdicts -- --campaign ID [--terms FILE] [--from DAY] [--to DAY] [--stage NAME [--time-zone ZONE]]

Decides the leads of a campaign again from what was recorded of them, and says where the verdict is another. With --terms, a file of
JSON as PUT /v1/campaigns/{campaignId}/terms takes it: what that would have changed, by affiliate. Nothing is written.
ID is a campaign's id, or ext: and its external id; the days are those of the conversions, by default the last 90.`;

const DEFAULT_DAYS_MS = 90 * 86_400_000;

/** Where the service keeps its data: the stage that is named, or what `npm start` runs. */
function findPlace(stage: string | undefined, timeZone: string | undefined) {
  if (stage !== undefined) {
    const table = (name: string) => tableName(stage, name);
    return {
      CATALOG_TABLE_NAME: table('Catalog'),
      LEADS_TABLE_NAME: table('Leads'),
      CONTACTS_TABLE_NAME: table('Contacts'),
      SECRETS_PREFIX: secretsPrefix(stage),
      NETWORK_TIME_ZONE: timeZone ?? 'UTC',
    };
  }
  const stack = readStackFile(dataDirFrom(process.env));
  if (stack === undefined) {
    throw new Error('Nothing is running here: run npm start, or name a deployed stage with --stage NAME.');
  }
  // The SDK finds the engine, and what it takes for credentials, in the environment.
  Object.assign(process.env, stack.env);
  return stack.env;
}

function readChanges(file: string): TermsChanges {
  const read = termsToAdd.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!read.success)
    throw new Error(`${file} is not what the terms of a campaign take:\n${z.prettifyError(read.error)}`);
  return read.data;
}

function createReplay(place: Readonly<Record<string, string>>) {
  const client = createDocumentClient(WORKER_PATIENCE);
  const prefix = place['SECRETS_PREFIX'] ?? '';
  return createReplayVerdicts({
    catalog: createCatalogReader({ client, tableName: place['CATALOG_TABLE_NAME'] ?? '' }),
    leads: createLeadReader({ client, leadsTableName: place['LEADS_TABLE_NAME'] ?? '' }),
    contacts: createContactStore({
      client,
      contactsTableName: place['CONTACTS_TABLE_NAME'] ?? '',
      cipher: createCipher({ prefix }),
    }),
    contactChecks: createContactChecks(),
    leadSecrets: createLeadSecrets({ prefix }),
    timeZone: place['NETWORK_TIME_ZONE'] ?? 'UTC',
  });
}

const changed = (was: number, would: number): string => (was === would ? `${was}` : `${was} > ${would}`);

function tableOf({ affiliates, campaign }: Replay): string {
  const table = new Table({
    head: ['affiliate', 'leads', 'confirmed', 'pending', 'rejected', `charge ${campaign.currency}`, 'commission'],
    style: { head: [], border: [] },
  });
  for (const [affiliateId, { was, would }] of [...affiliates].sort()) {
    const money = (name: 'charge' | 'commission') => {
      const show = ({ [name]: amount }: Totals) => amount;
      return show(was) === show(would) ? show(was) : `${show(was)} > ${show(would)}`;
    };
    table.push([
      affiliateId === '' ? '(none)' : affiliateId,
      was.leads,
      changed(was.confirmed, would.confirmed),
      changed(was.pending, would.pending),
      changed(was.rejected, would.rejected),
      money('charge'),
      money('commission'),
    ]);
  }
  return table.toString();
}

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { campaign: text, terms: text, from: text, to: text, stage: text, 'time-zone': text },
  });
  if (values.campaign === undefined) throw new Error(USAGE);
  const today = systemClock().slice(0, 10);
  const from = day.parse(values.from ?? new Date(Date.parse(today) - DEFAULT_DAYS_MS).toISOString().slice(0, 10));
  const to = day.parse(values.to ?? today);
  const changes = values.terms === undefined ? undefined : readChanges(values.terms);
  const replay = await createReplay(findPlace(values.stage, values['time-zone']))({
    campaign: values.campaign,
    from,
    to,
    changes,
  });
  if (replay === undefined) throw new Error(`There is no campaign ${values.campaign}.`);
  if ('field' in replay) throw new Error(`${values.terms}: ${replay.field} ${replay.message}`);

  console.log(tableOf(replay));
  for (const { leadId, was, is } of replay.differences) {
    console.log(`${leadId}: ${was.status} ${was.reason ?? ''} > ${is.status} ${is.reason ?? ''}`);
  }
  const { leads, different, erased } = replay;
  if (erased > 0) console.log(`${erased} more leads cannot be decided again: their fields were erased.`);
  if (changes !== undefined) {
    console.log(`${leads} leads: these terms would have decided ${different} in another way.`);
    return;
  }
  console.log(`${leads} leads: ${leads - different} verdicts are the same when decided again, ${different} are not.`);
  if (different > 0) process.exitCode = 1;
}

await main().catch((error: Error) => {
  const isAway = error instanceof StoreUnavailable;
  console.error(isAway ? 'The store does not answer. Is the service still running?' : error.message);
  process.exitCode = 1;
});
