import { describe, expect, it } from 'vitest';
import type { Dedupe } from '../../shared/domain/leads/dedupe.ts';
import type { Lead } from '../../shared/domain/leads/lead.ts';
import { createFindLead } from '../../shared/use-cases/find-lead.ts';
import {
  ADVERTISER_ID,
  AFFILIATE_ID,
  BY_TRANSACTION,
  CAMPAIGN_ID,
  campaign,
  DAY_MS,
  LEAD_ID,
  lead,
  OTHER_AFFILIATE_ID,
  OTHER_CAMPAIGN_ID,
} from '../support/builders.ts';

const order = { transactionId: 'order-1', campaign: 'ext:shop', event: 'lead' };
const ofAffiliate = { ...order, affiliate: 'ext:traffic' };
const own = [CAMPAIGN_ID, 'lead', 'order-1'];

/** Finds among leads that hold keys of these parts. */
function finding(held: readonly (readonly [readonly string[], Partial<Lead>])[], dedupe: Partial<Dedupe> = {}) {
  const holders = new Map(held.map(([parts, changes]) => [parts.join('|'), lead(changes)]));
  const join = (parts: readonly string[]) => parts.join('|');
  return createFindLead({
    catalog: {
      campaign: async (reference) =>
        reference === 'ext:shop' ? campaign({ dedupe: { ...BY_TRANSACTION, ...dedupe } }) : undefined,
      affiliate: async (reference) =>
        reference === 'ext:traffic' ? { affiliateId: AFFILIATE_ID, name: 'Traffic' } : undefined,
    },
    leads: {
      get: async (leadId) => (leadId === LEAD_ID ? lead() : undefined),
      holder: async (keyId) => holders.get(keyId),
    },
    leadSecrets: async () => ({ leadId: join, fingerprint: join }),
  });
}
const orderedBy = async (find: ReturnType<typeof finding>, reference: Parameters<typeof find>[0]) =>
  (await find(reference))?.transactionId;

describe('a lead that a person names', () => {
  it('by its id is that one', async () => {
    expect(await finding([])({ leadId: LEAD_ID })).toEqual(lead());
    expect(await finding([[['lead_1'], {}]])({ leadId: 'lead_1' })).toBeUndefined();
  });

  it.each([
    ['in its campaign', own, {}],
    [
      'among all of the advertiser',
      ['transaction_id', ADVERTISER_ID, 'lead', 'order-1'],
      { scope: 'advertiser' as const },
    ],
    ['beside other values', own, { by: ['email', 'transaction_id'] as const }],
  ])('by its transaction is the one that holds it %s', async (_where, parts, dedupe) => {
    expect(await orderedBy(finding([[parts, { transactionId: 'held' }]], dedupe), order)).toBe('held');
  });

  it('is not one of another campaign that shares its transactions', async () => {
    const parts = ['transaction_id', ADVERTISER_ID, 'lead', 'order-1'];
    expect(await finding([[parts, { campaignId: OTHER_CAMPAIGN_ID }]], { scope: 'advertiser' })(order)).toBeUndefined();
  });

  it('by its transaction, where none holds it, is the claim of the pixel or of the affiliate that is named', async () => {
    const find = finding([
      [[...own, 'pixel'], { transactionId: 'of the pixel' }],
      [[...own, AFFILIATE_ID], { transactionId: 'of the affiliate' }],
    ]);
    expect(await orderedBy(find, order)).toBe('of the pixel');
    expect(await orderedBy(find, ofAffiliate)).toBe('of the affiliate');
    expect(await find({ ...ofAffiliate, affiliate: 'ext:unknown' })).toBeUndefined();
  });

  it('of an affiliate is not another’s that holds the transaction', async () => {
    const find = finding([
      [own, { affiliateId: OTHER_AFFILIATE_ID, transactionId: 'of another' }],
      [[...own, AFFILIATE_ID], { transactionId: 'of the affiliate' }],
    ]);
    expect(await orderedBy(find, ofAffiliate)).toBe('of the affiliate');
    expect(await orderedBy(finding([[own, { transactionId: 'held' }]]), ofAffiliate)).toBe('held');
  });

  it.each<[string, Partial<Dedupe>]>([
    ['other values alone', { by: ['email'] }],
    ['the transaction in a window', { windowMs: DAY_MS }],
  ])('is not found by a transaction where the campaign tells leads by %s', async (_what, dedupe) => {
    expect(await finding([[own, {}]], dedupe)(order)).toBeUndefined();
  });

  it('is not found in a campaign that is not there', async () => {
    expect(await finding([[own, {}]])({ ...order, campaign: 'ext:nowhere' })).toBeUndefined();
  });
});
