import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useStack } from '../support/stack.ts';

const CHROMIUM = '/usr/bin/chromium';
const hasBrowser = existsSync(CHROMIUM);
if (!hasBrowser) console.warn(`Landing pages are not tested: there is no browser at ${CHROMIUM}.`);

const USER_AGENT =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
const MAX_SCRIPT_BYTES = 1024;

const stack = await useStack();

// biome-ignore lint/suspicious/noExplicitAny: answers of every shape
async function api(method: string, path: string, body?: unknown): Promise<any> {
  const response = await fetch(`${stack.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${stack.operatorKey}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
  return answer;
}

/** Another site than the service’s: each path is a page. */
async function site(pages: Readonly<Record<string, string>>): Promise<string> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://site').pathname;
    response.writeHead(path in pages ? 200 : 204, { 'content-type': 'text/html; charset=utf-8' }).end(pages[path]);
  }).listen(0, 'localhost');
  afterAll(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://localhost:${(server.address() as AddressInfo).port}`;
}

describe('the script of landing pages', () => {
  it(`has at most ${MAX_SCRIPT_BYTES} bytes, and is kept by caches`, async () => {
    const response = await fetch(`${stack.url}/ll.js`);
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('public, max-age=3600');
    expect((await response.arrayBuffer()).byteLength).toBeLessThanOrEqual(MAX_SCRIPT_BYTES);
  });
});

describe.skipIf(!hasBrowser)('a visitor of a landing page', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  });
  afterAll(() => browser.close());

  it('keeps a click as the page asks for it, and gives it to forms that come later', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const cookie = async () => (await context.cookies()).map(({ value, secure, domain }) => [value, secure, domain]);
    // Browsers let no page of the internet load anything from this machine: the script comes from elsewhere, too.
    const script = await (await fetch(`${stack.url}/ll.js`)).text();
    const body =
      '<body><script src="https://leads.example/ll.js" data-param="cid" data-days="7" data-domain="shop.example"></script>';
    await context.route('https://leads.example/ll.js', (route) => route.fulfill({ body: script }));
    await context.route('https://www.shop.example/**', (route) => route.fulfill({ contentType: 'text/html', body }));

    await page.goto('https://www.shop.example/?cid=a;domain=evil');
    expect(await cookie()).toEqual([]);
    await context.addCookies([{ name: 'll_click', value: 'of-this-host', url: 'https://www.shop.example/' }]);
    await page.goto('https://www.shop.example/?cid=first-click&click_id=other');
    expect(await cookie()).toEqual([['first-click', true, '.shop.example']]);
    await page.goto('https://www.shop.example/?cid=last-click');
    const [kept] = await context.cookies();
    expect(kept?.value).toBe('last-click');
    expect(Math.abs((kept?.expires ?? 0) - Date.now() / 1000 - 7 * 86_400)).toBeLessThan(60);

    await page.goto('https://www.shop.example/');
    const begun: string[] = [];
    await context.route('**/start', (route) => {
      begun.push(route.request().url());
      return route.fulfill({
        json: { token: `token-${begun.length}` },
        headers: { 'access-control-allow-origin': '*' },
      });
    });
    const ours = ['https://leads.example/f/ext:a', 'https://leads.example/f/ext:b/?sub1=x'];
    const others = ['/search', '/f/ours', 'https://forms.example/f/xyz', 'https://leads.example.evil/f/ext:a'];
    const forms = [...ours, ...others].map(
      (url) => `<form action="${url}"><input name="action"><button>Go</button></form>`,
    );
    await page.evaluate(
      `document.body.innerHTML += '${forms.join('')}'; addEventListener('submit', (event) => event.preventDefault())`,
    );
    for (const input of await page.locator('[name=action]').all()) await input.focus();
    const valuesOf = async (name: string) => {
      const inputs = await page.locator(`[name=${name}]`).all();
      return Promise.all(inputs.map((input) => input.inputValue()));
    };
    await expect.poll(() => valuesOf('form_start')).toEqual(['token-1', 'token-2']);
    expect(begun).toEqual(['https://leads.example/f/ext:a/start', 'https://leads.example/f/ext:b/start']);
    expect(await valuesOf('click_id')).toEqual(['last-click', 'last-click']);

    // Pressed twice it is the same form; filled in again, it is another.
    await page.locator('button').first().dblclick();
    expect(await valuesOf('form_start')).toEqual(['token-1', 'token-2']);
    await page.locator('[name=action]').first().fill('mended');
    await expect.poll(() => valuesOf('form_start')).toEqual(['token-3', 'token-2']);
    await context.close();
  });

  it('is the affiliate’s lead: by the form, once the address is confirmed, and by the pixel', async () => {
    // To the day after: it may be midnight any moment.
    const dayIn = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
    const days = `from=${dayIn(0)}&to=${dayIn(1)}`;
    await api('POST', '/v1/advertisers', { name: 'Shop', currency: 'EUR', externalId: 'shop' });
    const { affiliateId } = await api('POST', '/v1/affiliates', { name: 'Blog', externalId: 'blog' });
    const pixel = await api('POST', '/v1/keys', { role: 'advertiser', advertiserId: 'ext:shop', scopes: ['pixel'] });
    const [campaign, magnet] = await Promise.all(
      ['offer', 'magnet'].map((externalId) =>
        api('POST', '/v1/campaigns', {
          advertiserId: 'ext:shop',
          name: externalId,
          externalId,
          landingUrl: 'https://shop.example/?click_id={click_id}',
          currency: 'EUR',
          charge: '25.00',
          commission: '18.00',
        }),
      ),
    );
    const [form, double] = await Promise.all([
      api('POST', '/v1/endpoints', {
        dialect: 'form',
        campaign: 'ext:offer',
        trust: 'confirm',
        settings: { honeypot: 'website' },
      }),
      api('POST', '/v1/endpoints', {
        dialect: 'form',
        campaign: 'ext:magnet',
        trust: 'confirm',
        settings: { doubleOptIn: true },
      }),
    ]);
    const script = `<script src="${stack.url}/ll.js"></script>`;
    const formOf = (url: string) =>
      `<form method="post" action="${url}"><input name="email"><input name="website" hidden><button>Send</button></form>`;
    const shop = await site({
      '/': `${script}<p>Welcome</p><img src="${stack.url}/i/ext:offer.gif?affiliate_id=ext:blog">`,
      '/form': `${script}${formOf(form.url)}`,
      '/magnet': formOf(`${double.url}?affiliate_id=ext:blog`),
      '/done': `<img data-ll="${stack.url}/px.gif?key=${pixel.key}&transaction_id=order-1">${script}`,
    });
    const click = await fetch(`${stack.url}/c/ext:offer?affiliate_id=ext:blog&sub1=review`, {
      redirect: 'manual',
      headers: { 'user-agent': USER_AGENT },
    });
    const { search } = new URL(click.headers.get('location') ?? '');

    const context = await browser.newContext({ userAgent: USER_AGENT });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));

    await page.goto(`${shop}/${search}`);
    const [cookie] = await context.cookies();
    expect(cookie).toMatchObject({ name: 'll_click', sameSite: 'Lax', secure: false, path: '/' });
    expect(`?click_id=${cookie?.value}`).toBe(search);

    // On another page of the shop: the cookie has the click id, and the form was begun.
    await page.goto(`${shop}/form`);
    await page.locator('[name=form_start]').waitFor({ state: 'attached' });
    await page.fill('[name=email]', 'ada@example.com');
    await page.click('button');
    await page.waitForURL(form.url);
    expect(await page.innerText('h1')).toBe('Thank you');
    const [lead] = (await api('GET', `/v1/leads?campaignId=${campaign.campaignId}`)).items;
    expect(lead).toMatchObject({
      status: 'confirmed',
      affiliateId,
      attributedBy: 'click_id',
      subIds: { sub1: 'review' },
      transactionId: expect.stringMatching(/^form:/),
    });
    const { contact } = await api('GET', `/v1/leads/${lead.leadId}/contact`);
    expect(contact).toMatchObject({ email: 'ada@example.com', user_agent: USER_AGENT, form_seconds: '0' });

    await Promise.all([
      page.waitForResponse((response) => response.url().includes('/px.gif')),
      page.goto(`${shop}/done`),
    ]);
    const leads = (await api('GET', `/v1/leads?campaignId=${campaign.campaignId}`)).items;
    expect(leads.find(({ transactionId }: { transactionId: string }) => transactionId === 'order-1')).toMatchObject({
      status: 'pending',
      reason: 'pixel_awaiting_confirmation',
      affiliateId,
    });

    await page.goto(`${shop}/magnet`);
    await page.fill('[name=email]', 'ada@example.com');
    await page.click('button');
    await page.waitForURL(`${double.url}?*`);
    expect(await page.innerText('h1')).toBe('Please check your e-mail');
    const ofMagnet = async () => (await api('GET', `/v1/leads?campaignId=${magnet.campaignId}`)).items;
    const [waiting] = await ofMagnet();
    expect(waiting).toMatchObject({ status: 'pending', reason: 'awaiting_opt_in' });
    const mailed = await api('GET', `/v1/leads/${waiting.leadId}/contact`);
    await page.goto(mailed.contact.field_opt_in_url);
    await page.click('button');
    await page.getByRole('heading', { name: 'Thank you' }).waitFor();
    expect(await ofMagnet()).toMatchObject([{ status: 'confirmed', affiliateId }]);

    expect(complaints).toEqual([]);
    await stack.drain();
    const { rows } = await api('GET', `/v1/reports/payouts?${days}&include=impressions`);
    expect(rows).toMatchObject([{ affiliateExternalId: 'blog', impressions: 1, clicks: 1, leads: 3, confirmed: 2 }]);
  });
});
