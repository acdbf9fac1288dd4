import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { RunningStack } from '../../local/stack.ts';
import { type ApiClient, createApiClient } from '../api-client.ts';
import { findBrowser, formPage, landingPage, sendForm } from './form-page.ts';
import type { DemoNetwork } from './network.ts';
import { printTable } from './print.ts';
import type { Received, Receiver } from './receiver.ts';
import { sendClicks } from './traffic.ts';

/** Something that a sender of leads did, and what it was answered. */
interface Step {
  readonly what: string;
  readonly answer: string;
}

/**
 * Leads come in as Google Ads, TUNE and an HTML form send them; what is decided goes out to an affiliate's tracker and an advertiser's CRM,
 * which know what is theirs to know, and verify it.
 */
export async function showConnections(stack: RunningStack, network: DemoNetwork, receiver: Receiver): Promise<void> {
  const api = createApiClient({ url: stack.url, key: stack.operatorKey });
  const [campaign] = network.campaigns;
  const [affiliateId] = network.affiliateIds;
  if (campaign === undefined || affiliateId === undefined) throw new Error('the network has nothing to connect');
  await connectReceivers(api, network, receiver);
  await sleep(HEARD_WITHIN_MS);
  const endpoints = await connectSenders(api, campaign.campaignId, receiver.url);
  const visits = ['click-of-tune', 'click-of-form'].map((source) => ({ ...campaign, affiliateId, source }));
  const [tuneClick = '', formClick = ''] = await sendClicks(api, visits, () => undefined);
  const steps = [
    await sendGoogleLead(endpoints.google_ads, true),
    await sendGoogleLead(endpoints.google_ads, false),
    await sendTunePostback(endpoints.tune, tuneClick),
    await sendLandingForm(api, receiver, campaign.campaignId, formClick),
  ];
  printTable('\nLeads in the dialects of their senders', [
    ['what came', 'what it was answered'],
    ...steps.map(({ what, answer }) => [what, answer]),
  ]);
  const logged = [];
  for (const { endpointId } of Object.values(endpoints)) logged.push(...(await messagesOf(api, endpointId)));
  printTable('\nThe same in the logs of the endpoints (GET /v1/endpoints/{endpointId}/messages)', [
    ['verified by', 'told', 'verdict', 'lead'],
    ...logged.map(({ verifiedBy, told, verdict, leadId }) => [verifiedBy, told, verdict, leadId ?? '']),
  ]);

  // Nothing proves who sent a form: the advertiser confirms its lead.
  const advertiser = createApiClient({ url: api.url, key: network.advertiserKey });
  for (const { leadId } of logged.filter(({ verdict }) => verdict.startsWith('pending')))
    await advertiser.expect('POST', `/v1/leads/${leadId}/confirm`);
  await stack.drain();
  printReceived('\nWhat their receivers were told', receiver.take());
}

/** Prints what reached receivers, and what the public libraries say of it. */
export function printReceived(name: string, received: readonly Received[]): void {
  printTable(name, [
    ['to', 'what', 'about', 'with', 'verified by'],
    ...received.map((message) => [message.at, ...inWords(message), message.fault ?? VERIFIED_BY[message.at]]),
  ]);
}

const VERIFIED_BY = { affiliate: 'jose', crm: 'standardwebhooks' } as const satisfies Record<Received['at'], string>;

/** What a message says: what happened, to which order or document, and what else a reader wants to know. */
function inWords({ at, told }: Received): string[] {
  if (at === 'affiliate') {
    const { status, order, ...rest } = told;
    return [String(status), short(order), JSON.stringify(rest)];
  }
  const { type, data } = webhookBody.parse(told);
  const { transactionId, number, charge, gross, contact } = data;
  return [type, short(transactionId ?? number), JSON.stringify({ charge, gross, email: contact?.['email'] })];
}

const webhookBody = z.object({
  type: z.string(),
  data: z.object({
    transactionId: z.string().optional(),
    number: z.string().optional(),
    charge: z.string().optional(),
    gross: z.string().optional(),
    contact: z.record(z.string(), z.string()).optional(),
  }),
});

const short = (id: unknown): string => String(id).slice(0, MAX_ID_CHARACTERS);

/** A destination is told everything from its `tellsFrom` on, five seconds after it was made. */
const HEARD_WITHIN_MS = 6000;
const MAX_ID_CHARACTERS = 32;
const GOOGLE_KEY = 'made-up-google-key';
const TUNE_TOKEN = 'made-up-security-token';

/** An affiliate's tracker and an advertiser's CRM are told from now on of what is decided. */
async function connectReceivers(api: ApiClient, network: DemoNetwork, receiver: Receiver): Promise<void> {
  const affiliate = createApiClient({ url: api.url, key: network.affiliateKey });
  await affiliate.expect('POST', '/v1/destinations', {
    kind: 'postback',
    url: `${receiver.url}/tracker?click={sub1}&order={transaction_id}&status={status}&payout={commission}&currency={currency}`,
    signed: true,
  });
  const advertiser = createApiClient({ url: api.url, key: network.advertiserKey });
  const crm = { kind: 'webhook', url: `${receiver.url}/crm`, includeContact: true };
  const { secret } = await advertiser.expect('POST', '/v1/destinations', crm);
  receiver.trust(secret as string);
}

/** Endpoints for three senders, each with the URL that it is given. */
async function connectSenders(
  api: ApiClient,
  campaign: string,
  site: string,
): Promise<Readonly<Record<Sender, Endpoint>>> {
  const endpoint = async (dialect: Sender, setup: object): Promise<Endpoint> => {
    const { endpointId, url } = await api.expect('POST', '/v1/endpoints', { dialect, campaign, ...setup });
    return { endpointId: endpointId as string, url: url as string };
  };
  return {
    google_ads: await endpoint('google_ads', { secrets: { google_key: GOOGLE_KEY } }),
    tune: await endpoint('tune', { secrets: { security_token: TUNE_TOKEN } }),
    form: await endpoint('form', { settings: { origins: [site] } }),
  };
}

type Sender = 'google_ads' | 'tune' | 'form';

interface Endpoint {
  readonly endpointId: string;
  readonly url: string;
}

/** What Google Ads sends by "Send test data", and the same for a real lead. */
async function sendGoogleLead({ url }: Endpoint, isTest: boolean): Promise<Step> {
  const lead = isTest
    ? {
        lead_id: 'TeSter-123-ABCDEFGHIJKLMNOPQRSTUVWXYZ-abcdefghijklmnopqrstuvwxyz-0123456789-AaBbCcDdEeFfGgHhIiJjKkLl',
        is_test: true,
      }
    : { lead_id: 'CjwKCAiAmadeup0123456789' };
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      ...lead,
      user_column_data: [
        { column_name: 'Full Name', string_value: 'FirstName LastName', column_id: 'FULL_NAME' },
        { column_name: 'User Phone', string_value: '+16505550123', column_id: 'PHONE_NUMBER' },
        { column_name: 'User Email', string_value: 'test@example.com', column_id: 'EMAIL' },
      ],
      api_version: '1.0',
      form_id: 18_698_608_977,
      campaign_id: 991_214_827,
      google_key: GOOGLE_KEY,
    }),
  });
  const what = isTest ? 'Google Ads’ own test message' : 'a lead of a form at Google Ads';
  return { what, answer: `${response.status} ${await response.text()}` };
}

/** An advertiser's server reports a conversion as it would to TUNE. */
async function sendTunePostback({ url }: Endpoint, clickId: string): Promise<Step> {
  const query = new URLSearchParams({
    transaction_id: clickId,
    adv_sub: 'tune-order-1',
    amount: '149.90',
    security_token: TUNE_TOKEN,
  });
  const response = await fetch(`${url}/aff_lsr?${query}`);
  return { what: 'a postback as for TUNE', answer: `${response.status} ${await response.text()}` };
}

const VISITOR = { first_name: 'Ada', email: 'ada@visitor.example', roof: 'flat' };

/** A visitor comes to a landing page with a click id and sends its form: in a headless browser, or by HTTP where there is none. */
async function sendLandingForm(api: ApiClient, receiver: Receiver, campaignId: string, clickId: string): Promise<Step> {
  const action = `${api.url}/f/${campaignId}`;
  const browser = findBrowser();
  if (browser === undefined) {
    const response = await fetch(action, {
      method: 'POST',
      body: new URLSearchParams({ ...VISITOR, click_id: clickId }),
    });
    return { what: 'an HTML form, by HTTP as no browser is found', answer: `${response.status}` };
  }
  const script = `${api.url}/ll.js`;
  receiver.show('/roof', landingPage(script, '/roof/form'));
  receiver.show('/roof/form', formPage(script, action));
  const heading = await sendForm(browser, `${receiver.url}/roof?click_id=${clickId}`, VISITOR);
  return { what: `an HTML form in ${browser}`, answer: `a page that says: ${heading}` };
}

const page = z.object({
  items: z.array(
    z.object({
      verifiedBy: z.string().optional(),
      told: z.array(
        z.object({
          kind: z.string(),
          id: z.string(),
          status: z.string(),
          reason: z.string().optional(),
          leadId: z.string().optional(),
        }),
      ),
    }),
  ),
});

/** The messages of an endpoint, oldest first: each thing told, and its verdict. */
async function messagesOf(api: ApiClient, endpointId: string) {
  const { items } = page.parse(await api.expect('GET', `/v1/endpoints/${endpointId}/messages`));
  return items.toReversed().flatMap(({ verifiedBy = '', told }) =>
    told.map(({ kind, id, status, reason, leadId }) => ({
      verifiedBy,
      told: `${kind} ${short(id)}`,
      verdict: reason === undefined ? status : `${status} (${reason})`,
      leadId,
    })),
  );
}
