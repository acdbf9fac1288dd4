import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowFromLine } from '../../../shared/domain/billing/annex-row.ts';
import { bodyFromText, type DocumentKind, type IssuedDocument } from '../../../shared/domain/billing/document.ts';
import { netOf } from '../../../shared/domain/billing/lines.ts';
import { refundLead } from '../../../shared/domain/leads/transitions/refund-lead.ts';
import { entriesOf, entryIdOf, type JournalEntry } from '../../../shared/domain/ledger/entry.ts';
import { createBillingWorld, type Fault } from '../../support/billing.ts';
import { ADVERTISER_ID, lead as aLead, decision } from '../../support/builders.ts';

const ADVERTISERS = ['adv_a', 'adv_b', 'adv_silent'];
const MONTHS = ['2026-01', '2026-02', '2026-03'];
type World = ReturnType<typeof createBillingWorld>;

interface EntryChoice {
  readonly advertiser: number;
  readonly month: number;
  readonly affiliate: number;
  readonly currency: number;
  readonly reversal: boolean;
  readonly priceMinor: bigint;
}

const choice = fc.record<EntryChoice>({
  advertiser: fc.nat({ max: 1 }),
  month: fc.nat({ max: 2 }),
  affiliate: fc.nat({ max: 2 }),
  currency: fc.nat({ max: 1 }),
  reversal: fc.boolean(),
  priceMinor: fc.constantFrom(0n, 900n, 2500n),
});

function entryOf(
  { advertiser, month, affiliate, currency, reversal, priceMinor }: EntryChoice,
  index: number,
): JournalEntry {
  const party = ADVERTISERS[advertiser]!;
  const affiliateId = [undefined, 'aff_x', 'aff_y'][affiliate];
  const sign = reversal ? -1n : 1n;
  const commissionMinor = affiliateId === undefined ? 0n : priceMinor / 2n;
  return {
    party,
    month: MONTHS[month]!,
    causeId: `lead_${index}`,
    kind: reversal ? 'lead_reversed' : 'lead_confirmed',
    sequence: reversal ? 2 : 1,
    currency: ['EUR', 'USD'][currency]!,
    legs: [
      { account: `receivable:${party}`, amountMinor: sign * priceMinor },
      ...(affiliateId === undefined
        ? []
        : [{ account: `payable:${affiliateId}`, amountMinor: -sign * commissionMinor }]),
      { account: 'revenue', amountMinor: -sign * (priceMinor - commissionMinor) },
    ],
    occurredAt: `${MONTHS[month]}-10T10:00:00.000Z`,
    decidedAt: '2026-05-01T10:00:00.000Z',
    campaignId: `cmp_${party}`,
    affiliateId,
    event: 'lead',
    transactionId: `order-${index}`,
  };
}

const lead = (changes: Partial<EntryChoice>, index: number) =>
  entryOf(
    { advertiser: 0, month: 0, affiliate: 1, currency: 0, reversal: false, priceMinor: 2500n, ...changes },
    index,
  );

async function rowsOf(world: World, document: IssuedDocument) {
  const { parts } = bodyFromText(await world.files.get('bodies', document.bodyDigest), document.currency);
  const texts = await Promise.all(parts.map((part) => world.files.get('annexes', part.digest)));
  return texts.flatMap((text) => text.split('\n').slice(0, -1).map(rowFromLine));
}

const documentsOf = (world: World, kind: DocumentKind, month?: string) =>
  [...world.state.documents.values()].filter(
    (each) => each.kind === kind && (month === undefined || each.month === month),
  );

/** What must hold once every month is closed and nothing is late any more. */
async function expectEverythingBilledOnce(world: World): Promise<void> {
  for (const kind of ['invoice', 'statement'] as const) {
    const billed: string[] = [];
    for (const document of documentsOf(world, kind)) {
      const rows = await rowsOf(world, document);
      const { lines } = bodyFromText(await world.files.get('bodies', document.bodyDigest), document.currency);
      expect(rows.length).toBe(document.annex.rows);
      expect(rows.length).toBeGreaterThan(0);
      expect(netOf(lines)).toBe(document.netMinor);
      expect(rows.reduce((sum, row) => sum + row.amountMinor, 0n)).toBe(document.netMinor);
      for (const line of lines) expect(BigInt(line.quantity) * line.unitPriceMicros).toBe(line.amountMinor * 10_000n);
      billed.push(...rows.map((row) => row.entryId));
    }
    const due = world.state.journal.filter((entry) => kind === 'invoice' || entry.affiliateId !== undefined);
    expect(billed.sort()).toEqual(due.map(entryIdOf).sort());
  }
  for (const [series, last] of world.state.series) {
    const numbers = [...world.state.documents.values()]
      .map((each) => each.number)
      .filter((each) => each.startsWith(series));
    expect(numbers.sort()).toEqual(
      Array.from({ length: last }, (_, index) => `${series}-${`${index + 1}`.padStart(6, '0')}`),
    );
  }
  for (const run of world.state.runs.values()) {
    expect(run).toMatchObject({
      status: 'closed',
      invoices: documentsOf(world, 'invoice', run.month).length,
      statements: documentsOf(world, 'statement', run.month).length,
    });
  }
}

/** Closes the months that are not closed yet, and then one without entries of its own, which takes up whatever is late. */
async function closeTheRest(world: World): Promise<void> {
  await world.drain();
  await closeAll(world, [...MONTHS, '2026-04']);
}

async function closeAll(world: World, months: readonly string[]): Promise<void> {
  for (const month of months) {
    await world.deliver();
    world.queue.push({ kind: 'close', month });
    await world.drain();
  }
}

const action = fc.oneof(
  { weight: 5, arbitrary: choice.map((entry) => ({ do: 'post' as const, entry })) },
  { weight: 2, arbitrary: fc.constant({ do: 'deliver' as const }) },
  { weight: 2, arbitrary: fc.nat({ max: 2 }).map((month) => ({ do: 'close' as const, month })) },
  { weight: 8, arbitrary: fc.nat({ max: 5 }).map((position) => ({ do: 'work' as const, position })) },
);

/** What befalls one call of a store after the other; the rest goes well. */
const faultTape = fc.array(fc.constantFrom<Fault>('none', 'none', 'none', 'none', 'before', 'after'), {
  maxLength: 300,
});
const playing = (faults: readonly Fault[]) => {
  const tape = faults[Symbol.iterator]();
  return () => tape.next().value ?? 'none';
};

describe('closing months', { timeout: 30_000 }, () => {
  it('bills every entry exactly once, whenever it comes, whatever order months are closed in, whoever crashes where', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 60 }), faultTape, async (actions, faults) => {
        const world = createBillingWorld({ advertiserIds: ADVERTISERS, fault: playing(faults) });
        for (const [index, each] of actions.entries()) {
          if (each.do === 'post') world.post(entryOf(each.entry, index));
          else if (each.do === 'deliver') await world.deliver();
          else if (each.do === 'close') world.queue.push({ kind: 'close', month: MONTHS[each.month]! });
          else await world.work(each.position);
        }
        await closeTheRest(world);
        await expectEverythingBilledOnce(world);
      }),
      { numRuns: 100 },
    );
  });

  it('bills late entries exactly once while many workers close several months and more entries come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 40 }), { minLength: 20, maxLength: 200 }),
        fc.nat({ max: 3 }),
        faultTape,
        async (pauses, faultless, faults) => {
          let turn = 0;
          const pause = async () => {
            const ticks = pauses[turn++ % pauses.length] ?? 0;
            for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
          };
          const world = createBillingWorld({
            advertiserIds: ['adv_a'],
            pause,
            fault: faultless > 0 ? undefined : playing(faults),
          });
          await closeAll(world, ['2026-01']);
          let leads = 0;
          const postLate = async () => {
            world.post(lead({}, leads++));
            await pause();
            await world.deliver();
          };
          await postLate();
          const worker = async () => {
            for (let idle = 0; idle < 5; ) {
              if (world.queue.length === 0) idle += 1;
              await world.work();
              await pause();
            }
          };
          const advertiserId = 'adv_a';
          for (const month of ['2026-02', '2026-03']) {
            await world.runs.start(month, '2026-05-01T00:00:00.000Z');
            await world.runs.plan(month, 'advertiser', advertiserId);
            await world.runs.fixPlan(month, 'advertiser');
            for (let copy = 0; copy < 2; copy += 1) world.queue.push({ kind: 'bill-advertiser', month, advertiserId });
          }
          const poster = async () => {
            for (let late = 0; late < 3; late += 1) {
              for (let wait = 0; wait < 8; wait += 1) await pause();
              await postLate();
            }
          };
          await Promise.all([worker(), worker(), worker(), worker(), poster()]);
          await closeTheRest(world);
          await expectEverythingBilledOnce(world);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('bills an entry exactly once that comes when a worker crashes, wherever that is', async () => {
    for (let crashAt = 0, crashed = true; crashed; crashAt += 1) {
      crashed = false;
      let call = 0;
      let ended = false;
      const world = createBillingWorld({
        advertiserIds: ADVERTISERS,
        fault: () => (ended || call++ !== crashAt ? 'none' : 'after'),
        onCrash: async () => {
          crashed = true;
          world.post(lead({}, 2));
          world.post(lead({ month: 1 }, 3));
          await world.deliver();
        },
      });
      await closeAll(world, ['2026-01']);
      world.post(lead({}, 1));
      await closeAll(world, ['2026-02']);
      ended = true;
      await closeTheRest(world);
      await expectEverythingBilledOnce(world);
    }
  });

  it.each([[[lead({}, 1)]], [[]]])(
    'has the bundles of a month written once it is closed, though a worker dies just then: %#',
    async (entries) => {
      let call = '';
      let crashed = false;
      const statuses: unknown[] = [];
      const world = createBillingWorld({
        advertiserIds: ['adv_a'],
        pause: async (name) => {
          call = name;
          if (name === 'send') statuses.push(world.state.runs.get('2026-01')?.status);
        },
        fault: () => {
          if (crashed || call !== 'finish') return 'none';
          crashed = true;
          return 'after';
        },
      });
      for (const entry of entries) world.post(entry);
      world.queue.push({ kind: 'close', month: '2026-01' });
      await world.drain();
      expect(crashed).toBe(true);
      expect(world.renderings.at(-1)).toEqual({ kind: 'export-month', month: '2026-01' });
      expect(statuses.at(-1)).toBe('closed');
    },
  );

  it('keeps the mark of an entry that a slower worker found, when a faster one issued the invoice without it', async () => {
    const fast = Promise.withResolvers<void>();
    const slow = Promise.withResolvers<void>();
    const gates = [fast.promise, slow.promise];
    const world = createBillingWorld({
      advertiserIds: ['adv_a'],
      pause: async (call) => {
        if (call !== 'issue') return;
        // The second worker is there: let the first one go on.
        if (gates.length === 1) fast.resolve();
        await gates.shift();
      },
    });
    world.post(lead({}, 1));
    await world.closeMonth({ kind: 'close', month: '2026-01' });
    const [message] = world.queue;
    const first = world.work().then(slow.resolve);
    await new Promise(setImmediate);
    world.post(lead({}, 2));
    await world.deliver();
    await Promise.all([first, world.closeMonth(message!)]);
    expect(documentsOf(world, 'invoice')).toMatchObject([{ annex: { rows: 1 } }]);
    await closeTheRest(world);
    await expectEverythingBilledOnce(world);
  });

  /** Two workers at the same advertiser: the first finds nothing, the second an entry that came meanwhile; each waits to be let on. */
  async function twoWorkers() {
    const done = Promise.withResolvers<void>();
    const issue = Promise.withResolvers<void>();
    const note = Promise.withResolvers<void>();
    const gates: Record<string, Promise<void>[]> = { done: [done.promise], issue: [issue.promise], put: [] };
    const world = createBillingWorld({ advertiserIds: ['adv_a'], pause: async (call) => gates[call]?.shift() });
    await world.closeMonth({ kind: 'close', month: '2026-01' });
    const [message] = world.queue;
    const first = world.work();
    await new Promise(setImmediate);
    world.post(lead({}, 1));
    await world.deliver();
    const second = world.closeMonth(message!).catch(() => world.queue.push(message!));
    await new Promise(setImmediate);
    return {
      world,
      gates,
      first,
      second,
      letOn: { done: done.resolve, issue: issue.resolve, note: note.resolve },
      note,
    };
  }

  it('issues nothing to an advertiser that a faster worker was through with', async () => {
    const { world, first, second, letOn } = await twoWorkers();
    letOn.done();
    await first;
    await world.drain();
    letOn.issue();
    await second;
    expect(documentsOf(world, 'invoice')).toEqual([]);
    await closeTheRest(world);
    await expectEverythingBilledOnce(world);
  });

  it('is not through with an advertiser before all of its invoices are passed on', async () => {
    const { world, gates, first, second, letOn, note } = await twoWorkers();
    gates['put'] = [note.promise];
    letOn.issue();
    await new Promise(setImmediate);
    expect(documentsOf(world, 'invoice')).toHaveLength(1);
    letOn.done();
    await first;
    await closeTheRest(world);
    letOn.note();
    await second;
    await closeTheRest(world);
    await expectEverythingBilledOnce(world);
  });

  it('gives the same documents wherever it crashed once, before or after any call', async () => {
    const entries = Array.from({ length: 9 }, (_, index) =>
      entryOf(
        {
          advertiser: index % 2,
          month: index % 3,
          affiliate: index % 3,
          currency: index % 5 === 0 ? 1 : 0,
          reversal: index === 7,
          priceMinor: 2500n,
        },
        index,
      ),
    );
    const run = async (crashAt: number, how: Fault) => {
      let call = 0;
      const world = createBillingWorld({
        advertiserIds: ADVERTISERS,
        fault: () => (call++ === crashAt ? how : 'none'),
      });
      for (const entry of entries) world.post(entry);
      for (const month of MONTHS) {
        world.queue.push({ kind: 'close', month });
        await world.drain();
      }
      const documents = [...world.state.documents.values()];
      return { calls: call, documents: documents.map(({ issuedAt: _issuedAt, number: _number, ...rest }) => rest) };
    };
    const byKey = (documents: readonly object[]) =>
      documents.map((each) => JSON.stringify(each, (_, v) => (typeof v === 'bigint' ? `${v}` : v))).sort();
    const undisturbed = await run(-1, 'none');
    expect(undisturbed.documents.length).toBeGreaterThan(7);
    for (let crashAt = 0; crashAt < undisturbed.calls; crashAt += 1) {
      for (const how of ['before', 'after'] as const) {
        expect(byKey((await run(crashAt, how)).documents), `crash ${how} call ${crashAt}`).toEqual(
          byKey(undisturbed.documents),
        );
      }
    }
  });

  it('issues nothing to an advertiser without entries, and a document for entries that come to nothing', async () => {
    const world = createBillingWorld({ advertiserIds: ADVERTISERS });
    world.post(lead({}, 1));
    world.post(lead({ reversal: true }, 2));
    await closeAll(world, ['2026-01']);
    const [document, ...others] = documentsOf(world, 'invoice');
    expect(others).toEqual([]);
    expect(document).toMatchObject({
      netMinor: 0n,
      lineCount: 2,
      number: 'INV-2026-000001',
      partyName: 'Name of adv_a',
    });
    expect(world.state.runs.get('2026-01')).toMatchObject({
      advertisers: 3,
      affiliates: 1,
      invoices: 1,
      statements: 1,
    });
  });

  it('turns a reversal that comes late into a credit note of the next close, on invoice and statement', async () => {
    const world = createBillingWorld({ advertiserIds: ADVERTISERS });
    world.post(lead({}, 1));
    await closeAll(world, ['2026-01']);
    world.post(lead({ reversal: true }, 1));
    await closeAll(world, ['2026-02']);
    const [invoice] = documentsOf(world, 'invoice', '2026-02');
    expect(invoice).toMatchObject({ number: 'CRN-2026-000001', netMinor: -2500n });
    const { lines } = bodyFromText(await world.files.get('bodies', invoice!.bodyDigest), 'EUR');
    expect(lines).toMatchObject([{ month: '2026-01', kind: 'reversal', quantity: -1, unitPriceMicros: 25_000_000n }]);
    expect(documentsOf(world, 'statement', '2026-02')).toMatchObject([{ number: 'SCN-2026-000001', netMinor: -1250n }]);
    await closeAll(world, ['2026-03']);
    expect(documentsOf(world, 'invoice', '2026-03')).toEqual([]);
  });

  it('turns refunds of what is billed into credit notes of the closes that follow, in all as much as was billed', async () => {
    const world = createBillingWorld({ advertiserIds: [ADVERTISER_ID] });
    let sold = aLead({ occurredAt: '2026-01-10T10:00:00.000Z', chargeMinor: 2500n, commissionMinor: 1799n });
    const posted = () => entriesOf(sold, 'UTC').at(-1)!;
    world.post(posted());
    await closeAll(world, ['2026-01']);
    const nets: bigint[] = [];
    for (const [index, month] of ['2026-02', '2026-03', '2026-04'].entries()) {
      // A third each.
      const part = { refundedMicros: 1n, totalMicros: 3n };
      const refunded = refundLead(sold, decision(), { refundId: `refund-${index}`, part }, undefined);
      if (!refunded.ok) throw new Error(refunded.fault);
      sold = refunded.lead;
      world.post(posted());
      await closeAll(world, [month]);
      nets.push(...documentsOf(world, 'invoice', month).map(({ netMinor }) => netMinor));
    }
    expect(sold.status).toBe('reversed');
    expect(nets).toEqual([-833n, -834n, -833n]);
  });

  it('bills late entries with an earlier month that is closed later', async () => {
    const world = createBillingWorld({ advertiserIds: ADVERTISERS });
    world.post(lead({ month: 2 }, 1));
    await closeAll(world, ['2026-03']);
    world.post(lead({ month: 2 }, 2));
    world.post(lead({ month: 0 }, 3));
    await closeAll(world, ['2026-01']);
    const [invoice] = documentsOf(world, 'invoice', '2026-01');
    const { lines } = bodyFromText(await world.files.get('bodies', invoice!.bodyDigest), 'EUR');
    expect(lines.map((line) => [line.month, line.quantity])).toEqual([
      ['2026-01', 1],
      ['2026-03', 1],
    ]);
  });

  it('clears a mark only when nothing came since it was read', async () => {
    const world = createBillingWorld({ advertiserIds: ADVERTISERS });
    await closeAll(world, ['2026-01']);
    world.post(lead({}, 1));
    await closeAll(world, ['2026-02']);
    expect(await world.marks.marked('adv_a')).toEqual([]);
    await world.marks.mark('adv_a', '2026-01');
    await world.marks.clear('adv_a', { month: '2026-01', marks: 1 });
    expect(await world.marks.marked('adv_a')).toEqual([{ month: '2026-01', marks: 2 }]);
  });

  it('refuses to bill on where the journal has lost an entry that a document holds', async () => {
    const world = createBillingWorld({ advertiserIds: ADVERTISERS });
    world.post(lead({}, 1));
    await closeAll(world, ['2026-01']);
    world.state.journal.length = 0;
    await world.marks.mark('adv_a', '2026-01');
    world.queue.push({ kind: 'close', month: '2026-02' });
    await expect(world.drain()).rejects.toThrow(/on a document but not in the journal/);
  });

  it('changes nothing when a closed month is closed again', async () => {
    const world = createBillingWorld({ advertiserIds: ADVERTISERS });
    world.post(lead({}, 1));
    await closeAll(world, ['2026-01']);
    const before = structuredClone(world.state.documents);
    world.post(lead({}, 2));
    await closeAll(world, ['2026-01']);
    expect(world.state.documents).toEqual(before);
    expect(world.state.runs.get('2026-01')?.status).toBe('closed');
  });
});
