import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { documentItem, PARTY_DOCUMENTS } from '../../shared/adapters/dynamodb/billing-documents.ts';
import { payoutItem } from '../../shared/adapters/dynamodb/payout-items.ts';
import { PAYOUTS } from '../../shared/adapters/dynamodb/payouts.ts';
import { imageToItem } from '../../shared/adapters/dynamodb/stream-records.ts';
import { documentEvent } from '../../shared/domain/deliveries/document-events.ts';
import type { OutgoingEvent } from '../../shared/domain/deliveries/event.ts';
import { payoutEvent } from '../../shared/domain/deliveries/payout-events.ts';
import type { Digest } from '../../shared/ports/crypto.ts';
import type { Announce } from '../../shared/use-cases/announce.ts';

export interface AnnounceEventsDependencies {
  readonly announce: Announce;
  readonly digest: Digest;
}

/**
 * Announces documents that were issued and payouts that were sent, paid or failed. A batch that comes again, whole or cut, announces
 * nothing twice.
 */
export function createAnnounceEvents({
  announce,
  digest,
}: AnnounceEventsDependencies): (event: DynamoDBStreamEvent) => Promise<void> {
  return ({ Records }) => announce(Records.flatMap((record) => eventOf(record, digest) ?? []));
}

/** The event that a change makes; other things are kept in the same tables. */
function eventOf({ dynamodb }: DynamoDBRecord, digest: Digest): OutgoingEvent | undefined {
  if (dynamodb?.NewImage === undefined) return undefined;
  const item = imageToItem(dynamodb.NewImage);
  if (String(item['pk']).startsWith(PARTY_DOCUMENTS)) return documentEvent(documentItem.parse(item), digest);
  if (String(item['sk']).startsWith(PAYOUTS)) return payoutEvent(payoutItem.parse(item), digest);
  return undefined;
}
