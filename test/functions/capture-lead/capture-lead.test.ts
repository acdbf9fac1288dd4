import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import { type CaptureLeadDependencies, createCaptureLead } from '../../../functions/capture-lead/capture-lead.ts';
import type { ConversionMessage } from '../../../shared/contracts/postback.ts';
import type { Caps } from '../../../shared/domain/caps/caps.ts';
import { OPT_IN_MS } from '../../../shared/domain/leads/decide-lead.ts';
import type { Dedupe } from '../../../shared/domain/leads/dedupe.ts';
import { recordedVerdict, replayVerdict, verdictRecord } from '../../../shared/domain/leads/replay-verdict.ts';
import { releaseHold } from '../../../shared/domain/leads/transitions/release-hold.ts';
import type { Endpoint } from '../../../shared/ports/endpoints.ts';
import { StoreUnavailable } from '../../../shared/ports/errors.ts';
import { createHttpHandler } from '../../../shared/runtime/http.ts';
import { makeId } from '../../../shared/runtime/ids.ts';
import { createGiveOptIn } from '../../../shared/use-cases/give-opt-in.ts';
import { createRecordConversion } from '../../../shared/use-cases/record-conversion.ts';
import { later, NOW } from '../../support/builders.ts';
import { clickIdIn, type RequestParts, request, useCorePath } from '../../support/core-path.ts';
import { undescribed } from '../../support/described.ts';
import { endpoint } from '../../support/endpoints.ts';
import { useEngines } from '../../support/engines.ts';
import { useMessages } from '../../support/messages.ts';
import { rule } from '../../support/qualification.ts';

const engines = await useEngines();
const core = useCorePath(engines);
const advertiser = await core.advertiser();
const publisher = await core.affiliate();
const functions = core.instance();
const { stores, takeMessage, recordConversion, findLead, transitionLead, logged } = useMessages(engines, core);

const endpoints = new Map<string, Endpoint>();
const dependencies: CaptureLeadDependencies = {
  catalog: stores.catalog,
  endpoints: { byForm: async (campaignId) => endpoints.get(campaignId) },
  takeMessage,
  giveOptIn: createGiveOptIn({ ...stores, findLead, transitionLead }),
  files: {
    async link(key) {
      if (key.includes('missing')) return undefined;
      return `${key.includes('on-this-machine') ? 'http://localhost:4566' : 'https://bucket.example'}/${key}?signed`;
    },
  },
  velocity: stores.velocity,
  leadSecrets: stores.leadSecrets,
  clock: () => core.clock.now,
  makeUlid: ulid,
};
const THANKS = 'https://shop.example/thanks';
const BROWSER = { accept: 'text/html', host: 'leads.example' };

async function answered(handlers: ReturnType<typeof createCaptureLead>, event: ReturnType<typeof request>) {
  const { http } = event.requestContext;
  const { statusCode, headers, body } = await createHttpHandler(handlers)(
    {
      ...event,
      requestContext: {
        ...event.requestContext,
        domainName: 'leads.example',
        http: { ...http, sourceIp: '203.0.113.7' },
      },
    },
    {} as never,
  );
  const answer = { status: statusCode ?? 0, headers: headers ?? {}, body: body ?? '' };
  const mediaType = String(answer.headers['content-type'] ?? '');
  expect(undescribed(event.routeKey, { ...answer, mediaType })).toBeUndefined();
  return answer;
}

/** A campaign with a form of its own. */
async function aForm(
  settings: Record<string, unknown> = { thankYouUrl: THANKS },
  changes: Parameters<typeof core.campaign>[1] = {},
  trust: Endpoint['trust'] | 'by_proof' = 'confirm',
) {
  const { campaignId } = await core.campaign(advertiser.advertiserId, changes);
  endpoints.set(
    campaignId,
    endpoint({
      endpointId: makeId('ep'),
      dialect: 'form',
      campaignId,
      settings,
      secrets: { signing: 'made-up-secret', token: 'made-up-token' },
      trust: trust === 'by_proof' ? undefined : trust,
    }),
  );
  const click = clickIdIn(await functions.click(campaignId, { affiliate_id: publisher.affiliateId, sub1: 'blog' }));
  const handlers = createCaptureLead(dependencies);
  const at = (method: string, path: string, parts: RequestParts = {}) =>
    answered(handlers, request(method, `/f/{campaignId}${path}`, { pathParameters: { campaignId }, ...parts }));
  return {
    campaignId,
    click,
    at,
    send: (fields: Record<string, string>, headers: Record<string, string> = BROWSER) =>
      at('POST', '', { form: { click_id: click, ...fields }, headers }),
    leads: async () => (await core.leads()).filter((lead) => lead.campaignId === campaignId),
    async contact() {
      const [lead] = await this.leads();
      return stores.contacts.get(lead!.leadId);
    },
    /** Opens a link that was given out. */
    open: (method: string, link: string | undefined) => {
      const { pathname, search } = new URL(link ?? '');
      return at(method, pathname.replace(`/f/${campaignId}`, ''), { query: search.slice(1), headers: BROWSER });
    },
  };
}

const BY_EMAIL: Dedupe = { by: ['email'], scope: 'campaign', repeat: 'ignore' };
const ROOM_FOR_ONE: Caps = {
  limits: [{ scope: 'campaign', period: 'total', measure: 'leads', limit: 1n, over: 'reject' }],
  reversalFrees: false,
};
const ADA = { email: 'ada@example.com', first_name: 'Ada', message: 'Call me' };

/** Runs `work` at another time than now. */
async function at<Result>(instant: string, work: () => Promise<Result>): Promise<Result> {
  core.clock.now = instant;
  try {
    return await work();
  } finally {
    core.clock.now = NOW;
  }
}

describe('a form', () => {
  it('makes a lead of the affiliate whose click it names, and sends its visitor on', async () => {
    const shop = await aForm();
    const sent = await shop.send(ADA);
    expect([sent.status, sent.headers['location']]).toEqual([303, THANKS]);
    expect(await shop.leads()).toMatchObject([
      {
        affiliateId: publisher.affiliateId,
        advertiserId: advertiser.advertiserId,
        clickId: shop.click,
        subIds: { sub1: 'blog' },
        status: 'confirmed',
        attributedBy: 'click_id',
      },
    ]);
    expect(await shop.contact()).toEqual({
      email: 'ada@example.com',
      first_name: 'Ada',
      field_message: 'Call me',
      ip: '203.0.113.7',
      user_agent: expect.stringContaining('Firefox'),
    });
  });

  it('sent twice is one lead, by its form-start token, whatever else has changed in it', async () => {
    const shop = await aForm();
    const { token } = JSON.parse((await shop.at('GET', '/start')).body);
    await at(later(NOW, 5000), () => shop.send({ ...ADA, form_start: token }));
    await at(later(NOW, 6000), () => shop.send({ ...ADA, form_start: token, message: 'Call me now' }));
    expect(await shop.leads()).toHaveLength(1);
    expect(await shop.contact()).toMatchObject({ form_seconds: '5', field_message: 'Call me' });
  });

  it('sent again with its address mended is another lead: what was meant is not lost', async () => {
    const shop = await aForm();
    const { token } = JSON.parse((await shop.at('GET', '/start')).body);
    for (const email of ['ade@example.com', 'ada@example.com', 'Ada@example.com']) {
      await shop.send({ ...ADA, email, form_start: token });
    }
    expect(await shop.leads()).toHaveLength(2);
  });

  it('that nobody vouches for is left to the advertiser', async () => {
    const shop = await aForm({}, {}, 'by_proof');
    await shop.send(ADA);
    expect(await shop.leads()).toMatchObject([{ status: 'pending', reason: 'pixel_awaiting_confirmation' }]);
  });

  it('that was filled too fast for the campaign is rejected, of which the visitor learns nothing', async () => {
    const rules = [rule('form', { kind: 'form_time', minSeconds: 3 })];
    const shop = await aForm(undefined, { terms: [{ rules }] });
    const { token } = JSON.parse((await shop.at('GET', '/start')).body);
    const fast = await at(later(NOW, 2999), () => shop.send({ ...ADA, form_start: token }));
    expect([fast.status, fast.headers['location']]).toEqual([303, THANKS]);
    expect(await shop.leads()).toMatchObject([{ status: 'rejected', reason: 'form_too_fast' }]);
  });

  it('with a filled honeypot is no lead, and stands in the log', async () => {
    const shop = await aForm({ honeypot: 'website', thankYouUrl: THANKS });
    const caught = await shop.send({ ...ADA, website: 'https://spam.example' });
    expect([caught.status, caught.headers['location']]).toEqual([303, THANKS]);
    expect(await shop.leads()).toEqual([]);
    expect(logged.at(-1)).toMatchObject({
      told: [{ status: 'ignored', reason: 'honeypot', receiptId: expect.any(String) }],
    });
  });

  it('is taken as multipart, without its files', async () => {
    const shop = await aForm();
    const body = new FormData();
    body.set('email', 'ada@example.com');
    body.set('click_id', shop.click);
    body.set('cv', new File(['x'], 'cv.pdf'));
    const encoded = new Response(body);
    const headers = { ...BROWSER, 'content-type': encoded.headers.get('content-type') ?? '' };
    const sent = await shop.at('POST', '', { body: new Uint8Array(await encoded.arrayBuffer()), headers });
    expect(sent.status).toBe(303);
    expect(Object.keys((await shop.contact()) ?? {}).sort()).toEqual(['email', 'ip', 'user_agent']);
    const broken = await shop.at('POST', '', { body: 'x', headers });
    expect([broken.status, broken.body]).toEqual([400, expect.stringContaining('multipart/form-data')]);
  });

  it('of a chat bot that shows its token is answered with the verdict', async () => {
    const shop = await aForm({}, {}, 'by_proof');
    const headers = { authorization: 'Bearer made-up-token', host: 'leads.example' };
    const json = { ...ADA, click_id: shop.click, submission_id: 'chat-7' };
    const { status, body } = await shop.at('POST', '', { json, headers });
    const [lead] = await shop.leads();
    expect([status, JSON.parse(body)]).toEqual([
      200,
      { receiptId: lead?.receiptId, leadId: lead?.leadId, status: 'confirmed', reason: null },
    ]);
    expect(JSON.parse((await shop.at('POST', '', { json, headers })).body)).toMatchObject({ status: 'duplicate' });
  });

  it.each([
    ['a browser', BROWSER, 'text/html; charset=utf-8'],
    ['a program', { accept: 'application/json' }, 'application/problem+json'],
  ])('of no campaign is not there: %s', async (_who, headers, mediaType) => {
    const shop = await aForm();
    const nowhere = await shop.at('POST', '', { form: ADA, headers, pathParameters: { campaignId: 'ext:nothing' } });
    expect([nowhere.status, nowhere.headers['content-type']]).toEqual([404, mediaType]);
  });

  it('tells its visitor to try again while the store is away', async () => {
    const { campaignId } = await aForm();
    const down = async (): Promise<never> => {
      throw new StoreUnavailable('the fake store is down');
    };
    const handlers = createCaptureLead({ ...dependencies, endpoints: { byForm: down } });
    const event = request('POST', '/f/{campaignId}', { form: ADA, headers: BROWSER, pathParameters: { campaignId } });
    expect(await answered(handlers, event)).toMatchObject({
      status: 503,
      headers: { 'content-type': 'text/html; charset=utf-8', 'retry-after': expect.stringMatching(/^\d+$/) },
      body: expect.stringContaining('Try it again in a minute'),
    });
  });
});

describe('pages of other origins', () => {
  const origins = ['https://shop.example'];

  it.each([
    ['https://shop.example', 'https://shop.example'],
    ['https://other.example', undefined],
  ])('%s: may ask and read %s', async (origin, allowed) => {
    const shop = await aForm({ origins });
    const asked = await shop.at('OPTIONS', '', { headers: { origin } });
    const begun = await shop.at('GET', '/start', { headers: { origin } });
    expect([asked.status, asked.headers['access-control-allow-headers']]).toEqual([204, 'content-type']);
    expect([asked, begun].map(({ headers }) => headers['access-control-allow-origin'])).toEqual([allowed, allowed]);
    expect(begun.status).toBe(allowed === undefined ? 403 : 200);
    expect(begun.headers['cache-control']).toBe('no-store');
  });
});

it('is taken 30 times a minute from one network, but of servers that show the token', async () => {
  const shop = await aForm();
  const counted: string[] = [];
  const handlers = createCaptureLead({
    ...dependencies,
    velocity: { countRequest: async (group) => counted.push(group) },
  });
  const send = (headers: Record<string, string>) => {
    const pathParameters = { campaignId: shop.campaignId };
    return answered(handlers, request('POST', '/f/{campaignId}', { form: { website: 'x' }, headers, pathParameters }));
  };
  counted.length = 29;
  expect((await send(BROWSER)).status).not.toBe(429);
  const sent = await at(later(NOW, 12_345), () => send(BROWSER));
  expect([sent.status, sent.headers['retry-after'], sent.body]).toEqual([
    429,
    '48',
    expect.stringContaining('Please wait a minute'),
  ]);
  expect(counted.at(-1)).not.toContain('203.0.113.7');
  expect((await send({ ...BROWSER, authorization: 'Bearer made-up-token' })).status).not.toBe(429);
});

describe('what goes wrong before a form is read', () => {
  const SCRIPT = { origin: 'https://shop.example', 'sec-fetch-mode': 'cors', host: 'leads.example' };
  const TOO_LONG = 'x'.repeat(256 * 1024 + 1);

  it.each<[string, RequestParts, number]>([
    ['too long a body', { json: { email: TOO_LONG } }, 413],
    ['a broken multipart body', { body: 'x', headers: { 'content-type': 'multipart/form-data; boundary=y' } }, 400],
  ])('may be read by scripts of pages that may send: %s', async (_what, parts, status) => {
    const shop = await aForm({ origins: ['https://shop.example'] });
    for (const [origin, allowed] of [
      ['https://shop.example', 'https://shop.example'],
      ['https://other.example', undefined],
    ] as const) {
      const { headers } = parts;
      const sent = await shop.at('POST', '', { ...parts, headers: { ...SCRIPT, ...headers, origin } });
      expect([sent.status, sent.headers['access-control-allow-origin']]).toEqual([status, allowed]);
    }
    const nowhere = await shop.at('GET', '/start', { headers: SCRIPT, pathParameters: { campaignId: 'ext:nothing' } });
    expect([nowhere.status, nowhere.headers['access-control-allow-origin']]).toEqual([404, '*']);
  });

  it('is said to people in words of theirs', async () => {
    const shop = await aForm();
    const sent = await shop.at('POST', '', { form: { email: TOO_LONG }, headers: BROWSER });
    expect([sent.status, sent.body]).toEqual([413, expect.stringContaining('What you sent is too large.')]);
  });
});

describe('double opt-in', () => {
  const DOUBLE = { doubleOptIn: true, thankYouUrl: THANKS };
  const linkIn = async (shop: Awaited<ReturnType<typeof aForm>>) => (await shop.contact())?.['field_opt_in_url'];

  it.each([
    ['by transaction', {}, 'confirm', 'confirmed', undefined],
    ['by e-mail', { dedupe: BY_EMAIL }, 'confirm', 'confirmed', undefined],
    ['by e-mail, vouched for by nobody', { dedupe: BY_EMAIL }, 'by_proof', 'pending', 'pixel_awaiting_confirmation'],
  ] as const)(
    'moves the lead on when the button behind the link is pressed, once: told apart %s',
    async (_by, changes, trust, status, reason) => {
      const shop = await aForm(DOUBLE, changes, trust);
      const sent = await shop.send(ADA);
      expect([sent.status, sent.body]).toEqual([200, expect.stringContaining('an e-mail with a link follows')]);
      const waiting = { status: 'pending', reason: 'awaiting_opt_in', version: 1 };
      expect(await shop.leads()).toMatchObject([waiting]);

      const link = await linkIn(shop);
      const shown = await shop.open('GET', link);
      expect([shown.status, shown.body]).toEqual([200, expect.stringContaining('<button>')]);
      expect(await shop.leads()).toMatchObject([waiting]);

      for (const _press of [1, 2]) {
        const pressed = await shop.open('POST', link);
        expect([pressed.status, pressed.headers['location']]).toEqual([303, THANKS]);
      }
      const [lead] = await shop.leads();
      expect([lead?.status, lead?.reason, lead?.version]).toEqual([status, reason, 2]);
    },
  );

  it('is not asked for again when more is said of the lead, and every verdict can be made again', async () => {
    const dedupe: Dedupe = { ...BY_EMAIL, repeat: 'update_pending' };
    const shop = await aForm(DOUBLE, { dedupe, terms: [{ confirmation: { mode: 'manual' } }] });
    const standing = async () => {
      const [lead] = await shop.leads();
      const campaign = await stores.catalog.campaign(shop.campaignId);
      const terms = await stores.catalog.affiliateTerms(shop.campaignId, publisher.affiliateId);
      expect(verdictRecord(replayVerdict(lead!, campaign!, terms))).toEqual(recordedVerdict(lead!));
      return lead?.reason;
    };
    await shop.send(ADA);
    expect(await standing()).toBe('awaiting_opt_in');
    await shop.send({ ...ADA, message: 'Call me at noon' });
    expect(await standing()).toBe('awaiting_opt_in');
    await shop.open('POST', await linkIn(shop));
    expect(await standing()).toBe('awaiting_approval');
    await shop.send({ ...ADA, message: 'Call me at one' });
    expect(await standing()).toBe('awaiting_approval');
    expect(await shop.leads()).toHaveLength(1);
  });

  it('is asked for again where the form is sent again, by a link that works', async () => {
    const shop = await aForm(DOUBLE, { dedupe: BY_EMAIL });
    const sendAfter = (seconds: number) =>
      at(later(NOW, seconds * 1000), () => shop.send({ ...ADA, message: `after ${seconds} seconds` }));
    await sendAfter(0);
    await sendAfter(30);
    expect((await shop.leads())[0]?.history).toHaveLength(1);
    for (const seconds of [600, 1200, 1800, 2400]) await sendAfter(seconds);
    const [lead, ...more] = await shop.leads();
    expect([more, lead?.history.map(({ action }) => action)]).toEqual([
      [],
      ['decided', 'reminded', 'reminded', 'reminded'],
    ]);
    expect((await shop.open('POST', await linkIn(shop))).status).toBe(303);
    expect(await shop.leads()).toMatchObject([{ status: 'confirmed' }]);
  });

  it('is asked for at the mended address at once, where the campaign lets forms add to a lead', async () => {
    const shop = await aForm(DOUBLE, { dedupe: { ...BY_EMAIL, by: ['phone'], repeat: 'update_pending' } });
    await shop.send({ ...ADA, email: 'ade@example.com', phone: '+44 20 7946 0000' });
    await at(later(NOW, 20_000), () => shop.send({ ...ADA, phone: '+44 20 7946 0000' }));
    const [lead] = await shop.leads();
    expect(lead?.history.map(({ action }) => action)).toEqual(['decided', 'updated', 'reminded']);
    expect(await shop.contact()).toMatchObject({ email: 'ada@example.com' });
  });

  it('is asked for once the message comes again, where the store failed between the mended address and the mail', async () => {
    const shop = await aForm(DOUBLE, { dedupe: { ...BY_EMAIL, by: ['phone'], repeat: 'update_pending' } });
    const phone = '+44 20 7946 0000';
    await shop.send({ ...ADA, email: 'ade@example.com', phone });
    const message: ConversionMessage = {
      kind: 'postback',
      receiptId: makeId('rcp'),
      receivedAt: NOW,
      occurredAt: NOW,
      party: { role: 'advertiser', advertiserId: advertiser.advertiserId, kid: 'form', pixelOnly: false },
      conversion: {
        clickId: shop.click,
        transactionId: 'form:mended',
        event: 'lead',
        platformClickIds: [],
        subIds: {},
        contact: { email: ADA.email, phone },
      },
      defers: 'opt_in',
    };
    const update: typeof stores.leads.update = async (lead, extras) => {
      if (lead.history.at(-1)?.action === 'reminded') throw new StoreUnavailable('the store is down');
      return stores.leads.update(lead, extras);
    };
    const failing = createRecordConversion({ ...stores, leads: { ...stores.leads, update } });
    await expect(failing(message)).rejects.toThrow(StoreUnavailable);
    await recordConversion(message);
    await recordConversion(message);
    const [lead] = await shop.leads();
    expect(lead?.history.map(({ action }) => action)).toEqual(['decided', 'updated', 'reminded']);
  });

  it.each([
    ['by e-mail', BY_EMAIL],
    ['by transaction', undefined],
  ])('ends after 30 days, and then makes room for another: told apart %s', async (_by, dedupe) => {
    const shop = await aForm(DOUBLE, {
      ...(dedupe && { dedupe }),
      terms: [{ caps: ROOM_FOR_ONE }],
    });
    const unclicked = { ...ADA, click_id: '', affiliate_id: publisher.affiliateId };
    await shop.send(unclicked);
    const [waiting] = await shop.leads();
    const link = await linkIn(shop);
    const end = later(NOW, OPT_IN_MS);
    expect(waiting?.holdUntil).toBe(end);
    await transitionLead(waiting!, (current) => releaseHold(current, end));
    expect(await shop.leads()).toMatchObject([{ status: 'rejected', reason: 'opt_in_expired' }]);
    expect((await at(end, () => shop.open('POST', link))).status).toBe(410);
    await at(later(end, 1), () => shop.send(unclicked));
    const waits = (await shop.leads()).filter(({ status }) => status === 'pending');
    expect(waits).toMatchObject([{ reason: 'awaiting_opt_in' }]);
  });

  it('mails no link that the form was sent with, and finds the lead under the event and the transaction that the endpoint makes of them', async () => {
    const shop = await aForm({ ...DOUBLE, event: 'guide' });
    const set = endpoints.get(shop.campaignId)!;
    const mapping = { ...set.mapping, events: { guide: 'download' } };
    endpoints.set(shop.campaignId, { ...set, mapping, transactionPrefix: 'form-' });
    const theirs = 'https://evil.example/';
    await shop.send({
      ...ADA,
      field_opt_in_url: theirs,
      Field_Opt_In_Url: theirs,
      opt_in_url: theirs,
      'opt-in-url': theirs,
    });
    const link = await linkIn(shop);
    expect(link).toMatch(/^https:\/\/leads\.example\//);
    expect((await shop.open('POST', link)).status).toBe(303);
    expect(await shop.leads()).toMatchObject([{ event: 'download', status: 'confirmed' }]);
  });

  it('finds the lead of an event that is recorded in other letters than it was told in', async () => {
    const shop = await aForm(DOUBLE);
    const headers = { ...BROWSER, authorization: 'Bearer made-up-token' };
    await shop.send({ ...ADA, event: 'Sign-Up' }, headers);
    expect((await shop.open('POST', await linkIn(shop))).status).toBe(303);
    expect(await shop.leads()).toMatchObject([{ event: 'sign-up', status: 'confirmed' }]);
  });

  it('takes no link that was changed, is of another campaign, or has run out', async () => {
    const shop = await aForm(DOUBLE);
    const other = await aForm(DOUBLE);
    await shop.send(ADA);
    const link = (await linkIn(shop)) ?? '';
    expect((await shop.open('GET', link.replace('token=', 'token=x'))).status).toBe(404);
    expect((await shop.open('POST', link.replace('token=', 'token=x'))).status).toBe(404);
    expect((await other.open('POST', link.replace(shop.campaignId, other.campaignId))).status).toBe(404);
    expect((await at(later(NOW, OPT_IN_MS + 1), () => shop.open('POST', link))).status).toBe(410);
    expect(await shop.leads()).toMatchObject([{ status: 'pending', reason: 'awaiting_opt_in' }]);
  });

  it('knows a lead by its own transaction alone, whatever receipt the link names', async () => {
    const shop = await aForm(DOUBLE, { dedupe: BY_EMAIL });
    await shop.send(ADA);
    await shop.send({ ...ADA, email: 'bob@example.com' });
    const [ada, bob] = await shop.leads();
    const link = (await stores.contacts.get(ada!.leadId))?.['field_opt_in_url'] ?? '';
    expect((await shop.open('POST', link.replace(ada!.receiptId, bob!.receiptId))).status).toBe(404);
  });
});

describe('a gated file', () => {
  it.each([
    ['guides/prices.pdf', 302, 'https://bucket.example/guides/prices.pdf?signed'],
    ['https://files.example/prices.pdf', 302, 'https://files.example/prices.pdf'],
    ['guides/missing.pdf', 404, undefined],
  ])('%s opens for an hour for whoever has sent the form', async (file, status, location) => {
    const shop = await aForm({ file });
    const link = String((await shop.send(ADA)).headers['location']);
    expect(link).toMatch(/^https:\/\/leads\.example\/f\/cmp_/);
    const opened = await shop.open('GET', link);
    expect([opened.status, opened.headers['location']]).toEqual([status, location]);
    expect((await at(later(NOW, 3_600_001), () => shop.open('GET', link))).status).toBe(410);
    expect((await shop.open('GET', link.replace('token=', 'token=x'))).status).toBe(404);
  });

  it.each([
    ['guides/prices.pdf', "form-action 'self' https:;"],
    ['on-this-machine.pdf', "form-action 'self' https: http://localhost:4566;"],
  ])('%s opens after the address is confirmed, where it must be', async (file, formAction) => {
    const shop = await aForm({ doubleOptIn: true, file });
    expect((await shop.send(ADA)).headers['location']).toBeUndefined();
    const shown = await shop.open('GET', (await shop.contact())?.['field_opt_in_url']);
    expect(shown.headers['content-security-policy']).toContain(formAction);
    const pressed = await shop.open('POST', (await shop.contact())?.['field_opt_in_url']);
    expect([pressed.status, pressed.headers['location']]).toEqual([303, expect.stringContaining('/file?token=')]);
  });
});
