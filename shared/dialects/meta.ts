import * as z from 'zod';
import type { Instant } from '../domain/time/calendar.ts';
import { acknowledgeInText, answerOf } from './answering.ts';
import type { Dialect, EndpointSetup, Fetched, FetchResponse, RawMessage, Reading, Told } from './dialect.ts';
import {
  campaignBy,
  detailOf,
  formReport,
  leadId,
  MAX_ANSWERS,
  platformId,
  tokenOver,
  toldLead,
  unreadable,
} from './lead-form.ts';
import { invalid, jsonOf, textAt } from './reading.ts';
import { samplePost } from './samples.ts';
import { defined, instantIn } from './values.ts';
import { type HmacScheme, queryProof, signHmac, verifyHmac, verifyToken } from './verification.ts';

const secrets = z.object({
  app_secret: z.string().min(1).describe('The App Secret; Meta signs what it sends with it.'),
  verify_token: z.string().min(1).describe('Any text; the same one is entered beside the URL in the app’s webhooks.'),
  access_token: z
    .string()
    .min(1)
    .describe(
      'A token of the page with the permission leads_retrieval, best one of a system user, which does not expire.',
    ),
});
const settings = z.object({
  campaignBy,
  apiUrl: z.url().default('https://graph.facebook.com/v25.0').describe('Where the Graph API is, with its version.'),
});

const SIGNATURE: HmacScheme = { header: 'x-hub-signature-256', encoding: 'hex', prefix: 'sha256=' };

/** The most that Meta puts in one message. */
const MAX_UPDATES = 1000;
const lead = z.object({
  leadgen_id: leadId,
  page_id: platformId,
  form_id: platformId,
  ad_id: platformId,
  adgroup_id: platformId,
});
const update = z.object({ field: z.string(), value: z.unknown().optional() });
const page = z.object({ entry: z.array(z.object({ changes: z.array(update).default([]) })) });

/**
 * Lead Ads of Meta (Facebook, Instagram): notices of leads, signed, and the leads themselves by the Graph API. Source:
 * developers.facebook.com, "Webhooks: Getting Started", "Webhooks for Leads", "Retrieving Leads".
 */
export const meta: Dialect = {
  name: 'meta',
  title: 'Meta Lead Ads (Facebook, Instagram)',
  paths: [],
  secrets,
  settings,
  shownSecrets: ['access_token'],
  verify: (message, { secrets: { verify_token, app_secret } }) =>
    message.method === 'POST'
      ? verifyHmac(message, app_secret, SIGNATURE)
      : verifyToken(message, verify_token, queryProof(message, 'hub.verify_token')),
  read: (message) => (message.method === 'POST' ? readUpdates(message) : readHandshake(message)),
  // Whatever is not answered 200 is sent again for 36 hours: only what was not kept is worth that.
  answer: (outcome) => acknowledgeInText(outcome, 'EVENT_RECEIVED', 403),
  sample,
  fetch: { request, read: readLead },
};

/** The challenge goes back as it came: it is no number, and no JSON. */
function readHandshake(message: RawMessage): Reading {
  const challenge = queryProof(message, 'hub.challenge');
  return queryProof(message, 'hub.mode') === 'subscribe' && challenge !== undefined
    ? { kind: 'handshake', answer: answerOf(200, 'text/plain', challenge) }
    : invalid('hub.mode', 'must be subscribe, with a hub.challenge');
}

function readUpdates(message: RawMessage): Reading {
  const body = jsonOf(message);
  if (!body.ok) return invalid('body', body.message);
  if (textAt(body.value, 'object') !== 'page') {
    return { kind: 'told', told: [{ kind: 'ignored', id: 'object', reason: 'not about a page' }] };
  }
  const parsed = page.safeParse(body.value);
  if (!parsed.success) return unreadable(parsed.error);
  const updates = parsed.data.entry.flatMap(({ changes }) => changes);
  return updates.length > MAX_UPDATES
    ? invalid('entry', `must have at most ${MAX_UPDATES} changes`)
    : { kind: 'told', told: updates.map(readUpdate) };
}

/** One update that cannot be read must not keep the others from being acknowledged. */
function readUpdate({ field, value }: z.output<typeof update>): Told {
  if (field !== 'leadgen') return { kind: 'ignored', id: field, reason: `a change of ${field}, not of leads` };
  const parsed = lead.safeParse(value);
  if (!parsed.success) return { kind: 'ignored', id: field, reason: 'a lead without its leadgen_id' };
  const { leadgen_id: id, ...ids } = parsed.data;
  if (isDummy(ids.page_id) && isDummy(id)) {
    return {
      kind: 'test',
      id,
      report: formReport({
        source: 'meta',
        leadId: id,
        campaignBy: 'form',
        ids: { adgroup: ids.adgroup_id, creative: ids.ad_id, form: ids.form_id },
        answers: [],
      }),
    };
  }
  return { kind: 'fetch', id, about: defined({ leadgen_id: id, ...ids }) };
}

/** What the button "Test" of the webhooks page sends, 444444444444: there is no such lead to fetch. */
const isDummy = (id: string | undefined): boolean => /^4{10,}$/.test(id ?? '');

const FIELDS = 'created_time,id,ad_id,adset_id,campaign_id,form_id,field_data,platform,is_organic';

/** The token goes into a header, as URLs end up in logs. */
function request(about: Readonly<Record<string, string>>, setup: EndpointSetup) {
  const { apiUrl } = settings.parse(setup.settings);
  return {
    url: `${apiUrl}/${encodeURIComponent(about['leadgen_id'] ?? '')}?fields=${FIELDS}`,
    headers: { authorization: `Bearer ${setup.secrets['access_token'] ?? ''}` },
  };
}

const fetched = z.object({
  id: leadId,
  created_time: z.string().optional(),
  ad_id: platformId,
  adset_id: platformId,
  campaign_id: platformId,
  form_id: platformId,
  platform: z.string().optional(),
  is_organic: z.boolean().optional(),
  field_data: z
    .array(z.object({ name: z.string(), values: z.array(z.string()).default([]) }))
    .max(MAX_ANSWERS)
    .default([]),
});

/** Numbers of the Graph API's errors, see "Handling Errors". */
const TOKEN_ERRORS = ['102', '190'];
const NO_SUCH_ALIAS = '803';

function readLead(response: FetchResponse, about: Readonly<Record<string, string>>, setup: EndpointSetup): Fetched {
  const body = jsonOf(response);
  const code = body.ok ? textAt(body.value, 'error', 'code') : undefined;
  if (code === NO_SUCH_ALIAS || response.status === 404 || response.status === 410) {
    return { kind: 'gone', reason: 'the Graph API knows no such lead' };
  }
  if (code !== undefined && TOKEN_ERRORS.includes(code)) return tokenOver;
  if (response.status !== 200 || !body.ok) {
    const detail = detailOf(body.ok ? textAt(body.value, 'error', 'message') : undefined);
    return {
      kind: 'later',
      reason: `the Graph API answered ${response.status}${detail}`,
    };
  }
  const parsed = fetched.safeParse(body.value);
  if (!parsed.success || parsed.data.id !== about['leadgen_id']) {
    return { kind: 'later', reason: 'the Graph API answered something else than the lead' };
  }
  const { field_data, platform, is_organic, ...lead } = parsed.data;
  const report = formReport({
    source: 'meta',
    leadId: lead.id,
    campaignBy: settings.parse(setup.settings).campaignBy,
    // Organic leads have no ad. What the notice calls the ad group is the ad, and was from the beginning.
    ids: {
      campaign: lead.campaign_id,
      adgroup: lead.adset_id,
      creative: lead.ad_id ?? about['ad_id'],
      form: lead.form_id ?? about['form_id'],
    },
    answers: [
      ...field_data.map(({ name, values }) => [name, values.join(', ')] as const),
      ['platform', platform],
      ['is_organic', is_organic?.toString()],
    ],
    submittedAt: instantIn(lead.created_time),
  });
  const isTest = field_data.some(({ values }) =>
    values.some((value) => value.startsWith('<test lead: dummy data for')),
  );
  return { kind: 'told', told: toldLead(lead.id, report, isTest) };
}

/** What the button "Test" of the webhooks page sends. */
function sample({ secrets: { app_secret = '' } }: EndpointSetup, now: Instant): RawMessage {
  const value = {
    leadgen_id: '444444444444',
    page_id: '444444444444',
    form_id: '444444444444',
    adgroup_id: '44444444',
    ad_id: '44444444',
    created_time: Math.floor(Date.parse(now) / 1000),
  };
  const entry = [{ id: '0', time: value.created_time, changes: [{ field: 'leadgen', value }] }];
  const body = Buffer.from(JSON.stringify({ object: 'page', entry }));
  return samplePost(body, now, { [SIGNATURE.header]: signHmac(body, app_secret, SIGNATURE) });
}
