import { describe, expect, it } from 'vitest';
import { createContactChecks } from '../../shared/adapters/contact-checks.ts';
import type { Caps } from '../../shared/domain/caps/caps.ts';
import { writeReadings } from '../../shared/domain/caps/readings.ts';
import type { Campaign } from '../../shared/domain/catalog/campaign.ts';
import { judgeLead } from '../../shared/domain/leads/decide-lead.ts';
import type { Lead } from '../../shared/domain/leads/lead.ts';
import type { Contact } from '../../shared/ports/leads.ts';
import { createReplayVerdicts, type Replay, type ReplayRequest } from '../../shared/use-cases/replay-verdicts.ts';
import {
  AFFILIATE_ID,
  campaign,
  conversion,
  later,
  lead,
  OTHER_AFFILIATE_ID,
  terms,
  transition,
} from '../support/builders.ts';
import { fixed, ofAmount, ofCharge, pricing } from '../support/prices.ts';

const START = '2025-11-10T10:00:00.000Z';
const ALL: Omit<ReplayRequest, 'campaign'> = { from: '2025-11-01', to: '2025-11-30' };

function replayOf(of: Campaign, leads: readonly Lead[], contacts: Readonly<Record<string, Contact>> = {}) {
  const replay = createReplayVerdicts({
    catalog: { campaign: async (id) => (id === of.campaignId ? of : undefined), affiliateTerms: async () => [] },
    leads: { list: async () => ({ leads }) },
    contacts: { get: async (leadId) => contacts[leadId] },
    contactChecks: createContactChecks(),
    leadSecrets: async () => ({ leadId: (parts) => parts.join('#'), fingerprint: (parts) => parts.join('#') }),
    timeZone: 'UTC',
  });
  return async (more: Partial<ReplayRequest> = {}): Promise<Replay> => {
    const result = await replay({ campaign: of.campaignId, ...ALL, ...more });
    if (result === undefined || 'field' in result) throw new Error(`${result?.field} ${result?.message}`);
    return result;
  };
}

/** The n-th lead of an affiliate, in order of time. */
const nth = (index: number, changes: Partial<Lead> = {}): Lead =>
  lead({
    leadId: `lead_${index}`,
    receivedAt: later(START, index * 1000),
    occurredAt: later(START, index * 1000),
    clickedAt: START,
    subIds: {},
    ...changes,
  });
const rejected = (index: number, reason: string, changes: Partial<Lead> = {}): Lead =>
  nth(index, { status: 'rejected', reason, chargeMinor: 0n, commissionMinor: 0n, ...changes });
const returned = (index: number, changes: Partial<Lead> = {}): Lead =>
  nth(index, {
    status: 'reversed',
    history: [transition(), transition({ version: 2, action: 'reversed', status: 'reversed' })],
    ...changes,
  });

describe('verdicts decided again', () => {
  it('are the same from what was recorded, whatever people did since', async () => {
    const leads = [
      nth(1),
      rejected(2, 'outside_click_window', { clickedAt: later(START, -31 * 86_400_000) }),
      returned(3),
      rejected(4, 'unattributed', { attributedBy: 'none', affiliateId: undefined, clickedAt: undefined }),
    ];
    const { different, leads: count } = await replayOf(campaign(), leads)();
    expect([count, different]).toEqual([4, 0]);
  });

  it('are the same at prices of several kinds, though parts of them were taken back', async () => {
    const priced = pricing({
      events: { sale: { charge: ofAmount(100_000n), commission: ofCharge(500_000n) } },
      rules: [{ id: 'dach', when: { country: ['DE'] }, charge: fixed(12_345_600n) }],
    });
    const of = campaign({ terms: [terms({ pricing: priced })] });
    const sale = { event: 'sale', amount: { amountMinor: 10_000n, currency: 'EUR' } };
    const part = transition({
      version: 2,
      action: 'reversed_in_part',
      takenBack: { chargeMinor: 400n, commissionMinor: 200n },
    });
    const leads = [
      nth(1, { ...sale, chargeMinor: 1000n, commissionMinor: 500n, price: { rule: 'event:sale' } }),
      nth(2, {
        ...sale,
        evidence: { country: 'DE' },
        chargeMinor: 1235n,
        commissionMinor: 617n,
        price: { rule: 'rule:dach', chargeMicros: 12_345_600n },
      }),
      rejected(3, 'amount_needed', { event: 'sale' }),
      nth(4, {
        ...sale,
        chargeMinor: 600n,
        commissionMinor: 300n,
        price: { rule: 'event:sale' },
        version: 2,
        history: [transition(), part],
      }),
    ];
    const { differences, affiliates } = await replayOf(of, leads)();
    expect(differences).toEqual([]);
    const { was, would } = affiliates.get(AFFILIATE_ID) ?? {};
    expect(would).toEqual(was);
    expect(would).toMatchObject({ confirmed: 3, charge: '28.35', commission: '14.17' });
  });

  it('look at the country that was given, where only the changed terms ask for it', async () => {
    const changes = { pricing: { rules: [{ id: 'dach', when: { country: ['DE'] }, charge: '9.00' }] } };
    const replay = replayOf(campaign(), [nth(1), nth(2)], { lead_1: { country: 'DE' } });
    const { differences } = await replay({ changes });
    expect(differences.map(({ leadId, is }) => [leadId, is.charge, is.priceRule])).toEqual([
      ['lead_1', '900', 'rule:dach'],
    ]);
  });

  it('show a record that was changed', async () => {
    const { differences } = await replayOf(campaign(), [nth(1, { chargeMinor: 9900n })])();
    expect(differences).toMatchObject([{ leadId: 'lead_1', was: { charge: '9900' }, is: { charge: '2500' } }]);
  });

  it('are those of the caps as they had counted then', async () => {
    const caps: Caps = {
      limits: [{ scope: 'campaign', period: 'day', measure: 'leads', limit: 2n, over: 'reject' }],
      reversalFrees: false,
    };
    const [cap] = caps.limits;
    const evidence = (used: bigint) => ({ caps: writeReadings([{ cap: cap!, used, limit: 2n }], caps) });
    const leads = [
      nth(1, { evidence: evidence(1n) }),
      rejected(2, 'campaign_daily_cap_reached', { evidence: evidence(2n) }),
      rejected(3, 'campaign_daily_cap_reached', { evidence: evidence(1n) }),
    ];
    const { differences } = await replayOf(campaign({ terms: [terms({ caps })] }), leads)();
    expect(differences.map(({ leadId }) => leadId)).toEqual(['lead_3']);
  });
});

describe('verdicts under other terms', () => {
  it('say by affiliate what they would have cost', async () => {
    const leads = [nth(1), nth(2), returned(3, { affiliateId: OTHER_AFFILIATE_ID })];
    const { affiliates, different } = await replayOf(campaign(), leads)({ changes: { charge: '30.00' } });
    expect(different).toBe(3);
    expect(affiliates.get(AFFILIATE_ID)).toMatchObject({
      was: { leads: 2, confirmed: 2, charge: '50.00', commission: '36.00' },
      would: { confirmed: 2, charge: '60.00', commission: '36.00' },
    });
    expect(affiliates.get(OTHER_AFFILIATE_ID)).toMatchObject({ would: { confirmed: 0, reversed: 1, charge: '0.00' } });
  });

  it('look at contact data again where the rules ask for more than was recorded', async () => {
    const contacts = { lead_1: { email: 'a@example.com' }, lead_2: { email: 'a@mailinator.com' } };
    const replay = replayOf(campaign(), [nth(1), nth(2)], contacts);
    const { differences } = await replay({
      changes: { rules: [{ id: 'real', kind: 'email_not_disposable', severity: 'hard' }] },
    });
    expect(differences).toMatchObject([{ leadId: 'lead_2', is: { status: 'rejected', reason: 'email_disposable' } }]);
  });

  it('keep what was recorded, though the contact data are gone', async () => {
    const strict = terms({ rules: [{ id: 'real', kind: 'email_not_disposable', severity: 'hard' }] });
    const signals = { occurredAt: START, email: { syntaxValid: true, domain: 'example.com', disposable: false } };
    expect(judgeLead({ ...conversion(), terms: strict, signals }).verdict.status).toBe('confirmed');
    const replay = replayOf(campaign({ terms: [strict] }), [nth(1, { evidence: { signals } })]);
    expect((await replay({ changes: { charge: '25.00' } })).different).toBe(0);
  });

  it('have a fault that names the field, and no campaign that is not there', async () => {
    const replay = replayOf(campaign(), [nth(1)]);
    await expect(replay({ changes: { charge: '1.005' } })).rejects.toThrow('charge has more decimals');
    await expect(replay({ campaign: 'cmp_none' })).rejects.toThrow('undefined');
  });
});
