import * as z from 'zod';
import { event } from '../../contracts/postback.ts';
import { duration } from '../../contracts/primitives.ts';
import { redirectUrlFault } from '../../domain/catalog/redirect-url.ts';
import type { EndpointSetup, RawMessage } from '../dialect.ts';

const MAX_ORIGINS = 20;

/** A page of the advertiser's; only these macros may stand in it. */
const pageUrl = (...macros: readonly string[]) =>
  z.string().check((context) => {
    const fault = redirectUrlFault(context.value, macros);
    if (fault !== undefined) context.issues.push({ code: 'custom', message: fault, input: context.value });
  });

/** The key of an object in the bucket of gated files. */
const FILE_KEY = /^\w[\w./-]{0,1023}$/;

/** What an endpoint of the dialect is set up with. */
export const settings = z.strictObject({
  origins: z
    .array(
      z
        .string()
        .refine(
          (origin) => URL.canParse(origin) && new URL(origin).origin === origin,
          'must be an origin such as https://shop.example',
        ),
    )
    .max(MAX_ORIGINS, `must have at most ${MAX_ORIGINS} entries`)
    .optional()
    .describe('Origins of the pages whose forms and scripts may send; left out, those of any page may.'),
  honeypot: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, dashes or underscores')
    .optional()
    .describe(
      'The name of an input that people do not see: who fills it is answered as if all were well, and ignored.',
    ),
  minFormTime: duration
    .optional()
    .describe(
      'How long a form must have been open, such as PT3S: what comes sooner, or without its form-start token, is refused.',
    ),
  thankYouUrl: pageUrl('file_url')
    .optional()
    .describe('Where a browser goes after the form. `{file_url}` in it stands for the link to the gated file.'),
  file: z
    .string()
    .refine(
      (file) => FILE_KEY.test(file) || redirectUrlFault(file, []) === undefined,
      'must be an https URL, or the key of a file in the bucket of gated files, such as guides/prices.pdf',
    )
    .optional()
    .describe(
      'What the form opens: an https URL, or the key of a file in the bucket of gated files. Whoever sent the form gets a link to it that works for an hour.',
    ),
  doubleOptIn: z
    .boolean()
    .optional()
    .describe(
      'Whether the lead is pending until its person opens the link that `lead.opt_in_requested` gives the advertiser’s mailer.',
    ),
  checkMailUrl: pageUrl()
    .optional()
    .describe('With doubleOptIn: the page that tells to look for the mail. Left out, a small one of ours.'),
  event: event.optional().describe('The event that the form reports; by default `lead`.'),
});

export type FormSettings = z.output<typeof settings>;

/** The settings of an endpoint, which were checked when they were set. */
export const formSettings = (setup: EndpointSetup): FormSettings => settings.parse(setup.settings);

/** Whether pages of an origin may begin forms, as those may that say none. */
export function mayBegin(origin: string | undefined, setup: EndpointSetup): boolean {
  const { origins } = formSettings(setup);
  return origin === undefined || origins === undefined || origins.includes(origin);
}

/** Throws where there is none: an endpoint is never made without, and with an empty one anybody could sign. */
export function signingSecret({ secrets }: EndpointSetup): string {
  const { signing } = secrets;
  if (signing === undefined || signing === '') throw new RangeError('the endpoint has no secret to sign with');
  return signing;
}

/** What a caller shows who is known: the token of the endpoint. */
export const bearerOf = ({ headers }: RawMessage): string | undefined =>
  /^Bearer +(\S+)$/i.exec(headers['authorization'] ?? '')?.[1];
