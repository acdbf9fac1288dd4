import { describe, expect, it } from 'vitest';
import { type BookEntry, entryIdOf, type LeadEntry } from '../../../shared/domain/ledger/entry.ts';
import { createMarkingJournal } from '../../../shared/use-cases/close-month/marking-journal.ts';
import { createBillingWorld } from '../../support/billing.ts';

const MONTH = '2026-01';
const base = {
  month: MONTH,
  currency: 'EUR',
  sequence: 1,
  occurredAt: '2026-01-10T10:00:00.000Z',
  decidedAt: '2026-01-10T10:00:00.000Z',
};

const lead: LeadEntry = {
  ...base,
  party: 'adv_a',
  causeId: 'lead_1',
  kind: 'lead_confirmed',
  legs: [
    { account: 'receivable:adv_a', amountMinor: 2500n },
    { account: 'payable:aff_x', amountMinor: -1250n },
    { account: 'revenue', amountMinor: -1250n },
  ],
  campaignId: 'cmp_a',
  affiliateId: 'aff_x',
  event: 'lead',
  transactionId: 'order-1',
};
/** A bonus that an advertiser's campaign earned the affiliate: like a lead it stands in the advertiser's journal. */
const bonus: BookEntry = {
  ...base,
  party: 'adv_a',
  causeId: 'settle:cmp_a:aff_x:2026-01:bonus',
  kind: 'bonus',
  text: 'Bonus: 1 lead',
  legs: [
    { account: 'payable:aff_x', amountMinor: -5000n },
    { account: 'revenue', amountMinor: 5000n },
  ],
  affiliateId: 'aff_x',
};
const own = (causeId: string, kind: 'fee' | 'adjustment', amountMinor: bigint): BookEntry => ({
  ...base,
  party: 'aff_x',
  causeId,
  kind,
  text: kind,
  legs: [
    { account: 'payable:aff_x', amountMinor: -amountMinor },
    { account: 'revenue', amountMinor },
  ],
  affiliateId: 'aff_x',
});

describe('what an affiliate earns of its own', () => {
  it('is billed once beside its shares, late entries by the next close', async () => {
    const world = createBillingWorld({ advertiserIds: ['adv_a'] });
    const close = async (month: string) => {
      await world.deliver();
      world.queue.push({ kind: 'close', month });
      await world.drain();
    };
    for (const entry of [lead, bonus, own('cor_1', 'adjustment', 700n)]) world.post(entry);
    await close(MONTH);
    world.post(own('cor_2', 'fee', -300n));
    await close('2026-02');
    await close('2026-03');
    const statements = [...world.state.documents.values()].filter(({ kind }) => kind === 'statement');
    expect(statements.map(({ month, netMinor }) => [month, netMinor])).toEqual([
      [MONTH, 1250n + 5000n + 700n],
      ['2026-02', -300n],
    ]);
  });

  it('is what was on file of who brought an affiliate at the issue, whatever it is when a call that died is made again', async () => {
    const profiles = { aff_x: { referredBy: { affiliateId: 'aff_first', percent: '10' } } };
    const isReferred = () => world.state.journal.some(({ kind }) => kind === 'referral');
    let crashed = false;
    const world = createBillingWorld({
      advertiserIds: ['adv_a'],
      profiles,
      fault: () => {
        if (crashed || !isReferred()) return 'none';
        crashed = true;
        profiles.aff_x.referredBy = { affiliateId: 'aff_second', percent: '20' };
        return 'before';
      },
    });
    world.post(lead);
    world.queue.push({ kind: 'close', month: MONTH });
    await world.drain();
    expect(crashed).toBe(true);
    const referrals = world.state.journal.filter(({ kind }) => kind === 'referral');
    expect(referrals.map(({ party, legs }) => [party, legs[0]?.amountMinor])).toEqual([['aff_first', -125n]]);
    const statements = [...world.state.documents.values()].filter(({ kind }) => kind === 'statement');
    expect(statements.map(({ partyId, netMinor }) => [partyId, netMinor])).toEqual([
      ['aff_x', 1250n],
      ['aff_first', 125n],
    ]);
  });

  it('is a part of what those whom it brought earn in all decimals, as their statements have it', async () => {
    const referredBy = { affiliateId: 'aff_first', percent: '10' };
    const world = createBillingWorld({ advertiserIds: ['adv_a'], profiles: { aff_x: { referredBy } } });
    const legs = [
      { account: 'receivable:adv_a', amountMinor: 1n } as const,
      { account: 'revenue', amountMinor: -1n } as const,
    ];
    for (let each = 0; each < 1000; each += 1) {
      world.post({ ...lead, causeId: `lead_${each}`, transactionId: `order-${each}`, commissionMicros: 4000n, legs });
    }
    world.queue.push({ kind: 'close', month: MONTH });
    await world.drain();
    const statements = [...world.state.documents.values()].filter(({ kind }) => kind === 'statement');
    expect(statements.map(({ partyId, netMinor }) => [partyId, netMinor])).toEqual([
      ['aff_x', 400n],
      ['aff_first', 40n],
    ]);
  });

  it('is marked though whoever posts it dies just then', async () => {
    const posted: string[] = [];
    const marked: string[] = [];
    const journal = createMarkingJournal(
      {
        post: async (entry) => {
          posted.push(entryIdOf(entry));
          throw new Error('died');
        },
      },
      { mark: async (party, month) => void marked.push(`${party} ${month}`) },
      ({ party }) => party === 'aff_x',
    );
    await expect(journal.post(own('cor_1', 'fee', 100n))).rejects.toThrow('died');
    await expect(journal.post(lead)).rejects.toThrow('died');
    expect(posted).toHaveLength(2);
    expect(marked).toEqual([`aff_x ${MONTH}`]);
  });
});
