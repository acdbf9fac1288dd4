import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { DECISIONS_KEPT_DAYS } from '../../contracts/decisions.ts';
import { countOutcomes, type DecisionRecord, type OpenDecisions } from '../../domain/decisions/decisions.ts';
import type { DecisionStore, EarlierUpload } from '../../ports/decisions.ts';
import { VersionConflict } from '../../ports/errors.ts';
import { type Pace, systemPace } from '../../runtime/pace.ts';
import { expiryOf } from './expiry.ts';
import { createJobTable, DONE, doneKey, MAX_OPEN_JOBS, META, OPEN, padded } from './job-table.ts';
import { transact } from './transactions.ts';

const RESULTS = 'RESULTS#';
const UPLOAD = 'UPLOAD';

const uploadKey = (uploadId: string) => ({ pk: `${UPLOAD}#${uploadId}`, sk: UPLOAD });

const metaItem = z.object({
  party: z.discriminatedUnion('role', [
    z.object({ role: z.literal('operator'), kid: z.string() }),
    z.object({ role: z.literal('advertiser'), kid: z.string(), advertiserId: z.string() }),
  ]),
  acceptedAt: z.string(),
  lines: z.number(),
  chunks: z.number(),
  doneAt: z.string().optional(),
});

const openItem = z.object({ sk: z.string(), chunks: z.number(), sentAt: z.string(), sends: z.number() });

const doneItem = z.object({
  chunk: z.number(),
  doneAt: z.string(),
  outcomes: z.object({ confirmed: z.number(), rejected: z.number(), reversed: z.number(), refused: z.number() }),
});

const resultsItem = z.object({
  chunk: z.number(),
  results: z.array(
    z.object({
      line: z.number(),
      leadId: z.string().optional(),
      outcome: z.enum(['confirmed', 'rejected', 'reversed', 'refused']),
      status: z.enum(['pending', 'confirmed', 'rejected', 'reversed']).optional(),
      problem: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
});

const uploadItem = z.object({ decisionId: z.string(), contentHash: z.string(), acceptedAt: z.string() });

/**
 * Keeps decisions beside the imports: `META`, and for each finished chunk a `DONE#` item that counts and a `RESULTS#` item with its
 * lines. And one item for each upload, by what it is known again.
 */
export function createDecisionStore({
  client,
  tableName,
  pace = systemPace,
}: {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly pace?: Pace;
}): DecisionStore {
  const TableName = tableName;
  const jobs = createJobTable({ client, tableName, pace });
  const transactions = { client, ...pace };

  const earlier = async (uploadId: string, since: string): Promise<EarlierUpload | undefined> => {
    const { pk, sk } = uploadKey(uploadId);
    const item = await jobs.read(pk, sk);
    const found = item === undefined ? undefined : uploadItem.parse(item);
    return found === undefined || found.acceptedAt <= since
      ? undefined
      : { decisionId: found.decisionId, contentHash: found.contentHash };
  };

  return {
    earlier,

    async accept(record, { uploadId, contentHash }, since) {
      const { decisionId, ...meta } = record;
      const { acceptedAt, chunks } = record;
      const expiresAt = expiryOf(acceptedAt, DECISIONS_KEPT_DAYS);
      const failed = await transact(transactions, [
        {
          Put: {
            TableName,
            Item: { ...uploadKey(uploadId), decisionId, contentHash, acceptedAt, expiresAt },
            ConditionExpression: 'attribute_not_exists(pk) OR acceptedAt <= :since',
            ExpressionAttributeValues: { ':since': since },
          },
        },
        { Put: { TableName, Item: { pk: decisionId, sk: META, ...meta, expiresAt } } },
        { Put: { TableName, Item: { pk: OPEN, sk: decisionId, chunks, sentAt: acceptedAt, sends: 1 } } },
      ]);
      if (failed === undefined) return undefined;
      const first = await earlier(uploadId, since);
      if (first === undefined) throw new VersionConflict(`upload ${uploadId} was there and is not`);
      return first;
    },

    async get(decisionId): Promise<DecisionRecord | undefined> {
      const item = await jobs.read(decisionId, META);
      return item === undefined ? undefined : { decisionId, ...metaItem.parse(item) };
    },

    async chunks(decisionId) {
      const found = [];
      for await (const item of jobs.readAll(decisionId, DONE)) found.push(doneItem.parse(item));
      return found;
    },

    async *results(decisionId, first) {
      const after = first === 0 ? undefined : RESULTS + padded(first - 1);
      for await (const item of jobs.readAll(decisionId, RESULTS, after)) yield resultsItem.parse(item);
    },

    async finishChunk(decisionId, { chunk, doneAt, results }) {
      const once = { TableName, ConditionExpression: 'attribute_not_exists(pk)' };
      const outcomes = countOutcomes(results);
      const expiresAt = expiryOf(doneAt, DECISIONS_KEPT_DAYS);
      // Whoever was first has said it, be it an earlier try of this very call.
      await transact(transactions, [
        { Put: { ...once, Item: { pk: decisionId, sk: doneKey(chunk), chunk, doneAt, outcomes, expiresAt } } },
        { Put: { ...once, Item: { pk: decisionId, sk: RESULTS + padded(chunk), chunk, results, expiresAt } } },
      ]);
    },

    async isChunkDone(decisionId, chunk) {
      return (await jobs.read(decisionId, doneKey(chunk))) !== undefined;
    },

    async open() {
      const open: OpenDecisions[] = [];
      for await (const item of jobs.readAll(OPEN, 'dec_')) {
        open.push(openFromItem(item));
        if (open.length >= MAX_OPEN_JOBS) break;
      }
      return open;
    },

    async openOne(decisionId) {
      const item = await jobs.read(OPEN, decisionId);
      return item === undefined ? undefined : openFromItem(item);
    },

    claimResend: (open, sentAt) => jobs.claimResend(open.decisionId, open, sentAt),
    finish: jobs.finish,
  };
}

function openFromItem(item: Record<string, unknown>): OpenDecisions {
  const { sk, ...open } = openItem.parse(item);
  return { decisionId: sk, ...open };
}
