import { describe, expect, it } from 'vitest';
import { leadExplanation } from '../../../shared/contracts/explanation.ts';
import type { Caps } from '../../../shared/domain/caps/caps.ts';
import type { Rule } from '../../../shared/domain/qualification/rules.ts';
import { DAY_MS, later } from '../../support/builders.ts';
import { useCorePath } from '../../support/core-path.ts';
import { useEngines } from '../../support/engines.ts';
import { fixed, ofAmount, ofCharge, pricing } from '../../support/prices.ts';

const core = useCorePath(await useEngines());
const shop = await core.advertiser();
const publisher = await core.affiliate();
const rival = await core.affiliate();
const operator = await core.key();
const functions = core.instance();

const rules: Rule[] = [
  { id: 'real-people', kind: 'email_not_disposable', severity: 'hard' },
  { id: 'home', kind: 'allowed_countries', countries: ['DE', 'AT'], severity: 'hard' },
  { id: 'no-hurry', kind: 'click_to_lead', minMs: 5000, severity: 'watch' },
];
const one: Caps = {
  limits: [{ scope: 'campaign', period: 'day', measure: 'leads', limit: 1n, over: 'reject' }],
  reversalFrees: false,
};
const picky = await core.campaign(shop.advertiserId, { terms: [{ rules }] });
const secretive = await core.campaign(shop.advertiserId, { affiliateExplanation: 'reason', terms: [{ rules }] });
const capped = await core.campaign(shop.advertiserId, { terms: [{ caps: one }] });
const priced = await core.campaign(shop.advertiserId, {
  terms: [
    {
      pricing: pricing({
        events: { sale: { charge: ofAmount(100_000n), commission: ofCharge(700_000n) } },
        rules: [{ id: 'dach', when: { country: ['DE'], subIds: { sub1: ['mail'] } }, charge: fixed(12_345_600n) }],
      }),
    },
  ],
});
const plain = await core.campaign(shop.advertiserId);
await core.affiliateTerms(plain.campaignId, publisher.affiliateId, { promoCodes: ['SPRING'] });

let orders = 0;
/** Reports a conversion; the explanation of its lead to whoever asks. */
async function explain(campaignId: string, more: Record<string, string>, key: string = shop.key) {
  orders += 1;
  const sent = { campaign_id: campaignId, transaction_id: `order-${orders}`, ...more };
  const { body } = await functions.postback(shop.key, sent);
  return explained(body.leadId, key);
}

async function explained(leadId: string, key: string) {
  const answer = await functions.manage('GET', `/v1/leads/${leadId}/explanation`, key);
  if (answer.status === 200) expect(leadExplanation.strict().parse(answer.body)).toEqual(answer.body);
  return answer.body;
}

const ofPublisher = { affiliate_id: publisher.affiliateId };
const disposable = { ...ofPublisher, email: 'a@mailinator.com', country: 'FR' };

describe('the explanation of a lead', () => {
  it('of a confirmed one says by which terms, and that the record gives the same verdict', async () => {
    const body = await explain(plain.campaignId, ofPublisher);
    expect(body).toMatchObject({
      status: 'confirmed',
      verdict: { status: 'confirmed', reason: null },
      whatToChange: [],
      source: { attributedBy: 'named_affiliate', considered: [{ way: 'named_affiliate', taken: true }] },
      terms: { effectiveFrom: '2025-01-01T00:00:00.000Z', charge: '25.00', commission: '18.00', clickWindow: 'P30D' },
      rules: [],
      score: null,
      caps: [],
      replay: { status: 'confirmed', same: true },
    });
    expect(body.terms.setBy).toEqual(expect.any(String));
  });

  it.each([
    ['its event', { event: 'sale', amount: '123.45' }, 'event:sale', '12.35', '8.65'],
    ['a rule', { event: 'sale', country: 'DE', sub1: 'mail' }, 'rule:dach', '12.35', '8.64'],
    ['the terms', { event: 'lead', country: 'DE' }, null, '25.00', '18.00'],
  ])('at a price of %s names it, and the record gives the same', async (_what, more, priceRule, charge, commission) => {
    const body = await explain(priced.campaignId, { ...ofPublisher, ...(more as Record<string, string>) });
    expect(body).toMatchObject({
      status: 'confirmed',
      terms: { priceRule, charge, commission },
      replay: { same: true },
    });
    const { leadId } = body;
    const seen = (await functions.manage('GET', `/v1/leads/${leadId}`, publisher.key)).body;
    expect(seen.commission).toBe(commission);
    expect('charge' in seen || 'unitCharge' in seen || 'priceRule' in seen).toBe(false);
  });

  it('of one without the amount that its price needs says what to send, and that is taken then', async () => {
    const sent = { campaign_id: priced.campaignId, transaction_id: 'sale-1', event: 'sale', ...ofPublisher };
    const without = await functions.postback(shop.key, sent);
    expect(without.body).toMatchObject({ status: 'rejected', reason: 'amount_needed' });
    const body = await explained(without.body.leadId, shop.key);
    expect(body.whatToChange).toEqual([expect.stringContaining('with amount')]);
    expect(body.replay.same).toBe(true);
    const foreign = await functions.postback(shop.key, { ...sent, amount: '10.00', currency: 'USD' });
    expect(foreign.body).toMatchObject({ status: 'rejected', reason: 'amount_in_other_currency' });
    const undone = await functions.manage('POST', `/v1/leads/${without.body.leadId}/confirm`, shop.key);
    expect([undone.status, undone.body.reason]).toEqual([409, 'amount_in_other_currency']);
    const right = await functions.postback(shop.key, { ...sent, amount: '10.00' });
    expect(right.body).toMatchObject({ status: 'confirmed', leadId: without.body.leadId });
  });

  it('of a rejected one names each rule that was against it, with what it saw and what it asks', async () => {
    const body = await explain(picky.campaignId, disposable);
    expect(body).toMatchObject({
      verdict: { status: 'rejected', reason: 'email_disposable' },
      rules: [
        { ruleId: 'real-people', passed: false, input: 'mailinator.com', reason: 'email_disposable' },
        { ruleId: 'home', passed: false, input: 'FR', reason: 'country_not_allowed' },
        { ruleId: 'no-hurry', severity: 'watch', passed: false },
      ],
      replay: { same: true },
    });
    const text = body.whatToChange.join('\n');
    expect(text).toContain('Rule real-people: was mailinator.com');
    expect(text).toMatch(/Rule home: was FR, must be: .*DE.*AT/);
    expect(text).not.toContain('no-hurry');
  });

  it('leads to a lead that is confirmed', async () => {
    const body = await explain(picky.campaignId, { ...ofPublisher, email: 'a@example.com', country: 'AT' });
    expect([body.status, body.whatToChange]).toEqual(['confirmed', []]);
  });

  it('names the cap that was full, and what it had counted', async () => {
    expect((await explain(capped.campaignId, ofPublisher)).caps).toEqual([
      { for: 'campaign', period: 'day', measure: 'leads', used: '0', limit: '1', full: false },
    ]);
    const body = await explain(capped.campaignId, ofPublisher);
    expect(body).toMatchObject({
      verdict: { status: 'rejected', reason: 'campaign_daily_cap_reached' },
      caps: [{ used: '1', limit: '1', full: true }],
      replay: { status: 'rejected', reason: 'campaign_daily_cap_reached', same: true },
    });
    expect(body.whatToChange).toEqual(['The cap per day for campaign was full: send leads in another day.']);
  });

  it('forgets what a person wrote when contact data are erased, and keeps the verdict', async () => {
    const asking = await core.campaign(shop.advertiserId, {
      terms: [
        {
          rules: [
            { id: 'need', kind: 'required_fields', fields: ['field_need'], severity: 'hard' },
            { id: 'loans', kind: 'allowed_values', field: 'field_need', values: ['loan'], severity: 'hard' },
          ],
        },
      ],
    });
    const { leadId, ...before } = await explain(asking.campaignId, { ...ofPublisher, field_need: 'a secret wish' });
    expect(JSON.stringify(before)).toContain('a secret wish');
    await functions.manage('DELETE', `/v1/leads/${leadId}/contact`, shop.key);
    const after = await explained(leadId, shop.key);
    expect(JSON.stringify([after, (await functions.leads.get(leadId))?.evidence])).not.toContain('a secret wish');
    expect(after).toMatchObject({ verdict: before.verdict, replay: { same: null } });
    expect((await functions.manage('DELETE', `/v1/leads/${leadId}/contact`, shop.key)).status).toBe(204);
  });

  it('says why the click does not count', async () => {
    const click = await functions.click(plain.campaignId, ofPublisher);
    const clickId = new URL(String(click.headers['location'])).searchParams.get('c') ?? '';
    const before = core.clock.now;
    core.clock.now = later(before, 31 * DAY_MS);
    const body = await explain(plain.campaignId, { click_id: clickId });
    core.clock.now = before;
    expect(body).toMatchObject({
      verdict: { reason: 'outside_click_window' },
      source: { clickWindow: { clickedAt: before, until: later(before, 30 * DAY_MS), within: false } },
      replay: { same: true },
    });
    expect(body.whatToChange[0]).toContain('click window');
  });

  it('lists the ways in which the source was looked for', async () => {
    const body = await explain(plain.campaignId, { gclid: 'never-seen', promo_code: 'spring', ...ofPublisher });
    expect(body.source).toMatchObject({
      attributedBy: 'promo_code',
      considered: [
        { way: 'platform_click_id', taken: false, why: 'no click of the campaign had this platform click id' },
        { way: 'promo_code', taken: true, affiliateId: publisher.affiliateId },
        { way: 'named_affiliate', taken: false, why: 'something stronger was found' },
      ],
    });
  });
});

describe('who sees the explanation', () => {
  it('its affiliate, all but the charge and who set the terms', async () => {
    const body = await explain(picky.campaignId, disposable, publisher.key);
    expect(body.rules[0]).toMatchObject({ input: 'mailinator.com', expected: expect.any(String) });
    expect('charge' in body.terms || 'setBy' in body.terms).toBe(false);
    expect(body.terms.commission).toBe('18.00');
  });

  it('its affiliate, no more than the reasons where the advertiser keeps the rest to itself', async () => {
    const body = await explain(secretive.campaignId, disposable, publisher.key);
    expect(body.rules).toEqual([
      {
        ruleId: 'real-people',
        kind: 'email_not_disposable',
        severity: 'hard',
        passed: false,
        reason: 'email_disposable',
      },
      { ruleId: 'home', kind: 'allowed_countries', severity: 'hard', passed: false, reason: 'country_not_allowed' },
    ]);
    expect(JSON.stringify(body)).not.toContain('mailinator');
    expect(body.whatToChange).toHaveLength(2);
    expect((await explained(body.leadId, operator.key)).rules).toHaveLength(3);
  });

  it('nobody else', async () => {
    const { leadId } = await explain(plain.campaignId, ofPublisher);
    const other = await core.advertiser();
    for (const key of [rival.key, other.key]) {
      expect((await functions.manage('GET', `/v1/leads/${leadId}/explanation`, key)).status).toBe(404);
    }
  });

  it('not what is another’s: a click that the sender named wrongly stays untold', async () => {
    const effectiveFrom = '2025-02-03T04:05:06.000Z';
    await core.affiliateTerms(plain.campaignId, rival.affiliateId, { effectiveFrom });
    const click = await functions.click(plain.campaignId, { affiliate_id: rival.affiliateId });
    const clickId = new URL(String(click.headers['location'])).searchParams.get('c') ?? '';
    const body = await explain(plain.campaignId, { click_id: clickId, ...ofPublisher }, publisher.key);
    expect(body.verdict.reason).toBe('affiliate_mismatch');
    expect(JSON.stringify(body)).not.toContain(rival.affiliateId);
    expect(JSON.stringify(body)).not.toContain(clickId);
    expect(JSON.stringify(body)).not.toContain(effectiveFrom);
    expect((await explained(body.leadId, operator.key)).replay.same).toBe(true);
  });
});
