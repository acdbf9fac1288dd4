import * as z from 'zod';
import type { Instant } from '../domain/time/calendar.ts';
import { jsonAnswer, summaryOf } from './answering.ts';
import type { Answer, Dialect, EndpointSetup, Outcome, RawMessage, Reading } from './dialect.ts';
import { campaignBy, formReport, leadId, platformId, unreadable } from './lead-form.ts';
import { invalid, jsonOf, textAt } from './reading.ts';
import { samplePost } from './samples.ts';
import { instantIn } from './values.ts';
import { verifyToken } from './verification.ts';

const secrets = z.object({
  google_key: z
    .string()
    .min(1)
    .describe('The key that is entered beside the URL in the lead form; every lead carries it.'),
});
const settings = z.object({ campaignBy });

const MAX_COLUMNS = 100;
const column = z.object({
  column_id: z.string().optional(),
  column_name: z.string().optional(),
  string_value: z.string().optional(),
});
const lead = z.looseObject({
  is_test: z.union([z.boolean(), z.stringbool()]).default(false),
  lead_id: platformId,
  user_column_data: z.array(column).max(MAX_COLUMNS).default([]),
  form_id: platformId,
  campaign_id: platformId,
  adgroup_id: platformId,
  creative_id: platformId,
  gcl_id: platformId,
  lead_submit_time: z.string().optional(),
});
/** What is read elsewhere, secret, or says nothing of the lead. */
const APART = new Set([...Object.keys(lead.shape), 'google_key', 'api_version']);

/**
 * Lead forms of Google Ads. Nothing but `google_key` proves the sender: no field is signed. Source: developers.google.com/google-ads/webhook,
 * "Implementation"; what the button "Send test data" sends.
 */
export const googleAds: Dialect = {
  name: 'google_ads',
  title: 'Google Ads lead forms',
  paths: [],
  secrets,
  settings,
  verify(message, setup) {
    const body = jsonOf(message);
    return verifyToken(message, setup.secrets['google_key'], body.ok ? textAt(body.value, 'google_key') : undefined);
  },
  read,
  answer,
  sample,
};

function read(message: RawMessage, setup: EndpointSetup): Reading {
  const body = jsonOf(message);
  if (!body.ok) return invalid('body', body.message);
  const parsed = lead.safeParse(body.value);
  if (!parsed.success) return unreadable(parsed.error);
  const { is_test, user_column_data, lead_submit_time, ...given } = parsed.data;
  const others = Object.entries(given).filter(
    (entry): entry is [string, string] => !APART.has(entry[0]) && typeof entry[1] === 'string',
  );
  const report = formReport({
    source: 'google_ads',
    leadId: given.lead_id,
    campaignBy: settings.parse(setup.settings).campaignBy,
    ids: { campaign: given.campaign_id, adgroup: given.adgroup_id, creative: given.creative_id, form: given.form_id },
    click: { gclid: given.gcl_id },
    answers: [
      ...user_column_data.map(
        ({ column_id, column_name, string_value }) => [column_id ?? column_name ?? '', string_value] as const,
      ),
      ...others,
    ],
    submittedAt: instantIn(lead_submit_time),
  });
  // All tests have the same id: as leads, the first would be the last.
  if (is_test) return { kind: 'told', told: [{ kind: 'test', id: given.lead_id ?? 'test', report }] };
  const id = leadId.safeParse(given.lead_id);
  if (!id.success) return invalid('lead_id', 'must be given');
  return { kind: 'told', told: [{ kind: 'conversion', id: id.data, report, status: 'open' }] };
}

/** 4xx is for good, and its `message` is shown to whoever pressed the button; 5xx is sent again. */
function answer(outcome: Outcome): Answer {
  const summary = summaryOf(outcome);
  if (summary.kind === 'taken' || summary.code === 'conflict') return jsonAnswer(200, {});
  if (summary.code === 'unverified') return jsonAnswer(401, { message: `google_key: ${summary.message}` });
  return jsonAnswer(summary.code === 'unavailable' ? 503 : 400, { message: `${summary.field} ${summary.message}` });
}

const TEST_ID = 'TeSter-123-ABCDEFGHIJKLMNOPQRSTUVWXYZ-abcdefghijklmnopqrstuvwxyz-0123456789-AaBbCcDdEeFfGgHhIiJjKkLl';

function sample(setup: EndpointSetup, now: Instant): RawMessage {
  const body = {
    lead_id: TEST_ID,
    user_column_data: [
      { column_name: 'Full Name', string_value: 'FirstName LastName', column_id: 'FULL_NAME' },
      { column_name: 'User Phone', string_value: '+16505550123', column_id: 'PHONE_NUMBER' },
      { column_name: 'User Email', string_value: 'test@example.com', column_id: 'EMAIL' },
    ],
    api_version: '1.0',
    form_id: 18698608977,
    campaign_id: 991214827,
    google_key: setup.secrets['google_key'] ?? '',
    is_test: true,
    gcl_id: TEST_ID,
    adgroup_id: 20000000000,
    creative_id: 30000000000,
  };
  return samplePost(Buffer.from(JSON.stringify(body)), now);
}
