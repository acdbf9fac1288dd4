import { describe, expect, it } from 'vitest';
import { type BrokenManifest, createCheckDocuments } from '../../../functions/check-journal/check-documents.ts';
import { type BookEntry, entryIdOf, type JournalEntry, journalShard } from '../../../shared/domain/ledger/entry.ts';
import { createBillingWorld } from '../../support/billing.ts';

const MONTH = '2026-01';
const ADVERTISER = 'adv_a';
const AFFILIATE = 'aff_x';
const base = {
  month: MONTH,
  currency: 'EUR',
  occurredAt: '2026-01-10T10:00:00.000Z',
  decidedAt: '2026-01-10T10:00:00.000Z',
};

const lead = (cause: string, sign: 1n | -1n = 1n): JournalEntry => ({
  ...base,
  party: ADVERTISER,
  causeId: cause,
  ...(sign === 1n ? { kind: 'lead_confirmed', sequence: 1 } : { kind: 'lead_reversed', sequence: 2, reverses: 1 }),
  legs: [
    { account: `receivable:${ADVERTISER}`, amountMinor: sign * 2500n },
    { account: `payable:${AFFILIATE}`, amountMinor: sign * -1250n },
    { account: 'revenue', amountMinor: sign * -1250n },
  ],
  campaignId: 'cmp_a',
  affiliateId: AFFILIATE,
  event: 'lead',
  transactionId: `order of ${cause}`,
});
const adjustment: BookEntry = {
  ...base,
  party: AFFILIATE,
  causeId: 'cor_1',
  kind: 'adjustment',
  sequence: 1,
  text: 'Goodwill',
  legs: [
    { account: `payable:${AFFILIATE}`, amountMinor: -700n },
    { account: 'revenue', amountMinor: 700n },
  ],
};

/** A month on documents of two closes, and what the check tells of it once the journal was tampered with. */
async function closedTwice() {
  const world = createBillingWorld({ advertiserIds: [ADVERTISER] });
  const close = async (month: string) => {
    await world.deliver();
    world.queue.push({ kind: 'close', month });
    await world.drain();
  };
  for (let index = 0; index < 40; index += 1) world.post(lead(`lead_${index}`));
  world.post(adjustment);
  await close(MONTH);
  for (const cause of ['lead_3', 'lead_4']) world.post(lead(cause, -1n));
  await close('2026-02');
  world.post(lead('lead_5', -1n));
  const { journal } = world.state;
  return {
    tamper(cause: string, change: (entry: JournalEntry) => JournalEntry[]) {
      const index = journal.findIndex((entry) => entry.causeId === cause);
      journal.splice(index, 1, ...journal.slice(index, index + 1).flatMap(change));
    },
    async check(party: string) {
      const broken: BrokenManifest[] = [];
      const check = createCheckDocuments({ ...world, onBroken: (each) => broken.push(each) });
      await check(party, MONTH);
      return broken;
    },
  };
}
const doubled = (entry: JournalEntry): JournalEntry => ({
  ...entry,
  legs: entry.legs.map((leg) => ({ ...leg, amountMinor: 2n * leg.amountMinor })),
});
const where = (party: string, cause: string, entryId: string) => ({
  party,
  month: MONTH,
  shard: journalShard(cause),
  currency: 'EUR',
  closedIn: MONTH,
  entryId,
});

describe('checking documents against the journal', () => {
  it('finds nothing where both are as they were, whatever is not billed yet', async () => {
    const { check } = await closedTwice();
    expect([await check(ADVERTISER), await check(AFFILIATE)]).toEqual([[], []]);
  });

  it('names an entry that has another amount', async () => {
    const { check, tamper } = await closedTwice();
    tamper('lead_7', (entry) => [doubled(entry)]);
    tamper('cor_1', (entry) => [doubled(entry)]);
    expect(await check(ADVERTISER)).toEqual([where(ADVERTISER, 'lead_7', entryIdOf(lead('lead_7')))]);
    expect(await check(AFFILIATE)).toEqual([where(AFFILIATE, 'cor_1', entryIdOf(adjustment))]);
  });

  it('names an entry that is gone, and goes on with the next shard', async () => {
    const { check, tamper } = await closedTwice();
    for (const cause of ['lead_7', 'lead_8']) tamper(cause, () => []);
    tamper('cor_1', () => []);
    const lost = ['lead_7', 'lead_8'].map((cause) => where(ADVERTISER, cause, entryIdOf(lead(cause))));
    expect(await check(ADVERTISER)).toEqual(lost.sort((left, right) => left.shard - right.shard));
    expect(await check(AFFILIATE)).toMatchObject([{ entryId: entryIdOf(adjustment) }]);
  });

  it('has nothing to compare where no document was issued', async () => {
    const world = createBillingWorld({ advertiserIds: [ADVERTISER] });
    world.post(lead('lead_1'));
    const broken: BrokenManifest[] = [];
    await createCheckDocuments({ ...world, onBroken: (each) => broken.push(each) })(ADVERTISER, MONTH);
    expect(broken).toEqual([]);
  });
});
