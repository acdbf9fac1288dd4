import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { RECEIPTS_KEPT_DAYS } from '../../contracts/receipts.ts';
import type { ReceiptOutcome, ReceiptStore } from '../../ports/receipts.ts';
import { callStore, unlessRefused } from './client.ts';
import { expiryOf } from './expiry.ts';
import { ownerOfReceipt } from './receipt-owner.ts';

const SETTLED = ['refused', 'conflict', 'duplicate'] as const satisfies readonly ReceiptOutcome[];

/** What each outcome may take the place of. */
const GIVING_WAY: Readonly<Record<ReceiptOutcome, readonly ReceiptOutcome[]>> = {
  queued: [],
  dead_lettered: ['queued'],
  refused: ['queued', 'dead_lettered'],
  conflict: ['queued', 'dead_lettered'],
  duplicate: ['queued', 'dead_lettered'],
  decided: ['queued', 'dead_lettered', ...SETTLED, 'decided'],
};

const facts = z.object({
  receiptId: z.string(),
  at: z.string(),
  occurredAt: z.string(),
  kid: z.string().optional(),
  role: z.enum(['operator', 'finance', 'advertiser', 'affiliate']).optional(),
  advertiserId: z.string().optional(),
  affiliateId: z.string().optional(),
  campaignId: z.string().optional(),
  leadId: z.string().optional(),
  reason: z.string().optional(),
  detail: z.string().optional(),
  termsFrom: z.string().optional(),
  bodyHash: z.string().optional(),
});
const receiptItem = z.discriminatedUnion('outcome', [
  facts.extend({ outcome: z.enum(['queued', 'dead_lettered', ...SETTLED]) }),
  facts.extend({ outcome: z.literal('decided'), status: z.enum(['pending', 'confirmed', 'rejected', 'reversed']) }),
]);

/** The receipts of messages that leads do not tell of; each is forgotten 400 days after its message. */
export function createReceiptStore({
  client,
  tableName,
}: {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
}): ReceiptStore {
  return {
    async put(receipt) {
      const expiresAt = expiryOf(receipt.at, RECEIPTS_KEPT_DAYS);
      const givingWay = Object.fromEntries(GIVING_WAY[receipt.outcome].map((outcome) => [`:${outcome}`, outcome]));
      const names = Object.keys(givingWay);
      const command = new PutCommand({
        TableName: tableName,
        Item: { ...receipt, owner: ownerOfReceipt(receipt), expiresAt },
        ConditionExpression: [
          'attribute_not_exists(receiptId)',
          ...(names.length > 0 ? [`#outcome IN (${names.join(', ')})`] : []),
        ].join(' OR '),
        ...(names.length > 0 && {
          ExpressionAttributeNames: { '#outcome': 'outcome' },
          ExpressionAttributeValues: givingWay,
        }),
      });
      await unlessRefused(() => client.send(command));
    },
    async get(receiptId) {
      const { Item } = await callStore(() =>
        client.send(new GetCommand({ TableName: tableName, Key: { receiptId }, ConsistentRead: true })),
      );
      return Item === undefined ? undefined : receiptItem.parse(Item);
    },
  };
}
