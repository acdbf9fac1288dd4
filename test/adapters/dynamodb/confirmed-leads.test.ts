import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { createConfirmedLeads } from '../../../shared/adapters/dynamodb/confirmed-leads.ts';
import { leadToItem } from '../../../shared/adapters/dynamodb/lead-item.ts';
import type { LeadStatus } from '../../../shared/domain/leads/lead.ts';
import { figures } from '../../../shared/domain/rollups/figures.ts';
import type { RollupReader } from '../../../shared/ports/rollups.ts';
import { ADVERTISER_ID, CAMPAIGN_ID, later, lead, NOW, OTHER_CAMPAIGN_ID } from '../../support/builders.ts';
import { useEngines } from '../../support/engines.ts';
import { interceptedClient } from '../../support/store-faults.ts';

const engines = await useEngines();
const leadsTableName = engines.env.LEADS_TABLE_NAME;

const statuses: readonly LeadStatus[] = ['confirmed', 'confirmed', 'reversed', 'pending', 'rejected'];
for (const [index, status] of statuses.entries()) {
  for (const [campaignId, occurredAt] of [
    [CAMPAIGN_ID, NOW],
    [OTHER_CAMPAIGN_ID, NOW],
    [CAMPAIGN_ID, later(NOW, 30 * 86_400_000)],
  ] as const) {
    const leadId = `lead_${campaignId.at(-1)}${occurredAt.slice(5, 7)}${index}`;
    const Item = leadToItem(lead({ leadId, campaignId, occurredAt, status }), 'UTC');
    await engines.documents.send(new PutCommand({ TableName: leadsTableName, Item }));
  }
}

/** Counts over these rollups; `reads` tells how often the rollups and the index were asked. */
function counting(confirmed: bigint, reversed: bigint, freshMs = 0) {
  const reads = { rollups: 0, index: 0, now: NOW };
  const rollups: RollupReader = {
    async *read({ scope, ownerId, month }, from, to) {
      reads.rollups += 1;
      expect([scope, ownerId, month, from, to]).toEqual(['adv', ADVERTISER_ID, '2025-11', '2025-11-01', '2025-11-31']);
      const item = (campaignId: string, counts: object) => ({
        key: { scope, ownerId, day: '2025-11-20', campaignId },
        currency: 'EUR',
        figures: figures(counts),
      });
      yield [item(CAMPAIGN_ID, { confirmed, pending: 50n }), item(OTHER_CAMPAIGN_ID, { confirmed: 90n })];
      yield [item(CAMPAIGN_ID, { reversed })];
    },
  };
  const client = interceptedClient(engines.documents, (_call, proceed) => {
    reads.index += 1;
    return proceed();
  });
  const leads = createConfirmedLeads({ client, leadsTableName, rollups, clock: () => reads.now, freshMs });
  const of = { advertiserId: ADVERTISER_ID, campaignId: CAMPAIGN_ID, month: '2025-11' };
  return { reads, count: (needed: bigint) => leads.count(of, needed) };
}

describe('the leads of a campaign’s month that were ever confirmed', () => {
  it('are told by the rollups, where these know enough', async () => {
    const { count, reads } = counting(4n, 3n);
    expect([await count(7n), reads]).toMatchObject([7n, { rollups: 1, index: 0 }]);
    // What was counted once is there for ever.
    expect([await count(5n), reads]).toMatchObject([7n, { rollups: 1, index: 0 }]);
  });

  it('are told by the index, where the rollups are behind', async () => {
    const { count, reads } = counting(1n, 0n);
    expect([await count(3n), reads]).toMatchObject([3n, { rollups: 1, index: 1 }]);
    expect(await count(4n)).toBe(3n);
  });

  it('are told by the rollups, where the index is behind', async () => {
    expect(await counting(4n, 3n).count(8n)).toBe(7n);
  });

  it('are not counted again for a while, where they were too few', async () => {
    const { count, reads } = counting(1n, 0n, 5000);
    await count(10n);
    reads.now = later(NOW, 4999);
    expect([await count(10n), reads.rollups]).toEqual([3n, 1]);
    reads.now = later(NOW, 5000);
    expect([await count(10n), reads.rollups]).toEqual([3n, 2]);
  });
});
