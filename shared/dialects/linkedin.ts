import { createHmac } from 'node:crypto';
import * as z from 'zod';
import type { Instant } from '../domain/time/calendar.ts';
import { answerOf, jsonAnswer } from './answering.ts';
import type {
  Answer,
  Dialect,
  EndpointSetup,
  Fetched,
  FetchResponse,
  Outcome,
  RawMessage,
  Reading,
  Verification,
} from './dialect.ts';
import { detailOf, formReport, MAX_ANSWERS, tokenOver, toldLead, unreadable } from './lead-form.ts';
import { invalid, jsonOf, textAt } from './reading.ts';
import { samplePost } from './samples.ts';
import { defined, instantAt } from './values.ts';
import { type HmacScheme, queryProof, refusals, signHmac, unproven, verifyHmac } from './verification.ts';

const secrets = z.object({
  client_secret: z.string().min(1).describe('The Client Secret of the app; LinkedIn signs what it sends with it.'),
  access_token: z.string().min(1).describe('A token with the permission r_marketing_leadgen_automation.'),
});
const settings = z.object({
  apiUrl: z.url().default('https://api.linkedin.com/rest').describe('Where the API is.'),
  apiVersion: z
    .string()
    .regex(/^[0-9]{6}$/)
    .default('202606')
    .describe('The version of the API, as yyyymm. LinkedIn turns each one off after about a year.'),
});

/** The words before the body are signed with it; the header has the digest alone. */
const SIGNATURE: HmacScheme = { header: 'x-li-signature', encoding: 'hex', signedPrefix: 'hmacsha256=' };
const CHALLENGE = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const notice = z.object({
  leadGenFormResponse: z.string().min(1, 'must be given: the URN of the lead'),
  leadGenForm: z.string().optional(),
  leadAction: z.string().optional(),
});

/**
 * Lead Sync of LinkedIn: notices of leads, signed, and the leads themselves by the API. Source: learn.microsoft.com/linkedin, "Webhook
 * validation" and "Lead Sync".
 */
export const linkedin: Dialect = {
  name: 'linkedin',
  title: 'LinkedIn Lead Gen Forms',
  paths: [],
  secrets,
  settings,
  shownSecrets: ['access_token'],
  budgetMs: 2500,
  verify,
  read,
  answer,
  sample,
  fetch: { request, read: readLead },
};

/** A challenge proves nothing and tells nothing, but is answered with the secret: every two hours, for as long as the URL shall be called. */
function verify(message: RawMessage, { secrets: { client_secret = '' } }: EndpointSetup): Verification {
  if (message.method === 'POST') return verifyHmac(message, client_secret, SIGNATURE);
  return client_secret === '' ? { ok: false, reason: refusals.noSecret } : unproven(message);
}

function read(message: RawMessage, setup: EndpointSetup): Reading {
  if (message.method !== 'POST') return readChallenge(message, setup);
  const body = jsonOf(message);
  if (!body.ok) return invalid('body', body.message);
  const type = textAt(body.value, 'type') ?? 'a message without its type';
  if (type !== 'LEAD_ACTION') return { kind: 'told', told: [{ kind: 'ignored', id: type, reason: 'not about leads' }] };
  const parsed = notice.safeParse(body.value);
  if (!parsed.success) return unreadable(parsed.error);
  const { leadGenFormResponse, leadGenForm, leadAction } = parsed.data;
  const id = idIn(leadGenFormResponse);
  const form = formIn(leadGenForm);
  switch (leadAction) {
    case 'CREATED':
      return { kind: 'told', told: [{ kind: 'fetch', id, about: defined({ id, form }) }] };
    case 'DELETED': {
      const report = formReport({ source: 'linkedin', leadId: id, campaignBy: 'form', ids: { form }, answers: [] });
      return { kind: 'told', told: [{ kind: 'erasure', id, report, reason: 'deleted_by_member' }] };
    }
    default:
      return { kind: 'told', told: [{ kind: 'ignored', id, reason: `the action ${leadAction ?? 'is not named'}` }] };
  }
}

/**
 * The challenge is signed with the very secret that signs messages. Were any text signed, whoever asks for `hmacsha256=` and a body of
 * theirs would get the signature of that body: only what looks like LinkedIn's own challenges is.
 */
function readChallenge(message: RawMessage, { secrets: { client_secret = '' } }: EndpointSetup): Reading {
  const challengeCode = queryProof(message, 'challengeCode');
  if (challengeCode === undefined || !CHALLENGE.test(challengeCode)) {
    return invalid('challengeCode', 'must be a UUID');
  }
  const challengeResponse = createHmac('sha256', client_secret).update(challengeCode).digest('hex');
  const body = JSON.stringify({ challengeCode, challengeResponse });
  return { kind: 'handshake', answer: answerOf(200, 'application/json', body) };
}

/** The id at the end of a URN, such as `urn:li:leadGenFormResponse:10bbd2a4-1`; an id that is none stays as it is. */
const idIn = (urn: string): string => urn.slice(urn.lastIndexOf(':') + 1);

/** `urn:li:versionedLeadGenForm:(urn:li:leadGenForm:3162,1)` is version 1 of the form 3162: a form stays one over its versions. */
const formIn = (urn: string | undefined): string | undefined => /leadGenForm:([^,():]+)/.exec(urn ?? '')?.[1];

/** The form comes along, as answers name questions by number alone. */
const FIELDS =
  'ownerInfo,associatedEntityInfo,leadMetadataInfo,owner,associatedEntity,leadMetadata,leadType,versionedLeadGenFormUrn,id,submittedAt,' +
  'testLead,formResponse,form:(hiddenFields,creationLocale,name,id,content)';

function request(about: Readonly<Record<string, string>>, setup: EndpointSetup) {
  const { apiUrl, apiVersion } = settings.parse(setup.settings);
  return {
    url: `${apiUrl}/leadFormResponses/${encodeURIComponent(about['id'] ?? '')}?fields=${FIELDS}`,
    headers: {
      authorization: `Bearer ${setup.secrets['access_token'] ?? ''}`,
      'linkedin-version': apiVersion,
      'x-restli-protocol-version': '2.0.0',
    },
  };
}

const question = z.object({
  questionId: z.string(),
  name: z.string().optional(),
  predefinedField: z.string().optional(),
});
const reply = z.object({
  questionId: z.string(),
  answerDetails: z
    .object({
      textQuestionAnswer: z.object({ answer: z.string().optional() }).optional(),
      multipleChoiceAnswer: z.object({ options: z.array(z.string()).default([]) }).optional(),
    })
    .optional(),
});
const fetched = z.object({
  id: z.string(),
  submittedAt: z.string().optional(),
  testLead: z.boolean().default(false),
  versionedLeadGenFormUrn: z.string().optional(),
  formResponse: z.object({
    answers: z.array(reply).max(MAX_ANSWERS).default([]),
    consentResponses: z
      .array(z.object({ consentId: z.string(), accepted: z.boolean() }))
      .max(MAX_ANSWERS)
      .default([]),
  }),
  form: z
    .object({
      hiddenFields: z
        .array(z.object({ name: z.string(), value: z.string().optional() }))
        .max(MAX_ANSWERS)
        .default([]),
      content: z.object({ questions: z.array(question).max(MAX_ANSWERS).default([]) }).optional(),
    })
    .optional(),
});

function readLead(response: FetchResponse, about: Readonly<Record<string, string>>): Fetched {
  if (response.status === 404 || response.status === 410) {
    return { kind: 'gone', reason: 'LinkedIn knows no such lead, or no more' };
  }
  if (response.status === 401) return tokenOver;
  const body = jsonOf(response);
  if (response.status !== 200 || !body.ok) {
    const detail = detailOf(body.ok ? textAt(body.value, 'message') : undefined);
    return {
      kind: 'later',
      reason: `LinkedIn answered ${response.status}${detail}`,
    };
  }
  const parsed = fetched.safeParse(body.value);
  const id = about['id'] ?? '';
  if (!parsed.success || idIn(parsed.data.id) !== id) {
    return { kind: 'later', reason: 'LinkedIn answered something else than the lead' };
  }
  const { formResponse, form, testLead, submittedAt, versionedLeadGenFormUrn } = parsed.data;
  const questions = new Map(form?.content?.questions.map((each) => [each.questionId, each] as const));
  const report = formReport({
    source: 'linkedin',
    leadId: id,
    campaignBy: 'form',
    ids: {
      campaign: idAt(body.value, 'leadMetadata', 'sponsoredLeadMetadata', 'campaign'),
      creative:
        idAt(body.value, 'associatedEntity', 'associatedCreative') ?? idAt(body.value, 'associatedEntity', 'creative'),
      form: formIn(versionedLeadGenFormUrn) ?? about['form'],
    },
    answers: [
      ...formResponse.answers.map(({ questionId, answerDetails }) => {
        const asked = questions.get(questionId);
        const chosen = answerDetails?.multipleChoiceAnswer?.options.join(', ');
        return [
          asked?.predefinedField ?? asked?.name ?? `question_${questionId}`,
          answerDetails?.textQuestionAnswer?.answer ?? chosen,
        ] as const;
      }),
      ...(form?.hiddenFields ?? []).map(({ name, value }) => [name, value] as const),
      ...formResponse.consentResponses.map(
        ({ consentId, accepted }) => [`consent_${consentId}`, accepted.toString()] as const,
      ),
    ],
    submittedAt: instantAt(submittedAt, 1),
  });
  return { kind: 'told', told: toldLead(id, report, testLead) };
}

function idAt(...path: Parameters<typeof textAt>): string | undefined {
  const urn = textAt(...path);
  return urn === undefined ? undefined : idIn(urn);
}

/** What is not acknowledged may be sent again, or never: only what was not kept is worth that. */
function answer(outcome: Outcome): Answer {
  switch (outcome.kind) {
    case 'results':
      return jsonAnswer(200, {});
    case 'unverified':
      return jsonAnswer(401, { message: outcome.reason });
    case 'unreadable':
      return jsonAnswer(400, { errors: outcome.errors });
    case 'unavailable':
      return jsonAnswer(503, { message: 'not kept now: send it again' });
  }
}

/** A notice of a lead that there never was: everything up to the lead itself is tried by it. */
function sample({ secrets: { client_secret = '' } }: EndpointSetup, now: Instant): RawMessage {
  const body = Buffer.from(
    JSON.stringify({
      type: 'LEAD_ACTION',
      leadGenFormResponse: 'urn:li:leadGenFormResponse:10bbd2a4-1',
      leadGenForm: 'urn:li:versionedLeadGenForm:(urn:li:leadGenForm:3162,1)',
      owner: { sponsoredAccount: 'urn:li:sponsoredAccount:520866471' },
      associatedEntity: { creative: 'urn:li:sponsoredCreative:123' },
      leadType: 'SPONSORED',
      leadAction: 'CREATED',
      occurredAt: Date.parse(now),
    }),
  );
  return samplePost(body, now, { [SIGNATURE.header]: signHmac(body, client_secret, SIGNATURE) });
}
