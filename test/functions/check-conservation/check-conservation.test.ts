import { DeleteCommand, PutCommand, ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { ZodError } from 'zod';
import { createCheckConservation } from '../../../functions/check-conservation/check-conservation.ts';
import { type FoundDifference, MAX_READINGS } from '../../../functions/check-conservation/check-run.ts';
import { createRollUp } from '../../../functions/roll-up/roll-up.ts';
import { createCountedMessages } from '../../../shared/adapters/dynamodb/counted-messages.ts';
import { createJournalReader, createJournalWriter } from '../../../shared/adapters/dynamodb/journal.ts';
import { leadToItem } from '../../../shared/adapters/dynamodb/lead-item.ts';
import { createReceiptStore } from '../../../shared/adapters/dynamodb/receipts.ts';
import { createRollupReader, createRollupWriter } from '../../../shared/adapters/dynamodb/rollups.ts';
import { createTallyStore } from '../../../shared/adapters/dynamodb/tallies.ts';
import { accountedOf, leadsOf, NO_COUNTS } from '../../../shared/domain/conservation/tally.ts';
import type { Lead } from '../../../shared/domain/leads/lead.ts';
import { entriesOf } from '../../../shared/domain/ledger/entry.ts';
import type { KeptTally } from '../../../shared/ports/conservation.ts';
import type { Receipt } from '../../../shared/ports/receipts.ts';
import { digest128 } from '../../../shared/runtime/crypto.ts';
import { makeId } from '../../../shared/runtime/ids.ts';
import { AFFILIATE_ID, campaign, DAY_MS, KEY_ID, later, lead, NOW, transition } from '../../support/builders.ts';
import { useEngines } from '../../support/engines.ts';
import { leadRecord } from '../../support/stream-records.ts';

const TODAY = NOW.slice(0, 10);
const HOLD_AT = later(NOW, 3_600_000);

const engines = await useEngines({ applyEnv: false });

/** An advertiser with a campaign, and streams that stand still until they are told to catch up. */
async function makeWorld(timeZone = 'UTC', { documents: client, env } = engines) {
  const key = { day: TODAY, advertiserId: makeId('adv'), campaignId: makeId('cmp'), affiliateId: AFFILIATE_ID };
  const { day: _day, ...owners } = key;
  const rollupTable = { client, tableName: env.ROLLUPS_TABLE_NAME };
  const journalTable = { client, tableName: env.JOURNAL_TABLE_NAME };
  const rollUp = createRollUp({
    rollups: createRollupWriter({ ...rollupTable, digest: digest128 }),
    catalog: { campaign: async () => campaign() },
    timeZone,
    clock: () => NOW,
  });
  const journal = createJournalWriter({ ...journalTable, digest: digest128, clock: () => NOW });
  const receipts = createReceiptStore({ client, tableName: env.RECEIPTS_TABLE_NAME });
  const tallies = createTallyStore({ client, tableName: env.TALLIES_TABLE_NAME });
  const queues = { waiting: 0, deadLetters: 0 };
  // Not due for a day, as long as nobody asks for them.
  for (const month of ['2025-10', '2025-11']) await tallies.putCheckedMonth(month, NOW);
  let made = 0;
  let untold: { readonly record: DynamoDBRecord; readonly after: Lead }[] = [];

  const catchUp = async (): Promise<void> => {
    const told = untold;
    untold = [];
    await rollUp({ shardId: 'shard-1', Records: told.map(({ record }) => record) });
    for (const { after } of told) for (const entry of entriesOf(after, timeZone)) await journal.post(entry);
  };

  return {
    key,
    client,
    env,
    tallies,
    queues,
    catchUp,
    /** A lead of its own message or, in the place of `before`, of a later one; its stream has not told of it yet. */
    async lead(changes: Partial<Lead> = {}, before?: Lead): Promise<Lead> {
      const leadId = before?.leadId ?? makeId('rcp').replace('rcp', 'lead');
      const commissionMinor = 'affiliateId' in changes ? 0n : 1800n;
      const receiptId = makeId('rcp');
      const after = lead({ leadId, receiptId, occurredAt: NOW, commissionMinor, ...owners, ...changes });
      await client.send(new PutCommand({ TableName: env.LEADS_TABLE_NAME, Item: leadToItem(after, timeZone) }));
      made += 1;
      untold.push({ record: leadRecord(BigInt(made), before, after), after });
      return after;
    },
    async receipt(changes: Partial<Receipt> & Pick<Receipt, 'outcome'>): Promise<string> {
      const receiptId = makeId('rcp');
      const receipt = { receiptId, at: NOW, occurredAt: NOW, kid: KEY_ID, ...owners, status: 'rejected', ...changes };
      await receipts.put(receipt as Receipt);
      return receipt.receiptId;
    },
    /** One run at `now`; `meanwhile` happens at each wait, by default the streams catch up. */
    async run({ event = {}, now = NOW, meanwhile = catchUp }: RunOptions = {}) {
      const found: FoundDifference[] = [];
      let waits = 0;
      const check = createCheckConservation({
        allAdvertisers: async () => [owners],
        messages: createCountedMessages({
          client,
          leadsTableName: env.LEADS_TABLE_NAME,
          receiptsTableName: env.RECEIPTS_TABLE_NAME,
          timeZone,
        }),
        rollups: createRollupReader(rollupTable),
        journal: createJournalReader(journalTable),
        tallies,
        queueDepths: async () => ({ ...queues }),
        waitForStreams: () => {
          waits += 1;
          return meanwhile();
        },
        onDifferences: (differences) => found.push(...differences),
        clock: () => now,
        timeZone,
      });
      return { ...(await check(event)), found, waits };
    },
    async kept(isKnown = true): Promise<KeptTally[]> {
      const all: KeptTally[] = [];
      const days = { month: '2025-11', from: '2025-11-01', to: '2025-11-30' };
      for await (const page of tallies.read(isKnown ? key.advertiserId : undefined, days)) all.push(...page);
      return all;
    },
    async keyIn(TableName: string, names: string[], isIt: (item: Record<string, unknown>) => boolean) {
      const { Items = [] } = await client.send(new ScanCommand({ TableName }));
      const item = Items.find((each) => JSON.stringify(each).includes(key.campaignId) && isIt(each));
      return { TableName, Key: Object.fromEntries(names.map((name) => [name, item?.[name]])) };
    },
  };
}

interface RunOptions {
  readonly event?: object;
  readonly now?: string;
  readonly meanwhile?: () => Promise<void>;
}

type World = Awaited<ReturnType<typeof makeWorld>>;
let world: World;
beforeEach(async () => {
  world = await makeWorld();
});

const reversed = [transition(), transition({ version: 2, action: 'reversed', status: 'reversed' })];

/** Messages of every kind, on one key; 13 of them. */
async function fill({
  lead: makeLead,
  receipt,
  catchUp,
  queues,
}: World): Promise<{ pending: Lead; duplicate: string }> {
  const [pending, duplicate, decided] = await Promise.all([
    makeLead({ status: 'pending', reason: 'on_hold', holdUntil: HOLD_AT }),
    receipt({ outcome: 'duplicate' }),
    makeLead({ status: 'rejected', reason: 'outside_click_window' }),
    makeLead(),
    makeLead(),
    makeLead({ status: 'reversed', history: reversed }),
    makeLead({ status: 'rejected', reason: 'unattributed' }),
    // Of a message whose lead gave way to a later one.
    receipt({ outcome: 'decided' }),
    receipt({ outcome: 'duplicate' }),
    receipt({ outcome: 'conflict' }),
    receipt({ outcome: 'refused' }),
    receipt({ outcome: 'queued' }),
    receipt({ outcome: 'dead_lettered' }),
  ]);
  // Of a queued message that has made its lead since.
  await receipt({ receiptId: decided.receiptId, outcome: 'decided' });
  Object.assign(queues, { waiting: 1, deadLetters: 1 });
  await catchUp();
  return { pending, duplicate };
}

describe('a network in which nothing is wrong', () => {
  it('has each message in one place, and no difference', async () => {
    // Of tables of its own: messages whose advertiser is not known are everybody's.
    world = await makeWorld('UTC', await useEngines({ applyEnv: false }));
    await fill(world);
    await world.receipt({ outcome: 'refused', advertiserId: undefined, campaignId: undefined });
    expect(await world.run()).toEqual({ checked: 2, differences: 0, moving: 0, found: [], waits: 0 });
    const [known] = await world.kept();
    const [unknown] = await world.kept(false);
    expect(known).toEqual({
      key: world.key,
      counts: {
        confirmed: 2,
        reversed: 1,
        pending: 1,
        rejected: expect.toSatisfy((reasons: Map<string, number>) => reasons.size === 2),
        superseded: 1,
        duplicates: 2,
        conflicts: 1,
        refused: 1,
        queued: 1,
        deadLettered: 1,
      },
      seen: 11,
      differences: [],
    });
    expect(accountedOf(known!.counts)).toBe(13);
    expect(unknown).toMatchObject({
      key: { day: TODAY, advertiserId: undefined, campaignId: undefined, affiliateId: AFFILIATE_ID },
      counts: { ...NO_COUNTS, refused: 1 },
    });
    expect(await world.tallies.talliedDays(TODAY, TODAY)).toEqual([
      { day: TODAY, talliedAt: NOW, queued: 1, deadLettered: 1 },
    ]);
  });

  it('waits for streams that are behind', async () => {
    await world.lead();
    expect(await world.run()).toMatchObject({ differences: 0, moving: 0, waits: 1 });
    expect((await world.kept())[0]).toMatchObject({ seen: 1, differences: [] });
  });

  it('raises no alarm where traffic never ends, and leaves it to a later run', async () => {
    await world.lead();
    const meanwhile = async () => {
      await world.catchUp();
      await world.lead();
      await world.receipt({ outcome: 'duplicate' });
    };
    expect(await world.run({ meanwhile })).toMatchObject({ differences: 0, moving: 1, waits: MAX_READINGS - 1 });
    await world.catchUp();
    expect(await world.run()).toMatchObject({ differences: 0, moving: 0, waits: 0 });
    expect(leadsOf((await world.kept())[0]!.counts)).toBe(MAX_READINGS);
  });

  it('takes leads that move to another state, or to another key, for what they are', async () => {
    const { pending } = await fill(world);
    await world.run();
    await world.lead({ status: 'confirmed', version: 2, receiptId: pending.receiptId }, pending);
    const first = await world.lead({ status: 'rejected', reason: 'click_not_found', affiliateId: undefined });
    await world.catchUp();
    await world.run();
    // Its message leaves a receipt, and a later message takes the lead to another affiliate.
    await world.receipt({ receiptId: first.receiptId, outcome: 'decided', affiliateId: undefined });
    await world.lead({ version: 2, receiptId: 'rcp_later' }, first);
    await world.catchUp();
    expect(await world.run({ now: later(NOW, DAY_MS) })).toMatchObject({ differences: 0, waits: 0 });
    const counts = new Map((await world.kept()).map(({ key, counts }) => [key.affiliateId, counts]));
    expect(counts.get(undefined)).toEqual({ ...NO_COUNTS, superseded: 1 });
    expect(counts.get(AFFILIATE_ID)).toMatchObject({ confirmed: 4, pending: 0 });
  });

  it('counts messages that waited again once they are decided, though their day is long over', async () => {
    const occurredAt = later(NOW, -10 * DAY_MS);
    const receiptId = await world.receipt({ outcome: 'queued', occurredAt });
    world.queues.waiting = 1;
    await world.run({ event: { month: '2025-11' } });
    await world.receipt({ receiptId, outcome: 'duplicate', occurredAt });
    world.queues.waiting = 0;
    expect(await world.run({ now: later(NOW, 3_600_000) })).toMatchObject({ checked: 1, differences: 0 });
    expect((await world.kept())[0]?.counts).toEqual({ ...NO_COUNTS, duplicates: 1 });
  });
});

/** What somebody, or a fault, does to the books behind their keepers' backs, after they were once checked. */
const tampering: [string, (world: World, filled: Awaited<ReturnType<typeof fill>>) => Promise<unknown>, object[]][] = [
  [
    'a count of the rollups is lowered',
    async ({ client, env, keyIn }) => {
      const at = await keyIn(env.ROLLUPS_TABLE_NAME, ['pk', 'sk'], ({ pk }) => `${pk}`.startsWith('R#adv#'));
      await client.send(
        new UpdateCommand({
          ...at,
          UpdateExpression: 'ADD rejected :less',
          ExpressionAttributeValues: { ':less': -1 },
        }),
      );
    },
    [{ against: 'rollups', figure: 'rejected', counted: 2n, found: 1n }],
  ],
  [
    'an affiliate’s own figures are lost',
    async ({ client, env, keyIn }) => {
      await client.send(
        new DeleteCommand(await keyIn(env.ROLLUPS_TABLE_NAME, ['pk', 'sk'], ({ pk }) => `${pk}`.startsWith('R#aff#'))),
      );
    },
    ['leads', 'confirmed', 'pending', 'rejected', 'reversed', 'chargeMinor', 'commissionMinor'].map((figure) => ({
      against: 'affiliate_rollups',
      figure,
      found: 0n,
    })),
  ],
  [
    'an entry is taken out of the journal',
    async ({ client, env, keyIn }) => {
      const isIt = ({ kind }: Record<string, unknown>) => kind === 'lead_confirmed';
      await client.send(new DeleteCommand(await keyIn(env.JOURNAL_TABLE_NAME, ['partition', 'entryId'], isIt)));
    },
    [
      { against: 'journal', figure: 'confirmed', counted: 2n, found: 1n },
      { against: 'journal', figure: 'chargeMinor', counted: 5000n, found: 2500n },
      { against: 'journal', figure: 'commissionMinor', counted: 3600n, found: 1800n },
    ],
  ],
  [
    'a receipt is dropped',
    ({ client, env }, { duplicate: receiptId }) =>
      client.send(new DeleteCommand({ TableName: env.RECEIPTS_TABLE_NAME, Key: { receiptId } })),
    [{ against: 'earlier_tally', figure: 'received', counted: 10n, found: 11n }],
  ],
  [
    'a lead is deleted, and the rollups follow',
    async ({ client, env, key, catchUp }, { pending: { leadId } }) => {
      await client.send(new DeleteCommand({ TableName: env.LEADS_TABLE_NAME, Key: { leadId } }));
      for (const scope of ['adv', 'aff']) {
        const pk = `R#${scope}#${scope === 'adv' ? key.advertiserId : AFFILIATE_ID}#2025-11`;
        const sk = `${TODAY}#${key.campaignId}${scope === 'adv' ? `#${AFFILIATE_ID}` : ''}`;
        await client.send(
          new UpdateCommand({
            TableName: env.ROLLUPS_TABLE_NAME,
            Key: { pk, sk },
            UpdateExpression: 'ADD leads :less, pending :less',
            ExpressionAttributeValues: { ':less': -1 },
          }),
        );
      }
      await catchUp();
    },
    [{ against: 'earlier_tally', figure: 'received', counted: 10n, found: 11n }],
  ],
  [
    'a message vanishes from the queue',
    async ({ queues }) => Object.assign(queues, { waiting: 0, deadLetters: 0 }),
    [{ against: 'queues', counted: 1, found: 0 }],
  ],
  [
    'a dead letter has no receipt',
    async ({ queues }) => Object.assign(queues, { deadLetters: 2 }),
    [{ against: 'dead_letters', counted: 1, found: 2 }],
  ],
];

describe('what is wrong is found', () => {
  it.each(tampering)('where %s', async (what, tamper, expected) => {
    const filled = await fill(world);
    expect(await world.run()).toMatchObject({ differences: 0, waits: 0 });
    await tamper(world, filled);
    // A day later the month is compared with the journal again.
    const result = await world.run({ now: later(NOW, DAY_MS) });
    const ofKey = /queue|dead letter/.test(what) ? {} : world.key;
    expect(result.found).toEqual(expected.map((each) => expect.objectContaining({ ...each, ...ofKey })));
    expect(result).toMatchObject({ differences: expected.length, moving: 0, waits: 1 });
  });

  it('though other keys move while it is looked at, and is told until it is mended', async () => {
    const { duplicate } = await fill(world);
    await world.run();
    const at = { TableName: world.env.RECEIPTS_TABLE_NAME, Key: { receiptId: duplicate } };
    await world.client.send(new DeleteCommand(at));
    await world.lead({ affiliateId: undefined });
    const meanwhile = async () => {
      await world.catchUp();
      await world.lead({ affiliateId: undefined });
    };
    const lost = { against: 'earlier_tally', figure: 'received', counted: 10n, found: 11n };
    const busy = await world.run({ meanwhile });
    expect(busy).toMatchObject({ found: [lost], differences: 1, moving: 1, waits: MAX_READINGS - 1 });
    await world.catchUp();
    expect(await world.run()).toMatchObject({ found: [lost], moving: 0 });
    const tallyOf = async () => (await world.kept()).find(({ key }) => key.affiliateId === AFFILIATE_ID);
    expect(await tallyOf()).toMatchObject({ seen: 11, differences: [lost] });
    await world.receipt({ receiptId: duplicate, outcome: 'duplicate' });
    expect(await world.run()).toMatchObject({ found: [], waits: 0 });
    expect(await tallyOf()).toMatchObject({ seen: 11, differences: [] });
  });
});

describe('a month that an operator names', () => {
  it('is counted whole, whenever it was', async () => {
    await world.lead({ occurredAt: '2025-06-01T00:00:00.000Z' });
    await world.lead({ occurredAt: '2025-06-30T23:59:59.999Z' });
    await world.lead({ occurredAt: '2025-07-01T00:00:00.000Z' });
    await world.catchUp();
    expect(await world.run({ event: { month: '2025-06' } })).toMatchObject({ checked: 2, differences: 0 });
    expect(await world.tallies.talliedDays('2025-05-31', '2025-07-01')).toHaveLength(30);
  });

  it.each([
    ['that is none', '2025-13', ZodError],
    ['that has not begun', '2025-12', RangeError],
    ['of which receipts are forgotten', '2024-10', RangeError],
  ])('%s is refused', async (_what, month, fault) => {
    await expect(world.run({ event: { month } })).rejects.toThrow(fault);
  });
});

it('days are those of the network’s time zone', async () => {
  const kiritimati = await makeWorld('Pacific/Kiritimati');
  await kiritimati.lead({ occurredAt: '2025-11-19T09:59:59.999Z' });
  await kiritimati.lead({ occurredAt: '2025-11-19T10:00:00.000Z' });
  await kiritimati.lead({ occurredAt: '2025-11-20T09:59:59.999Z' });
  await kiritimati.catchUp();
  expect(await kiritimati.run({ event: { month: '2025-11' } })).toMatchObject({ differences: 0, waits: 0 });
  expect((await kiritimati.kept()).map(({ key, seen }) => [key.day, seen])).toEqual([
    ['2025-11-19', 1],
    ['2025-11-20', 2],
  ]);
});
