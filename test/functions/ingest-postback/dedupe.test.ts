import { describe, expect, it } from 'vitest';
import type { Dedupe } from '../../../shared/domain/leads/dedupe.ts';
import { DAY_MS, later, NOW } from '../../support/builders.ts';
import { memoryQueue, useCorePath } from '../../support/core-path.ts';
import { useEngines } from '../../support/engines.ts';
import { outage } from '../../support/store-faults.ts';

const core = useCorePath(await useEngines());
const shop = await core.advertiser();
const publisher = await core.affiliate();
const rival = await core.affiliate();
const functions = core.instance();

const campaignBy = (dedupe: Partial<Dedupe>, advertiserId = shop.advertiserId, terms: object = {}) =>
  core.campaign(advertiserId, {
    dedupe: { by: ['transaction_id'], scope: 'campaign', repeat: 'ignore', ...dedupe },
    terms: [terms],
  });

const ofPublisher = { affiliate_id: publisher.affiliateId };
let values = 0;
const unique = (name: string) => `${name}-${++values}`;
const email = () => `${unique('someone')}@example.com`;

/** Reports a conversion of a campaign and answers what came of it in a word. */
async function send(campaignId: string, more: Record<string, string>, key = shop.key) {
  const { body } = await functions.postback(key, {
    campaign_id: campaignId,
    affiliate_id: publisher.affiliateId,
    ...more,
  });
  return body;
}
const verdictOf = async (campaignId: string, more: Record<string, string>, key?: string): Promise<string> => {
  const { status, reason } = await send(campaignId, more, key);
  return reason === null ? status : `${status}: ${reason}`;
};

describe('a campaign that tells its leads from repeats', () => {
  const address = email();
  it.each([
    ['by e-mail, in any case of its letters', { by: ['email'] }, { email: address }, { email: address.toUpperCase() }],
    ['by phone, however it is written', { by: ['phone'] }, { phone: '+49 30 123456' }, { phone: '0049 (30) 12 34 56' }],
    [
      'by phone, with the country apart',
      { by: ['phone'] },
      { phone: '+49 30 123457' },
      { phone: '030 123457', country: 'DE' },
    ],
    ['by visitor', { by: ['visitor'] }, { visitor_id: 'v1' }, { visitor_id: 'v1' }],
    [
      'by either of two: the first',
      { by: ['email', 'phone'] },
      { email: email(), phone: '+49 30 1' },
      { phone: '+49 30 1' },
    ],
    [
      'by either of two: the second',
      { by: ['phone', 'email'] },
      { email: address, phone: '+49 30 2' },
      { email: address, phone: '+49 30 3' },
    ],
  ] as [string, Partial<Dedupe>, Record<string, string>, Record<string, string>][])(
    '%s',
    async (_how, dedupe, first, second) => {
      const { campaignId } = await campaignBy(dedupe);
      expect(await verdictOf(campaignId, first)).toBe('confirmed');
      expect(await verdictOf(campaignId, second)).toMatch(/^duplicate: duplicate_(email|phone|visitor)$/);
      expect(await verdictOf(campaignId, { ...second, event: 'sale' })).toBe('confirmed');
    },
  );

  it('by click', async () => {
    const { campaignId } = await campaignBy({ by: ['click'] });
    const click = async () => {
      const { headers } = await functions.click(campaignId, { affiliate_id: publisher.affiliateId });
      return { click_id: new URL(String(headers['location'])).searchParams.get('c') ?? '' };
    };
    const [first, second] = [await click(), await click()];
    expect(await verdictOf(campaignId, first)).toBe('confirmed');
    expect(await verdictOf(campaignId, { ...first, amount: '5.00' })).toBe('duplicate: duplicate_click');
    expect(await verdictOf(campaignId, second)).toBe('confirmed');
  });

  it('names the verdict that stands, and the lead', async () => {
    const { campaignId } = await campaignBy({ by: ['email'] });
    const first = await send(campaignId, { email: 'first@example.com' });
    expect(await send(campaignId, { email: 'first@example.com', amount: '9.00' })).toMatchObject({
      status: 'duplicate',
      leadId: first.leadId,
      original: { receiptId: first.receiptId, status: 'confirmed', reason: null },
    });
  });

  it('by transaction and e-mail: the same order with other content is a conflict, the same address a duplicate', async () => {
    const { campaignId } = await campaignBy({ by: ['transaction_id', 'email'] });
    const first = { transaction_id: unique('order'), email: email() };
    expect(await verdictOf(campaignId, first)).toBe('confirmed');
    const again = await functions.postback(shop.key, {
      campaign_id: campaignId,
      ...first,
      affiliate_id: rival.affiliateId,
    });
    expect(again.status).toBe(409);
    expect(await verdictOf(campaignId, { ...first, transaction_id: unique('order') })).toBe(
      'duplicate: duplicate_email',
    );
  });

  it.each([
    [['transaction_id'], {}, 'transaction_id'],
    [['transaction_id'], { transaction_id: '' }, 'transaction_id'],
    [['email'], { transaction_id: 'x' }, 'email'],
    [['email', 'phone'], {}, 'email'],
    [['click'], { transaction_id: 'x' }, 'click_id'],
    [['visitor'], {}, 'visitor_id'],
  ] as [Dedupe['by'], Record<string, string>, string][])(
    'by %s refuses what has none of it',
    async (by, more, field) => {
      const { campaignId } = await campaignBy({ by });
      const answer = await functions.postback(shop.key, { campaign_id: campaignId, ...more });
      expect([answer.status, answer.body.errors[0].field]).toEqual([400, field]);
    },
  );
});

describe('how long and against whom', () => {
  it.each([
    ['a millisecond before the window ends', DAY_MS - 1, 'duplicate: duplicate_email'],
    ['when it has ended', DAY_MS, 'confirmed'],
  ])('%s', async (_when, passedMs, expected) => {
    const { campaignId } = await campaignBy({ by: ['email'], windowMs: DAY_MS });
    const message = { email: email() };
    await send(campaignId, message);
    core.clock.now = later(NOW, passedMs);
    expect(await verdictOf(campaignId, message)).toBe(expected);
    core.clock.now = NOW;
  });

  it.each([
    ['campaign', {}, {}, 'confirmed'],
    ['advertiser', { scope: 'advertiser' }, { scope: 'advertiser' }, 'duplicate: duplicate_email'],
    ['group', { scope: 'group', group: 'loans' }, { scope: 'group', group: 'loans' }, 'duplicate: duplicate_email'],
    ['other group', { scope: 'group', group: 'loans' }, { scope: 'group', group: 'cards' }, 'confirmed'],
  ] as [string, Partial<Dedupe>, Partial<Dedupe>, string][])(
    'against the %s',
    async (_whom, first, second, expected) => {
      const message = { email: email() };
      await send((await campaignBy({ by: ['email'], ...first })).campaignId, message);
      expect(await verdictOf((await campaignBy({ by: ['email'], ...second })).campaignId, message)).toBe(expected);
    },
  );

  it('never against another advertiser', async () => {
    const other = await core.advertiser();
    const message = { email: email() };
    await send((await campaignBy({ by: ['email'], scope: 'group', group: 'all' })).campaignId, message);
    const { campaignId } = await campaignBy({ by: ['email'], scope: 'group', group: 'all' }, other.advertiserId);
    expect(await verdictOf(campaignId, message, other.key)).toBe('confirmed');
  });
});

describe('who says it first', () => {
  it('a hundred at once are one lead', async () => {
    const { campaignId } = await campaignBy({ by: ['email', 'phone'], windowMs: DAY_MS });
    const message = { email: email(), phone: '+49 30 999' };
    const verdicts = await Promise.all(Array.from({ length: 50 }, () => verdictOf(campaignId, message)));
    expect(verdicts.filter((verdict) => verdict === 'confirmed')).toHaveLength(1);
  });

  it('a rejected lead is nobody’s way, and cannot be confirmed after another was', async () => {
    const { campaignId } = await campaignBy({ by: ['email'] });
    const message = { email: email() };
    const nobody = await functions.postback(shop.key, { campaign_id: campaignId, ...message });
    expect(nobody.body).toMatchObject({ status: 'rejected', reason: 'unattributed' });
    expect(await verdictOf(campaignId, message)).toBe('confirmed');
    expect(await verdictOf(campaignId, message)).toBe('duplicate: duplicate_email');
  });

  it('a rejected lead is in nobody’s way, though the next message has fewer values', async () => {
    const { campaignId } = await campaignBy({ by: ['transaction_id', 'email'] });
    const message = { transaction_id: unique('order') };
    const nobody = await functions.postback(shop.key, { campaign_id: campaignId, ...message, email: email() });
    expect(nobody.body).toMatchObject({ status: 'rejected', reason: 'unattributed' });
    expect(await verdictOf(campaignId, message)).toBe('confirmed');
  });

  it('a message that is delivered again is the lead that it made, whoever holds its values by now', async () => {
    const { campaignId } = await campaignBy({ by: ['email'], repeat: 'update_pending' }, shop.advertiserId, {
      confirmation: { mode: 'manual' },
    });
    const message = { campaign_id: campaignId, email: email() };
    const queue = memoryQueue();
    const { intercept, down } = outage(undefined, ({ input }) => input.TransactItems !== undefined);
    await core.instance({ intercept, queue }).postback(shop.key, { ...message, first_name: 'Ada' });
    down.is = false;
    expect(await functions.work(queue.bodies)).toEqual([]);
    const made = (await core.leads()).find((lead) => lead.campaignId === campaignId);
    expect(made?.reason).toBe('unattributed');
    const next = await send(campaignId, { email: message.email });
    expect(next.status).toBe('pending');
    expect(await functions.work(queue.bodies)).toEqual([]);
    expect(await functions.leads.get(next.leadId)).toMatchObject({ version: 1, receiptId: next.receiptId });
    expect(await functions.leads.get(made!.leadId)).toEqual(made);
    const { receiptId } = made!;
    expect(await core.item(core.env.RECEIPTS_TABLE_NAME, { receiptId })).toMatchObject({ outcome: 'decided' });
  });

  it('claims of two affiliates stand side by side; the one confirmed first takes the address', async () => {
    const { campaignId } = await campaignBy({ by: ['email'] });
    const message = { campaign_id: campaignId, email: email() };
    const [first, second] = [
      await functions.postback(publisher.key, message),
      await functions.postback(rival.key, message),
    ];
    expect([first.body.status, second.body.status]).toEqual(['pending', 'pending']);
    const confirm = ({ body }: typeof first) => functions.manage('POST', `/v1/leads/${body.leadId}/confirm`, shop.key);
    expect((await confirm(first)).status).toBe(200);
    expect(await confirm(second)).toMatchObject({ status: 409, body: { heldBy: first.body.leadId } });
    expect(await verdictOf(campaignId, { email: message.email })).toBe('duplicate: duplicate_email');
  });
});

describe('what was rejected', () => {
  const reject = (leadId: string) =>
    functions.manage('POST', `/v1/leads/${leadId}/reject`, shop.key, { json: { reason: 'fake' } });

  it('by a rule is confirmed once the same order comes with what was missing', async () => {
    const rules = [{ id: 'real', kind: 'email_not_disposable', severity: 'hard' }];
    const { campaignId } = await campaignBy({}, shop.advertiserId, { rules });
    const order = { transaction_id: unique('order') };
    expect(await verdictOf(campaignId, { ...order, email: 'a@mailinator.com' })).toBe('rejected: email_disposable');
    expect(await verdictOf(campaignId, { ...order, email: 'a@mailinator.com' })).toBe(
      'duplicate: duplicate_transaction',
    );
    expect(await verdictOf(campaignId, { ...order, email: 'a@example.com' })).toBe('confirmed');
  });

  it.each([
    ['on hold', { confirmation: { mode: 'hold', holdMs: DAY_MS } }, {}, 409, 'rejected'],
    ['on hold, by e-mail', { confirmation: { mode: 'hold', holdMs: DAY_MS } }, { by: ['email'] }, 200, 'rejected'],
    ['by hand', { confirmation: { mode: 'manual' } }, {}, 200, 'pending'],
  ] as [string, object, Partial<Dedupe>, number, string][])(
    'by a person never confirms itself: %s',
    async (_how, terms, dedupe, status, becomes) => {
      const { campaignId } = await campaignBy(dedupe, shop.advertiserId, terms);
      const order = { campaign_id: campaignId, ...ofPublisher, transaction_id: unique('order'), email: email() };
      const first = await functions.postback(shop.key, order);
      await reject(first.body.leadId);
      const again = await functions.postback(shop.key, { ...order, amount: '7.00' });
      expect(again.status).toBe(status);
      expect((await functions.leads.get(first.body.leadId))?.status).toBe(becomes);
      expect(again.body.status).not.toBe('confirmed');
    },
  );
});

describe('a repeat that may add to a pending lead', () => {
  const scoring = {
    fit: {
      maxPoints: 100,
      points: [{ what: 'phone', points: 60, when: { kind: 'required_fields' as const, fields: ['phone'] } }],
    },
    stages: [
      { stage: 'cold' as const, from: 0, qualified: false, action: 'hold' as const },
      { stage: 'sql' as const, from: 50, qualified: true, action: 'confirm' as const },
    ],
  };

  it('is scored again with what it adds, and confirmed', async () => {
    const { campaignId } = await campaignBy({ by: ['email'], repeat: 'update_pending' }, shop.advertiserId, {
      scoring,
    });
    const address = email();
    const first = await send(campaignId, { email: address });
    expect(first).toMatchObject({ status: 'pending', reason: 'stage_on_hold' });
    const second = await send(campaignId, { email: address, phone: '+49 30 5' });
    expect(second).toMatchObject({ status: 'confirmed', leadId: first.leadId });
    expect(second.receiptId).not.toBe(first.receiptId);
    const lead = await functions.leads.get(first.leadId);
    expect(lead?.history).toMatchObject([
      { action: 'decided', status: 'pending', receiptId: first.receiptId },
      { action: 'updated', status: 'confirmed' },
    ]);
    expect(lead?.score).toMatchObject({ total: 60, stage: 'sql' });
    const contact = await functions.manage('GET', `/v1/leads/${first.leadId}/contact`, shop.key);
    expect(contact.body.contact).toEqual({ email: address, phone: '+49 30 5' });
    expect(await verdictOf(campaignId, { email: address, first_name: 'Ada' })).toBe('duplicate: duplicate_email');
  });

  it('adds its contact data to those that are kept', async () => {
    const { campaignId } = await campaignBy({ by: ['visitor'], repeat: 'update_pending' }, shop.advertiserId, {
      confirmation: { mode: 'manual' },
    });
    const visitor_id = unique('visitor');
    const { leadId } = await send(campaignId, { visitor_id, email: 'ada@example.com', first_name: 'A' });
    await send(campaignId, { visitor_id, phone: '+49 30 5', first_name: 'Ada' });
    const contact = async () => (await functions.manage('GET', `/v1/leads/${leadId}/contact`, shop.key)).body.contact;
    const both = { visitor_id, email: 'ada@example.com', phone: '+49 30 5', first_name: 'Ada' };
    expect(await contact()).toEqual(both);
    // One that came before and waited adds what nobody has said since.
    core.clock.now = later(NOW, -1000);
    await send(campaignId, { visitor_id, last_name: 'Lovelace', first_name: 'Augusta' });
    core.clock.now = NOW;
    expect(await contact()).toEqual({ ...both, last_name: 'Lovelace' });
  });

  it('is a duplicate where it adds nothing', async () => {
    const { campaignId } = await campaignBy({ by: ['email'], repeat: 'update_pending' }, shop.advertiserId, {
      scoring,
    });
    const message = { email: email() };
    await send(campaignId, message);
    expect(await verdictOf(campaignId, message)).toBe('duplicate: duplicate_email');
  });

  it('is ignored where another affiliate sends it, or the campaign says so', async () => {
    const trusting = { scoring, trustAffiliates: true };
    const { campaignId } = await campaignBy({ by: ['email'], repeat: 'update_pending' }, shop.advertiserId, trusting);
    const address = email();
    const of = (key: string, more: Record<string, string>) =>
      functions.postback(key, { campaign_id: campaignId, email: address, ...more });
    const first = await of(publisher.key, {});
    expect(first.body.status).toBe('pending');
    const others = await of(rival.key, { phone: '+49 30 6' });
    expect(others.body).toMatchObject({ status: 'duplicate', reason: 'duplicate_email' });
    // Whose lead it is, and what became of it, is not for another affiliate.
    expect(JSON.stringify(others.body)).not.toContain(first.body.leadId);
    expect('original' in others.body).toBe(false);
    expect((await of(publisher.key, { phone: '+49 30 6' })).body.status).toBe('confirmed');
    const ignoring = await campaignBy({ by: ['email'] }, shop.advertiserId, { scoring });
    await send(ignoring.campaignId, { email: address });
    expect(await verdictOf(ignoring.campaignId, { email: address, phone: '+49 30 6' })).toBe(
      'duplicate: duplicate_email',
    );
  });

  it('twenty at once each add or repeat, and bill once', async () => {
    const { campaignId } = await campaignBy({ by: ['email'], repeat: 'update_pending' }, shop.advertiserId, {
      scoring,
    });
    const address = email();
    await send(campaignId, { email: address });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => send(campaignId, { email: address, phone: `+49 30 70${index}` })),
    );
    expect(answers.filter(({ status }) => status === 'confirmed')).toHaveLength(1);
  });
});
