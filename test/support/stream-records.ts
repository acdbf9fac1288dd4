import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { leadToItem } from '../../shared/adapters/dynamodb/lead-item.ts';
import type { Touch } from '../../shared/domain/attribution/attribute.ts';
import type { Lead } from '../../shared/domain/leads/lead.ts';

const imageOf = (item: Record<string, unknown>) =>
  marshall(item, { removeUndefinedValues: true }) as NonNullable<DynamoDBRecord['dynamodb']>['NewImage'];

type Images = { readonly before?: Record<string, unknown>; readonly after?: Record<string, unknown> };

/** A record of a table's stream, with the images that there are. */
export function streamRecord(
  keys: Record<string, string>,
  sequence: bigint,
  { before, after }: Images,
): DynamoDBRecord {
  return {
    eventName: before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY',
    dynamodb: {
      Keys: imageOf(keys),
      SequenceNumber: sequence.toString().padStart(21, '0'),
      ...(before !== undefined && { OldImage: imageOf(before) }),
      ...(after !== undefined && { NewImage: imageOf(after) }),
    },
  };
}

/** A change of a lead as the stream of the leads table tells it. */
export function leadRecord(sequence: bigint, before: Lead | undefined, after: Lead | undefined): DynamoDBRecord {
  return streamRecord({ leadId: (after ?? before)?.leadId ?? '' }, sequence, {
    ...(before !== undefined && { before: leadToItem(before, 'UTC') }),
    ...(after !== undefined && { after: leadToItem(after, 'UTC') }),
  });
}

/** A new touch as the stream of the touches table tells it. */
export function touchRecord(sequence: bigint, { clickId, ...touch }: Touch): DynamoDBRecord {
  return streamRecord({ touchId: clickId }, sequence, { after: { touchId: clickId, ...touch } });
}
