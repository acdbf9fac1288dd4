import { describe, expect, it } from 'vitest';
import type { DocumentKind } from '../../../shared/domain/billing/document.ts';
import { faultsOf } from '../../../shared/domain/billing/faults-of.ts';
import type { JournalEntry } from '../../../shared/domain/ledger/entry.ts';
import type { AffiliateProfile, LegalEntity } from '../../../shared/domain/tax/parties.ts';
import { createBillingWorld } from '../../support/billing.ts';
import { lead as pendingLead } from '../../support/builders.ts';
import { legalEntity } from '../../support/tax.ts';

type World = ReturnType<typeof createBillingWorld>;
type Changeable<Type> = { -readonly [Name in keyof Type]: Type[Name] };

const GERMAN = { address: legalEntity().address, vatId: 'DE136695976' };
const AGREED = { selfBilling: { validFrom: '2026-01-01', reference: 'SB-17' } };

/** A lead that costs 25.00 and earns 12.50, or its reversal. */
const lead = (cause: string, month: string, isReversal = false): JournalEntry => {
  const sign = isReversal ? -1n : 1n;
  return {
    party: 'adv_a',
    month,
    causeId: cause,
    kind: isReversal ? 'lead_reversed' : 'lead_confirmed',
    ...(isReversal ? { sequence: 2, reverses: 1 } : { sequence: 1 }),
    currency: 'EUR',
    legs: [
      { account: 'receivable:adv_a', amountMinor: sign * 2500n },
      { account: 'payable:aff_x', amountMinor: sign * -1250n },
      { account: 'revenue', amountMinor: sign * -1250n },
    ],
    occurredAt: `${month}-10T10:00:00.000Z`,
    decidedAt: `${month}-10T10:00:00.000Z`,
    campaignId: 'cmp_a',
    affiliateId: 'aff_x',
    event: 'lead',
    transactionId: `order of ${cause}`,
  };
};

async function close(world: World, month: string): Promise<void> {
  await world.deliver();
  world.queue.push({ kind: 'close', month });
  await world.drain();
}

/** What a month's document says. It keeps all rules. */
async function viewOf(world: World, kind: DocumentKind, month: string) {
  const document = [...world.state.documents.values()].find((each) => each.kind === kind && each.month === month);
  if (document === undefined) return undefined;
  const view = await world.views.get(document.number);
  expect(faultsOf(view!)).toEqual([]);
  return view;
}

const worldOf = (entity: LegalEntity, profiles: Readonly<Record<string, AffiliateProfile>>) =>
  createBillingWorld({ advertiserIds: ['adv_a'], legalEntity: entity, profiles });

describe('the tax of a close', () => {
  it('is charged on the invoice, and by the affiliate on its own', async () => {
    const world = worldOf(legalEntity(), { adv_a: GERMAN, aff_x: { ...GERMAN, ...AGREED } });
    world.post(lead('lead_1', '2026-01'));
    await close(world, '2026-01');
    expect(await viewOf(world, 'invoice', '2026-01')).toMatchObject({ typeCode: '380', taxMinor: 475n });
    expect(await viewOf(world, 'statement', '2026-01')).toMatchObject({
      typeCode: '389',
      taxMinor: 238n,
      seller: { partyId: 'aff_x' },
      buyer: { legalName: 'Lead Network GmbH' },
    });
    world.post(lead('lead_1', '2026-01', true));
    await close(world, '2026-02');
    expect(await viewOf(world, 'invoice', '2026-02')).toMatchObject({ typeCode: '381', grossMinor: 2975n });
    expect(await viewOf(world, 'statement', '2026-02')).toMatchObject({ typeCode: '261', grossMinor: 1488n });
  });

  it('is not given back where it was never charged', async () => {
    const entity: Changeable<LegalEntity> = legalEntity({ vatId: undefined });
    const world = worldOf(entity, { adv_a: GERMAN, aff_x: {} });
    world.post(lead('lead_1', '2026-01'));
    await close(world, '2026-01');
    expect(await viewOf(world, 'invoice', '2026-01')).toMatchObject({ taxes: [{ category: 'O' }], taxMinor: 0n });
    entity.vatId = 'DE136695976';
    world.post(lead('lead_1', '2026-01', true));
    world.post(lead('lead_2', '2026-02'));
    world.post(lead('lead_3', '2026-02'));
    await close(world, '2026-02');
    expect(await viewOf(world, 'invoice', '2026-02')).toMatchObject({
      netMinor: 2500n,
      taxMinor: 950n,
      taxes: [
        { category: 'E', baseMinor: -2500n, taxMinor: 0n },
        { category: 'S', rate: '19', baseMinor: 5000n, taxMinor: 950n },
      ],
    });
  });

  it('tells with what stops a document what finance should know besides', async () => {
    const leads = [pendingLead({ advertiserId: 'adv_a', occurredAt: '2026-01-10T10:00:00.000Z', status: 'pending' })];
    const world = createBillingWorld({ advertiserIds: ['adv_a'], legalEntity: legalEntity(), leads });
    world.post(lead('lead_1', '2026-01'));
    await close(world, '2026-01');
    expect(await world.runs.blockers('2026-01', 10)).toMatchObject([
      { kind: 'party_data', partyId: 'adv_a', isHard: true },
      { kind: 'pending_leads', partyId: 'adv_a', isHard: false },
    ]);
  });

  it('stops all documents of a party where it stops one: none is issued and then left half done', async () => {
    const world = worldOf(legalEntity(), { adv_a: GERMAN });
    await close(world, '2015-12');
    world.post({ ...lead('lead_1', '2015-12'), currency: 'USD' });
    world.post(lead('lead_2', '2026-01'));
    await close(world, '2026-01');
    expect(await world.runs.blockers('2026-01', 10)).toMatchObject([
      { kind: 'party_data', message: 'The rate of VAT in DE in 2015-12 is not known.' },
    ]);
    expect(world.state.documents.size).toBe(0);
  });

  it('stops the document of whoever lacks what it needs, until it is filled in', async () => {
    const profiles: Record<string, AffiliateProfile> = { adv_a: { legalName: 'Shop GmbH' } };
    const world = worldOf(legalEntity(), profiles);
    world.post(lead('lead_1', '2026-01'));
    await close(world, '2026-01');
    expect(await viewOf(world, 'invoice', '2026-01')).toBeUndefined();
    expect(world.state.runs.get('2026-01')?.status).toBe('closing');
    profiles['adv_a'] = GERMAN;
    await close(world, '2026-01');
    expect(world.state.runs.get('2026-01')?.status).toBe('closed');
    expect(await viewOf(world, 'invoice', '2026-01')).toMatchObject({ number: 'INV-2026-000001', taxMinor: 475n });
  });
});
