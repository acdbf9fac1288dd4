import * as z from 'zod';
import type { Instant } from '../domain/time/calendar.ts';
import { acknowledgeInText, answerOf } from './answering.ts';
import type { Dialect, EndpointSetup, RawMessage, Reading, Verification } from './dialect.ts';
import {
  formReport,
  isTestEmail,
  leadId,
  MAX_ANSWERS,
  platformId,
  testEmails,
  toldLead,
  unreadable,
} from './lead-form.ts';
import { invalid, jsonOf, textAt } from './reading.ts';
import { samplePost } from './samples.ts';
import { unproven, verifyToken } from './verification.ts';

const secrets = z.object({
  secret: z
    .string()
    .min(1)
    .describe('The secret key of the server in the community’s Callback API; every message carries it.'),
});
const settings = z.object({
  groupId: z
    .string()
    .regex(/^[0-9]{1,15}$/, 'must be the id of the community, digits alone')
    .describe('The id of the community.'),
  confirmation: z
    .string()
    .regex(/^[A-Za-z0-9]{1,64}$/, 'must be the string that VK shows, letters and digits')
    .describe('The string that the server must return, as the community’s Callback API shows it.'),
  testEmails,
});

const lead = z.object({
  lead_id: leadId,
  user_id: platformId,
  form_id: platformId,
  form_name: z.string().optional(),
  ad_id: platformId,
  answers: z
    .array(
      z.object({
        key: z.string().optional(),
        question: z.string().optional(),
        answer: z.union([z.string(), z.array(z.string())]).nullish(),
      }),
    )
    .max(MAX_ANSWERS)
    .default([]),
});

/**
 * Lead forms of VK communities, by the Callback API. The `secret` in the body is all that proves the sender: no field is signed. Source:
 * dev.vk.com, "Callback API" and its event `lead_forms_new`.
 */
export const vk: Dialect = {
  name: 'vk',
  title: 'VK community lead forms',
  paths: [],
  secrets,
  settings,
  verify,
  read,
  // What is not answered `ok` is sent again and again, and in the end the server is turned off: only what was not kept is worth that.
  answer: (outcome) => acknowledgeInText(outcome, 'ok', 403),
  sample,
};

/** VK asks for the confirmation before it has a secret; the string is worth nothing to anybody else. */
function verify(message: RawMessage, setup: EndpointSetup): Verification {
  const body = jsonOf(message);
  const told = body.ok ? body.value : undefined;
  return textAt(told, 'type') === 'confirmation'
    ? unproven(message)
    : verifyToken(message, setup.secrets['secret'], textAt(told, 'secret'));
}

function read(message: RawMessage, setup: EndpointSetup): Reading {
  const body = jsonOf(message);
  if (!body.ok) return invalid('body', body.message);
  const { groupId, confirmation, testEmails } = settings.parse(setup.settings);
  if (textAt(body.value, 'group_id') !== groupId) {
    return invalid('group_id', `must be ${groupId}, the community of the endpoint`);
  }
  const type = textAt(body.value, 'type') ?? 'a message without its type';
  if (type === 'confirmation') return { kind: 'handshake', answer: answerOf(200, 'text/plain', confirmation) };
  if (type !== 'lead_forms_new')
    return { kind: 'told', told: [{ kind: 'ignored', id: type, reason: 'not about leads' }] };
  const parsed = z.object({ object: lead }).safeParse(body.value);
  if (!parsed.success) return unreadable(parsed.error);
  const { lead_id: id, user_id, form_id, form_name, ad_id, answers } = parsed.data.object;
  const report = formReport({
    source: 'vk',
    // Every community counts its leads from 1.
    leadId: `${groupId}-${id}`,
    campaignBy: 'form',
    ids: { creative: ad_id, form: form_id },
    answers: [
      ...answers.map(
        ({ key, question, answer }) =>
          [key ?? question ?? '', Array.isArray(answer) ? answer.join(', ') : (answer ?? undefined)] as const,
      ),
      ['vk_user_id', user_id],
      ['form_name', form_name],
    ],
  });
  return { kind: 'told', told: [toldLead(id, report, isTestEmail(report, testEmails))] };
}

function sample(setup: EndpointSetup, now: Instant): RawMessage {
  const { groupId } = settings.parse(setup.settings);
  const body = {
    type: 'lead_forms_new',
    object: {
      lead_id: 1001,
      group_id: Number(groupId),
      user_id: 210700286,
      form_id: 3,
      form_name: 'Callback',
      ad_id: 0,
      answers: [
        { key: 'first_name', question: 'Name', answer: 'Anna' },
        { key: 'phone_number', question: 'Phone', answer: '+79161234567' },
        { key: 'custom_0', question: 'When shall we call?', answer: ['Morning', 'Evening'] },
      ],
    },
    group_id: Number(groupId),
    event_id: '8d1c1b2bd4f1f1e1',
    secret: setup.secrets['secret'] ?? '',
  };
  return samplePost(Buffer.from(JSON.stringify(body)), now);
}
