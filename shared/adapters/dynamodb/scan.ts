import { type DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { callStore } from './client.ts';

const SEGMENTS = 8;

/** All items of a table, strongly consistent, a page of every segment at a time. For tools: no request path scans. */
export async function* scanTable({
  client,
  tableName,
}: {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
}): AsyncIterable<Record<string, unknown>[]> {
  let segments: { readonly number: number; readonly start?: Record<string, unknown> | undefined }[] = Array.from(
    { length: SEGMENTS },
    (_, number) => ({ number }),
  );
  while (segments.length > 0) {
    const pages = await Promise.all(
      segments.map(async ({ number, start }) => {
        const page = await callStore(() =>
          client.send(
            new ScanCommand({
              TableName: tableName,
              ConsistentRead: true,
              Segment: number,
              TotalSegments: SEGMENTS,
              ExclusiveStartKey: start,
            }),
          ),
        );
        return { number, items: page.Items ?? [], start: page.LastEvaluatedKey };
      }),
    );
    for (const { items } of pages) yield items;
    segments = pages.filter(({ start }) => start !== undefined);
  }
}
