import { describe, expect, it } from 'vitest';
import { createTallyStore } from '../../../shared/adapters/dynamodb/tallies.ts';
import { NO_COUNTS, type TallyKey } from '../../../shared/domain/conservation/tally.ts';
import type { KeptTally } from '../../../shared/ports/conservation.ts';
import { ADVERTISER_ID, AFFILIATE_ID, CAMPAIGN_ID, NOW, OTHER_AFFILIATE_ID } from '../../support/builders.ts';
import { useEngines } from '../../support/engines.ts';

const { documents: client, env } = await useEngines();
const store = createTallyStore({ client, tableName: env.TALLIES_TABLE_NAME });

const tally = (key: TallyKey, changes: Partial<KeptTally> = {}): KeptTally => ({
  key,
  counts: { ...NO_COUNTS, confirmed: 1, rejected: new Map([['constructor', 2]]) },
  seen: 3,
  differences: [{ against: 'journal', figure: 'chargeMinor', counted: 2n ** 60n, found: 0n }],
  ...changes,
});

const known = { advertiserId: ADVERTISER_ID, campaignId: CAMPAIGN_ID };
const kept = [
  tally({ day: '2025-11-09', ...known, affiliateId: AFFILIATE_ID }),
  tally({ day: '2025-11-10', ...known, affiliateId: AFFILIATE_ID }),
  tally({ day: '2025-11-11', ...known, affiliateId: undefined }),
  tally({ day: '2025-11-11', ...known, affiliateId: OTHER_AFFILIATE_ID }),
  tally({ day: '2025-11-12', ...known, affiliateId: AFFILIATE_ID }),
];
const unknown = tally({ day: '2025-11-11', advertiserId: undefined, campaignId: undefined, affiliateId: AFFILIATE_ID });
for (const each of [...kept, unknown]) await store.put(each);

async function all(pages: AsyncIterable<readonly KeptTally[]>): Promise<KeptTally[]> {
  const found: KeptTally[] = [];
  for await (const page of pages) found.push(...page);
  return found;
}

describe('tallies', () => {
  const days = { month: '2025-11', from: '2025-11-10', to: '2025-11-11' };

  it('are read by advertiser or by whom nobody knows, both ends of the range included', async () => {
    expect(await all(store.read(ADVERTISER_ID, days))).toEqual(kept.slice(1, 4));
    expect(await all(store.read(undefined, days))).toEqual([unknown]);
    expect(await all(store.read(ADVERTISER_ID, { ...days, month: '2025-10' }))).toEqual([]);
  });

  it('are read by affiliate, of all advertisers', async () => {
    expect(await all(store.readOfAffiliate(AFFILIATE_ID, days))).toEqual([kept[1], unknown]);
  });

  it('take the place of the ones before', async () => {
    const key = { day: '2025-12-01', ...known, affiliateId: undefined };
    await store.put(tally(key));
    const next = tally(key, { seen: 4, differences: [] });
    await store.put(next);
    const december = { month: '2025-12', from: '2025-12-01', to: '2025-12-31' };
    expect(await all(store.read(ADVERTISER_ID, december))).toEqual([next]);
  });

  it('remember which days and months were counted', async () => {
    const day = { day: '2025-11-10', talliedAt: NOW, queued: 1, deadLettered: 2 };
    await store.putDay(day);
    await store.putDay({ ...day, day: '2025-11-12' });
    expect(await store.talliedDays('2025-11-10', '2025-11-11')).toEqual([day]);
    await store.putCheckedMonth('2025-11', NOW);
    expect([...(await store.checkedMonths())]).toEqual([['2025-11', NOW]]);
  });
});
