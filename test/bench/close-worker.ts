import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { argv } from 'node:process';
import { chargeRow, commissionRow } from '../../shared/domain/billing/annex-row.ts';
import { createLineFold, type LineFold, netOf, priceLines } from '../../shared/domain/billing/lines.ts';
import { JOURNAL_SHARDS, type JournalEntry, journalShard, type LeadEntry } from '../../shared/domain/ledger/entry.ts';
import type { DocumentFiles } from '../../shared/ports/documents.ts';
import type { JournalReader, JournalWriter } from '../../shared/ports/journal.ts';
import { unbilledEntries } from '../../shared/use-cases/close-month/unbilled-entries.ts';
import { createBillingWorld } from '../support/billing.ts';

const ADVERTISERS = 50;
const AFFILIATES = 500;
const PAGE_ENTRIES = 1000;
const MONTH = '2025-11';
const PRICES_MINOR = [900n, 1250n, 2500n] as const;
/** One entry in so many takes the lead before it back. */
const REVERSAL_EVERY = 50;

const id = (prefix: string, number: number): string => `${prefix}_${`${number}`.padStart(26, '0')}`;
const ids = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => id(prefix, index));
const CAMPAIGNS_EACH = 4;
const advertiserIds = ids('adv', ADVERTISERS);
const affiliateIds = ids('aff', AFFILIATES);
const campaignIds = ids('cmp', ADVERTISERS * CAMPAIGNS_EACH);

/** What a close reads, and how it was told. */
export interface CloseResult {
  readonly entries: number;
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
  readonly invoices: number;
  readonly statements: number;
}

/** The ids of an advertiser's leads, as its journal has them: by shard, and in order within one. */
function leadIds(advertiser: number, leads: number): string[][] {
  const shards: string[][] = Array.from({ length: JOURNAL_SHARDS }, () => []);
  for (let index = 0; index < leads; index += 1) {
    const leadId = `lead_${`${advertiser}`.padStart(4, '0')}${`${index}`.padStart(18, '0')}`;
    shards[journalShard(leadId)]?.push(leadId);
  }
  return shards;
}

/** A journal that makes its entries as they are read. */
function generatedJournal(entriesEach: number): JournalReader & JournalWriter {
  const leads = Math.round((entriesEach * REVERSAL_EVERY) / (REVERSAL_EVERY + 1));
  let last = { party: '', shards: [] as string[][] };
  return {
    async *shard(party, month, shard) {
      const advertiser = advertiserIds.indexOf(party);
      if (advertiser === -1 || month !== MONTH) return;
      if (last.party !== party) last = { party, shards: leadIds(advertiser, leads) };
      const ids = last.shards[shard] ?? [];
      let page: JournalEntry[] = [];
      for (const [index, leadId] of ids.entries()) {
        page.push(entryOf(party, advertiser, leadId, index));
        if (index % REVERSAL_EVERY === 0) page.push(reversalOf(entryOf(party, advertiser, leadId, index)));
        if (page.length < PAGE_ENTRIES) continue;
        yield page;
        page = [];
      }
      yield page;
    },
    post: async () => 'posted',
    page: async () => ({ entries: [] }),
    find: async () => [],
    ofAffiliates: async () => ({ entries: [] }),
  };
}

function entryOf(party: string, advertiser: number, leadId: string, index: number): LeadEntry {
  const affiliateId = affiliateIds[(advertiser * 7 + index) % AFFILIATES] ?? '';
  const chargeMinor = PRICES_MINOR[index % PRICES_MINOR.length] ?? 0n;
  const commissionMinor = (chargeMinor * 4n) / 5n;
  return {
    party,
    month: MONTH,
    causeId: leadId,
    kind: 'lead_confirmed',
    sequence: 1,
    currency: 'EUR',
    legs: [
      { account: `receivable:${party}`, amountMinor: chargeMinor },
      { account: `payable:${affiliateId}`, amountMinor: -commissionMinor },
      { account: 'revenue', amountMinor: commissionMinor - chargeMinor },
    ],
    occurredAt: '2025-11-10T10:00:00.000Z',
    decidedAt: '2025-11-10T10:00:00.000Z',
    campaignId: campaignIds[advertiser * CAMPAIGNS_EACH + (index % CAMPAIGNS_EACH)] ?? '',
    affiliateId,
    event: 'lead',
    transactionId: `order-${index}`,
  };
}

const reversalOf = (entry: LeadEntry): LeadEntry => ({
  ...entry,
  kind: 'lead_reversed',
  sequence: 2,
  reverses: 1,
  legs: entry.legs.map((leg) => ({ ...leg, amountMinor: -leg.amountMinor })),
});

/** Keeps texts by their digests in one file on disk, as they would not be in memory either. */
function filesOnDisk(path: string): DocumentFiles & { close(): void } {
  const file = openSync(path, 'w+');
  const places = new Map<string, readonly [from: number, bytes: number]>();
  let end = 0;
  return {
    async put(_folder, text) {
      const digest = createHash('sha256').update(text).digest('hex');
      if (!places.has(digest)) {
        const bytes = writeSync(file, text, end);
        places.set(digest, [end, bytes]);
        end += bytes;
      }
      return digest;
    },
    async get(_folder, digest) {
      const [from, bytes] = places.get(digest) ?? [0, 0];
      const buffer = Buffer.allocUnsafe(bytes);
      readSync(file, buffer, 0, bytes, from);
      return buffer.toString('latin1');
    },
    close: () => closeSync(file),
  };
}

/** Closes a month of so many generated entries, on the ports alone, and tells what that took of this process. */
async function closeGenerated(entries: number, path: string): Promise<CloseResult> {
  const files = filesOnDisk(path);
  const world = createBillingWorld({ advertiserIds, files, journal: generatedJournal(entries / ADVERTISERS) });
  const before = process.cpuUsage();
  world.queue.push({ kind: 'close', month: MONTH });
  await world.drain();
  const { user, system } = process.cpuUsage(before);
  files.close();
  const documents = [...world.state.documents.values()];
  const ofKind = (kind: string) => documents.filter((document) => document.kind === kind);
  return {
    entries: ofKind('invoice').reduce((sum, { annex }) => sum + annex.rows, 0),
    cpuSeconds: (user + system) / 1_000_000,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
    invoices: ofKind('invoice').length,
    statements: ofKind('statement').length,
  };
}

/** Sums up the same entries to the lines of all invoices and statements, and does nothing else. */
async function foldGenerated(entries: number): Promise<CloseResult> {
  const journal = generatedJournal(entries / ADVERTISERS);
  const files: DocumentFiles = { put: async () => '', get: async () => '' };
  const statements = new Map<string, LineFold>();
  const before = process.cpuUsage();
  let rows = 0;
  let invoices = 0;
  for (const advertiserId of advertiserIds) {
    const invoice = createLineFold();
    for await (const page of unbilledEntries({ journal, files }, advertiserId, MONTH, [], MONTH)) {
      for (const entry of page.entries) {
        const takenBack = page.takenBack.get(entry);
        invoice.add(chargeRow(entry, takenBack));
        const commission = commissionRow(entry, takenBack);
        if (commission?.affiliateId === undefined) continue;
        const statement = statements.get(commission.affiliateId) ?? createLineFold();
        statements.set(commission.affiliateId, statement);
        statement.add(commission);
      }
      rows += page.entries.length;
    }
    invoices += netOf(linesOf(invoice)) === 0n ? 0 : 1;
  }
  const owed = [...statements.values()].filter((statement) => netOf(linesOf(statement)) !== 0n);
  const { user, system } = process.cpuUsage(before);
  return {
    entries: rows,
    cpuSeconds: (user + system) / 1_000_000,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
    invoices,
    statements: owed.length,
  };
}

const linesOf = (fold: LineFold) =>
  priceLines(fold.sums(), { month: MONTH, currency: 'EUR', rates: [], originals: new Map() });

const [, , entries, path] = argv;
if (entries === undefined) throw new Error('close-worker.ts <entries> [<file>]');
const count = Number.parseInt(entries, 10);
console.log(JSON.stringify(await (path === undefined ? foldGenerated(count) : closeGenerated(count, path))));
