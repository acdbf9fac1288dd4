import { describe, expect, it } from 'vitest';
import { rules, rulesFrom, scoring, scoringFrom } from '../../../shared/contracts/qualification.ts';
import type { Terms } from '../../../shared/domain/catalog/campaign.ts';
import { later, NOW } from '../../support/builders.ts';
import { memoryQueue, messagesIn, useCorePath } from '../../support/core-path.ts';
import { useEngines } from '../../support/engines.ts';

const core = useCorePath(await useEngines());
const shop = await core.advertiser();
const publisher = await core.affiliate();
const functions = core.instance();

const hard = (id: string, check: object) => ({ id, severity: 'hard', ...check });
const ruled = (...list: readonly object[]): Partial<Terms> => ({ rules: rulesFrom(rules.parse(list)) });
const campaignWith = (terms: Partial<Terms>) => core.campaign(shop.advertiserId, { terms: [terms] });

let orders = 0;
const query = (campaignId: string, more: Record<string, string> = {}) => ({
  campaign_id: campaignId,
  affiliate_id: publisher.affiliateId,
  transaction_id: `order-${++orders}`,
  ...more,
});
const send = async (campaignId: string, more: Record<string, string> = {}) =>
  (await functions.postback(shop.key, query(campaignId, more))).body;
const reasonOf = async (campaignId: string, more: Record<string, string> = {}) => (await send(campaignId, more)).reason;

describe('a lead under rules', () => {
  it('is rejected by the first hard rule that it does not pass, and confirmed once it passes all', async () => {
    const { campaignId } = await campaignWith(
      ruled(
        hard('contact', { kind: 'required_fields', fields: ['email', 'phone'] }),
        hard('lasting', { kind: 'email_not_disposable' }),
        hard('german', { kind: 'phone', countries: ['DE'] }),
        hard('adult', { kind: 'field_type', field: 'field_age', type: 'integer', min: 18 }),
        hard('consent', { kind: 'consent' }),
        hard('human', { kind: 'not_bot' }),
        hard('trap', { kind: 'honeypot', field: 'field_website' }),
        { id: 'form', severity: 'watch', kind: 'form_time', min: 'PT3S' },
      ),
    );
    const good = {
      email: 'jo@shop.example',
      phone: '030 901820',
      country: 'DE',
      field_age: '30',
      consent_token: 'cert-1',
      user_agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
      form_seconds: '1',
    };
    const { email: _email, ...withoutEmail } = good;
    expect(await reasonOf(campaignId, withoutEmail)).toBe('field_missing');
    expect(await reasonOf(campaignId, { ...good, email: 'jo@mailinator.com' })).toBe('email_disposable');
    expect(await reasonOf(campaignId, { ...good, phone: '+33 1 23 45 67 89' })).toBe('phone_country_not_allowed');
    expect(await reasonOf(campaignId, { ...good, field_age: '17' })).toBe('field_of_wrong_type');
    expect(await reasonOf(campaignId, { ...good, consent_token: '' })).toBe('consent_missing');
    expect(await reasonOf(campaignId, { ...good, user_agent: 'curl/8.5.0' })).toBe('user_agent_bot');
    expect(await reasonOf(campaignId, { ...good, field_website: 'https://spam.example' })).toBe('honeypot_filled');
    expect(await send(campaignId, good)).toMatchObject({ status: 'confirmed', reason: null });
  });

  it('keeps what was found out, and what it was found out from encrypted and apart', async () => {
    const { campaignId } = await campaignWith(
      ruled(
        hard('email', { kind: 'email_syntax' }),
        hard('consent', { kind: 'consent' }),
        hard('once', { kind: 'repeat', of: 'ip', within: 'P1D' }),
      ),
    );
    const personal = {
      email: 'jo.hidden@shop.example',
      ip: '192.0.2.77',
      consent_url: 'https://consent.example/hidden',
    };
    const { leadId } = await send(campaignId, personal);
    const item = await core.item(core.env.LEADS_TABLE_NAME, { leadId });
    expect(item?.['evidence']).toMatchObject({
      signals: {
        occurredAt: NOW,
        email: { syntaxValid: true, domain: 'shop.example', disposable: false },
        consent: ['url'],
        ip: expect.stringMatching(/^[\w-]{16}$/),
        counts: { repeat_ip_86400000: 1 },
      },
    });
    const stored = JSON.stringify([item, await core.item(core.env.CONTACTS_TABLE_NAME, { leadId })]);
    for (const secret of ['jo.hidden', '192.0.2.77', 'consent.example']) expect(stored).not.toContain(secret);
    const contact = await functions.manage('GET', `/v1/leads/${leadId}/contact`, shop.key);
    expect(contact.body).toMatchObject({ contact: personal });
  });
});

describe('leads of the same IP address', () => {
  const once = ruled(hard('once', { kind: 'repeat', of: 'ip', within: 'PT1H' }));
  const ip = '198.51.100.7';

  it('are taken once in the period, on each campaign by itself', async () => {
    const [one, other] = await Promise.all([campaignWith(once), campaignWith(once)]);
    expect(await reasonOf(one.campaignId, { ip })).toBeNull();
    expect(await reasonOf(one.campaignId, { ip })).toBe('ip_repeated');
    expect(await reasonOf(one.campaignId, { ip: '198.51.100.8' })).toBeNull();
    expect(await reasonOf(other.campaignId, { ip })).toBeNull();
  });

  it('are not counted again when the message of one comes again', async () => {
    const { campaignId } = await campaignWith(
      ruled(hard('twice', { kind: 'repeat', of: 'ip', within: 'PT1H', atMost: 2 })),
    );
    const first = query(campaignId, { ip });
    for (let times = 0; times < 3; times += 1) await functions.postback(shop.key, first);
    expect(await reasonOf(campaignId, { ip })).toBeNull();
    expect(await reasonOf(campaignId, { ip })).toBe('ip_repeated');
  });

  it('are not counted again when the queue delivers one again', async () => {
    const { campaignId } = await campaignWith(
      ruled(hard('twice', { kind: 'repeat', of: 'ip', within: 'PT1H', atMost: 2 })),
    );
    const queue = memoryQueue();
    const slow = core.instance({ queue, decisionBudgetMs: 0 });
    expect((await slow.postback(shop.key, query(campaignId, { ip }))).status).toBe(202);
    expect(messagesIn(queue)).toHaveLength(1);
    for (let times = 0; times < 3; times += 1) await slow.work(queue.bodies);
    expect(await reasonOf(campaignId, { ip })).toBeNull();
    expect(await reasonOf(campaignId, { ip })).toBe('ip_repeated');
  });

  it('are taken again after the period', async () => {
    const { campaignId } = await campaignWith(once);
    expect(await reasonOf(campaignId, { ip })).toBeNull();
    core.clock.now = later(NOW, 3_599_999);
    expect(await reasonOf(campaignId, { ip })).toBe('ip_repeated');
    core.clock.now = later(NOW, 2 * 3_600_000);
    expect(await reasonOf(campaignId, { ip })).toBeNull();
    core.clock.now = NOW;
  });
});

describe('a lead under a score', () => {
  it('is confirmed, held or rejected by its stage, and tells its score', async () => {
    const { campaignId } = await campaignWith({
      ...ruled({
        id: 'free-mail',
        severity: 'soft',
        points: 30,
        kind: 'deny_list',
        of: 'email_domain',
        values: ['gmail.com'],
      }),
      scoring: scoringFrom(
        scoring.parse({
          fit: {
            max: 60,
            points: [
              {
                what: 'Team plan',
                points: 40,
                when: { kind: 'allowed_values', field: 'field_plan', values: ['team'] },
              },
              { what: 'Phone given', points: 20, when: { kind: 'required_fields', fields: ['phone'] } },
            ],
          },
          stages: [
            { stage: 'cold', from: 0, qualified: false, action: 'reject' },
            { stage: 'mql', from: 20, qualified: true, action: 'hold' },
            { stage: 'hot', from: 60, qualified: true, action: 'confirm' },
          ],
        }),
      ),
    });
    const full = { email: 'jo@shop.example', field_plan: 'team', phone: '+49 30 901820' };
    expect(await reasonOf(campaignId)).toBe('stage_rejected');
    expect(await send(campaignId, { ...full, email: 'jo@gmail.com' })).toMatchObject({
      status: 'pending',
      reason: 'stage_on_hold',
    });
    const { leadId, status } = await send(campaignId, full);
    expect(status).toBe('confirmed');
    expect((await functions.leads.get(leadId))?.score).toEqual({
      total: 60,
      parts: [
        { group: 'fit', what: 'Team plan', points: 40 },
        { group: 'fit', what: 'Phone given', points: 20 },
      ],
      stage: 'hot',
      qualified: true,
      action: 'confirm',
      direction: 'inbound',
    });
  });
});
