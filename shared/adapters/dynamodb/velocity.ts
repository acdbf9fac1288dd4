import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { MAX_REPEATS } from '../../domain/qualification/limits.ts';
import { millisecondsOf } from '../../domain/time/calendar.ts';
import type { VelocityStore } from '../../ports/velocity.ts';
import { callStore } from './client.ts';

const LEAD_PREFIX = 'lead_';
/** When a group has more leads than this, the older half of them is forgotten. */
const MAX_REMEMBERED = 2 * MAX_REPEATS;
const MINUTE_MS = 60_000;
const SECONDS_PER_HOUR = 3600;
/** Items are kept this much longer than they are needed: messages that wait in a queue come late. */
const SLACK_SECONDS = 24 * SECONDS_PER_HOUR;

/**
 * Counts in items that expire. The leads of a group are attributes of one item, named by the lead and holding its first time: a message
 * that comes again changes nothing, so no retry counts twice. Requests are a plain number: a retry may count one too many.
 */
export function createVelocityStore({
  client,
  tableName,
}: {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
}): VelocityStore {
  async function forget(counterId: string, names: readonly string[]): Promise<void> {
    await callStore(() =>
      client.send(
        new UpdateCommand({
          TableName: tableName,
          Key: { counterId },
          UpdateExpression: `REMOVE ${names.map((_, index) => `#n${index}`).join(', ')}`,
          ExpressionAttributeNames: Object.fromEntries(names.map((name, index) => [`#n${index}`, name])),
        }),
      ),
    );
  }

  return {
    async remember(group, { leadKey, at, keptMs }) {
      const counterId = `seen#${group}`;
      const own = LEAD_PREFIX + leadKey;
      const atMs = millisecondsOf(at);
      const { Attributes = {} } = await callStore(() =>
        client.send(
          new UpdateCommand({
            TableName: tableName,
            Key: { counterId },
            UpdateExpression: 'SET #lead = if_not_exists(#lead, :at), #expiresAt = :expiresAt',
            ExpressionAttributeNames: { '#lead': own, '#expiresAt': 'expiresAt' },
            ExpressionAttributeValues: {
              ':at': atMs,
              ':expiresAt': Math.floor((atMs + keptMs) / 1000) + SLACK_SECONDS,
            },
            ReturnValues: 'ALL_NEW',
          }),
        ),
      );
      const stored = Attributes as Record<string, number>;
      const leads = Object.entries(stored)
        .filter(([name]) => name.startsWith(LEAD_PREFIX))
        .sort(([, left], [, right]) => left - right);
      if (leads.length > MAX_REMEMBERED) {
        await forget(
          counterId,
          leads.slice(0, MAX_REMEMBERED / 2).map(([name]) => name),
        );
      }
      return { ownAt: stored[own] ?? atMs, times: leads.map(([, time]) => time) };
    },
    async countRequest(group, at) {
      const atMs = millisecondsOf(at);
      const minute = Math.floor(atMs / MINUTE_MS);
      const { Attributes } = await callStore(() =>
        client.send(
          new UpdateCommand({
            TableName: tableName,
            Key: { counterId: `rate#${group}#${minute}` },
            UpdateExpression: 'ADD #requests :one SET #expiresAt = :expiresAt',
            ExpressionAttributeNames: { '#requests': 'requests', '#expiresAt': 'expiresAt' },
            ExpressionAttributeValues: { ':one': 1, ':expiresAt': Math.floor(atMs / 1000) + SECONDS_PER_HOUR },
            ReturnValues: 'UPDATED_NEW',
          }),
        ),
      );
      return (Attributes as { requests: number }).requests;
    },
  };
}
