import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { CORRECTION_KINDS, CORRECTION_STATUSES, type Correction } from '../../domain/corrections/correction.ts';
import type { CorrectionStore } from '../../ports/corrections.ts';
import { VersionConflict } from '../../ports/errors.ts';
import { type BillingTableDependencies, createBillingTable, type Item, minorUnits } from './billing-table.ts';
import { callStore } from './client.ts';

/** All corrections, by id, which is the order in which they were proposed: people make them, so one partition is enough. */
const CORRECTIONS = 'CORRECTIONS';
/** The ids of those that have an external one, by that. */
const EXTERNAL_IDS = 'EXTERNAL_IDS';
/** A note of each that was approved, in the order in which they were: whether its entry is posted. */
const APPROVED = 'APPROVED';
const noteKey = ({ correctionId, decidedAt }: Correction) => ({ pk: APPROVED, sk: `${decidedAt}#${correctionId}` });

const correctionItem = z.object({
  correctionId: z.string(),
  externalId: z.string().optional(),
  kind: z.enum(CORRECTION_KINDS),
  account: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('receivable'), advertiserId: z.string() }),
    z.object({ kind: z.literal('payable'), affiliateId: z.string() }),
  ]),
  amountMinor: minorUnits,
  currency: z.string(),
  reason: z.string(),
  corrects: z.string().optional(),
  occurredAt: z.string(),
  status: z.enum(CORRECTION_STATUSES),
  proposedBy: z.string(),
  proposedAt: z.string(),
  decidedBy: z.string().optional(),
  decidedAt: z.string().optional(),
  decisionReason: z.string().optional(),
});

/** Corrections in the bookings table. */
export function createCorrectionStore(dependencies: BillingTableDependencies): CorrectionStore {
  const table = createBillingTable(dependencies);
  const { client, tableName: TableName } = table;
  const get: CorrectionStore['get'] = async (correctionId) => {
    const item = await table.get(CORRECTIONS, correctionId);
    return item && correctionItem.parse(item);
  };
  return {
    async create(correction) {
      const { correctionId, externalId } = correction;
      const put = (item: Item) => ({
        Put: { TableName, Item: item, ConditionExpression: 'attribute_not_exists(pk)' },
      });
      const refused = await table.transact([
        put({ pk: CORRECTIONS, sk: correctionId, ...correction }),
        ...(externalId === undefined ? [] : [put({ pk: EXTERNAL_IDS, sk: externalId, correctionId })]),
      ]);
      if (refused === undefined) return correction;
      // Its own first attempt was heard after all, or another has its external id.
      const taken = externalId === undefined ? undefined : await table.get(EXTERNAL_IDS, externalId);
      const stored = await get(taken === undefined ? correctionId : (taken['correctionId'] as string));
      if (stored === undefined) throw new VersionConflict(`${correctionId} was there and is not`);
      return stored;
    },
    get,
    async decide(decided) {
      const { correctionId, status } = decided;
      const note = { ...noteKey(decided), correctionId };
      const refused = await table.transact([
        {
          Put: {
            TableName,
            Item: { pk: CORRECTIONS, sk: correctionId, ...decided },
            ConditionExpression: '#status = :proposed',
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: { ':proposed': 'proposed' },
          },
        },
        ...(status === 'approved' ? [{ Put: { TableName, Item: note } }] : []),
      ]);
      if (refused !== undefined) throw new VersionConflict(`${correctionId} was decided meanwhile`);
    },
    async posted(approved) {
      await callStore(() =>
        client.send(
          new UpdateCommand({
            TableName,
            Key: noteKey(approved),
            UpdateExpression: 'SET posted = :yes',
            ExpressionAttributeValues: { ':yes': true },
          }),
        ),
      );
    },
    async *unposted(since) {
      let lastSk = since;
      for (;;) {
        const page = await table.queryPage({
          KeyConditionExpression: 'pk = :pk AND sk > :after',
          ExpressionAttributeValues: { ':pk': APPROVED, ':after': lastSk },
        });
        for (const note of page.items) if (note['posted'] !== true) yield note['correctionId'] as string;
        if (page.lastSk === undefined) return;
        lastSk = page.lastSk;
      }
    },
    async list(status, limit, after) {
      const { items, lastSk } = await table.queryPage({
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': CORRECTIONS, ...(status !== undefined && { ':status': status }) },
        ...(status !== undefined && {
          FilterExpression: '#status = :status',
          ExpressionAttributeNames: { '#status': 'status' },
        }),
        ScanIndexForward: false,
        Limit: limit,
        ExclusiveStartKey: after === undefined ? undefined : { pk: CORRECTIONS, sk: after },
      });
      return { items: items.map((item) => correctionItem.parse(item)), position: lastSk };
    },
  };
}
