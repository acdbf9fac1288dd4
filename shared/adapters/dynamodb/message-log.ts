import { type DynamoDBDocumentClient, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { endpointMessage } from '../../contracts/endpoint-messages.ts';
import type { LoggedMessage, MessageLog } from '../../ports/endpoints.ts';
import { callStore, unlessRefused } from './client.ts';
import { expiryOf } from './expiry.ts';

const KEPT_DAYS = 30;
const PART_DIGITS = 4;

const messageItem = endpointMessage.extend({ endpointId: z.string() });

const sortKey = ({ messageId, part }: Pick<LoggedMessage, 'messageId' | 'part'>): string =>
  `${messageId}#${part.toString().padStart(PART_DIGITS, '0')}`;

/** What endpoints were sent; each message is forgotten 30 days after it came. */
export function createMessageLog({
  client,
  tableName,
}: {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
}): MessageLog {
  return {
    async put(message) {
      const expiresAt = expiryOf(message.receivedAt, KEPT_DAYS);
      const Item = { ...message, pk: message.endpointId, sk: sortKey(message), expiresAt };
      await callStore(() => client.send(new PutCommand({ TableName: tableName, Item })));
    },
    async settle({ endpointId, row, ...place }, told) {
      const command = new UpdateCommand({
        TableName: tableName,
        Key: { pk: endpointId, sk: sortKey(place) },
        UpdateExpression: `SET told[${row}] = :told`,
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeValues: { ':told': told },
      });
      await unlessRefused(() => client.send(command));
    },
    async list(endpointId, limit, after) {
      const { Items = [], LastEvaluatedKey } = await callStore(() =>
        client.send(
          new QueryCommand({
            TableName: tableName,
            KeyConditionExpression: 'pk = :pk',
            ExpressionAttributeValues: { ':pk': endpointId },
            ScanIndexForward: false,
            // One more than asked for tells whether anything follows.
            Limit: limit + 1,
            ExclusiveStartKey: after === undefined ? undefined : { pk: endpointId, sk: after },
          }),
        ),
      );
      const items = Items.slice(0, limit).map((item) => messageItem.parse(item));
      const last = items.at(-1);
      // The store reads no more than a megabyte at once: a page may be short, and not the last.
      const goesOn = Items.length > limit || LastEvaluatedKey !== undefined;
      return { items, position: goesOn && last !== undefined ? sortKey(last) : undefined };
    },
  };
}
