import { createPublicKey, verify } from 'node:crypto';
import { createLocalJWKSet, type JSONWebKeySet, type JWK } from 'jose';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { newDelivery } from '../../shared/domain/deliveries/delivery.ts';
import type { Destination } from '../../shared/domain/deliveries/destination.ts';
import { leadEvents } from '../../shared/domain/deliveries/lead-events.ts';
import type { Lead } from '../../shared/domain/leads/lead.ts';
import type { DestinationSecrets } from '../../shared/ports/destinations.ts';
import type { Contact } from '../../shared/ports/leads.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { digest128 } from '../../shared/runtime/crypto.ts';
import { createRenderDelivery, createRenderEvent, MAX_WEBHOOK_BYTES } from '../../shared/use-cases/render-delivery.ts';
import { tellLead } from '../../shared/use-cases/tell-lead.ts';
import { AFFILIATE_ID, CAMPAIGN_ID, LEAD_ID, later, lead, NOW, transition } from '../support/builders.ts';
import { postbackDestination, receiptKeys, SECRET, webhookDestination } from '../support/destinations.ts';
import { network } from '../support/network.ts';

const NEW_SECRET = 'whsec_bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3';

const { catalog } = network();

/** The library asks the clock how old a message is. */
const SENT_AT = systemClock();

const eventOf = (of: Lead, destination: Destination) =>
  tellLead(leadEvents(undefined, of, digest128).at(-1)!, destination);

function render(
  destination: Destination,
  options: { of?: Partial<Lead>; secrets?: DestinationSecrets; contact?: Contact; now?: string } = {},
) {
  const renderEvent = createRenderEvent({ catalog, contactOf: async () => options.contact, receiptKeys });
  const secrets = options.secrets ?? (destination.kind === 'webhook' ? { current: SECRET } : undefined);
  return renderEvent({ destination, secrets }, eventOf(lead(options.of), destination), options.now ?? SENT_AT);
}

describe('a webhook', () => {
  it('is verified by the library of Standard Webhooks, and tells the lead as its owner may see it', async () => {
    const { method, url, headers, body } = await render(webhookDestination());
    expect([method, url, headers['content-type']]).toEqual(['POST', 'https://crm.example/hooks', 'application/json']);
    const told = new Webhook(SECRET).verify(body!, { ...headers });
    expect(told).toMatchObject({
      type: 'lead.confirmed',
      timestamp: NOW,
      data: { leadId: LEAD_ID, status: 'confirmed', charge: '25.00', commission: '18.00', history: [{ version: 1 }] },
    });
    expect(headers['webhook-id']).toMatch(/^evt_[A-Za-z0-9_-]{22}$/);
  });

  it('is signed as the example of the specification is', () => {
    const signed = new Webhook(SECRET).sign(
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      new Date(1_614_265_330_000),
      '{"test": 2432232314}',
    );
    expect(signed).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  it('has the same id and body in every attempt, and the time of its own', async () => {
    const [first, second] = await Promise.all([
      render(webhookDestination()),
      render(webhookDestination(), { now: later(SENT_AT, 60_000) }),
    ]);
    expect(second.body).toBe(first.body);
    expect(second.headers['webhook-id']).toBe(first.headers['webhook-id']);
    expect(second.headers['webhook-timestamp']).not.toBe(first.headers['webhook-timestamp']);
  });

  it.each([
    ['by both secrets while they change', later(SENT_AT, 1), [SECRET, NEW_SECRET], []],
    ['by the new one alone from then on', SENT_AT, [NEW_SECRET], [SECRET]],
  ])('is signed %s', async (_when, until, good, bad) => {
    const secrets = { current: NEW_SECRET, previous: [{ secret: SECRET, until }] };
    const { headers, body } = await render(webhookDestination(), { secrets });
    for (const secret of good) expect(new Webhook(secret).verify(body!, { ...headers })).toBeDefined();
    for (const secret of bad) expect(() => new Webhook(secret).verify(body!, { ...headers })).toThrow('No matching');
  });

  it.each([
    ['with contact data for whoever gets them', true, { email: 'ann@example.com' }, { email: 'ann@example.com' }],
    ['without, where there are none', true, undefined, undefined],
    ['without, for all others', false, { email: 'ann@example.com' }, undefined],
    [
      'with what fits of them',
      true,
      {
        field_a: 'x'.repeat(MAX_WEBHOOK_BYTES),
        email: 'ann@example.com',
        field_b: 'y'.repeat(9000),
        field_c: 'ä'.repeat(9000),
      },
      { email: 'ann@example.com', field_b: 'y'.repeat(9000) },
    ],
  ])('comes %s', async (_how, includeContact, contact, expected) => {
    const { body } = await render(webhookDestination({ includeContact }), {
      ...(contact && { contact: contact as Contact }),
    });
    const { contact: told, contactLeftOut } = JSON.parse(body!).data;
    expect(told).toEqual(expected);
    const names = Object.keys((includeContact && contact) || {});
    expect(contactLeftOut ?? []).toEqual(names.filter((name) => !(name in told)));
    expect(Buffer.byteLength(body!)).toBeLessThanOrEqual(MAX_WEBHOOK_BYTES);
  });

  it('tells an affiliate no charge, and of a long history its end', async () => {
    const takenBack = { chargeMinor: 1n, commissionMinor: 1n };
    const history = Array.from({ length: 60 }, (_, index) => ({
      ...lead().history[0]!,
      version: index + 1,
      action: index === 0 ? ('decided' as const) : ('reversed_in_part' as const),
      reason: 'x'.repeat(128),
      takenBack,
    }));
    const destination = webhookDestination({ affiliateId: AFFILIATE_ID });
    const [event] = leadEvents(lead({ version: 59 }), lead({ version: 60, history }), digest128);
    const told = tellLead(event!, destination);
    expect(JSON.stringify(told.data)).not.toMatch(/charge/i);
    expect(told.data['history']).toHaveLength(20);
    expect(JSON.stringify(tellLead(event!, {}).data)).toMatch(/"charge"/);
  });
});

/** Priced at 18.00, of which a fifth was taken back before it was confirmed, another after that. */
const taken = { chargeMinor: 500n, commissionMinor: 360n };
const inPart: Partial<Lead> = {
  commissionMinor: 1080n,
  version: 4,
  history: [
    transition({ status: 'pending' }),
    transition({ version: 2, action: 'reversed_in_part', status: 'pending', takenBack: taken }),
    transition({ version: 3, action: 'confirmed' }),
    transition({ version: 4, action: 'reversed_in_part', takenBack: taken }),
  ],
};
const inPartAndWhole: Partial<Lead> = {
  ...inPart,
  status: 'reversed',
  version: 5,
  history: [...(inPart.history ?? []), transition({ version: 5, action: 'reversed', status: 'reversed' })],
};

describe('a postback', () => {
  it.each([
    ['its values', {}, {}, 'https://tracker.example/pb?cid=a&payout=18.00&status=confirmed'],
    [
      "the receiver's words",
      { statuses: { confirmed: '1' } },
      {},
      'https://tracker.example/pb?cid=a&payout=18.00&status=1',
    ],
    [
      "Affise's numbers",
      { macros: 'affise', url: 'https://t.example/?c={sub1}&s={status}&p={sum}&g={geo}' },
      {},
      'https://t.example/?c=a&s=1&p=18.00&g=',
    ],
    [
      "Affise's number of what waits",
      { macros: 'affise', url: 'https://t.example/?s={status}' },
      { status: 'pending' },
      'https://t.example/?s=2',
    ],
    [
      "Affise's number of what is held",
      { macros: 'affise', url: 'https://t.example/?s={status}' },
      { status: 'pending', holdUntil: NOW },
      'https://t.example/?s=5',
    ],
    [
      "the receiver's words before those of Affise",
      { macros: 'affise', url: 'https://t.example/?s={status}', statuses: { rejected: 'no' } },
      { status: 'rejected' },
      'https://t.example/?s=no',
    ],
    [
      "the click id where TUNE's macro means it",
      { macros: 'tune', url: 'https://t.example/?c={transaction_id}&n={adv_sub}' },
      { clickId: 'click-1' },
      'https://t.example/?c=click-1&n=order-1',
    ],
    [
      'our words where there are no others',
      { statuses: { rejected: '3' } },
      {},
      'https://tracker.example/pb?cid=a&payout=18.00&status=confirmed',
    ],
    [
      'moments in UTC',
      { url: 'https://t.example/?a={datetime}&b={timestamp}&c={date_only}&d={time}&e={click_time}' },
      {},
      'https://t.example/?a=2025-11-10%2010%3A30%3A00&b=1762770600&c=2025-11-10&d=10%3A30%3A00&e=2025-11-10%2009%3A30%3A00',
    ],
    [
      'what the conversion was worth',
      { url: 'https://t.example/?a={sale_amount}{order_currency}' },
      { amount: { amountMinor: 9990n, currency: 'USD' } },
      'https://t.example/?a=99.90USD',
    ],
    [
      'nothing of what there is not',
      { url: 'https://t.example/?a={amount}&r={reason}&s={source}' },
      {},
      'https://t.example/?a=&r=&s=',
    ],
    [
      'why it was rejected',
      { url: 'https://t.example/?r={comment}' },
      { status: 'rejected', reason: 'duplicate' },
      'https://t.example/?r=duplicate',
    ],
    [
      'no commission, where it was rejected',
      { url: 'https://t.example/?s={status}&p={payout}&c={currency}' },
      { status: 'rejected', reason: 'duplicate' },
      'https://t.example/?s=rejected&p=0.00&c=EUR',
    ],
    [
      'what is left of the commission, where a part was taken back',
      { url: 'https://t.example/?s={status}&p={payout}' },
      inPart,
      'https://t.example/?s=confirmed&p=10.80',
    ],
    [
      'the commission that it was confirmed with, where all of it is taken back',
      { url: 'https://t.example/?s={status}&p={payout}' },
      inPartAndWhole,
      'https://t.example/?s=reversed&p=14.40',
    ],
    [
      'who, what and which',
      {
        url: 'https://t.example/{lead_id}?a={affiliate_id}&c={campaign_id}&e={goal}&t={event_type}&x={transaction_id}',
      },
      {},
      `https://t.example/${LEAD_ID}?a=${AFFILIATE_ID}&c=${CAMPAIGN_ID}&e=lead&t=lead.confirmed&x=order-1`,
    ],
    [
      'what campaign and affiliate are called where the network came from',
      { url: 'https://t.example/?o={offer_id}&n={offer_name}&a={aff_id}&p={pid}&c=#oid#' },
      {},
      'https://t.example/?o=shop&n=Shop&a=traffic-1&p=traffic-1&c=shop',
    ],
    [
      'ids where they are called nothing',
      { url: 'https://t.example/?o={offer_id}&n={offer_name}&a={aff_id}' },
      { campaignId: 'cmp_01JD3Y8Q5T9Z6V2K4M7N1P0R9Z', affiliateId: undefined },
      'https://t.example/?o=cmp_01JD3Y8Q5T9Z6V2K4M7N1P0R9Z&n=&a=',
    ],
    [
      'all sub-ids',
      { url: 'https://t.example/?{sub1}{sub2}#s2##s3#{sub10}' },
      { subIds: { sub1: '1', sub2: '2', sub10: '&' } },
      'https://t.example/?122%26',
    ],
    [
      'what is worth nothing any more',
      {},
      { commissionMinor: 0n },
      'https://tracker.example/pb?cid=a&payout=0.00&status=confirmed',
    ],
    ['yen without decimals', {}, { currency: 'JPY' }, 'https://tracker.example/pb?cid=a&payout=1800&status=confirmed'],
    [
      'its special template',
      { templates: [{ method: 'GET' as const, url: 'https://t.example/lead', leadEvents: ['lead'] }] },
      {},
      'https://t.example/lead',
    ],
  ] as const)('has %s', async (_what, changes, of, url) => {
    expect(await render(postbackDestination(changes), { of })).toEqual({
      method: 'GET',
      url,
      headers: {},
      body: undefined,
    });
  });

  it('is a form where it is a POST', async () => {
    const destination = postbackDestination({ method: 'POST', url: 'https://t.example/', body: 'c={sub1}&e={event}' });
    expect(await render(destination, { of: { subIds: { sub1: 'a b&' } } })).toEqual({
      method: 'POST',
      url: 'https://t.example/',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'c=a%20b%26&e=lead',
    });
  });

  it.each([
    ['GET', undefined, 'https://t.example/pb?c={sub1}'],
    ['GET', undefined, 'https://t.example'],
    ['GET', undefined, 'https://t.example/ä/{sub1}'.replace('ä', '%C3%A4')],
    ['POST', 'c={sub1}', 'https://t.example/pb'],
  ] as const)('is signed by the published keys, where it is asked for: %s %s', async (method, body, url) => {
    const destination = postbackDestination({ method, url, body, signed: true });
    const request = await render(destination, { of: { subIds: { sub1: 'é/ü' } } });
    const { publicKeys } = await receiptKeys();
    const [signed, sig] = request.url.split('&sig=') as [string, string];
    const parameters = new URL(request.url).searchParams;
    expect(parameters.get('ts')).toBe(Math.floor(Date.parse(SENT_AT) / 1000).toString());
    // By jose: it finds the key, and WebCrypto verifies.
    const key = await createLocalJWKSet({ keys: publicKeys } as JSONWebKeySet)({
      alg: 'EdDSA',
      kid: parameters.get('kid')!,
    });
    const text = Buffer.from(`${method} ${signed}${request.body === undefined ? '' : `\n${request.body}`}`);
    const signature = Buffer.from(sig, 'base64url');
    expect(await crypto.subtle.verify('Ed25519', key, signature, text)).toBe(true);
    // By node:crypto.
    const jwk = (publicKeys as JWK[]).find(({ kid }) => kid === parameters.get('kid'))!;
    const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
    expect(verify(null, text, publicKey, signature)).toBe(true);
    // Whatever is altered is noticed.
    for (let place = 0; place < text.length; place += 1) {
      const altered = Buffer.from(text);
      altered[place]! ^= 1;
      expect(verify(null, altered, publicKey, signature)).toBe(false);
    }
    // It is what is sent: nothing on the way writes it in another form.
    expect(new URL(request.url).href).toBe(request.url);
  });
});

describe('a delivery', () => {
  const deliver = (destination: Destination | undefined) => {
    const renderDelivery = createRenderDelivery({
      catalog,
      contactOf: async () => undefined,
      receiptKeys,
      keptDestination: async () => destination && { destination, secrets: { current: SECRET } },
    });
    return renderDelivery(newDelivery('dst_x', eventOf(lead(), postbackDestination()), NOW, digest128), NOW);
  };

  it.each([
    [
      'a request',
      postbackDestination(),
      {
        kind: 'request',
        request: { url: 'https://tracker.example/pb?cid=a&payout=18.00&status=confirmed' },
        isPersonal: false,
      },
    ],
    ['a personal one with contact data', webhookDestination({ includeContact: true }), { isPersonal: true }],
    ['no personal one without', webhookDestination(), { isPersonal: false }],
    [
      'nothing to send, where the destination is paused',
      postbackDestination({ status: 'paused' }),
      { kind: 'undeliverable', reason: 'the destination is paused' },
    ],
    [
      'nothing to send, where there is no destination',
      undefined,
      { kind: 'undeliverable', reason: 'the destination is no more' },
    ],
  ])('is %s', async (_what, destination, expected) => {
    expect(await deliver(destination)).toMatchObject(expected);
  });
});
