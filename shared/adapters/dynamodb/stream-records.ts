import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { AttributeValue, DynamoDBRecord } from 'aws-lambda';
import type { Lead } from '../../domain/leads/lead.ts';
import { isKeyHolder, leadFromItem } from './lead-item.ts';

type Image = Record<string, AttributeValue> | undefined;

/** A stream image as plain values; numbers beyond 2^53 as bigint. */
export const imageToItem = (image: NonNullable<Image>): Record<string, unknown> =>
  unmarshall(image as Parameters<typeof unmarshall>[0]);

/** The lead in an image of the leads table; undefined where there is no image, or it is not a lead's. */
function leadFromImage(image: Image): Lead | undefined {
  if (image === undefined) return undefined;
  const item = imageToItem(image);
  return isKeyHolder(item) ? undefined : leadFromItem(item);
}

/** A lead before and after a change, as the stream tells it. */
export interface LeadChange {
  readonly before: Lead | undefined;
  readonly after: Lead | undefined;
}

export const leadChangeOf = (record: DynamoDBRecord): LeadChange => ({
  before: leadFromImage(record.dynamodb?.OldImage),
  after: leadFromImage(record.dynamodb?.NewImage),
});
