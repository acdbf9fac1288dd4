import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodyFromText, type DocumentKind } from '../../../shared/domain/billing/document.ts';
import {
  amountOn,
  type BookEntry,
  type JournalEntry,
  type LeadEntry,
  payable,
  receivable,
} from '../../../shared/domain/ledger/entry.ts';
import { microsPerMinor, minorOfMicros } from '../../../shared/domain/money/micros.ts';
import type { Rate } from '../../../shared/domain/money/rate.ts';
import type { LegalEntity } from '../../../shared/domain/tax/parties.ts';
import { type BillingWorldOptions, createBillingWorld } from '../../support/billing.ts';

const ADVERTISER = 'adv_a';
const AFFILIATE = 'aff_x';
type World = ReturnType<typeof createBillingWorld>;

interface LeadFacts {
  readonly leadId: string;
  readonly month?: string;
  readonly currency?: string;
  /** Millionths. */
  readonly charge?: bigint;
  readonly commission?: bigint;
}

function confirmed(facts: LeadFacts): LeadEntry {
  const { leadId, month = '2026-01', currency = 'EUR', charge = 25_000_000n, commission = 18_000_000n } = facts;
  const [chargeMinor, commissionMinor] = [minorOfMicros(charge, currency), minorOfMicros(commission, currency)];
  const isFine = (micros: bigint) => micros % microsPerMinor(currency) !== 0n;
  return {
    party: ADVERTISER,
    month,
    causeId: leadId,
    kind: 'lead_confirmed',
    sequence: 1,
    currency,
    legs: [
      { account: receivable(ADVERTISER), amountMinor: chargeMinor },
      { account: payable(AFFILIATE), amountMinor: -commissionMinor },
      { account: 'revenue', amountMinor: commissionMinor - chargeMinor },
    ],
    occurredAt: `${month}-10T10:00:00.000Z`,
    decidedAt: `${month}-10T10:00:00.000Z`,
    campaignId: 'cmp_a',
    affiliateId: AFFILIATE,
    event: 'lead',
    transactionId: leadId,
    ...(isFine(charge) && { chargeMicros: charge }),
    ...(isFine(commission) && { commissionMicros: commission }),
  };
}

const reversed = (facts: LeadFacts): LeadEntry => {
  const lead = confirmed(facts);
  const legs = lead.legs.map((leg) => ({ ...leg, amountMinor: -leg.amountMinor }));
  return { ...lead, kind: 'lead_reversed', sequence: 2, reverses: 1, legs };
};

const ownEntry = (changes: Partial<BookEntry> = {}): BookEntry => ({
  party: AFFILIATE,
  month: '2026-01',
  causeId: 'cor_a',
  kind: 'bonus',
  sequence: 1,
  currency: 'EUR',
  legs: [
    { account: payable(AFFILIATE), amountMinor: -5000n },
    { account: 'revenue', amountMinor: 5000n },
  ],
  occurredAt: '2026-01-31T10:00:00.000Z',
  decidedAt: '2026-01-31T10:00:00.000Z',
  affiliateId: AFFILIATE,
  text: 'Best of January',
  ...changes,
});

async function closing(
  options: Partial<BillingWorldOptions>,
  ...closes: readonly (readonly [month: string, ...entries: JournalEntry[]])[]
): Promise<World> {
  const world = createBillingWorld({ advertiserIds: [ADVERTISER], ...options });
  for (const [month, ...entries] of closes) {
    for (const entry of entries) world.post(entry);
    await world.deliver();
    world.queue.push({ kind: 'close', month });
    await world.drain();
  }
  return world;
}

const documentsOf = (world: World, kind: DocumentKind, month?: string) =>
  [...world.state.documents.values()].filter(
    (each) => each.kind === kind && (month === undefined || each.month === month),
  );

const bodyOf = async (world: World, document: { bodyDigest: string; currency: string }) =>
  bodyFromText(await world.files.get('bodies', document.bodyDigest), document.currency);

/** What an account holds in each currency, as the journal has it. */
function balances(world: World, account: string): Record<string, bigint> {
  const sums: Record<string, bigint> = {};
  for (const currency of ['EUR', 'USD', 'JPY']) {
    const sum = world.state.journal.reduce((total, entry) => total + amountOn(entry, account, currency), 0n);
    if (sum !== 0n) sums[currency] = sum;
  }
  return sums;
}

const rate = (from: string, date: string, numerator: bigint, denominator = 1_0000n): Rate => ({
  ...{ source: 'ecb', date, from, to: 'EUR', numerator, denominator },
});

describe('prices with more decimals than their currency', () => {
  it('are rounded once a line, and the journal holds what the document says', async () => {
    const leads = ['a', 'b', 'c'].map((leadId) => confirmed({ leadId, charge: 333_333n, commission: 111_111n }));
    const world = await closing({}, ['2026-01', ...leads]);
    const [invoice] = documentsOf(world, 'invoice');
    expect(invoice).toMatchObject({ netMinor: 100n, lineCount: 1 });
    expect((await bodyOf(world, invoice!)).lines).toMatchObject([
      { quantity: 3, unitPriceMicros: 333_333n, amountMinor: 100n },
    ]);
    expect(documentsOf(world, 'statement')).toMatchObject([{ netMinor: 33n }]);
    expect(balances(world, receivable(ADVERTISER))).toEqual({ EUR: 100n });
    expect(balances(world, payable(AFFILIATE))).toEqual({ EUR: -33n });
    expect(balances(world, 'rounding')).toEqual({ EUR: -1n });
    expect(world.state.journal.filter(({ kind }) => kind === 'rounding')).toMatchObject([
      { party: ADVERTISER, month: '2026-01', causeId: invoice!.number, document: invoice!.number },
    ]);
  });

  it('are taken back by the cents that were billed: all credits, in any order and number, come to the invoice', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(333_333n, 5000n, 4999n, 12_345_678n, 25_000_000n), { minLength: 1, maxLength: 6 }),
        fc.array(fc.nat({ max: 3 }), { minLength: 6, maxLength: 6 }),
        async (prices, closes) => {
          const leads = prices.map((charge, index) => ({ leadId: `lead_${index}`, charge, commission: charge / 3n }));
          const ofClose = (close: number) => leads.filter((_, index) => closes[index] === close).map(reversed);
          const world = await closing(
            {},
            ['2026-01', ...leads.map(confirmed), ...ofClose(0)],
            ['2026-02', ...ofClose(1)],
            ['2026-03', ...ofClose(2)],
            ['2026-04', ...ofClose(3)],
          );
          for (const kind of ['invoice', 'statement'] as const) {
            const nets = documentsOf(world, kind).map(({ netMinor }) => netMinor);
            expect(nets.reduce((sum, net) => sum + net, 0n)).toBe(0n);
            let left = 0n;
            for (const net of nets) {
              left += net;
              expect(left).toBeGreaterThanOrEqual(0n);
            }
          }
          expect(balances(world, receivable(ADVERTISER))).toEqual({});
          expect(balances(world, payable(AFFILIATE))).toEqual({});
          expect(balances(world, 'rounding')).toEqual({});
        },
      ),
      { numRuns: 60 },
    );
  });

  it('name the documents that they take back from, each side its own', async () => {
    const world = await closing(
      {},
      ['2026-01', confirmed({ leadId: 'a' }), confirmed({ leadId: 'b' })],
      ['2026-02', reversed({ leadId: 'a' })],
    );
    const [credit] = documentsOf(world, 'invoice', '2026-02');
    expect((await bodyOf(world, credit!)).terms?.corrects).toEqual(['INV-2026-000001']);
    const [own] = documentsOf(world, 'statement', '2026-02');
    expect((await bodyOf(world, own!)).terms?.corrects).toEqual(['STM-2026-000001']);
    expect(world.state.views.get(credit!.number)).toMatchObject({ isCredit: true, corrects: ['INV-2026-000001'] });
  });
});

describe('another currency than the entries’', () => {
  const profiles = { [ADVERTISER]: { billingCurrency: 'EUR' } };
  const rates = [rate('USD', '2026-01-30', 9000n), rate('USD', '2026-02-27', 8000n)];

  it('is billed at the rate of the last day, and the difference is on the account of conversion alone', async () => {
    const world = await closing({ profiles, rates }, [
      '2026-01',
      confirmed({ leadId: 'a', currency: 'USD', charge: 10_000_000n, commission: 0n }),
      confirmed({ leadId: 'b' }),
    ]);
    const [invoice, ...others] = documentsOf(world, 'invoice');
    expect(others).toEqual([]);
    expect(invoice).toMatchObject({ currency: 'EUR', netMinor: 2500n + 900n, sources: ['EUR', 'USD'] });
    expect(balances(world, receivable(ADVERTISER))).toEqual({ EUR: 3400n });
    expect(balances(world, 'fx')).toEqual({ EUR: -900n, USD: 1000n });
    expect(world.state.journal.filter(({ kind }) => kind === 'fx')).toMatchObject([{ rate: rates[0] }]);
    expect(world.state.views.get(invoice!.number)?.rates).toEqual([rates[0]]);
    // The affiliate has no billing currency: each stays in its own.
    expect(documentsOf(world, 'statement').map(({ currency }) => currency)).toEqual(['EUR', 'USD']);
  });

  it('is credited at the rate that it was billed at', async () => {
    const lead = { leadId: 'a', currency: 'USD', charge: 10_000_000n };
    const world = await closing({ profiles, rates }, ['2026-01', confirmed(lead)], ['2026-02', reversed(lead)]);
    expect(documentsOf(world, 'invoice').map(({ netMinor }) => netMinor)).toEqual([900n, -900n]);
    expect(balances(world, receivable(ADVERTISER))).toEqual({});
    expect(balances(world, 'fx')).toEqual({});
  });

  it('fits its document into one transaction, and leaves what does not to the next close', async () => {
    const currencies = ['EUR', 'USD', 'GBP', 'CHF', 'PLN', 'SEK', 'NOK', 'DKK'];
    const months = Array.from({ length: 12 }, (_, index) => `2025-${String(index + 1).padStart(2, '0')}`);
    const world = createBillingWorld({
      advertiserIds: [ADVERTISER],
      profiles,
      rates: currencies.map((currency) => rate(currency, '2024-12-31', 9000n)),
    });
    const closeAll = async (...closing: string[]) => {
      for (const month of closing) {
        world.queue.push({ kind: 'close', month });
        await world.drain();
      }
    };
    await closeAll(...months);
    for (const month of [...months, '2026-01']) {
      for (const currency of currencies) world.post(confirmed({ leadId: `${month}-${currency}`, month, currency }));
    }
    await world.deliver();
    await closeAll('2026-01', '2026-02');
    const entries = documentsOf(world, 'invoice').map(({ month, annex }) => [month, annex.rows]);
    expect(entries).toEqual([
      ['2026-01', 7 * currencies.length],
      ['2026-02', 6 * currencies.length],
    ]);
    expect(await world.marks.marked(ADVERTISER)).toEqual([]);
  });

  it('stops that party alone where there is no rate, and goes on once there is one', async () => {
    const found: Rate[] = [];
    const world = createBillingWorld({ advertiserIds: [ADVERTISER, 'adv_b'], profiles, rates: found });
    world.post(confirmed({ leadId: 'a', currency: 'USD' }));
    world.post({
      ...confirmed({ leadId: 'b' }),
      party: 'adv_b',
      legs: [
        { account: receivable('adv_b'), amountMinor: 100n },
        { account: 'revenue', amountMinor: -100n },
      ],
    });
    world.queue.push({ kind: 'close', month: '2026-01' });
    await world.drain();
    expect(documentsOf(world, 'invoice').map(({ partyId }) => partyId)).toEqual(['adv_b']);
    expect(world.state.runs.get('2026-01')).toMatchObject({ status: 'closing', advertisersDone: 1 });
    expect(await world.runs.blockers('2026-01', 10)).toMatchObject([
      { kind: 'no_rate', partyId: ADVERTISER, isHard: true, message: expect.stringContaining('from USD to EUR') },
    ]);
    found.push(rate('USD', '2026-01-30', 9000n));
    world.queue.push({ kind: 'close', month: '2026-01' });
    await world.drain();
    expect(documentsOf(world, 'invoice')).toHaveLength(2);
    expect(world.state.runs.get('2026-01')?.status).toBe('closed');
  });

  it('is that of the first attempt, though the profile says another by the next', async () => {
    const changing: Record<string, { billingCurrency?: string }> = { [ADVERTISER]: {} };
    let call = 0;
    const world = createBillingWorld({
      advertiserIds: [ADVERTISER],
      profiles: changing,
      rates,
      // After the first of the two invoices.
      fault: () => (documentsOf(world, 'invoice').length === 1 && call++ === 0 ? 'after' : 'none'),
      onCrash: async () => {
        changing[ADVERTISER] = { billingCurrency: 'EUR' };
      },
    });
    world.post(confirmed({ leadId: 'a' }));
    world.post(confirmed({ leadId: 'b', currency: 'USD' }));
    world.queue.push({ kind: 'close', month: '2026-01' });
    await world.drain();
    expect(documentsOf(world, 'invoice').map(({ currency, annex }) => [currency, annex.rows])).toEqual([
      ['EUR', 1],
      ['USD', 1],
    ]);
  });
});

const legalEntity: LegalEntity = {
  legalEntityId: 'ent_1',
  code: 'BERLIN',
  isDefault: false,
  legalName: 'Network GmbH',
  address: { street: 'Weg 1', city: 'Berlin', postcode: '10115', country: 'DE' },
  email: 'billing@network.example',
  vatId: 'DE136695976',
  paymentTermDays: 14,
};
const german = { address: { city: 'Bonn', postcode: '53111', country: 'DE' }, vatId: 'DE129273398' };

describe('tax and withholding', () => {
  const profiles = {
    [ADVERTISER]: german,
    [AFFILIATE]: {
      ...german,
      selfBilling: { validFrom: '2026-01-01', reference: 'A-1' },
      withholding: { percent: '15', reason: 'Non-resident' },
    },
  };

  it('are on the documents, in the journal and in the numbers of the legal entity', async () => {
    const world = await closing({ profiles, legalEntity }, ['2026-01', confirmed({ leadId: 'a' })]);
    const [invoice] = documentsOf(world, 'invoice');
    expect(invoice).toMatchObject({
      number: 'INV-BERLIN-2026-000001',
      typeCode: '380',
      netMinor: 2500n,
      taxMinor: 475n,
      paymentTermDays: 14,
    });
    const [statement] = documentsOf(world, 'statement');
    expect(statement).toMatchObject({ typeCode: '389', netMinor: 1800n, taxMinor: 342n, withholdingMinor: 270n });
    expect(balances(world, receivable(ADVERTISER))).toEqual({ EUR: 2975n });
    expect(balances(world, payable(AFFILIATE))).toEqual({ EUR: -(1800n + 342n - 270n) });
    expect(balances(world, 'tax')).toEqual({ EUR: -475n + 342n });
    expect(balances(world, 'withholding')).toEqual({ EUR: -270n });
    expect(world.state.views.get(invoice!.number)).toMatchObject({
      typeCode: '380',
      annex: { signature: `signature of ${invoice!.number}`, root: invoice!.annex.root },
      seller: { legalName: 'Network GmbH' },
    });
    expect(world.renderings).toEqual([
      { kind: 'render-document', number: invoice!.number },
      { kind: 'render-document', number: statement!.number },
      { kind: 'export-month', month: '2026-01' },
    ]);
  });

  it('stop a party whose data they need, with words', async () => {
    const foreign = { [ADVERTISER]: { address: { city: 'Wien', postcode: '1010', country: 'AT' } } };
    const world = await closing({ profiles: foreign, legalEntity }, ['2026-01', confirmed({ leadId: 'a' })]);
    expect(world.state.documents.size).toBe(0);
    expect(await world.runs.blockers('2026-01', 10)).toMatchObject([
      { kind: 'party_data', partyId: ADVERTISER, message: expect.stringContaining('VAT id') },
    ]);
  });

  it('are none without a legal entity: documents stay as they were', async () => {
    const world = await closing({}, ['2026-01', confirmed({ leadId: 'a' })]);
    expect(documentsOf(world, 'invoice')).toMatchObject([{ number: 'INV-2026-000001', taxMinor: 0n }]);
    const [statement] = documentsOf(world, 'statement');
    expect(statement).toMatchObject({ taxMinor: 0n, withholdingMinor: 0n });
    expect(statement!.typeCode).toBeUndefined();
    expect(world.state.journal.filter(({ kind }) => kind !== 'lead_confirmed')).toEqual([]);
  });
});

describe('what an affiliate earns of its own', () => {
  it('is on its statement, though no invoice has a share for it, and once', async () => {
    const world = await closing({}, ['2026-01', ownEntry()], ['2026-02']);
    expect(documentsOf(world, 'invoice')).toEqual([]);
    const [statement, ...others] = documentsOf(world, 'statement');
    expect(others).toEqual([]);
    expect(statement).toMatchObject({ netMinor: 5000n, annex: { rows: 1 } });
    expect((await bodyOf(world, statement!)).lines).toMatchObject([
      { kind: 'bonus', text: 'Best of January', quantity: 1, amountMinor: 5000n },
    ]);
  });

  it('comes with the next close where it is late, and lessens what it earned where it is taken off', async () => {
    const fee = ownEntry({
      causeId: 'cor_b',
      kind: 'fee',
      legs: [
        { account: payable(AFFILIATE), amountMinor: 700n },
        { account: 'revenue', amountMinor: -700n },
      ],
    });
    const world = await closing({}, ['2026-01', confirmed({ leadId: 'a' }), ownEntry()], ['2026-02', fee]);
    expect(documentsOf(world, 'statement').map(({ month, netMinor }) => [month, netMinor])).toEqual([
      ['2026-01', 1800n + 5000n],
      ['2026-02', -700n],
    ]);
    expect(balances(world, payable(AFFILIATE))).toEqual({ EUR: -6100n });
  });

  it('comes from whom it brought, by the same close', async () => {
    const profiles = { [AFFILIATE]: { referredBy: { affiliateId: 'aff_referrer', percent: '5' } } };
    const world = await closing({ profiles }, ['2026-01', confirmed({ leadId: 'a' })], ['2026-02']);
    const own = documentsOf(world, 'statement').filter(({ partyId }) => partyId === 'aff_referrer');
    expect(own).toMatchObject([{ month: '2026-01', netMinor: 90n }]);
  });
});

describe('the account of an affiliate', () => {
  it('goes on from statement to statement, with what was paid between, and carries what is owed the other way', async () => {
    const paidOut: Record<string, bigint> = {};
    const world = createBillingWorld({ advertiserIds: [ADVERTISER], paidOut });
    const close = async (month: string, ...entries: JournalEntry[]) => {
      for (const entry of entries) world.post(entry);
      await world.deliver();
      world.queue.push({ kind: 'close', month });
      await world.drain();
    };
    await close('2026-01', confirmed({ leadId: 'a' }));
    paidOut[AFFILIATE] = 1800n;
    await close('2026-02', reversed({ leadId: 'a' }));
    await close('2026-03', confirmed({ leadId: 'b', month: '2026-03' }));
    const sections = documentsOf(world, 'statement').map(({ number }) => world.state.views.get(number)?.account);
    expect(sections).toEqual([
      { openingMinor: 0n, documentMinor: 1800n, paidMinor: 0n, closingMinor: 1800n },
      { openingMinor: 1800n, documentMinor: -1800n, paidMinor: -1800n, closingMinor: -1800n },
      { openingMinor: -1800n, documentMinor: 1800n, paidMinor: 0n, closingMinor: 0n },
    ]);
  });
});

describe('a dry run', () => {
  it('shows the documents and what stands in the way, and issues, posts and marks nothing', async () => {
    const world = createBillingWorld({ advertiserIds: [ADVERTISER] });
    world.post(confirmed({ leadId: 'a' }));
    world.post(ownEntry());
    await world.deliver();
    const before = structuredClone(world.state.journal);
    world.queue.push({ kind: 'close', month: '2026-01', draft: 'dry_1' });
    await world.drain();
    expect(await world.drafts.documents('dry_1', 10)).toMatchObject([
      { kind: 'invoice', netMinor: 2500n },
      { kind: 'statement', netMinor: 6800n },
    ]);
    expect(await world.runsOf('dry_1').get('2026-01')).toMatchObject({ status: 'closed', invoices: 1, statements: 1 });
    expect(await world.runsOf('dry_1').blockers('2026-01', 10)).toMatchObject([
      { kind: 'no_agreement', partyId: AFFILIATE, isHard: false },
    ]);
    expect([world.state.documents.size, world.state.runs.size, world.renderings]).toEqual([0, 0, []]);
    expect(world.state.journal).toEqual(before);
    expect(await world.marks.marked(AFFILIATE)).toHaveLength(1);
    world.queue.push({ kind: 'close', month: '2026-01' });
    await world.drain();
    expect([...world.state.documents.values()].map(({ netMinor }) => netMinor)).toEqual([2500n, 6800n]);
  });
});

describe('what a dry run would post', () => {
  it('is on the statements that it shows, of affiliates with nothing else too, and counts once', async () => {
    const referredBy = { affiliateId: 'aff_y', percent: '10' };
    const world = createBillingWorld({ advertiserIds: [ADVERTISER], profiles: { [AFFILIATE]: { referredBy } } });
    world.post(confirmed({ leadId: 'a' }));
    world.queue.push({ kind: 'close', month: '2026-01', draft: 'dry_1' });
    await world.drain();
    const shown = await world.drafts.documents('dry_1', 10);
    expect(shown.map(({ partyId, netMinor }) => [partyId, netMinor])).toEqual([
      [ADVERTISER, 2500n],
      [AFFILIATE, 1800n],
      ['aff_y', 180n],
    ]);
    expect(world.state.journal).toHaveLength(1);
    world.queue.push({ kind: 'close', month: '2026-01' });
    await world.drain();
    world.queue.push({ kind: 'close', month: '2026-01', draft: 'dry_2' });
    await world.drain();
    expect(documentsOf(world, 'statement').map(({ partyId, netMinor }) => [partyId, netMinor])).toEqual([
      [AFFILIATE, 1800n],
      ['aff_y', 180n],
    ]);
    expect(await world.drafts.documents('dry_2', 10)).toEqual([]);
  });
});

describe('a review', () => {
  it('holds everything back until it is over or ended', async () => {
    for (const end of ['over', 'ended'] as const) {
      const world = createBillingWorld({ advertiserIds: [ADVERTISER] });
      world.post(confirmed({ leadId: 'a' }));
      // The clock of the world goes on by a minute whenever it is looked at, from midnight.
      await world.runs.start('2026-01', '2026-06-01T00:00:00.000Z', '2026-06-01T00:05:00.000Z');
      world.queue.push({ kind: 'close', month: '2026-01' });
      await world.drain();
      expect(world.state.documents.size).toBe(0);
      if (end === 'ended') await world.runs.endReview('2026-01');
      for (let times = 0; times < (end === 'ended' ? 1 : 4); times += 1) {
        world.queue.push({ kind: 'close', month: '2026-01' });
        await world.drain();
      }
      expect(documentsOf(world, 'invoice')).toHaveLength(1);
      expect(world.state.runs.get('2026-01')?.status).toBe('closed');
    }
  });
});
