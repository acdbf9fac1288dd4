import type { Correction, PartyAccount } from '../../shared/domain/corrections/correction.ts';
import { ADVERTISER_ID, AFFILIATE_ID, NOW } from './builders.ts';

export const ON_ADVERTISER: PartyAccount = { kind: 'receivable', advertiserId: ADVERTISER_ID };
export const ON_AFFILIATE: PartyAccount = { kind: 'payable', affiliateId: AFFILIATE_ID };

/** A bonus that `kid-1` proposed. */
export const correction = (changes: Partial<Correction> = {}): Correction => ({
  correctionId: 'cor_01JD3Y8Q5T9Z6V2K4M7N1P0R8S',
  kind: 'bonus',
  account: ON_AFFILIATE,
  amountMinor: 25_000n,
  currency: 'EUR',
  reason: 'Launch campaign',
  occurredAt: NOW,
  status: 'proposed',
  proposedBy: 'kid-1',
  proposedAt: NOW,
  ...changes,
});
