import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { PartyReader } from '../../ports/parties.ts';
import { profileKey } from './catalog-items.ts';
import { getItem } from './catalog-reader.ts';
import { advertiserOnFile, affiliateOnFile, defaultEntityKey, legalEntityFromItem } from './party-items.ts';

/** Reads who documents are made between, past every cache: a document prints what is on file as it is issued. */
export function createPartyReader(table: {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
}): PartyReader {
  const reads = { ...table, consistent: true };
  return {
    async advertiser(advertiserId) {
      const item = await getItem(reads, profileKey('ADV', advertiserId));
      return item === undefined ? undefined : { partyId: advertiserId, ...advertiserOnFile(item) };
    },
    async affiliate(affiliateId) {
      const item = await getItem(reads, profileKey('AFF', affiliateId));
      return item === undefined ? undefined : { partyId: affiliateId, ...affiliateOnFile(item) };
    },
    async legalEntity(legalEntityId) {
      const id = legalEntityId ?? (await getItem(reads, defaultEntityKey))?.['holder'];
      const item = typeof id === 'string' ? await getItem(reads, profileKey('ENT', id)) : undefined;
      return item === undefined ? undefined : legalEntityFromItem(item);
    },
  };
}
