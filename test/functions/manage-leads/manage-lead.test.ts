import { describe, expect, it } from 'vitest';
import { HOLD_MS } from '../../support/builders.ts';
import { type Answer, useCorePath } from '../../support/core-path.ts';
import { useEngines } from '../../support/engines.ts';
import { lostReply, outage, throttled } from '../../support/store-faults.ts';

const engines = await useEngines();
const core = useCorePath(engines);
const shop = await core.advertiser();
const other = await core.advertiser();
const publisher = await core.affiliate();
const rival = await core.affiliate();
const operator = await core.key();
const finance = await core.key({ role: 'finance' });
const automatic = await core.campaign(shop.advertiserId);
const manual = await core.campaign(shop.advertiserId, { terms: [{ confirmation: { mode: 'manual' } }] });
const final = await core.campaign(shop.advertiserId, { terms: [{ confirmation: { mode: 'manual' }, undoMs: 0 }] });
const hold = await core.campaign(shop.advertiserId, { terms: [{ confirmation: { mode: 'hold', holdMs: HOLD_MS } }] });
const functions = core.instance();

let orders = 0;
/** A new lead in a status; its path. */
async function leadIn(status: string, more: Record<string, string> = {}): Promise<string> {
  const campaigns: Record<string, { campaignId: string }> = {
    pending: manual,
    'pending for good': final,
    'on hold': hold,
  };
  const { campaignId } = campaigns[status] ?? automatic;
  const affiliate: Record<string, string> = status === 'rejected' ? {} : { affiliate_id: publisher.affiliateId };
  orders += 1;
  const { body } = await functions.postback(shop.key, {
    campaign_id: campaignId,
    transaction_id: `order-${orders}`,
    ...affiliate,
    ...more,
  });
  const path = `/v1/leads/${body.leadId}`;
  if (status === 'reversed') await move(path, 'reverse', { reason: 'returned' });
  return path;
}

const move = (path: string, action: string, json?: unknown, key: string | undefined = shop.key): Promise<Answer> =>
  functions.manage('POST', `${path}/${action}`, key, json === undefined ? {} : { json });
const fieldsOf = (answer: Answer) => (answer.body.errors ?? []).map(({ field }: { field: string }) => field);

describe('one lead', () => {
  it.each([
    ['its advertiser', shop.key, true],
    ['the operator', operator.key, true],
    ['finance', finance.key, true],
    ['its affiliate', publisher.key, false],
  ])('is read by %s', async (_who, key, charge) => {
    const path = await leadIn('confirmed');
    const answer = await functions.manage('GET', path, key);
    expect([answer.status, answer.body.leadId, 'charge' in answer.body]).toEqual([200, path.slice(10), charge]);
    expect(answer.body.history).toEqual([
      { version: 1, action: 'decided', status: 'confirmed', reason: null, at: core.clock.now, actor: 'system' },
    ]);
  });

  it('of another is not there', async () => {
    const path = await leadIn('pending', { email: 'a@example.com' });
    const answers = await Promise.all([
      functions.manage('GET', path, other.key),
      functions.manage('GET', path, rival.key),
      functions.manage('GET', `${path}/contact`, other.key),
      functions.manage('DELETE', `${path}/contact`, other.key),
      move(path, 'confirm', undefined, other.key),
      move(path, 'reject', { reason: 'x' }, other.key),
      move(path, 'reverse', { reason: 'x' }, other.key),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 7 }, () => 404));
    expect(await functions.manage('GET', path, shop.key)).toMatchObject({
      status: 200,
      body: { status: 'pending', version: 1 },
    });
  });

  it.each(['lead_AAAAAAAAAAAAAAAAAAAAAA', 'lead_', '__proto__', 'x'.repeat(3000)])(
    '404 for the id %.30s',
    async (id) => {
      expect((await functions.manage('GET', `/v1/leads/${id}`, operator.key)).status).toBe(404);
    },
  );

  it('401 without a key', async () => {
    expect((await functions.manage('GET', await leadIn('confirmed'), undefined)).status).toBe(401);
  });
});

describe('moving a lead', () => {
  it.each([
    ['pending', 'confirm', 'confirmed'],
    ['pending', 'reject', 'rejected'],
    ['on hold', 'confirm', 'confirmed'],
    ['on hold', 'reject', 'rejected'],
    ['confirmed', 'reverse', 'reversed'],
  ])('%s: %s makes it %s, with who, when and why', async (from, action, to) => {
    for (const [key, kid] of [
      [shop.key, shop.kid],
      [operator.key, operator.kid],
    ] as const) {
      const answer = await move(await leadIn(from), action, { reason: 'phone call' }, key);
      expect([answer.status, answer.body.detail]).toEqual([200, undefined]);
      expect(answer.body).toMatchObject({ status: to, reason: 'phone call', version: 2, holdUntil: null });
      expect(answer.body.history.at(-1)).toEqual({
        version: 2,
        action: to,
        status: to,
        reason: 'phone call',
        at: core.clock.now,
        actor: kid,
      });
    }
  });

  it.each([
    ['confirmed', 'reject'],
    ['reversed', 'reject'],
    ['reversed', 'confirm'],
    ['rejected', 'confirm'],
    ['rejected', 'reverse'],
    ['pending', 'reverse'],
  ])('%s: %s is 409, and nothing changes', async (from, action) => {
    const path = await leadIn(from);
    const before = (await functions.manage('GET', path, shop.key)).body;
    const answer = await move(path, action, { reason: 'x' });
    expect([answer.status, answer.headers['content-type']]).toEqual([409, 'application/problem+json']);
    expect(answer.body).toMatchObject({ status: 409, leadStatus: from });
    expect((await functions.manage('GET', path, shop.key)).body).toEqual(before);
  });

  it.each([
    ['pending', 'confirm'],
    ['pending', 'reject'],
    ['confirmed', 'reverse'],
  ])('%s: %s twice is once', async (from, action) => {
    const path = await leadIn(from);
    const first = await move(path, action, { reason: 'first' });
    const second = await move(path, action, { reason: 'second' }, operator.key);
    expect([second.status, second.body]).toEqual([200, first.body]);
  });

  it('takes a part back, and the rest later', async () => {
    const path = await leadIn('confirmed');
    const first = await move(path, 'reverse', { reason: 'kept half', amount: '10.00' });
    expect(first.body).toMatchObject({ status: 'confirmed', charge: '15.00', commission: '10.80', version: 2 });
    expect(first.body.history.at(-1)).toMatchObject({
      action: 'reversed_in_part',
      reason: 'kept half',
      takenBack: { charge: '10.00', commission: '7.20' },
    });
    expect((await move(path, 'reverse', { reason: 'kept half', amount: '10.00' })).body).toEqual(first.body);
    const tooMuch = await move(path, 'reverse', { reason: 'more', amount: '15.01' });
    expect([tooMuch.status, tooMuch.body]).toMatchObject([409, { left: '15.00', currency: 'EUR' }]);
    const changed = await move(path, 'reverse', { reason: 'more', amount: '1.00', version: 1 });
    expect([changed.status, changed.body]).toMatchObject([409, { version: 2 }]);
    expect((await functions.manage('GET', path, publisher.key)).body.history.at(-1).takenBack).toEqual({
      commission: '7.20',
    });
    const rest = await move(path, 'reverse', { reason: 'kept half', amount: '15.00', version: 2 });
    expect(rest.body).toMatchObject({ status: 'reversed', version: 3 });
    const entries = await core.entries(shop.advertiserId, core.clock.now.slice(0, 7));
    const legs = entries.filter(({ causeId }) => causeId === path.slice(10)).flatMap((entry) => entry.legs);
    const sums = [...Map.groupBy(legs, ({ account }) => account).values()].map((ofOne) =>
      ofOne.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
    );
    expect(sums).toEqual([0n, 0n, 0n]);
  });

  it.each([
    ['0', 'amount'],
    ['0.00', 'amount'],
    ['-1.00', 'amount'],
    ['1.001', 'amount'],
    ['1e1', 'amount'],
  ])('400 for a part of %s', async (amount, field) => {
    const answer = await move(await leadIn('confirmed'), 'reverse', { reason: 'x', amount });
    expect([answer.status, fieldsOf(answer)]).toEqual([400, [field]]);
  });

  it('confirming needs no reason, nor a body; an automatic lead is confirmed already', async () => {
    expect((await move(await leadIn('pending'), 'confirm')).body).toMatchObject({ status: 'confirmed', reason: null });
    expect((await move(await leadIn('pending'), 'confirm', {})).status).toBe(200);
    expect(await move(await leadIn('confirmed'), 'confirm')).toMatchObject({ status: 200, body: { version: 1 } });
  });

  describe('ten confirmations and ten rejections at once', () => {
    const allAtOnce = async (path: string) => {
      const answers = await Promise.all(
        Array.from({ length: 20 }, async (_, index) => {
          const action = index % 2 === 0 ? 'confirm' : 'reject';
          return { action, answer: await move(path, action, { reason: `${index}` }) };
        }),
      );
      const statuses = (of: string) => answers.filter(({ action }) => action === of).map(({ answer }) => answer.status);
      return {
        answers: answers.map(({ answer }) => answer),
        confirms: statuses('confirm'),
        rejects: statuses('reject'),
      };
    };

    it('one of them stands, where no rejection may be undone', async () => {
      const path = await leadIn('pending for good');
      const { answers } = await allAtOnce(path);
      const { body } = await functions.manage('GET', path, shop.key);
      expect(body.version).toBe(2);
      const agreeing = answers.filter(({ status }) => status === 200);
      expect(agreeing).toHaveLength(10);
      expect(new Set(agreeing.map((answer) => answer.body.reason))).toEqual(new Set([body.reason]));
      expect(answers.filter(({ status }) => status === 409)).toHaveLength(10);
    });

    it('come to what some order of them comes to, where a confirmation undoes a rejection, and are billed once', async () => {
      const path = await leadIn('pending');
      const { confirms, rejects } = await allAtOnce(path);
      const { body } = await functions.manage('GET', path, shop.key);
      expect(confirms).toEqual(Array.from({ length: 10 }, () => 200));
      const actions = body.history.map(({ action }: { action: string }) => action);
      const wasRejected = rejects.includes(200);
      expect([body.status, actions]).toEqual([
        'confirmed',
        ['decided', ...(wasRejected ? ['rejected', 'undone'] : ['confirmed'])],
      ]);
      const entries = await core.entries(shop.advertiserId, core.clock.now.slice(0, 7));
      expect(entries.filter(({ causeId }) => causeId === path.slice(10))).toHaveLength(1);
    });
  });

  it.each([
    ['affiliate', publisher.key],
    ['finance', finance.key],
  ])('403 for the role %s', async (_role, key) => {
    const path = await leadIn('pending');
    const answers = await Promise.all(
      ['confirm', 'reject', 'reverse'].map((action) => move(path, action, { bad: 'body' }, key)),
    );
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
  });

  it.each<[string, string, unknown, string[]]>([
    ['reject', 'no reason', {}, ['reason']],
    ['reverse', 'an empty reason', { reason: ' ' }, ['reason']],
    ['reject', 'an over-long reason', { reason: 'x'.repeat(129) }, ['reason']],
    ['reject', 'control characters', { reason: 'a\u0000b' }, ['reason']],
    ['reject', 'half a character', { reason: 'a\ud800' }, ['reason']],
    ['confirm', 'an unknown field', { status: 'confirmed' }, ['status']],
    ['reject', 'an array', [], ['body']],
  ])('%s: 400 for %s', async (action, _what, json, fields) => {
    const path = await leadIn(action === 'reverse' ? 'confirmed' : 'pending');
    const answer = await move(path, action, json);
    expect([answer.status, fieldsOf(answer)]).toEqual([400, fields]);
    expect((await functions.manage('GET', path, shop.key)).body.version).toBe(1);
  });

  it('415 for a body of another type, 400 for broken JSON', async () => {
    const path = await leadIn('pending');
    const send = (body: string, type: string) =>
      functions.manage('POST', `${path}/reject`, shop.key, { body, headers: { 'content-type': type } });
    expect([
      (await send('reason=x', 'application/x-www-form-urlencoded')).status,
      (await send('{', 'application/json')).status,
    ]).toEqual([415, 400]);
  });

  it('whose answer was lost is done once, and again is the same', async () => {
    const path = await leadIn('pending');
    const loss = lostReply(({ name }) => name === 'Put');
    const unlucky = core.instance(loss);
    expect((await unlucky.manage('POST', `${path}/confirm`, shop.key)).status).toBe(503);
    expect(await unlucky.manage('POST', `${path}/confirm`, shop.key)).toMatchObject({
      status: 200,
      body: { status: 'confirmed', version: 2 },
    });
  });

  it('while the store throttles: 503 with Retry-After, and nothing changes', async () => {
    const path = await leadIn('pending');
    const { intercept } = outage(throttled, ({ name }) => name === 'Put');
    const answer = await core.instance({ intercept }).manage('POST', `${path}/confirm`, shop.key);
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, expect.stringMatching(/^[0-9]+$/)]);
    expect((await functions.manage('GET', path, shop.key)).body.version).toBe(1);
  });
});

describe('contact data', () => {
  const contact = {
    email: 'jane@example.com',
    phone: '+49 30 1234567',
    first_name: 'Jane',
    last_name: 'Döe',
    field_city: 'Köln',
  };

  it('is encrypted at rest: no item of any table holds it in the clear', async () => {
    const path = await leadIn('confirmed', contact);
    const tables = [
      core.env.LEADS_TABLE_NAME,
      core.env.CONTACTS_TABLE_NAME,
      core.env.RECEIPTS_TABLE_NAME,
      core.env.TOUCHES_TABLE_NAME,
    ];
    const items = (await Promise.all(tables.map((table) => core.items(table)))).flat();
    const raw = items
      .map((item) =>
        JSON.stringify(item, (_name, value) =>
          value instanceof Uint8Array
            ? Buffer.from(value).toString('latin1')
            : typeof value === 'bigint'
              ? String(value)
              : value,
        ),
      )
      .join('\n');
    for (const value of [...Object.values(contact), 'first_name', 'field_city']) {
      expect(raw).not.toContain(value);
      expect(raw).not.toContain(Buffer.from(value).toString('latin1'));
      expect(raw).not.toContain(Buffer.from(value).toString('base64'));
    }
    const item = await core.item(core.env.CONTACTS_TABLE_NAME, { leadId: path.slice(10) });
    expect(Object.keys(item!).sort()).toEqual(['ciphertext', 'leadId', 'wrappedKey']);
  });

  it.each([
    ['advertiser', shop.key],
    ['operator', operator.key],
  ])('is read by the %s', async (_who, key) => {
    const path = await leadIn('confirmed', contact);
    const answer = await functions.manage('GET', `${path}/contact`, key);
    expect([answer.status, answer.body]).toEqual([200, { leadId: path.slice(10), contact }]);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it.each([
    ['affiliate', publisher.key],
    ['finance', finance.key],
  ])('is not read or erased by the %s', async (_who, key) => {
    const path = await leadIn('confirmed', contact);
    const answers = await Promise.all([
      functions.manage('GET', `${path}/contact`, key),
      functions.manage('DELETE', `${path}/contact`, key),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([403, 403]);
    expect((await functions.manage('GET', path, shop.key)).body).not.toHaveProperty('contact');
  });

  it('is erased for good, without touching the lead', async () => {
    const path = await leadIn('confirmed', contact);
    const before = (await functions.manage('GET', path, shop.key)).body;
    expect((await functions.manage('DELETE', `${path}/contact`, shop.key)).status).toBe(204);
    expect((await functions.manage('GET', `${path}/contact`, shop.key)).status).toBe(404);
    expect((await functions.manage('DELETE', `${path}/contact`, shop.key)).status).toBe(204);
    expect((await functions.manage('GET', path, shop.key)).body).toEqual(before);
    expect(await core.item(core.env.CONTACTS_TABLE_NAME, { leadId: path.slice(10) })).toBeUndefined();
  });

  it('stays erased when the postback comes again', async () => {
    orders += 1;
    const parameters = {
      campaign_id: automatic.campaignId,
      affiliate_id: publisher.affiliateId,
      transaction_id: `order-${orders}`,
      ...contact,
    };
    const { body } = await functions.postback(shop.key, parameters);
    await functions.manage('DELETE', `/v1/leads/${body.leadId}/contact`, shop.key);
    expect((await functions.postback(shop.key, parameters)).body.status).toBe('duplicate');
    expect((await functions.manage('GET', `/v1/leads/${body.leadId}/contact`, shop.key)).status).toBe(404);
  });

  it('404 where a lead has none', async () => {
    expect((await functions.manage('GET', `${await leadIn('confirmed')}/contact`, shop.key)).status).toBe(404);
  });
});
