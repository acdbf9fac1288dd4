import type { TableSchema } from './engine/schema.ts';

const table = (name: string, partition: string, rest: Partial<TableSchema> = {}): TableSchema => ({
  name,
  partition,
  sort: undefined,
  indexes: [],
  stream: undefined,
  timeToLive: undefined,
  ...rest,
});

/** The tables of the template that is deployed, written down so that a run needs no synthesis; a test compares the two. */
export const TABLES = [
  table('Catalog', 'pk', {
    sort: 'sk',
    indexes: [{ name: 'byList', partition: 'listKey', sort: 'listId', attributes: undefined }],
  }),
  table('Touches', 'touchId', {
    indexes: [
      {
        name: 'byPlatformClickId',
        partition: 'platformClickId',
        sort: 'clickedAt',
        attributes: ['touchId', 'platformClickId', 'clickedAt'],
      },
    ],
    stream: 'NEW_IMAGE',
    timeToLive: 'expiresAt',
  }),
  table('Leads', 'leadId', {
    indexes: [
      {
        name: 'byAdvertiser',
        partition: 'advertiserMonth',
        sort: 'occurredAt',
        attributes: ['leadId', 'advertiserMonth', 'occurredAt', 'status', 'campaignId', 'affiliateId'],
      },
      {
        name: 'byAffiliate',
        partition: 'affiliateMonth',
        sort: 'occurredAt',
        attributes: ['leadId', 'affiliateMonth', 'occurredAt', 'status', 'campaignId', 'advertiserId'],
      },
      {
        name: 'byDueHold',
        partition: 'holdShard',
        sort: 'holdUntil',
        attributes: ['leadId', 'holdShard', 'holdUntil'],
      },
    ],
    stream: 'NEW_AND_OLD_IMAGES',
  }),
  table('Contacts', 'leadId'),
  table('Journal', 'partition', { sort: 'entryId', stream: 'NEW_AND_OLD_IMAGES' }),
  table('Receipts', 'receiptId', { timeToLive: 'expiresAt' }),
  table('Rollups', 'pk', { sort: 'sk' }),
  table('Billing', 'pk', { sort: 'sk' }),
  table('Imports', 'pk', { sort: 'sk' }),
] as const satisfies readonly TableSchema[];

export type TableName =
  | 'Catalog'
  | 'Touches'
  | 'Leads'
  | 'Contacts'
  | 'Journal'
  | 'Receipts'
  | 'Rollups'
  | 'Billing'
  | 'Imports';
