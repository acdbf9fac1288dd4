import * as z from 'zod';
import type { Instant } from '../domain/time/calendar.ts';
import { acknowledgeInText } from './answering.ts';
import type {
  Dialect,
  EndpointSetup,
  Fetched,
  FetchResponse,
  RawMessage,
  Reading,
  Report,
  Told,
  Verification,
} from './dialect.ts';
import {
  campaignBy,
  detailOf,
  type FilledForm,
  formReport,
  isTestEmail,
  leadId,
  MAX_ANSWERS,
  platformId,
  type ToldLead,
  testEmails,
  toldLead,
  unreadable,
} from './lead-form.ts';
import { invalid, jsonOf, textAt } from './reading.ts';
import { samplePost } from './samples.ts';
import { defined, instantAt, instantIn } from './values.ts';
import { queryProof, sameSecret, signHmac, verifyToken } from './verification.ts';

const secrets = z.object({
  url_token: z.string().min(1).describe('Any text; `?token=` and this text follow the URL that TikTok is given.'),
  app_secret: z.string().min(1).optional().describe('The secret of the app: where it is set, signatures are verified.'),
  access_token: z
    .string()
    .min(1)
    .optional()
    .describe('A long-term token of the ad account: where it is set, what no signature proves is asked for at TikTok.'),
});
const settings = z.object({
  campaignBy,
  testEmails,
  advertiserId: z
    .string()
    .trim()
    .default('')
    .describe('The ad account that leads are asked for at; needed with `access_token`.'),
  apiUrl: z
    .url()
    .default('https://business-api.tiktok.com/open_api/v1.3')
    .describe('Where the API is, with its version.'),
});

/** The most that TikTok puts in one message. */
const MAX_ENTRIES = 1000;
const entry = z.object({
  id: leadId,
  page_id: platformId,
  page_name: z.string().optional(),
  lead_source: z.string().optional(),
  campaign_id: platformId,
  adgroup_id: platformId,
  ad_id: platformId,
  create_time: z.string().optional(),
  changes: z
    .array(z.object({ field: z.string(), value: z.unknown() }))
    .max(MAX_ANSWERS)
    .default([]),
});
const notice = z.object({ entry: z.array(entry).max(MAX_ENTRIES) });

/**
 * Instant forms of TikTok. Its pages name two signatures (`X-Open-Signature` over the body for leads, `TikTok-Signature` for other
 * messages), and neither is always there: the token in the URL must be right in any case, and a signature that is there too. What only
 * the token proves is confirmed by the API, where the endpoint may ask it. Source: business-api.tiktok.com/portal/docs, "Subscribe to ad
 * account webhook events", "Obtain leads as advertisers", "Get an instant form lead".
 */
export const tiktok: Dialect = {
  name: 'tiktok',
  title: 'TikTok instant forms',
  paths: [],
  secrets,
  settings,
  shownSecrets: ['access_token'],
  faultsOf: ({ secrets: { access_token }, settings: given }) =>
    access_token !== undefined && settings.parse(given).advertiserId === ''
      ? [
          {
            field: 'settings.advertiserId',
            message: 'must be given with access_token: the ad account that leads are asked for at',
          },
        ]
      : [],
  verify,
  read,
  // Whatever is not answered 200 is sent again for 24 hours: only what was not kept is worth that.
  answer: (outcome) => acknowledgeInText(outcome, 'OK', 401),
  sample,
  fetch: { request, read: readLead },
};

function verify(message: RawMessage, setup: EndpointSetup): Verification {
  const byToken = verifyToken(message, setup.secrets['url_token'], queryProof(message, 'token'));
  const signature = signatureOf(message, setup);
  if (!byToken.ok || signature === 'none') return byToken;
  return signature === 'right'
    ? { ok: true, by: 'signature', message }
    : { ok: false, reason: 'its signature is wrong' };
}

/** What the signature of a message is worth; one that there is no secret for proves as little as none. */
function signatureOf(
  { headers, body }: RawMessage,
  { secrets: { app_secret } }: EndpointSetup,
): 'right' | 'wrong' | 'none' {
  const open = headers['x-open-signature'];
  const timed = headers['tiktok-signature'];
  if (app_secret === undefined || (open === undefined && timed === undefined)) return 'none';
  const { t, s } = /^t=(?<t>[0-9]{1,16}),s=(?<s>[0-9a-f]{64})$/.exec(timed ?? '')?.groups ?? {};
  const isRight =
    open === undefined
      ? sameSecret(signHmac(body, app_secret, { encoding: 'hex', signedPrefix: `${t}.` }), s ?? '')
      : sameSecret(signHmac(body, app_secret, { encoding: 'hex' }), open);
  return isRight ? 'right' : 'wrong';
}

function read(message: RawMessage, setup: EndpointSetup): Reading {
  const body = jsonOf(message);
  if (!body.ok) return invalid('body', body.message);
  if (textAt(body.value, 'object') !== '1') {
    return { kind: 'told', told: [{ kind: 'ignored', id: 'object', reason: 'not about leads' }] };
  }
  const parsed = notice.safeParse(body.value);
  if (!parsed.success) return unreadable(parsed.error);
  const isProven = signatureOf(message, setup) === 'right' || setup.secrets['access_token'] === undefined;
  return { kind: 'told', told: parsed.data.entry.map((each) => (isProven ? leadOf(each, setup) : toConfirm(each))) };
}

/** What TikTok's API is asked by, and what it does not tell again. */
const toConfirm = ({ id, page_id, lead_source }: z.output<typeof entry>): Told => ({
  kind: 'fetch',
  id,
  about: defined({ lead_id: id, page_id, lead_source }),
});

function leadOf(each: z.output<typeof entry>, setup: EndpointSetup): ToldLead {
  return toldOf(setup, {
    leadId: each.id,
    ids: { campaign: each.campaign_id, adgroup: each.adgroup_id, creative: each.ad_id, form: each.page_id },
    answers: [
      ...each.changes.map(({ field, value }) => [field, answerText(value)] as const),
      ['page_name', each.page_name],
    ],
    submittedAt: instantAt(each.create_time, 1000),
  });
}

function toldOf(setup: EndpointSetup, form: Omit<FilledForm, 'source' | 'campaignBy'> & { leadId: string }): ToldLead {
  const { campaignBy, testEmails } = settings.parse(setup.settings);
  const report: Report = formReport({ ...form, source: 'tiktok', campaignBy });
  return toldLead(form.leadId, report, isTestEmail(report, testEmails));
}

/** Questions with several answers have a list. */
const answerText = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : Array.isArray(value) ? value.map(String).join(', ') : undefined;

/** The lead is asked for by its id; whether TikTok heeds it or not, only an answer about this very lead confirms it. */
function request(
  { lead_id = '', page_id = '', lead_source = 'INSTANT_FORM' }: Readonly<Record<string, string>>,
  setup: EndpointSetup,
) {
  const { apiUrl, advertiserId } = settings.parse(setup.settings);
  const query = new URLSearchParams({ advertiser_id: advertiserId, lead_source, page_id, lead_id });
  return {
    url: `${apiUrl}/lead/get/?${query.toString()}`,
    headers: { 'access-token': setup.secrets['access_token'] ?? '' },
  };
}

const fetched = z.object({
  lead_data: z.record(z.string(), z.unknown()),
  meta_data: z.object({
    lead_id: leadId,
    page_id: platformId,
    campaign_id: platformId,
    adgroup_id: platformId,
    ad_id: platformId,
    create_time: z.string().optional(),
  }),
});

/** Of codes that the API answers, with status 200: those that say the token is missing, wrong, expired or without the right. */
const TOKEN_ERRORS = ['40001', '40102', '40104', '40105'];

function readLead(response: FetchResponse, about: Readonly<Record<string, string>>, setup: EndpointSetup): Fetched {
  const body = jsonOf(response);
  const code = body.ok ? textAt(body.value, 'code') : undefined;
  if (response.status === 401 || TOKEN_ERRORS.includes(code ?? '')) {
    return {
      kind: 'later',
      reason: 'the access token has expired, was revoked or lacks the right: give the endpoint a new access_token',
    };
  }
  if (response.status !== 200 || !body.ok || code !== '0') {
    const detail = detailOf(body.ok ? textAt(body.value, 'message') : undefined);
    return {
      kind: 'later',
      reason: `TikTok answered ${response.status}, code ${code ?? 'none'}${detail}`,
    };
  }
  const parsed = z.object({ data: fetched }).safeParse(body.value);
  if (!parsed.success || parsed.data.data.meta_data.lead_id !== about['lead_id']) {
    return { kind: 'later', reason: 'TikTok told of another lead, which does not confirm this one' };
  }
  const { lead_data, meta_data: lead } = parsed.data.data;
  return {
    kind: 'told',
    told: toldOf(setup, {
      leadId: lead.lead_id,
      ids: {
        campaign: lead.campaign_id,
        adgroup: lead.adgroup_id,
        creative: lead.ad_id,
        form: lead.page_id ?? about['page_id'],
      },
      answers: Object.entries(lead_data).map(([name, value]) => [name, answerText(value)] as const),
      submittedAt: lead.create_time === undefined ? undefined : instantIn(`${lead.create_time}Z`),
    }),
  };
}

function sample({ secrets: { url_token = '', app_secret } }: EndpointSetup, now: Instant): RawMessage {
  // By hand: the ids of TikTok do not fit into a number.
  const seconds = Math.floor(Date.parse(now) / 1000);
  const body = Buffer.from(
    `{"object":1,"time":${seconds},"entry":[{"id":7126711421177430274,"page_id":6873052183063953666,` +
      '"campaign_id":1701890943400962,"adgroup_id":1701890943400963,"ad_id":1701890943400964,' +
      `"create_time":${seconds},` +
      '"lead_source":"INSTANT_FORM","changes":[{"field":"name","value":"Jane Doe"},{"field":"email","value":"jane@example.com"},' +
      '{"field":"phone_number","value":"+16505550123"},{"field":"scheduled_time","value":"Wednesday / 12:00 - 13:00"}]}]}',
  );
  const message = samplePost(body, now, {
    ...(app_secret !== undefined && { 'x-open-signature': signHmac(body, app_secret, { encoding: 'hex' }) }),
  });
  return { ...message, query: new URLSearchParams({ token: url_token }).toString() };
}
