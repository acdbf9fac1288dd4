import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { RollupFacts } from '../../ports/rollups.ts';
import { isKeyHolder, leadFromItem } from './lead-item.ts';
import { scanTable } from './scan.ts';
import { countedTouchFromItem } from './touches.ts';

/** Reads the tables whole that rollups are made from. */
export function createRollupFacts({
  client,
  leadsTableName,
  touchesTableName,
}: {
  readonly client: DynamoDBDocumentClient;
  readonly leadsTableName: string;
  readonly touchesTableName: string;
}): RollupFacts {
  return {
    async *leads() {
      for await (const items of scanTable({ client, tableName: leadsTableName })) {
        yield items.filter((item) => !isKeyHolder(item)).map(leadFromItem);
      }
    },
    async *touches() {
      for await (const items of scanTable({ client, tableName: touchesTableName }))
        yield items.map(countedTouchFromItem);
    },
  };
}
