import { describe, expect, it } from 'vitest';
import type { Lead } from '../../../shared/domain/leads/lead.ts';
import { reverseLead } from '../../../shared/domain/leads/transitions/reverse-lead.ts';
import { entriesOf } from '../../../shared/domain/ledger/entry.ts';
import { createVolumeFold } from '../../../shared/domain/prices/lead-volumes.ts';
import { AFFILIATE_ID, CAMPAIGN_ID, decision, lead } from '../../support/builders.ts';

const FIRST = '2025-01-01T00:00:00.000Z';

const reversed = (before: Lead, chargeMinor?: bigint): Lead => {
  const result = reverseLead(before, decision(), chargeMinor === undefined ? undefined : { chargeMinor });
  if (!result.ok) throw new Error(result.fault);
  return result.lead;
};
const volumesOf = (...leads: readonly Lead[]) => {
  const fold = createVolumeFold();
  for (const entry of leads.flatMap((one) => entriesOf(one, 'UTC'))) fold.add(entry);
  return fold.volumes();
};
const one = lead({ leadId: 'one', price: {} });
const two = lead({ leadId: 'two', price: { chargeMicros: 25_001_234n } });
const OF_BOTH = { campaignId: CAMPAIGN_ID, affiliateId: AFFILIATE_ID, event: 'lead', termsFrom: FIRST };

describe('what the leads of a month come to', () => {
  it('is their number and what they were priced at, in all decimals', () => {
    expect(volumesOf(one, two)).toEqual([
      { ...OF_BOTH, leads: 2n, chargeMicros: 50_001_234n, commissionMicros: 36_000_000n, earnedMicros: 36_000_000n },
    ]);
  });

  it('leaves out what was taken back whole, and what parts took back was priced all the same', () => {
    expect(volumesOf(reversed(one), reversed(two, 1000n))).toEqual([
      { ...OF_BOTH, leads: 1n, chargeMicros: 25_001_234n, commissionMicros: 18_000_000n, earnedMicros: 10_800_000n },
    ]);
    expect(volumesOf(reversed(reversed(two, 1000n)), one)).toEqual(volumesOf(one));
  });

  it('is what they earned in all decimals too, and nothing once all is taken back', () => {
    const fine = lead({ leadId: 'fine', price: { commissionMicros: 4000n }, commissionMinor: 0n });
    expect(volumesOf(fine).map(({ earnedMicros }) => earnedMicros)).toEqual([4000n]);
    expect(volumesOf(reversed(fine, 1000n)).map(({ earnedMicros }) => earnedMicros)).toEqual([4000n]);
    expect(volumesOf(reversed(reversed(fine, 1000n))).map(({ earnedMicros }) => earnedMicros)).toEqual([0n]);
  });

  it('tells campaigns, affiliates, events and versions apart', () => {
    const others = [
      lead({ leadId: 'a', price: {}, campaignId: 'another' }),
      lead({ leadId: 'b', price: {}, affiliateId: undefined, commissionMinor: 0n }),
      lead({ leadId: 'c', price: {}, event: 'sale' }),
      lead({ leadId: 'd', price: {}, termsFrom: '2025-06-01T00:00:00.000Z' }),
      lead({ leadId: 'e' }),
    ];
    expect(volumesOf(one, ...others).map(({ leads }) => leads)).toEqual([1n, 1n, 1n, 1n, 1n, 1n]);
  });
});
