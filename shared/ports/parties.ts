import type { BilledParty, LegalEntity } from '../domain/tax/parties.ts';

/** Who documents are made between, as it stands now. Every call throws StoreUnavailable where the store does not answer. */
export interface PartyReader {
  advertiser(advertiserId: string): Promise<BilledParty | undefined>;
  affiliate(affiliateId: string): Promise<BilledParty | undefined>;
  /** The legal entity of an id, or the default one; undefined while the network has none. */
  legalEntity(legalEntityId: string | undefined): Promise<LegalEntity | undefined>;
}
