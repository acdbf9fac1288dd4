import { VersionConflict } from '../../ports/errors.ts';
import type { PayoutProfiles } from '../../ports/payouts.ts';
import { type BillingTableDependencies, createBillingTable } from './billing-table.ts';
import { profileItem, recordItem } from './payout-items.ts';

const VERSION_DIGITS = 6;
const PROFILES = 'PROFILES';
const recordsPk = (affiliateId: string, currency: string): string => `RECORDS#${affiliateId}#${currency}`;

/** The condition of a write: that the item has the version before, or, at 0, that it is new. */
export const ifVersion = (before: number) =>
  before === 0
    ? { ConditionExpression: 'attribute_not_exists(pk)' }
    : {
        ConditionExpression: '#version = :before',
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: { ':before': before },
      };

/** Where a profile is: all are in one partition, as runs go through them. */
export const profileKey = (affiliateId: string, currency: string) => ({
  pk: PROFILES,
  sk: `${affiliateId}#${currency}`,
});

/** Payout profiles in the payouts table: the one that holds, and a record of each version that is only ever added. */
export function createPayoutProfiles(dependencies: BillingTableDependencies): PayoutProfiles {
  const table = createBillingTable(dependencies);
  const TableName = table.tableName;
  return {
    async get(affiliateId, currency) {
      const { pk, sk } = profileKey(affiliateId, currency);
      const item = await table.get(pk, sk);
      return item && profileItem.parse(item);
    },
    async of(affiliateId) {
      const profiles = [];
      for await (const item of table.query(PROFILES, `${affiliateId}#`)) profiles.push(profileItem.parse(item));
      return profiles;
    },
    async *all() {
      for await (const item of table.query(PROFILES)) yield profileItem.parse(item);
    },
    async change({ profile, record }) {
      const { affiliateId, currency, version } = profile;
      const sk = version.toString().padStart(VERSION_DIGITS, '0');
      const refused = await table.transact([
        { Put: { TableName, Item: { ...profileKey(affiliateId, currency), ...profile }, ...ifVersion(version - 1) } },
        { Put: { TableName, Item: { pk: recordsPk(affiliateId, currency), sk, ...record } } },
      ]);
      if (refused !== undefined)
        throw new VersionConflict(`the payout method of ${affiliateId} in ${currency} was changed meanwhile`);
    },
    async history(affiliateId, currency, limit) {
      const { items } = await table.queryPage({
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': recordsPk(affiliateId, currency) },
        ScanIndexForward: false,
        Limit: limit,
      });
      return items.map((item) => recordItem.parse(item));
    },
  };
}
