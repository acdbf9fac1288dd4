import { describe, expect, it } from 'vitest';
import { createJournalReader, createJournalWriter } from '../../../shared/adapters/dynamodb/journal.ts';
import { createTouchReader, createTouchWriter } from '../../../shared/adapters/dynamodb/touches.ts';
import {
  type BookEntry,
  entriesOf,
  FX,
  JOURNAL_SHARDS,
  journalShard,
  payable,
  REVENUE,
} from '../../../shared/domain/ledger/entry.ts';
import { JournalConflict, StoreUnavailable } from '../../../shared/ports/errors.ts';
import { digest128 } from '../../../shared/runtime/crypto.ts';
import {
  ADVERTISER_ID,
  AFFILIATE_ID,
  CAMPAIGN_ID,
  CLICKED_AT,
  later,
  lead,
  NOW,
  OTHER_AFFILIATE_ID,
  touch,
  transition,
} from '../../support/builders.ts';
import { useEngines } from '../../support/engines.ts';
import { interceptedClient, lostReply } from '../../support/store-faults.ts';

const engines = await useEngines();
const { documents: client, env } = engines;

describe('the journal', () => {
  const writerOn = (on: typeof client) =>
    createJournalWriter({ client: on, tableName: env.JOURNAL_TABLE_NAME, digest: digest128, clock: () => NOW });
  const reader = createJournalReader({ client, tableName: env.JOURNAL_TABLE_NAME });
  const entries = Array.from(
    { length: 150 },
    (_, index) => entriesOf(lead({ leadId: `lead_${index.toString().padStart(22, 'J')}` }), 'UTC')[0]!,
  );

  const reversed = lead({
    affiliateId: undefined,
    commissionMinor: 0n,
    history: [transition(), transition({ version: 2, status: 'reversed' })],
  });
  const booked: BookEntry = {
    party: AFFILIATE_ID,
    month: '2025-11',
    causeId: 'cor_01',
    kind: 'adjustment',
    sequence: 1,
    currency: 'EUR',
    legs: [
      { account: payable(AFFILIATE_ID), amountMinor: -100n },
      { account: REVENUE, amountMinor: 100n },
      { account: FX, amountMinor: 110n, currency: 'USD' },
      { account: REVENUE, amountMinor: -110n, currency: 'USD' },
    ],
    occurredAt: NOW,
    decidedAt: NOW,
    text: 'Leads of a day that was lost',
    quantity: 2,
    unitPriceMicros: 500_000n,
    corrects: 'lead_x#LEAD_CONFIRMED#1',
    rate: { source: 'ecb', date: '2025-11-10', from: 'EUR', to: 'USD', numerator: 11n, denominator: 10n },
    madeBy: 'kid_1',
    approvedBy: 'kid_2',
  };

  it('posts once, and finds 150 of 150 in shards and by key', async () => {
    const writer = writerOn(client);
    expect(await Promise.all(entries.map((entry) => writer.post(entry)))).toEqual(entries.map(() => 'posted'));
    expect(await Promise.all(entries.map((entry) => writer.post(entry)))).toEqual(entries.map(() => 'already_posted'));
    expect(await reader.find(entries)).toHaveLength(150);
    expect(await reader.find([])).toEqual([]);
    let found = 0;
    for (let shard = 0; shard < JOURNAL_SHARDS; shard += 1) {
      for await (const page of reader.shard(entries[0]!.party, entries[0]!.month, shard)) found += page.length;
    }
    expect(found).toBe(150);
  });

  it('an entry whose answer was lost is posted once', async () => {
    const [entry] = entriesOf(lead({ leadId: 'lead_LLLLLLLLLLLLLLLLLLLLLL' }), 'UTC');
    const loss = lostReply(({ name }) => name === 'Put');
    const writer = writerOn(interceptedClient(client, loss.intercept));
    await expect(writer.post(entry!)).rejects.toThrow(StoreUnavailable);
    expect(await writer.post(entry!)).toBe('already_posted');
    expect(await reader.find([entry!])).toEqual([entry]);
  });

  it('keeps of other entries all that they say', async () => {
    const writer = writerOn(client);
    for (const entry of [booked, { ...booked, causeId: 'cor_02', rate: undefined, corrects: undefined }]) {
      expect(await writer.post(entry)).toBe('posted');
      expect(await writer.post(entry)).toBe('already_posted');
      await expect(writer.post({ ...entry, text: 'another' })).rejects.toThrow(JournalConflict);
      expect(await reader.find([entry])).toEqual([entry]);
    }
  });

  it('lists what stands in the journals of affiliates, page by page, though several have an entry of the same key', async () => {
    const writer = writerOn(client);
    const parties = [AFFILIATE_ID, OTHER_AFFILIATE_ID, 'aff_01JD3Y8Q5T9Z6V2K4M7N1P0R8Z'];
    for (const party of parties) await writer.post({ ...booked, party, month: '2024-01', causeId: 'settle:a:2024-01' });
    await writer.post({ ...booked, party: ADVERTISER_ID, month: '2024-01' });
    const found: string[] = [];
    let after: string | undefined;
    do {
      const { entries: page, position } = await reader.ofAffiliates('2024-01', 1, after);
      found.push(...page.map(({ party }) => party));
      after = position;
    } while (after !== undefined && found.length < 10);
    expect(found.sort()).toEqual([...parties].sort());
  });

  /** What stands in journals is compared by these for ever. */
  it.each([
    ['a lead', entriesOf(lead(), 'UTC')[0]!, 'rXoEEKnfii77mNgqnsirWw'],
    ['a reversal', entriesOf(reversed, 'UTC')[1]!, 'nljy0fOsUHZnG-HXofDg-A'],
  ])('the hash of %s stays what it is', async (_what, entry, hash) => {
    const items: unknown[] = [];
    const send = async ({ input }: { input: { Item: { hash: string } } }) => items.push(input.Item.hash);
    await writerOn({ send } as unknown as typeof client).post(entry);
    expect(items).toEqual([hash]);
  });

  it('keeps of a lead with several prices what it was priced at, and which part was taken back', async () => {
    const history = [
      transition(),
      transition({ version: 2, action: 'reversed_in_part', takenBack: { chargeMinor: 500n, commissionMinor: 300n } }),
    ];
    const priced = lead({ leadId: 'lead_priced', price: { chargeMicros: 25_001_234n }, history });
    const posted = entriesOf(priced, 'UTC');
    for (const entry of posted) expect(await writerOn(client).post(entry)).toBe('posted');
    for (const entry of posted) expect(await writerOn(client).post(entry)).toBe('already_posted');
    expect(await reader.find(posted)).toEqual(expect.arrayContaining(posted));
    const whole = { ...posted[1]!, isPart: undefined };
    await expect(writerOn(client).post(whole)).rejects.toThrow(JournalConflict);
  });

  it('is read on from where no entry stands', async () => {
    const settled = ['bonus', 'click_cost'].map(
      (kind) => ({ ...booked, causeId: 'settle:cmp_1:2025-11', kind }) as BookEntry,
    );
    for (const entry of settled) await writerOn(client).post(entry);
    const { causeId, party, month } = settled[0]!;
    const page = await reader.page(party, month, journalShard(causeId), 100, `${causeId}#`);
    expect(page.entries).toEqual(settled);
    const beyond = await reader.page(party, month, journalShard(causeId), 100, `${causeId}#X`);
    expect(beyond).toEqual({ entries: [], lastEntryId: undefined });
  });

  it('an entry that does not sum to zero is never posted', async () => {
    const [entry] = entriesOf(lead({ leadId: 'lead_UUUUUUUUUUUUUUUUUUUUUU' }), 'UTC');
    await expect(writerOn(client).post({ ...entry!, legs: entry!.legs.slice(1) })).rejects.toThrow(RangeError);
    expect(await reader.find([entry!])).toEqual([]);
  });
});

describe('touches', () => {
  const dependencies = { client, tableName: env.TOUCHES_TABLE_NAME };
  const writer = createTouchWriter(dependencies);
  const reader = createTouchReader(dependencies);
  const { clickId: _clickId, ...imported } = { ...touch(), utm: {}, expiresAtSeconds: 1_800_000_000 };

  it('under a foreign reference are stored once; another click is a conflict', async () => {
    expect(await writer.putReferenced('s1', imported)).toBe('stored');
    expect(await writer.putReferenced('s1', imported)).toBe('already_stored');
    expect(await writer.putReferenced('s1', { ...imported, affiliateId: OTHER_AFFILIATE_ID })).toBe('conflict');
    expect(await reader.byClickRef(CAMPAIGN_ID, 's1')).toMatchObject({
      affiliateId: AFFILIATE_ID,
      clickedAt: CLICKED_AT,
    });
    expect(await reader.byClickRef(CAMPAIGN_ID, 's2')).toBeUndefined();
  });

  it('are found by a platform click id up to an instant', async () => {
    const stored = { ...touch({ clickId: 'click-1' }), utm: {}, platformClickId: 'g', expiresAtSeconds: 1_800_000_000 };
    await writer.put(stored);
    await writer.put({ ...stored, clickId: 'click-2', clickedAt: later(CLICKED_AT, 1) });
    expect((await reader.byPlatformClickId(CAMPAIGN_ID, 'g', later(CLICKED_AT, 1)))?.clickId).toBe('click-2');
    expect((await reader.byPlatformClickId(CAMPAIGN_ID, 'g', CLICKED_AT))?.clickId).toBe('click-1');
    expect(await reader.byPlatformClickId(CAMPAIGN_ID, 'g', later(CLICKED_AT, -1))).toBeUndefined();
  });
});
