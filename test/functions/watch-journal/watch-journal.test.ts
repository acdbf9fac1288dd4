import type { DynamoDBStreamEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { createWatchJournal, type JournalChange } from '../../../functions/watch-journal/watch-journal.ts';
import { createBillingWorld } from '../../support/billing.ts';
import { ADVERTISER_ID, AFFILIATE_ID } from '../../support/builders.ts';
import { OTHER_ADVERTISER_ID } from '../../support/network.ts';
import { streamRecord } from '../../support/stream-records.ts';

const AT = '2025-12-01T00:00:00.000Z';
const keyOf = (party: string, month: string) => ({
  partition: `J#${party}#${month}#3`,
  entryId: 'lead_a#LEAD_CONFIRMED#1',
});

const ownKey = { ...keyOf(AFFILIATE_ID, '2025-12'), entryId: 'cor_a#BONUS#1' };

async function watched(...Records: DynamoDBStreamEvent['Records']) {
  const { runs, marks } = createBillingWorld({ advertiserIds: [] });
  await runs.start('2025-10', AT);
  await runs.start('2025-11', AT);
  await runs.finish('2025-11', AT);
  const changes: JournalChange[] = [];
  await createWatchJournal({ runs, marks, onChanged: (change) => changes.push(change) })({ Records });
  return { changes, marked: await marks.marked(ADVERTISER_ID), others: await marks.marked(OTHER_ADVERTISER_ID) };
}

const inserted = (party: string, month: string) =>
  streamRecord(keyOf(party, month), 1n, { after: keyOf(party, month) });

describe('watching the journal', () => {
  it.each([
    ['closing', '2025-10', [{ month: '2025-10', marks: 1 }]],
    ['closed', '2025-11', [{ month: '2025-11', marks: 1 }]],
    ['open', '2025-12', []],
  ])('an entry of a month that is %s', async (_status, month, marked) => {
    expect(await watched(inserted(ADVERTISER_ID, month))).toEqual({ changes: [], marked, others: [] });
  });

  it('marks the month of an affiliate’s own entry though nobody closes it yet, and lists the affiliate', async () => {
    const { runs, marks } = createBillingWorld({ advertiserIds: [] });
    await createWatchJournal({ runs, marks, onChanged: () => undefined })({
      Records: [streamRecord(ownKey, 1n, { after: ownKey })],
    });
    expect(await marks.marked(AFFILIATE_ID)).toEqual([{ month: '2025-12', marks: 1 }]);
    const affiliateIds: string[] = [];
    for await (const affiliateId of marks.markedAffiliates()) affiliateIds.push(affiliateId);
    expect(affiliateIds).toEqual([AFFILIATE_ID]);
  });

  it('sets one mark for many entries of one month, and one for each advertiser', async () => {
    const { marked, others } = await watched(
      inserted(ADVERTISER_ID, '2025-11'),
      inserted(ADVERTISER_ID, '2025-11'),
      inserted(OTHER_ADVERTISER_ID, '2025-11'),
      inserted(ADVERTISER_ID, '2025-12'),
    );
    expect([marked, others]).toEqual([[{ month: '2025-11', marks: 1 }], [{ month: '2025-11', marks: 1 }]]);
  });

  it.each([
    ['cor_a#BONUS#1', 1],
    ['settle:cmp_a:2025-11#VOLUME_PRICE#2', 1],
    ['INV-2025-000001#TAX#1', 0],
    ['INV-2025-000001#FX#1', 0],
    ['cor_a#WRITE_OFF#1', 0],
    ['pay_a#PAYOUT#1', 0],
  ])('marks a month for %s as often as %d: only for what is on documents', async (entryId, marks) => {
    const key = { ...keyOf(ADVERTISER_ID, '2025-11'), entryId };
    const { marked } = await watched(streamRecord(key, 1n, { after: key }));
    expect(marked).toHaveLength(marks);
  });

  it('tells of entries that were changed or deleted, and marks nothing for them', async () => {
    const key = keyOf(ADVERTISER_ID, '2025-11');
    const { changes, marked } = await watched(
      streamRecord(key, 1n, { before: key, after: key }),
      streamRecord(key, 2n, { before: key }),
    );
    expect(changes).toEqual([
      { eventName: 'MODIFY', ...key },
      { eventName: 'REMOVE', ...key },
    ]);
    expect(marked).toEqual([]);
  });
});
