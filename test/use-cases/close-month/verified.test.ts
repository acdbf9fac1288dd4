import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createGetDocument } from '../../../functions/manage-billing/get-document.ts';
import { documentFile } from '../../../shared/contracts/document-file.ts';
import type { LeadEntry } from '../../../shared/domain/ledger/entry.ts';
import { sha256Hex } from '../../../shared/runtime/crypto.ts';
import { ownLines, verifyDocument } from '../../../shared/use-cases/verify-document.ts';
import { createBillingWorld } from '../../support/billing.ts';
import { network } from '../../support/network.ts';

const MONTHS = ['2026-01', '2026-02', '2026-03'];
const RUNS = 6;

const rate = (date: string, denominator: bigint) => ({
  source: 'ecb',
  date,
  from: 'USD',
  to: 'EUR',
  numerator: 10_000n,
  denominator,
});

/** What a lead is, and in which later close, if any, it is taken back. */
const drawnLead = fc.record({
  month: fc.constantFrom(...MONTHS),
  party: fc.constantFrom('adv_a', 'adv_b'),
  affiliateId: fc.constantFrom('aff_x', 'aff_y'),
  campaignId: fc.constantFrom('cmp_a', 'cmp_b'),
  currency: fc.constantFrom('EUR', 'USD'),
  chargeMicros: fc.constantFrom(25_000_000n, 12_345_678n, 333_333n, 66_700n),
  takenBackIn: fc.option(fc.constantFrom(...MONTHS)),
});
type DrawnLead = typeof drawnLead extends fc.Arbitrary<infer Lead> ? Lead : never;

const minorOf = (micros: bigint): bigint => (micros + 5_000n) / 10_000n;
const whereFiner = (micros: bigint): bigint | undefined => (micros % 10_000n === 0n ? undefined : micros);

function entryOf({ takenBackIn: _takenBackIn, chargeMicros, ...lead }: DrawnLead, index: number): LeadEntry {
  const { month, party, affiliateId } = lead;
  const commissionMicros = (chargeMicros * 3n) / 4n;
  const [charge, commission] = [minorOf(chargeMicros), minorOf(commissionMicros)];
  return {
    ...lead,
    causeId: `lead_${index}`,
    kind: 'lead_confirmed',
    sequence: 1,
    legs: [
      { account: `receivable:${party}`, amountMinor: charge },
      { account: `payable:${affiliateId}`, amountMinor: -commission },
      { account: 'revenue', amountMinor: commission - charge },
    ],
    occurredAt: `${month}-10T10:00:00.000Z`,
    decidedAt: `${month}-10T10:00:00.000Z`,
    event: 'lead',
    transactionId: `order-${index}`,
    chargeMicros: whereFiner(chargeMicros),
    commissionMicros: whereFiner(commissionMicros),
  };
}

const reversalOf = (entry: LeadEntry): LeadEntry => ({
  ...entry,
  kind: 'lead_reversed',
  sequence: 2,
  reverses: 1,
  legs: entry.legs.map((leg) => ({ ...leg, amountMinor: -leg.amountMinor })),
});

describe('every document that a close issues', () => {
  it('is what its party computes from its entries: prices with 6 decimals, converted, taken back months later', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(drawnLead, { minLength: 20, maxLength: 40 }), async (leads) => {
        const world = createBillingWorld({
          advertiserIds: ['adv_a', 'adv_b'],
          profiles: { adv_a: { billingCurrency: 'EUR' }, aff_x: { billingCurrency: 'EUR' } },
          rates: [rate('2026-01-30', 11_500n), rate('2026-02-27', 12_100n), rate('2026-03-30', 11_113n)],
        });
        for (const month of MONTHS) {
          for (const [index, lead] of leads.entries()) {
            if (lead.month === month) world.post(entryOf(lead, index));
            if (lead.takenBackIn === month && lead.month <= month) world.post(reversalOf(entryOf(lead, index)));
          }
          await world.deliver();
          world.queue.push({ kind: 'close', month });
          await world.drain();
        }
        const { ask, catalog } = network();
        for (const { kind, number } of world.state.documents.values()) {
          const handler = createGetDocument({ ...world, catalog }, kind);
          const { text } = await ask(handler, { caller: 'finance', routeKey: 'GET', path: { number } });
          const document = documentFile.parse(JSON.parse(text));
          const fault = await verifyDocument(document, ownLines(document.annexRows ?? []), sha256Hex);
          expect({ number, fault }).toEqual({ number, fault: undefined });
        }
      }),
      { numRuns: RUNS },
    );
  });
});
