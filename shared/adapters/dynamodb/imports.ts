import { type DynamoDBDocumentClient, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { ChunkResult, ChunkSummary, ImportRecord, OpenImport } from '../../domain/imports/progress.ts';
import type { FailedLine } from '../../domain/imports/rows.ts';
import type { ImportStore } from '../../ports/imports.ts';
import { type Pace, systemPace } from '../../runtime/pace.ts';
import { callStore, unlessRefused } from './client.ts';
import { createJobTable, DONE, doneKey, MAX_OPEN_JOBS, META, OPEN, padded } from './job-table.ts';
import { transact } from './transactions.ts';

interface ImportStoreDependencies {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly pace?: Pace;
}

/** Failed lines in one item: far from its 400 KB, whatever is wrong with them. */
const FAILED_LINES_AN_ITEM = 100;

const FAILED = 'FAILED#';

/** `origin` tells the lines that were refused on reading the file from those of its chunks. */
const failedKey = (origin: 'file' | number, part: number): string =>
  `${FAILED}${origin === 'file' ? origin : `in-${padded(origin)}`}#${padded(part)}`;

const metaItem = z.object({
  kid: z.string(),
  acceptedAt: z.string(),
  rows: z.number(),
  refusedRows: z.number(),
  clickChunks: z.number(),
  conversionChunks: z.number(),
  doneAt: z.string().optional(),
});

const openItem = z.object({
  sk: z.string(),
  acceptedAt: z.string(),
  clickChunks: z.number(),
  conversionChunks: z.number(),
  released: z.boolean(),
  sentAt: z.string(),
  sends: z.number(),
});

const doneItem = z.object({
  chunk: z.number(),
  doneAt: z.string(),
  clicks: z.number(),
  verdicts: z.object({ confirmed: z.number(), pending: z.number(), rejected: z.number(), duplicate: z.number() }),
  failedRows: z.number(),
});

const failedItem = z.object({ lines: z.array(z.object({ line: z.number(), errors: z.array(z.string()) })) });

/**
 * Keeps imports. One partition for each: `META`, one `DONE#` item for each finished chunk, `FAILED#` items with the lines that were
 * not taken. And one partition of the imports that are not done, by id, which is their order of acceptance.
 */
export function createImportStore({ client, tableName, pace = systemPace }: ImportStoreDependencies): ImportStore {
  const TableName = tableName;

  const jobs = createJobTable({ client, tableName, pace });

  async function putFailed(importId: string, origin: 'file' | number, lines: readonly FailedLine[]): Promise<void> {
    for (let start = 0, part = 0; start < lines.length; start += FAILED_LINES_AN_ITEM, part += 1) {
      const Item = {
        pk: importId,
        sk: failedKey(origin, part),
        lines: lines.slice(start, start + FAILED_LINES_AN_ITEM),
      };
      await callStore(() => client.send(new PutCommand({ TableName, Item })));
    }
  }

  return {
    async accept(record, refused) {
      await putFailed(record.importId, 'file', refused);
      const { importId, ...meta } = record;
      const puts = [{ Put: { TableName, Item: { pk: importId, sk: META, ...meta } } }];
      // Without a chunk there is nothing to work off: such an import is done as it comes.
      const open = record.doneAt === undefined ? [{ Put: { TableName, Item: openItemOf(record) } }] : [];
      await transact({ client, ...pace }, [...puts, ...open]);
    },

    async get(importId): Promise<ImportRecord | undefined> {
      const item = await jobs.read(importId, META);
      return item === undefined ? undefined : { importId, ...metaItem.parse(item) };
    },

    async chunks(importId) {
      const chunks: ChunkSummary[] = [];
      for await (const item of jobs.readAll(importId, DONE)) chunks.push(doneItem.parse(item));
      return chunks;
    },

    async failedLines(importId, limit) {
      const lines: FailedLine[] = [];
      for await (const item of jobs.readAll(importId, FAILED)) {
        lines.push(...failedItem.parse(item).lines);
        if (lines.length >= limit) break;
      }
      return lines.sort((left, right) => left.line - right.line).slice(0, limit);
    },

    async finishChunk(importId, { failed, ...result }: ChunkResult) {
      // The lines first: where the marker stands, they are all there. Written twice they are the same.
      await putFailed(importId, result.chunk, failed);
      const Item = { pk: importId, sk: doneKey(result.chunk), ...result, failedRows: failed.length };
      await unlessRefused(() =>
        client.send(new PutCommand({ TableName, Item, ConditionExpression: 'attribute_not_exists(pk)' })),
      );
    },

    async isChunkDone(importId, chunk) {
      return (await jobs.read(importId, doneKey(chunk))) !== undefined;
    },

    async open() {
      const open: OpenImport[] = [];
      for await (const item of jobs.readAll(OPEN, 'imp_')) {
        open.push(openFromItem(item));
        if (open.length >= MAX_OPEN_JOBS) break;
      }
      return open;
    },

    async openOne(importId) {
      const item = await jobs.read(OPEN, importId);
      return item === undefined ? undefined : openFromItem(item);
    },

    async release(importId, sentAt) {
      await unlessRefused(() =>
        client.send(
          new UpdateCommand({
            TableName,
            Key: { pk: OPEN, sk: importId },
            UpdateExpression: 'SET released = :true, sentAt = :sentAt, sends = :one',
            ConditionExpression: 'released = :false',
            ExpressionAttributeValues: { ':true': true, ':false': false, ':sentAt': sentAt, ':one': 1 },
          }),
        ),
      );
    },

    claimResend: (open, sentAt) => jobs.claimResend(open.importId, open, sentAt),
    finish: jobs.finish,
  };
}

const openItemOf = (record: ImportRecord): Record<string, unknown> => ({
  pk: OPEN,
  sk: record.importId,
  acceptedAt: record.acceptedAt,
  clickChunks: record.clickChunks,
  conversionChunks: record.conversionChunks,
  released: false,
  sentAt: record.acceptedAt,
  sends: 1,
});

function openFromItem(item: Record<string, unknown>): OpenImport {
  const { sk, ...open } = openItem.parse(item);
  return { importId: sk, ...open };
}
