import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { createPostJournalEntries } from '../../../functions/post-journal-entries/post-journal-entries.ts';
import { leadToItem } from '../../../shared/adapters/dynamodb/lead-item.ts';
import type { Lead } from '../../../shared/domain/leads/lead.ts';
import { reverseLead } from '../../../shared/domain/leads/transitions/reverse-lead.ts';
import { entryIdOf } from '../../../shared/domain/ledger/entry.ts';
import { JournalConflict } from '../../../shared/ports/errors.ts';
import { digest128 } from '../../../shared/runtime/crypto.ts';
import type { Announce, Announcement } from '../../../shared/use-cases/announce.ts';
import { decision, lead, NOW, transition } from '../../support/builders.ts';
import { useCorePath } from '../../support/core-path.ts';
import { useEngines } from '../../support/engines.ts';
import { leadRecord, streamRecord } from '../../support/stream-records.ts';

const engines = await useEngines();
const core = useCorePath(engines);
const announced: Announcement[][] = [];
const announce: Announce = async (all) => {
  announced.push([...all]);
};
const post = createPostJournalEntries({ postEntries: core.postEntries, announce, digest: digest128 });

let made = 0;
/** A lead that no other case has, of an advertiser of its own. */
function newLead(changes: Partial<Lead> = {}): Lead {
  made += 1;
  const number = made.toString().padStart(4, '0');
  return lead({
    leadId: `lead_AAAAAAAAAAAAAAAAAA${number}`,
    advertiserId: `adv_01JD3Y8Q5T9Z6V2K4M7N1P${number}`,
    ...changes,
  });
}

const reversed = (confirmed: Lead): Lead => {
  const result = reverseLead(confirmed, decision({ at: '2025-12-02T08:00:00.000Z', reason: 'returned' }));
  if (!result.ok) throw new Error(result.fault);
  return result.lead;
};

const idsOf = async ({ advertiserId }: Lead, month = '2025-11') =>
  (await core.entries(advertiserId, month)).map(entryIdOf);

describe('the stream of leads', () => {
  it('posts one balanced entry for a confirmed lead, in the month of its conversion', async () => {
    const confirmed = newLead();
    await post({ Records: [leadRecord(1n, undefined, confirmed)] });
    expect(await core.entries(confirmed.advertiserId, '2025-11')).toEqual([
      {
        party: confirmed.advertiserId,
        month: '2025-11',
        causeId: confirmed.leadId,
        kind: 'lead_confirmed',
        sequence: 1,
        currency: 'EUR',
        legs: [
          { account: `receivable:${confirmed.advertiserId}`, amountMinor: 2500n },
          { account: `payable:${confirmed.affiliateId}`, amountMinor: -1800n },
          { account: 'revenue', amountMinor: -700n },
        ],
        occurredAt: confirmed.occurredAt,
        decidedAt: NOW,
        campaignId: confirmed.campaignId,
        affiliateId: confirmed.affiliateId,
        event: 'lead',
        transactionId: 'order-1',
      },
    ]);
  });

  it('tells of what has changed once the entries are posted, and again as it is given again', async () => {
    const confirmed = newLead();
    const records = [leadRecord(1n, undefined, confirmed), leadRecord(2n, confirmed, reversed(confirmed))];
    announced.length = 0;
    await post({ Records: records });
    await post({ Records: records });
    const [first, second] = announced;
    expect(first).toMatchObject([
      { type: 'lead.confirmed', sequence: 1, lead: { leadId: confirmed.leadId, status: 'confirmed' } },
      { type: 'lead.reversed', sequence: 2, lead: { status: 'reversed' } },
    ]);
    expect(second).toEqual(first);
  });

  it('tells nothing before all entries of the batch are posted', async () => {
    const failing = createPostJournalEntries({
      postEntries: () => Promise.reject(new JournalConflict('other content')),
      announce,
      digest: digest128,
    });
    announced.length = 0;
    await expect(failing({ Records: [leadRecord(1n, undefined, newLead())] })).rejects.toThrow(JournalConflict);
    expect(announced).toEqual([]);
  });

  it('posts the reversal of a later month into the month of the conversion, and both net to zero', async () => {
    const confirmed = newLead();
    await post({ Records: [leadRecord(1n, undefined, confirmed), leadRecord(2n, confirmed, reversed(confirmed))] });
    const entries = await core.entries(confirmed.advertiserId, '2025-11');
    expect(entries).toMatchObject([
      { kind: 'lead_confirmed', sequence: 1 },
      { kind: 'lead_reversed', sequence: 2, reverses: 1 },
    ]);
    expect(entries[0]).not.toHaveProperty('reverses');
    const net = entries
      .flatMap(({ legs }) => legs)
      .reduce(
        (sums, { account, amountMinor }) => sums.set(account, (sums.get(account) ?? 0n) + amountMinor),
        new Map<string, bigint>(),
      );
    expect([...net.values()]).toEqual([0n, 0n, 0n]);
  });

  it('replayed, re-split, reordered, at once: nothing is posted twice', async () => {
    const confirmed = newLead();
    const records = [leadRecord(1n, undefined, confirmed), leadRecord(2n, confirmed, reversed(confirmed))];
    await Promise.all([
      post({ Records: records }),
      post({ Records: [...records].reverse() }),
      ...records.map((record) => post({ Records: [record] })),
    ]);
    await post({ Records: records });
    expect(await idsOf(confirmed)).toEqual([
      `${confirmed.leadId}#LEAD_CONFIRMED#1`,
      `${confirmed.leadId}#LEAD_REVERSED#2`,
    ]);
  });

  it('posts nothing for what is pending or rejected, for who holds a key, or for what was removed', async () => {
    const pending = newLead({ status: 'pending' });
    const holder = { leadId: 'lead_BBBBBBBBBBBBBBBBBBBBBB', heldBy: pending.leadId };
    await post({
      Records: [
        leadRecord(1n, undefined, pending),
        leadRecord(2n, undefined, newLead({ status: 'rejected', advertiserId: pending.advertiserId })),
        streamRecord({ leadId: holder.leadId }, 3n, { after: holder }),
        leadRecord(4n, newLead({ advertiserId: pending.advertiserId }), undefined),
      ],
    });
    expect(await idsOf(pending)).toEqual([]);
  });

  it('an image that is no lead fails the batch, after all others were posted', async () => {
    const confirmed = newLead();
    const poison = streamRecord({ leadId: 'lead_x' }, 1n, { after: { leadId: 'lead_x' } });
    await expect(post({ Records: [poison, leadRecord(2n, undefined, confirmed)] })).rejects.toThrow();
    expect(await idsOf(confirmed)).toHaveLength(1);
  });

  it('amounts beyond 2^53 are exact', async () => {
    const confirmed = newLead({ chargeMinor: 900_719_925_474_099_301n, commissionMinor: 900_719_925_474_099_300n });
    await post({ Records: [leadRecord(1n, undefined, confirmed)] });
    const [entry] = await core.entries(confirmed.advertiserId, '2025-11');
    expect(entry?.legs.map(({ amountMinor }) => amountMinor)).toEqual([
      900_719_925_474_099_301n,
      -900_719_925_474_099_300n,
      -1n,
    ]);
  });
});

describe('an item of the journal that was tampered with', () => {
  it.each<[string, (item: Record<string, unknown>) => Record<string, unknown>]>([
    [
      'in its legs',
      ({ legs, ...item }) => ({ ...item, legs: (legs as object[]).map((leg) => ({ ...leg, amountMinor: 1 })) }),
    ],
    ['in its instant', (item) => ({ ...item, occurredAt: NOW })],
    ['in its hash', (item) => ({ ...item, hash: 'AAAAAAAAAAAAAAAAAAAAAA' })],
    ['in its hash alone, by removing it', ({ hash: _hash, ...item }) => item],
    ['beyond recognition', ({ partition, entryId }) => ({ partition, entryId, hash: 1 })],
  ])('%s is a conflict when its entry is posted again', async (_how, tamper) => {
    const confirmed = newLead();
    await core.postEntries(confirmed);
    const [item] = (await core.items(core.env.JOURNAL_TABLE_NAME)).filter(({ entryId }) =>
      String(entryId).startsWith(confirmed.leadId),
    );
    const Item = tamper(item!);
    await engines.documents.send(new PutCommand({ TableName: core.env.JOURNAL_TABLE_NAME, Item }));
    await expect(post({ Records: [leadRecord(1n, undefined, confirmed)] })).rejects.toThrow(JournalConflict);
    const items = (await core.items(core.env.JOURNAL_TABLE_NAME)).filter(({ entryId }) =>
      String(entryId).startsWith(confirmed.leadId),
    );
    expect(items).toEqual([expect.objectContaining(Item)]);
  });

  it('a lead whose price was changed is a conflict too', async () => {
    const confirmed = newLead();
    await core.postEntries(confirmed);
    await expect(core.postEntries({ ...confirmed, chargeMinor: 1n, commissionMinor: 0n })).rejects.toThrow(
      JournalConflict,
    );
    await expect(
      core.postEntries({ ...confirmed, history: [transition({ at: '2025-11-20T10:00:00.001Z' })] }),
    ).rejects.toThrow(JournalConflict);
  });
});

it('a lead item read back from the stream is the lead that was written', async () => {
  const full = newLead({
    amount: { amountMinor: 12n, currency: 'JPY' },
    source: 'x',
    claimant: 'pixel',
    subIds: {},
    status: 'pending',
    reason: 'on_hold',
    holdUntil: NOW,
  });
  expect(leadToItem(full, 'UTC')['holdShard']).toMatch(/^[0-3]$/);
  const posted: Lead[] = [];
  await createPostJournalEntries({ postEntries: async (each) => posted.push(each), announce, digest: digest128 })({
    Records: [leadRecord(1n, undefined, full)],
  });
  expect(posted).toEqual([full]);
});
