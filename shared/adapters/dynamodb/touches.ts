import { isDeepStrictEqual } from 'node:util';
import { type DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { Touch } from '../../domain/attribution/attribute.ts';
import type { CountedTouch } from '../../domain/rollups/contribution.ts';
import type { StoredTouch, TouchReader, TouchWriter } from '../../ports/touches.ts';
import { callStore, isConditionFailure } from './client.ts';

interface TouchDependencies {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
}

const touchItem = z.object({
  touchId: z.string(),
  campaignId: z.string(),
  affiliateId: z.string().optional(),
  source: z.string().optional(),
  subIds: z.record(z.string(), z.string()).default({}),
  clickedAt: z.string(),
});

const impressionItem = touchItem.omit({ touchId: true, clickedAt: true }).extend({ shownAt: z.string() });
const countedItem = z.union([touchItem, impressionItem]);

const referenceKey = (campaignId: string, clickRef: string): string => `ref#${campaignId}#${clickRef}`;
const platformKey = (campaignId: string, platformClickId: string): string => `${campaignId}#${platformClickId}`;
const unlessEmpty = (map: Readonly<Record<string, string>>) => (Object.keys(map).length > 0 ? map : undefined);

function itemOf(touchId: string, touch: Omit<StoredTouch, 'clickId'>): Record<string, unknown> {
  return {
    touchId,
    campaignId: touch.campaignId,
    affiliateId: touch.affiliateId,
    source: touch.source,
    subIds: unlessEmpty(touch.subIds),
    utm: unlessEmpty(touch.utm),
    platformClickId:
      touch.platformClickId === undefined ? undefined : platformKey(touch.campaignId, touch.platformClickId),
    clickedAt: touch.clickedAt,
    expiresAt: touch.expiresAtSeconds,
  };
}

/** Stores touches; a record outlives the longest window of its campaign, then DynamoDB forgets it. */
export function createTouchWriter({ client, tableName }: TouchDependencies): TouchWriter {
  return {
    async put(touch) {
      await callStore(() => client.send(new PutCommand({ TableName: tableName, Item: itemOf(touch.clickId, touch) })));
    },
    async putImpression({ ulid, subIds, expiresAtSeconds, ...impression }) {
      const Item = {
        touchId: `imp#${ulid}`,
        ...impression,
        subIds: unlessEmpty(subIds),
        expiresAt: expiresAtSeconds,
      };
      await callStore(() => client.send(new PutCommand({ TableName: tableName, Item })));
    },
    async putReferenced(clickRef, touch) {
      const touchId = referenceKey(touch.campaignId, clickRef);
      try {
        await callStore(() =>
          client.send(
            new PutCommand({
              TableName: tableName,
              Item: itemOf(touchId, touch),
              ConditionExpression: 'attribute_not_exists(touchId)',
              ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
            }),
          ),
        );
        return 'stored';
      } catch (error) {
        if (!isConditionFailure(error)) throw error;
        const { Item } = error as { readonly Item?: Parameters<typeof unmarshall>[0] };
        return Item !== undefined && sameClick(touchFromItem(unmarshall(Item)), touch) ? 'already_stored' : 'conflict';
      }
    },
  };
}

const sameClick = (stored: Touch, touch: Omit<Touch, 'clickId'>): boolean =>
  stored.clickedAt === touch.clickedAt &&
  stored.affiliateId === touch.affiliateId &&
  stored.source === touch.source &&
  isDeepStrictEqual({ ...stored.subIds }, { ...touch.subIds });

async function readTouch({ client, tableName }: TouchDependencies, touchId: string): Promise<Touch | undefined> {
  const { Item } = await callStore(() =>
    client.send(new GetCommand({ TableName: tableName, Key: { touchId }, ConsistentRead: true })),
  );
  return Item === undefined ? undefined : touchFromItem(Item);
}

/** Reads a touch from an item of the table. Throws ZodError where it is none. */
export function touchFromItem(item: Record<string, unknown>): Touch {
  const { touchId, ...touch } = touchItem.parse(item);
  return { clickId: touchId, ...touch };
}

/** Reads what is counted from an item of the table: a click or an impression. Throws ZodError where it is neither. */
export const countedTouchFromItem = (item: Record<string, unknown>): CountedTouch => countedItem.parse(item);

/** Reads touches as they are now: a conversion may follow its click at once, and its source is kept for ever. */
export function createTouchReader(dependencies: TouchDependencies): TouchReader {
  const { client, tableName } = dependencies;
  return {
    byClickId: (clickId) => readTouch(dependencies, clickId),
    byClickRef: (campaignId, clickRef) => readTouch(dependencies, referenceKey(campaignId, clickRef)),
    async byPlatformClickId(campaignId, platformClickId, notAfter) {
      const { Items } = await callStore(() =>
        client.send(
          new QueryCommand({
            TableName: tableName,
            IndexName: 'byPlatformClickId',
            KeyConditionExpression: 'platformClickId = :id AND clickedAt <= :notAfter',
            ExpressionAttributeValues: { ':id': platformKey(campaignId, platformClickId), ':notAfter': notAfter },
            ScanIndexForward: false,
            Limit: 1,
          }),
        ),
      );
      const touchId = Items?.[0]?.['touchId'] as string | undefined;
      return touchId === undefined ? undefined : readTouch(dependencies, touchId);
    },
  };
}
