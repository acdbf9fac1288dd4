import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { ChunkResult, ChunkSummary, ImportRecord, OpenImport } from '../../domain/imports/progress.ts';
import type { FailedLine } from '../../domain/imports/rows.ts';
import type { ImportStore } from '../../ports/imports.ts';
import { callStore, cancellationCodes, isConditionFailure } from './client.ts';

interface ImportStoreDependencies {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
}

/** Failed lines in one item: far from its 400 KB, whatever is wrong with them. */
const FAILED_LINES_AN_ITEM = 100;
/** Open imports that are looked at, oldest first: far more than any operator sends in the day that one may be open. */
const MAX_OPEN_IMPORTS = 2000;

const META = 'META';
const OPEN = 'OPEN';
const DONE = 'DONE#';
const FAILED = 'FAILED#';
const DIGITS = 6;

const padded = (number: number): string => number.toString().padStart(DIGITS, '0');
const doneKey = (chunk: number): string => DONE + padded(chunk);
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
export function createImportStore({ client, tableName }: ImportStoreDependencies): ImportStore {
  const TableName = tableName;

  async function read(pk: string, sk: string): Promise<Record<string, unknown> | undefined> {
    const { Item } = await callStore(() =>
      client.send(new GetCommand({ TableName, Key: { pk, sk }, ConsistentRead: true })),
    );
    return Item;
  }

  async function* readAll(pk: string, prefix: string): AsyncIterable<Record<string, unknown>> {
    let position: Record<string, unknown> | undefined;
    do {
      const page = await callStore(() =>
        client.send(
          new QueryCommand({
            TableName,
            KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
            ExpressionAttributeValues: { ':pk': pk, ':prefix': prefix },
            ConsistentRead: true,
            ExclusiveStartKey: position,
          }),
        ),
      );
      yield* page.Items ?? [];
      position = page.LastEvaluatedKey;
    } while (position !== undefined);
  }

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
      await callStore(() => client.send(new TransactWriteCommand({ TransactItems: [...puts, ...open] })));
    },

    async get(importId): Promise<ImportRecord | undefined> {
      const item = await read(importId, META);
      return item === undefined ? undefined : { importId, ...metaItem.parse(item) };
    },

    async chunks(importId) {
      const chunks: ChunkSummary[] = [];
      for await (const item of readAll(importId, DONE)) chunks.push(doneItem.parse(item));
      return chunks;
    },

    async failedLines(importId, limit) {
      const lines: FailedLine[] = [];
      for await (const item of readAll(importId, FAILED)) {
        lines.push(...failedItem.parse(item).lines);
        if (lines.length >= limit) break;
      }
      return lines.sort((left, right) => left.line - right.line).slice(0, limit);
    },

    async finishChunk(importId, { failed, ...result }: ChunkResult) {
      // The lines first: where the marker stands, they are all there. Written twice they are the same.
      await putFailed(importId, result.chunk, failed);
      const Item = { pk: importId, sk: doneKey(result.chunk), ...result, failedRows: failed.length };
      await ignoreRefusedCondition(() =>
        client.send(new PutCommand({ TableName, Item, ConditionExpression: 'attribute_not_exists(pk)' })),
      );
    },

    async isChunkDone(importId, chunk) {
      return (await read(importId, doneKey(chunk))) !== undefined;
    },

    async open() {
      const open: OpenImport[] = [];
      for await (const item of readAll(OPEN, 'imp_')) {
        open.push(openFromItem(item));
        if (open.length >= MAX_OPEN_IMPORTS) break;
      }
      return open;
    },

    async openOne(importId) {
      const item = await read(OPEN, importId);
      return item === undefined ? undefined : openFromItem(item);
    },

    async release(importId, sentAt) {
      await ignoreRefusedCondition(() =>
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

    claimResend(open, sentAt) {
      return ignoreRefusedCondition(() =>
        client.send(
          new UpdateCommand({
            TableName,
            Key: { pk: OPEN, sk: open.importId },
            UpdateExpression: 'SET sentAt = :sentAt, sends = :sends',
            ConditionExpression: 'sentAt = :before',
            ExpressionAttributeValues: { ':sentAt': sentAt, ':sends': open.sends + 1, ':before': open.sentAt },
          }),
        ),
      );
    },

    async finish(importId, doneAt) {
      try {
        await callStore(() =>
          client.send(
            new TransactWriteCommand({
              TransactItems: [
                {
                  Update: {
                    TableName,
                    Key: { pk: importId, sk: META },
                    UpdateExpression: 'SET doneAt = :doneAt',
                    ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(doneAt)',
                    ExpressionAttributeValues: { ':doneAt': doneAt },
                  },
                },
                { Delete: { TableName, Key: { pk: OPEN, sk: importId } } },
              ],
            }),
          ),
        );
      } catch (error) {
        if (cancellationCodes(error)?.[0] !== 'ConditionalCheckFailed') throw error;
      }
    },
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

/** Runs a write; false where its condition refused it, as somebody else was first. */
async function ignoreRefusedCondition(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await callStore(write);
    return true;
  } catch (error) {
    if (isConditionFailure(error)) return false;
    throw error;
  }
}
