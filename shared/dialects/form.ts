import * as z from 'zod';
import { ulidOf } from '../domain/ids/ulid.ts';
import { type Instant, millisecondsOf } from '../domain/time/calendar.ts';
import type { Dialect, EndpointSetup, RawMessage } from './dialect.ts';
import { answerForm } from './form/answering.ts';
import { isBegun, readForm } from './form/reading.ts';
import { bearerOf, mayBegin, settings, signingSecret } from './form/settings.ts';
import { signFormStart } from './form/token.ts';
import { samplePost } from './samples.ts';
import { unproven, verifyToken } from './verification.ts';

/** Forms of landing pages, chat bots and lead magnets: our own front door. The format is ours. */
export const form: Dialect = {
  name: 'form',
  title: 'Forms, chat bots and lead magnets',
  paths: [],
  secrets: z.object({
    token: z
      .string()
      .optional()
      .describe('What a server of yours sends as `Authorization: Bearer`: it then speaks for the advertiser.'),
    signing: z.string().optional().describe('What form-start tokens and links are signed with; made by itself.'),
  }),
  settings,
  madeSecrets: ['signing'],
  verify,
  read: readForm,
  answer: answerForm,
  sample,
};

/** A page’s origin is no proof, as anything but a browser may say any; it only keeps the forms of others out. */
function verify(message: RawMessage, setup: EndpointSetup) {
  const bearer = bearerOf(message);
  if (bearer !== undefined) return verifyToken(message, setup.secrets['token'], bearer);
  const { origin } = message.headers;
  // Pages that hide where they are say `null` with a form, though not to a script that asks for the token: it is given to those that are named.
  if (mayBegin(origin, setup) || (origin === 'null' && isBegun(message, setup))) return unproven(message);
  return { ok: false as const, reason: `the origin ${origin} is not among those of the endpoint` };
}

const SAMPLE_FORM = Buffer.from('sampleform');
/** A form that was open for the longest least time that anybody sets. */
const SAMPLE_FORM_MS = 600_000;

function sample(setup: EndpointSetup, now: Instant): RawMessage {
  const parameters = new URLSearchParams({
    first_name: 'Ada',
    last_name: 'Example',
    email: 'ada@example.com',
    phone: '+44 20 7946 0000',
    message: 'Please call me back.',
    form_start: signFormStart(signingSecret(setup), ulidOf(millisecondsOf(now) - SAMPLE_FORM_MS, SAMPLE_FORM)),
  });
  return samplePost(Buffer.from(parameters.toString()), now, { 'content-type': 'application/x-www-form-urlencoded' });
}
