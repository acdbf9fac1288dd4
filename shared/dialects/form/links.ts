import { type Instant, instantOf, millisecondsOf } from '../../domain/time/calendar.ts';
import type { EndpointSetup } from '../dialect.ts';
import { formSettings, signingSecret } from './settings.ts';
import { readToken, signToken } from './token.ts';

/** How long the link to a gated file works. */
export const FILE_LINK_MS = 3_600_000;

/** Which lead a link that was mailed confirms. */
export interface OptInSubject {
  readonly event: string;
  readonly transactionId: string;
}

/** The link by which a person confirms, to be mailed: whoever opens it holds the address. */
export const optInUrl = (setup: EndpointSetup, { event, transactionId }: OptInSubject): string =>
  `${setup.url ?? ''}/confirm?token=${signToken(signingSecret(setup), 'opt_in', `${event} ${transactionId}`)}`;

/** Which lead the token of such a link is for; undefined where it is not the endpoint’s own. */
export function readOptIn(setup: EndpointSetup, token: string): OptInSubject | undefined {
  const subject = readToken(signingSecret(setup), 'opt_in', token);
  const at = subject?.indexOf(' ') ?? -1;
  return subject === undefined || at === -1
    ? undefined
    : { event: subject.slice(0, at), transactionId: subject.slice(at + 1) };
}

/** The link to the gated file for whoever has sent the form, or confirmed it; undefined where there is no such file. */
export function fileUrl(setup: EndpointSetup, now: Instant): string | undefined {
  if (formSettings(setup).file === undefined) return undefined;
  const until = instantOf(millisecondsOf(now) + FILE_LINK_MS);
  return `${setup.url ?? ''}/file?token=${signToken(signingSecret(setup), 'file', until)}`;
}

/** Whether the token of a link to the gated file is the endpoint’s own; `over` where it has run out. */
export function readFileLink(setup: EndpointSetup, token: string, now: Instant): 'good' | 'over' | 'forged' {
  const until = readToken(signingSecret(setup), 'file', token);
  if (until === undefined) return 'forged';
  return now <= until ? 'good' : 'over';
}

/** Where a browser goes once nothing is left to do: the thank-you page, or the gated file; undefined where neither is set. */
export function targetOf(setup: EndpointSetup, now: Instant): string | undefined {
  const link = fileUrl(setup, now);
  return formSettings(setup).thankYouUrl?.replaceAll('{file_url}', encodeURIComponent(link ?? '')) ?? link;
}
