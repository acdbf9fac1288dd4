import type { ImportChunkMessage } from '../contracts/imports.ts';
import type { ConversionMessage } from '../contracts/postback.ts';
import { type Campaign, versionAt } from '../domain/catalog/campaign.ts';
import { importReceiptId } from '../domain/imports/import-receipt.ts';
import { clickReference, forgetAtSeconds } from '../domain/imports/imported-click.ts';
import {
  allDone,
  type ChunkResult,
  clicksStored,
  type ImportRecord,
  mayLackClicks,
  NO_VERDICTS,
  type VerdictCount,
} from '../domain/imports/progress.ts';
import { type ClickRow, type ConversionRow, type ImportRow, sequenceKey } from '../domain/imports/rows.ts';
import { originalVerdict } from '../domain/leads/lead.ts';
import type { CatalogReader } from '../ports/catalog.ts';
import type { ChunkFiles } from '../ports/chunk-files.ts';
import type { Digest } from '../ports/crypto.ts';
import type { TouchReader, TouchWriter } from '../ports/touches.ts';
import type { RecordOutcome } from './record-conversion.ts';
import { doneChunks, type ImportProgressDependencies, releaseConversions } from './release-conversions.ts';

export interface ProcessImportChunkDependencies extends ImportProgressDependencies {
  readonly files: Pick<ChunkFiles<ImportRow>, 'readChunk'>;
  readonly catalog: Pick<CatalogReader, 'campaign' | 'affiliate'>;
  readonly touches: Pick<TouchWriter, 'putReferenced'> & Pick<TouchReader, 'byClickRef'>;
  readonly recordConversion: (message: ConversionMessage) => Promise<RecordOutcome>;
  readonly digest: Digest;
}

/** Rows of one chunk that are worked off at once: the store answers in milliseconds, and one waits for it most of the time. */
const CONCURRENT_ROWS = 16;

type RowResult = 'click' | VerdictCount | { readonly failed: readonly string[] };

const failed = (...errors: string[]): RowResult => ({ failed: errors });

/**
 * Works off one chunk of an import and writes down once what came of it; whoever finishes the last chunk of clicks sends the
 * conversions, whoever finishes the last of all closes the import. Everything it writes has a key made from the file: a chunk that
 * comes twice changes nothing. Throws StoreUnavailable where a store did not answer: the chunk must come again.
 */
export function createProcessImportChunk(
  dependencies: ProcessImportChunkDependencies,
): (message: ImportChunkMessage) => Promise<void> {
  const { imports, files, now } = dependencies;
  return async ({ importId, chunk }) => {
    const record = await imports.get(importId);
    if (record === undefined) throw new Error(`import ${importId} is not known`);
    if (record.doneAt !== undefined) return;
    if (!(await imports.isChunkDone(importId, chunk))) {
      const rows = await files.readChunk(importId, chunk);
      await imports.finishChunk(importId, await processRows(dependencies, record, chunk, rows));
    }
    const done = await doneChunks(imports, importId);
    if (chunk < record.clickChunks && clicksStored(record, done)) await releaseConversions(dependencies);
    if (allDone(record, done)) await imports.finish(importId, now());
  };
}

async function processRows(
  dependencies: ProcessImportChunkDependencies,
  record: ImportRecord,
  chunk: number,
  rows: readonly ImportRow[],
): Promise<ChunkResult> {
  const { imports, now } = dependencies;
  const hasConversions = chunk >= record.clickChunks;
  const lookForClicks = hasConversions && mayLackClicks(await imports.open(), record.importId, now());
  const results = await inSequences(rows, (row) =>
    row.type === 'click'
      ? storeClick(dependencies, row)
      : recordRow(dependencies, record, row, lookForClicks && row.clickRef !== undefined),
  );
  const verdicts = { ...NO_VERDICTS };
  const failedLines: { line: number; errors: readonly string[] }[] = [];
  let clicks = 0;
  for (const [row, result] of results) {
    if (typeof result === 'object') failedLines.push({ line: row.line, errors: result.failed });
    else if (result === 'click') clicks += 1;
    else verdicts[result] += 1;
  }
  failedLines.sort((left, right) => left.line - right.line);
  return { chunk, doneAt: now(), clicks, verdicts, failed: failedLines };
}

/**
 * Works off rows side by side, but those of one click or transaction one after another in the file's order. Throws the first failure, once
 * nothing is under way any more.
 */
async function inSequences(
  rows: readonly ImportRow[],
  work: (row: ImportRow) => Promise<RowResult>,
): Promise<readonly (readonly [ImportRow, RowResult])[]> {
  const sequences = Map.groupBy(rows, sequenceKey).values();
  const results: (readonly [ImportRow, RowResult])[] = [];
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    // All workers take from the one iterator: each sequence is worked off by one of them.
    for (const sequence of sequences) {
      for (const row of sequence) {
        if (failures.length > 0) return;
        results.push([row, await work(row)]);
      }
    }
  };
  await Promise.all(
    Array.from({ length: CONCURRENT_ROWS }, () => worker().catch((error: unknown) => failures.push(error))),
  );
  if (failures.length > 0) throw failures[0];
  return results;
}

/** The campaign and affiliate that a row names, or what is wrong with the names. */
async function resolve(
  { catalog }: ProcessImportChunkDependencies,
  row: ImportRow,
): Promise<{ readonly campaign: Campaign; readonly affiliateId?: string | undefined } | { readonly failed: string[] }> {
  const campaign = await catalog.campaign(row.campaign);
  const affiliate = row.affiliate === undefined ? undefined : await catalog.affiliate(row.affiliate);
  const errors: string[] = [];
  if (campaign === undefined) errors.push(`campaign: there is no campaign ${named(row.campaign)}`);
  if (row.affiliate !== undefined && affiliate === undefined) {
    errors.push(`affiliate: there is no affiliate ${named(row.affiliate)}`);
  }
  return campaign === undefined || errors.length > 0
    ? { failed: errors }
    : { campaign, affiliateId: affiliate?.affiliateId };
}

const named = (reference: string): string => reference.replace(/^ext:/, '');

async function storeClick(dependencies: ProcessImportChunkDependencies, row: ClickRow): Promise<RowResult> {
  const resolved = await resolve(dependencies, row);
  if ('failed' in resolved) return resolved;
  const { campaign, affiliateId } = resolved;
  const { campaignId } = campaign;
  const clickWindowMs = versionAt(campaign.terms, row.at)?.clickWindowMs ?? 0;
  const stored = await dependencies.touches.putReferenced(
    clickReference(row, { campaignId, affiliateId }, dependencies.digest),
    {
      campaignId,
      affiliateId,
      source: row.source,
      subIds: row.subIds,
      utm: {},
      clickedAt: row.at,
      expiresAtSeconds: forgetAtSeconds(row.at, clickWindowMs, dependencies.now()),
    },
  );
  return stored === 'conflict' ? failed('click_ref: another click of this campaign has it') : 'click';
}

async function recordRow(
  dependencies: ProcessImportChunkDependencies,
  record: ImportRecord,
  row: ConversionRow,
  lookForClick: boolean,
): Promise<RowResult> {
  const resolved = await resolve(dependencies, row);
  if ('failed' in resolved) return resolved;
  if (lookForClick && row.clickRef !== undefined) {
    const touch = await dependencies.touches.byClickRef(resolved.campaign.campaignId, row.clickRef);
    if (touch === undefined) return failed('click_ref: its click is not stored; import this line again');
  }
  return rowResultOf(await dependencies.recordConversion(messageOf(record, row, dependencies.digest)));
}

const messageOf = (record: ImportRecord, row: ConversionRow, digest: Digest): ConversionMessage => ({
  kind: 'postback',
  receiptId: importReceiptId(record.importId, row.line, digest),
  receivedAt: record.acceptedAt,
  occurredAt: row.at,
  party: { role: 'operator', kid: record.kid },
  conversion: {
    clickRef: row.clickRef,
    campaign: row.campaign,
    affiliate: row.affiliate,
    transactionId: row.transactionId,
    event: row.event,
    amount: row.amount,
    currency: row.currency,
    platformClickIds: [],
    subIds: row.subIds,
    contact: {},
  },
});

const COLUMN_OF_PARAMETER: Readonly<Record<string, string>> = { campaign_id: 'campaign', affiliate_id: 'affiliate' };

function rowResultOf(outcome: RecordOutcome): RowResult {
  switch (outcome.kind) {
    case 'duplicate':
      return 'duplicate';
    case 'decided': {
      const { status } = originalVerdict(outcome.lead);
      // A message is never decided `reversed`: that is what happens to a confirmed lead later.
      return status === 'reversed' ? 'confirmed' : status;
    }
    case 'conflict':
      return failed('transaction_id: this transaction is known with other content');
    case 'refused':
      return failed(`${COLUMN_OF_PARAMETER[outcome.field] ?? outcome.field}: ${outcome.message}`);
  }
}
