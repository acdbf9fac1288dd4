import { describe, expect, it } from 'vitest';
import type { Conversion } from '../../shared/contracts/postback.ts';
import type { Dedupe } from '../../shared/domain/leads/dedupe.ts';
import type { Check } from '../../shared/domain/qualification/check.ts';
import type { Scoring } from '../../shared/domain/qualification/score.ts';
import { MAX_FIELD_CHARACTERS } from '../../shared/domain/qualification/signals.ts';
import { type Instant, millisecondsOf } from '../../shared/domain/time/calendar.ts';
import type { Sighting } from '../../shared/ports/velocity.ts';
import { createReadSignals } from '../../shared/use-cases/read-signals.ts';
import {
  AFFILIATE_ID,
  attribution,
  BY_TRANSACTION,
  CAMPAIGN_ID,
  CLICKED_AT,
  campaign,
  later,
  NOW,
  RECEIPT_ID,
} from '../support/builders.ts';
import { rule, scoring } from '../support/qualification.ts';

interface World {
  readonly asked: string[];
  readonly sightings: (Sighting & { readonly group: string })[];
  readonly requests: string[];
}

const world = (): World => ({ asked: [], sightings: [], requests: [] });

/** Reads signals over checks that answer by a word in what they are asked, and counts that remember what they are told. */
function read(
  checks: readonly Check[],
  conversion: Partial<Conversion> = {},
  options: { in?: World; dedupe?: Dedupe; occurredAt?: Instant; scoring?: Scoring } = {},
) {
  const { in: at = world(), dedupe = BY_TRANSACTION, occurredAt = NOW } = options;
  const readSignals = createReadSignals({
    contactChecks: {
      email: async (address) => {
        at.asked.push(address);
        return { syntaxValid: true, domain: 'shop.example', disposable: address.includes('throwaway') };
      },
      phone: async (number, country) => {
        at.asked.push(`${number} in ${country}`);
        return { valid: true, country };
      },
      phoneNumber: async (number) => number,
      isBot: (userAgent) => userAgent.includes('bot'),
    },
    velocity: {
      remember: async (group, sighting) => {
        at.sightings.push({ group, ...sighting });
        const times = at.sightings.filter((seen) => seen.group === group).map((seen) => millisecondsOf(seen.at));
        return { ownAt: millisecondsOf(sighting.at), times };
      },
      countRequest: async (group) => at.requests.push(group),
    },
    leadSecrets: async () => ({ leadId: (parts) => parts.join('|'), fingerprint: (parts) => parts.join('|') }),
  });
  const message = {
    receiptId: RECEIPT_ID,
    receivedAt: NOW,
    occurredAt,
    conversion: {
      transactionId: 'order-1',
      event: 'lead',
      platformClickIds: [],
      subIds: {},
      contact: {},
      ...conversion,
    },
  };
  const rules = checks.map((check, index) => ({ ...rule(`r${index}`), ...check }));
  return readSignals(message, attribution({ subIds: { sub1: 'a', sub2: 'b' }, source: 'news' }), campaign({ dedupe }), {
    rules,
    scoring: options.scoring,
  });
}

const BARE = { occurredAt: NOW, clickedAt: CLICKED_AT };
const everything = {
  contact: { email: 'jo@shop.example', phone: '030 1', first_name: 'Jo', field_age: '30', field_site: 'x' },
  signals: {
    ip: '2001:db8:1:2::9',
    user_agent: 'a bot',
    device_id: 'd1',
    visitor_id: 'v1',
    country: 'DE',
    form_seconds: '12',
    consent_url: 'https://c.example/1',
    consent_token: 't',
  },
  subIds: { sub2: 'c' },
  amount: '10.00',
};

describe('signals', () => {
  it('hold nothing that nothing asks for', async () => {
    const at = world();
    expect(await read([{ kind: 'click_to_lead', minMs: 1 }], everything, { in: at })).toEqual(BARE);
    expect(at).toEqual(world());
  });

  it.each<[string, Check, object]>([
    ['e-mail', { kind: 'email_syntax' }, { email: { syntaxValid: true, domain: 'shop.example', disposable: false } }],
    [
      'its domain',
      { kind: 'deny_list', of: 'email_domain', values: ['x.example'] },
      { email: { syntaxValid: true, domain: 'shop.example', disposable: false } },
    ],
    ['phone', { kind: 'phone' }, { phone: { valid: true, country: 'DE' } }],
    ['a custom field', { kind: 'allowed_values', field: 'field_age', values: ['30'] }, { fields: { field_age: '30' } }],
    [
      'which were given',
      { kind: 'required_fields', fields: ['sub1', 'phone', 'field_x', 'amount'] },
      { given: ['amount', 'phone', 'sub1'] },
    ],
    ['a honeypot', { kind: 'honeypot', field: 'field_site' }, { given: ['field_site'] }],
    ['the country', { kind: 'allowed_countries', countries: ['DE'] }, { country: 'DE' }],
    ['the source', { kind: 'allow_list', of: 'source', values: ['news'] }, { source: 'news' }],
    ['the affiliate', { kind: 'deny_list', of: 'affiliate_id', values: ['x'] }, { affiliateId: AFFILIATE_ID }],
    ['a sub-id of the click', { kind: 'allow_list', of: 'sub1', values: ['a'] }, { subIds: { sub1: 'a' } }],
    ['a sub-id of the postback', { kind: 'allow_list', of: 'sub2', values: ['a'] }, { subIds: { sub2: 'c' } }],
    ['the form time', { kind: 'form_time', minSeconds: 1 }, { formSeconds: 12 }],
    ['consent', { kind: 'consent', proof: 'any' }, { consent: ['url', 'token'] }],
    ['the user agent', { kind: 'not_bot' }, { userAgent: 'bot' }],
  ])('hold what is asked for, and nothing else: %s', async (_case, check, expected) => {
    expect(await read([check], everything)).toEqual({ ...BARE, ...expected });
  });

  it.each<[string, Check]>([
    ['e-mail', { kind: 'email_syntax' }],
    ['phone', { kind: 'phone' }],
    ['a custom field', { kind: 'allowed_values', field: 'field_age', values: ['30'] }],
    ['the country', { kind: 'allowed_countries', countries: ['DE'] }],
    ['the form time', { kind: 'form_time', minSeconds: 1 }],
    ['consent', { kind: 'consent', proof: 'any' }],
    ['the user agent', { kind: 'not_bot' }],
    ['a sub-id', { kind: 'allow_list', of: 'sub9', values: ['a'] }],
  ])('leave out what was not sent: %s', async (_case, check) => {
    expect(await read([check])).toEqual(BARE);
  });

  it('hold no e-mail address, phone number, IP address or device id', async () => {
    const recorded = JSON.stringify(
      await read(
        [
          { kind: 'email_not_disposable' },
          { kind: 'phone' },
          { kind: 'required_fields', fields: ['email', 'phone', 'first_name', 'ip'] },
        ],
        everything,
      ),
    );
    for (const secret of ['jo@', '030', 'Jo', '2001:db8']) expect(recorded).not.toContain(secret);
  });

  it('hold a long field cut, so that it equals no listed value', async () => {
    const check: Check = { kind: 'allowed_values', field: 'field_a', values: ['x'.repeat(MAX_FIELD_CHARACTERS)] };
    const held = async (length: number) =>
      (await read([check], { contact: { field_a: 'x'.repeat(length) } })).fields?.['field_a'];
    expect(await held(MAX_FIELD_CHARACTERS)).toBe('x'.repeat(MAX_FIELD_CHARACTERS));
    expect(await held(MAX_FIELD_CHARACTERS + 1)).toBe(`${'x'.repeat(MAX_FIELD_CHARACTERS)}…`);
  });

  it.each([
    ['where the lead says it is from', { country: 'AT' }, ['FR'], '030 1 in AT'],
    ['in the first country that a rule names', {}, ['FR', 'DE'], '030 1 in FR'],
    ['nowhere, where nobody names any', {}, undefined, '030 1 in undefined'],
  ])('dial a number %s', async (_case, signals, countries, expected) => {
    const at = world();
    await read([{ kind: 'phone', countries }], { contact: { phone: '030 1' }, signals }, { in: at });
    expect(at.asked).toEqual([expected]);
  });

  it('hold what the score asks for', async () => {
    const outboundWhen: Check = { kind: 'allow_list', of: 'source', values: ['call-center'] };
    const conversion = { contact: { field_b: 'x', field_d: 'y' } };
    const signals = await read([], conversion, { scoring: scoring({ outboundWhen }) });
    expect(signals).toEqual({ ...BARE, given: ['field_b'], source: 'news' });
  });
});

describe('counts', () => {
  const repeatIp = (periodMs: number): Check => ({ kind: 'repeat', of: 'ip', periodMs, atMost: 1 });
  const signals = { ip: '2001:db8:1:2::9', device_id: 'd1' };
  const ip = `ip|${CAMPAIGN_ID}|2001:db8:1:2`;

  it('are kept by keyed digests, for as long as the longest period needs', async () => {
    const at = world();
    expect(await read([repeatIp(1000), repeatIp(9000)], { signals }, { in: at })).toEqual({
      ...BARE,
      ip,
      counts: { repeat_ip_1000: 1, repeat_ip_9000: 1 },
    });
    expect(at.sightings).toEqual([
      {
        group: `${CAMPAIGN_ID}#ip#${ip}`,
        leadKey: `lead|${CAMPAIGN_ID}|lead|transaction_id|order-1`,
        at: NOW,
        keptMs: 9000,
      },
    ]);
  });

  it('of a lead that is reported late are kept no shorter: others of the group are younger', async () => {
    const at = world();
    await read([repeatIp(9000)], { signals }, { in: at, occurredAt: later(NOW, -60_000) });
    expect(at.sightings).toMatchObject([{ at: later(NOW, -60_000), keptMs: 69_000 }]);
  });

  it('are of the period that each check asks for', async () => {
    const at = world();
    await read([repeatIp(9000)], { signals }, { in: at });
    const second = read([repeatIp(1000), repeatIp(9000)], { signals }, { in: at, occurredAt: later(NOW, 5000) });
    expect((await second).counts).toEqual({ repeat_ip_1000: 1, repeat_ip_9000: 2 });
  });

  it('are of IP addresses, devices, and requests, each only where asked', async () => {
    const at = world();
    const checks: Check[] = [
      { kind: 'repeat', of: 'device', periodMs: 1000, atMost: 1 },
      { kind: 'rate', of: 'affiliate', perMinute: 1 },
      { kind: 'rate', of: 'ip', perMinute: 1 },
    ];
    expect(await read(checks, { signals }, { in: at })).toEqual({
      ...BARE,
      ip,
      device: `device|${CAMPAIGN_ID}|d1`,
      affiliateId: AFFILIATE_ID,
      counts: { repeat_device_1000: 1, rate_ip: 1, rate_affiliate: 2 },
    });
    expect(at.requests.sort()).toEqual([`${CAMPAIGN_ID}#affiliate#${AFFILIATE_ID}`, `${CAMPAIGN_ID}#ip#${ip}`]);
    expect(at.sightings.map(({ group }) => group)).toEqual([`${CAMPAIGN_ID}#device#device|${CAMPAIGN_ID}|d1`]);
  });

  it('are not asked for without an IP address or a device', async () => {
    const at = world();
    const checks: Check[] = [repeatIp(1000), { kind: 'rate', of: 'ip', perMinute: 1 }];
    expect(await read(checks, {}, { in: at })).toEqual({ ...BARE, counts: {} });
    expect([at.sightings, at.requests]).toEqual([[], []]);
  });

  it.each([
    ['the transaction', ['transaction_id'], {}, ['transaction_id', 'order-1']],
    ['the e-mail address, in any case', ['email'], { contact: { email: 'Jo@x.example' } }, ['email', 'jo@x.example']],
    [
      'the first that was given',
      ['phone', 'visitor'],
      { signals: { ip: '192.0.2.1', visitor_id: 'v' } },
      ['visitor', 'v'],
    ],
    ['the message, where nothing tells it', ['phone'], {}, ['message', RECEIPT_ID]],
  ] as const)('know a lead again by %s', async (_case, by, conversion, expected) => {
    const at = world();
    await read([repeatIp(1000)], { signals, ...conversion }, { in: at, dedupe: { ...BY_TRANSACTION, by } });
    expect(at.sightings[0]?.leadKey).toBe(['lead', CAMPAIGN_ID, 'lead', ...expected].join('|'));
  });
});
