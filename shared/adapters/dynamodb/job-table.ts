import { type DynamoDBDocumentClient, GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Sendings } from '../../domain/jobs/job.ts';
import type { Instant } from '../../domain/time/calendar.ts';
import type { Pace } from '../../runtime/pace.ts';
import { callStore, unlessRefused } from './client.ts';
import { transact } from './transactions.ts';

/** In a job's own partition: what it is. */
export const META = 'META';
/** The partition of the jobs that are not done, by id, which is their order of acceptance. */
export const OPEN = 'OPEN';
/** In a job's own partition: one item for each finished chunk. */
export const DONE = 'DONE#';
const DIGITS = 6;

export const padded = (number: number): string => number.toString().padStart(DIGITS, '0');
export const doneKey = (chunk: number): string => DONE + padded(chunk);

/** Jobs that are looked at, oldest first: far more than are sent in the day that one may be open. */
export const MAX_OPEN_JOBS = 2000;

/** What jobs that are worked off in chunks have in common, in one table. */
export interface JobTable {
  read(pk: string, sk: string): Promise<Record<string, unknown> | undefined>;
  /** The items whose sort key begins with `prefix`, in order; those after `after`, where it is given. */
  readAll(pk: string, prefix: string, after?: string): AsyncIterable<Record<string, unknown>>;
  /** Notes that messages are about to be sent again; false where somebody else has just done so. */
  claimResend(jobId: string, last: Sendings, sentAt: Instant): Promise<boolean>;
  /** Closes a job; a second time does nothing. */
  finish(jobId: string, doneAt: Instant): Promise<void>;
}

export function createJobTable({
  client,
  tableName,
  pace,
}: {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly pace: Pace;
}): JobTable {
  const TableName = tableName;
  return {
    async read(pk, sk) {
      const { Item } = await callStore(() =>
        client.send(new GetCommand({ TableName, Key: { pk, sk }, ConsistentRead: true })),
      );
      return Item;
    },

    async *readAll(pk, prefix, after) {
      let position: Record<string, unknown> | undefined = after === undefined ? undefined : { pk, sk: after };
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
    },

    claimResend: (jobId, last, sentAt) =>
      unlessRefused(() =>
        client.send(
          new UpdateCommand({
            TableName,
            Key: { pk: OPEN, sk: jobId },
            UpdateExpression: 'SET sentAt = :sentAt, sends = :sends',
            ConditionExpression: 'sentAt = :before',
            ExpressionAttributeValues: { ':sentAt': sentAt, ':sends': last.sends + 1, ':before': last.sentAt },
          }),
        ),
      ),

    async finish(jobId, doneAt) {
      await transact({ client, ...pace }, [
        {
          Update: {
            TableName,
            Key: { pk: jobId, sk: META },
            UpdateExpression: 'SET doneAt = :doneAt',
            ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(doneAt)',
            ExpressionAttributeValues: { ':doneAt': doneAt },
          },
        },
        { Delete: { TableName, Key: { pk: OPEN, sk: jobId } } },
      ]);
    },
  };
}
