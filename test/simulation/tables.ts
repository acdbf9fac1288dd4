import type { IndexSchema, StreamView, TableSchema } from './engine/schema.ts';

const index = (name: string, partition: string, sort: string, attributes: readonly string[]): IndexSchema => ({
  name,
  partition,
  sort,
  attributes,
});

interface Rest {
  readonly sort?: string;
  readonly indexes?: readonly IndexSchema[];
  readonly stream?: StreamView;
  readonly timeToLive?: string;
}

const table = <Name extends string>(name: Name, partition: string, rest: Rest = {}): TableSchema & { name: Name } => ({
  name,
  partition,
  sort: rest.sort,
  indexes: rest.indexes ?? [],
  stream: rest.stream,
  timeToLive: rest.timeToLive,
});

/** The tables of the template that is deployed, written down so that a run needs no synthesis; a test compares the two. */
export const TABLES = [
  table('Catalog', 'pk', {
    sort: 'sk',
    indexes: [{ name: 'byList', partition: 'listKey', sort: 'listId', attributes: undefined }],
  }),
  table('Touches', 'touchId', {
    indexes: [index('byPlatformClickId', 'platformClickId', 'clickedAt', ['touchId', 'platformClickId', 'clickedAt'])],
    stream: 'NEW_IMAGE',
    timeToLive: 'expiresAt',
  }),
  table('Leads', 'leadId', {
    indexes: [
      index('byAdvertiser', 'advertiserMonth', 'occurredAt', [
        'leadId',
        'advertiserMonth',
        'occurredAt',
        'status',
        'campaignId',
        'affiliateId',
        'reason',
        'receiptId',
        'chargeMinor',
        'commissionMinor',
      ]),
      index('byAffiliate', 'affiliateMonth', 'occurredAt', [
        'leadId',
        'affiliateMonth',
        'occurredAt',
        'status',
        'campaignId',
        'advertiserId',
      ]),
      index('byDueHold', 'holdShard', 'holdUntil', ['leadId', 'holdShard', 'holdUntil']),
    ],
    stream: 'NEW_AND_OLD_IMAGES',
  }),
  table('Contacts', 'leadId'),
  table('Journal', 'partition', {
    sort: 'entryId',
    indexes: [{ name: 'byList', partition: 'listKey', sort: 'entryId', attributes: undefined }],
    stream: 'NEW_AND_OLD_IMAGES',
  }),
  table('Receipts', 'receiptId', {
    indexes: [
      index('byOwner', 'owner', 'occurredAt', [
        'receiptId',
        'owner',
        'occurredAt',
        'outcome',
        'campaignId',
        'affiliateId',
      ]),
    ],
    timeToLive: 'expiresAt',
  }),
  table('Counters', 'counterId', { timeToLive: 'expiresAt' }),
  table('Rollups', 'pk', { sort: 'sk' }),
  table('Tallies', 'pk', {
    sort: 'sk',
    indexes: [{ name: 'byAffiliate', partition: 'affiliateMonth', sort: 'sk', attributes: undefined }],
  }),
  table('Billing', 'pk', { sort: 'sk', stream: 'NEW_IMAGE' }),
  table('Bookings', 'pk', { sort: 'sk' }),
  table('Payouts', 'pk', { sort: 'sk', stream: 'NEW_IMAGE' }),
  table('Imports', 'pk', { sort: 'sk', timeToLive: 'expiresAt' }),
  table('Connections', 'pk', {
    sort: 'sk',
    indexes: [
      { name: 'byList', partition: 'listKey', sort: 'listId', attributes: undefined },
      { name: 'byOwner', partition: 'owner', sort: 'listId', attributes: undefined },
    ],
  }),
  table('Messages', 'pk', { sort: 'sk', timeToLive: 'expiresAt' }),
  table('Deliveries', 'stream', {
    sort: 'position',
    indexes: [
      index('byDue', 'dueShard', 'dueAt', ['stream', 'position', 'dueShard', 'dueAt']),
      index('byDestination', 'destinationId', 'addedAt', [
        'stream',
        'position',
        'destinationId',
        'addedAt',
        'status',
        'attemptCount',
        'nextAttemptAt',
        'endedAt',
      ]),
      index('byId', 'deliveryId', 'stream', ['stream', 'position', 'deliveryId']),
    ],
    timeToLive: 'expiresAt',
  }),
] as const;

export type TableName = (typeof TABLES)[number]['name'];
