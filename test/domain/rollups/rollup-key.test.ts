import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  itemText,
  partitionOf,
  partitionText,
  type RollupKey,
  readRollupKey,
} from '../../../shared/domain/rollups/rollup-key.ts';
import { ADVERTISER_ID, AFFILIATE_ID, CAMPAIGN_ID } from '../../support/builders.ts';

const value = fc.option(fc.oneof(fc.string(), fc.constantFrom('-', '#', '%', '%2D', '%23', '-#-', '')), {
  nil: undefined,
});

const anyKey: fc.Arbitrary<RollupKey> = fc
  .record({
    day: fc.constantFrom('2025-11-30', '2025-12-01'),
    campaignId: fc.constant(CAMPAIGN_ID),
    affiliateId: fc.constantFrom(undefined, AFFILIATE_ID),
    source: value,
    sub1: value,
    scope: fc.constantFrom('adv', 'aff', 'advsub', 'affsub'),
  })
  .map(({ scope, day, campaignId, affiliateId, source, sub1 }) => {
    const ofAdvertiser = scope === 'adv' || scope === 'advsub';
    return {
      scope,
      ownerId: ofAdvertiser ? ADVERTISER_ID : AFFILIATE_ID,
      day,
      campaignId,
      ...(ofAdvertiser && { affiliateId }),
      ...((scope === 'advsub' || scope === 'affsub') && { source, sub1 }),
    };
  });

const textsOf = (key: RollupKey) => [partitionText(partitionOf(key)), itemText(key)] as const;

describe('rollup keys', () => {
  it('have the layout of the design', () => {
    expect(
      textsOf({
        scope: 'advsub',
        ownerId: ADVERTISER_ID,
        day: '2025-11-30',
        campaignId: CAMPAIGN_ID,
        source: 'a#b',
        sub1: '-',
      }),
    ).toEqual([`R#advsub#${ADVERTISER_ID}#2025-11`, `2025-11-30#${CAMPAIGN_ID}#-#a%23b#%2D`]);
  });

  it('are read back as they were, whatever the values hold', () => {
    fc.assert(
      fc.property(anyKey, (key) => {
        expect(readRollupKey(...textsOf(key))).toEqual(key);
      }),
    );
  });

  it('of different values never meet', () => {
    fc.assert(
      fc.property(anyKey, anyKey, (left, right) => {
        const same = JSON.stringify(textsOf(left)) === JSON.stringify(textsOf(right));
        expect(same).toBe(
          JSON.stringify(readRollupKey(...textsOf(left))) === JSON.stringify(readRollupKey(...textsOf(right))),
        );
      }),
    );
  });

  it('of other items of the table are not read', () => {
    expect(readRollupKey(`R#slots#${AFFILIATE_ID}#2025-11`, '2025-11-30#sources')).toBeUndefined();
  });
});
