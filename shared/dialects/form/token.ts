import { createHmac } from 'node:crypto';
import { timeOfUlid, ULID, ulidBytes } from '../../domain/ids/ulid.ts';
import { type Instant, instantOf } from '../../domain/time/calendar.ts';
import { sameSecret } from '../verification.ts';

/** What a token lets its bearer do: send a form that was begun, confirm an e-mail address, fetch a gated file. */
export type TokenPurpose = 'start' | 'opt_in' | 'file';

const MAC_BYTES = 16;

/**
 * A token that only the endpoint can make: what it is about, in base64url, and 128 bits of HMAC-SHA256 over purpose and subject under the
 * endpoint's own secret, so that it is good for no other campaign.
 */
export const signToken = (secret: string, purpose: TokenPurpose, subject: string): string =>
  `${Buffer.from(subject).toString('base64url')}.${macOf(secret, purpose, subject)}`;

/** What a token is about; undefined where it is not the endpoint's own, for that purpose, whole and unchanged. */
export function readToken(secret: string, purpose: TokenPurpose, token: string): string | undefined {
  const [encoded = '', mac = '', ...rest] = token.split('.');
  const subject = Buffer.from(encoded, 'base64url').toString();
  const isOwn = rest.length === 0 && Buffer.from(subject).toString('base64url') === encoded;
  return isOwn && sameSecret(macOf(secret, purpose, subject), mac) ? subject : undefined;
}

/** What tells contact data from others, and nothing of them to whoever has not the endpoint's secret. */
export const digestOfContact = (secret: string, contact: readonly string[]): string =>
  macOf(secret, 'contact', JSON.stringify(contact));

const macOf = (secret: string, purpose: TokenPurpose | 'contact', subject: string): string =>
  createHmac('sha256', secret).update(`${purpose}\n${subject}`).digest().subarray(0, MAC_BYTES).toString('base64url');

/** A form that somebody has begun to fill. */
export interface FormStart {
  /** Tells it from all others. */
  readonly formId: string;
  readonly startedAt: Instant;
}

/** A form-start token. Its subject is a ULID, which tells the time and is of the form alone. */
export const signFormStart = (secret: string, formId: string): string => signToken(secret, 'start', formId);

/** The form that a form-start token was given out for; undefined where it is none of the endpoint's. */
export function readFormStart(secret: string, token: string): FormStart | undefined {
  const formId = readToken(secret, 'start', token);
  return formId === undefined || !FORM_ID.test(formId)
    ? undefined
    : { formId, startedAt: instantOf(timeOfUlid(ulidBytes(formId))) };
}

const FORM_ID = new RegExp(`^${ULID}$`);
