import * as z from 'zod';
import type { Instant } from '../domain/time/calendar.ts';
import type { BadField, Fetched, Reading, Report } from './dialect.ts';
import { defined, withoutAddresses } from './values.ts';

/** An id of a platform: a number today and a text tomorrow, null or zero where there is none. Numbers are texts already, see `jsonOf`. */
export const platformId = z
  .string('must be an id')
  .max(128, 'must have at most 128 characters')
  .nullish()
  .transform((id) => (id == null || id.trim() === '' || id === '0' ? undefined : id.trim()));

/** The id of the lead itself, without which nothing else counts. */
export const leadId = platformId.pipe(z.string('must be given: the platform’s id of the lead'));

/** For platforms that tell both ids. */
export const campaignBy = z
  .enum(['form', 'campaign'])
  .default('form')
  .describe('Which id of the platform’s names the campaign: that of the form, or that of the platform’s own campaign.');

/** For platforms that do not mark their tests. */
export const testEmails = z
  .array(z.string().trim().toLowerCase())
  .max(20)
  .default([])
  .describe('E-mail addresses of whoever tries the forms: a lead with one of them is a test and makes no lead.');

export const isTestEmail = ({ parameters }: Report, emails: readonly string[]): boolean =>
  emails.includes((parameters['email'] ?? '').toLowerCase());

/** The most answers that a lead may have: with more it is not read at all. */
export const MAX_ANSWERS = 200;

/** A filled form, in the platform's own names. */
export interface FilledForm {
  /** What leads of this platform are known by, such as `google_ads`. */
  readonly source: string;
  readonly leadId: string | undefined;
  readonly ids: {
    readonly campaign?: string | undefined;
    /** What stands between campaign and ad: ad group or ad set. */
    readonly adgroup?: string | undefined;
    readonly creative?: string | undefined;
    readonly form?: string | undefined;
  };
  readonly campaignBy: z.output<typeof campaignBy>;
  /** The click on the ad, by the name of the platform's own parameter. */
  readonly click?: Readonly<Record<string, string | undefined>> | undefined;
  /** Questions with their answers, in the order of the form. A question without an answer is passed over. */
  readonly answers: readonly (readonly [question: string, answer: string | undefined])[];
  readonly submittedAt?: Instant | undefined;
}

/** Under which names platforms ask for contact data, in lower case and with anything else than letters and digits as `_`. */
const STANDARD_QUESTIONS: Readonly<Record<string, readonly string[]>> = {
  email: ['email', 'user_email', 'email_address', 'e_mail', 'work_email'],
  phone: ['phone_number', 'user_phone', 'phone', 'mobile_phone_number', 'work_phone_number', 'work_phone'],
  first_name: ['first_name', 'given_name'],
  last_name: ['last_name', 'family_name'],
};
const FULL_NAME = ['full_name', 'name'];

/**
 * The report of a filled form: contact data where our parameters have a name for them, all other answers as fields. Of several addresses or
 * numbers the first of the order above counts, the others are fields. A full name is a field, and is cut at its last blank where the form
 * does not ask for first and last name: how a name is made up, only its bearer knows.
 */
export function formReport(form: FilledForm): Report {
  const { source, ids } = form;
  const rest = new Map<string, string>();
  const byName = new Map<string, string>();
  for (const [question, given] of form.answers) {
    const answer = given?.trim() ?? '';
    if (question === '' || question === '__proto__' || answer === '' || rest.has(question)) continue;
    rest.set(question, answer);
    if (!byName.has(normalised(question))) byName.set(normalised(question), question);
  }
  const find = (names: readonly string[]) => names.map((name) => byName.get(name)).find((found) => found !== undefined);
  const contact: Record<string, string> = {};
  for (const [parameter, names] of Object.entries(STANDARD_QUESTIONS)) {
    const question = find(names);
    if (question === undefined) continue;
    contact[parameter] = rest.get(question) ?? '';
    rest.delete(question);
  }
  const fullName = rest.get(find(FULL_NAME) ?? '');
  const named = contact['first_name'] !== undefined || contact['last_name'] !== undefined;
  return {
    source,
    campaign: form.campaignBy === 'form' ? ids.form : ids.campaign,
    occurredAt: form.submittedAt,
    parameters: defined({
      transaction_id: form.leadId,
      ...form.click,
      ...contact,
      ...(named || fullName === undefined ? {} : cutName(fullName)),
      sub1: ids.campaign,
      sub2: ids.adgroup,
      sub3: ids.creative,
      sub4: ids.form,
    }),
    fields: Object.fromEntries(rest),
  };
}

export type ToldLead = Extract<Fetched, { kind: 'told' }>['told'];

/** A filled form as what a message tells: its campaign's confirmation mode decides, unless it is a test. */
export const toldLead = (id: string, report: Report, isTest: boolean): ToldLead =>
  isTest ? { kind: 'test', id, report } : { kind: 'conversion', id, report, status: 'open' };

/** What a platform says besides the status of a failure, if anything. */
export const detailOf = (message: string | undefined): string =>
  message === undefined ? '' : `: ${withoutAddresses(message)}`;

/** The platform takes the endpoint's token no longer: leads wait for a new one. */
export const tokenOver: Fetched = {
  kind: 'later',
  reason: 'the access token has expired or was revoked: give the endpoint a new access_token',
};

const normalised = (question: string): string =>
  question
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_');

function cutName(fullName: string): Record<string, string> {
  const at = fullName.lastIndexOf(' ');
  return at === -1
    ? { first_name: fullName }
    : { first_name: fullName.slice(0, at).trim(), last_name: fullName.slice(at + 1) };
}

/** What is wrong with a body, by the path of each field. */
export const unreadable = (error: z.ZodError): Reading => ({
  kind: 'unreadable',
  errors: error.issues.map(
    ({ path, message }): BadField => ({ field: path.length === 0 ? 'body' : path.join('.'), message }),
  ),
});
