import * as z from 'zod';
import { clickParameters } from './click.ts';
import { answer, jsonContent, type Operation, type OperationKey } from './openapi-operation.ts';
import { postbackParameters } from './postback.ts';
import { affiliateReference, campaignReference, receiptId } from './primitives.ts';

const gif = (description: string) => ({
  200: {
    description,
    headers: z.object({
      'x-verdict': z.string().meta({
        description: 'What became of it, and why; or the problem, and which parameters are wrong',
        example: 'counted',
      }),
    }),
    content: { 'image/gif': { schema: z.string() } },
  },
});

/** A form as it is sent; any other input is kept with the contact data. */
const submission = z
  .object({
    click_id: z.string().optional(),
    affiliate_id: affiliateReference.optional(),
    email: z.string().optional(),
    phone: z.string().optional(),
    first_name: z.string().optional(),
    last_name: z.string().optional(),
    form_start: z.string().optional().meta({ description: 'The token that the form was begun with' }),
    submission_id: z
      .string()
      .optional()
      .meta({ description: 'Tells a submission from its repeats, where the caller has ids' }),
  })
  .loose()
  .meta({ example: { first_name: 'Ada', email: 'ada@example.com', message: 'Please call me back.' } });

/** What a script, or a server, is answered. */
const received = z.object({
  receiptId: receiptId.optional(),
  status: z
    .enum(['received', 'confirmed', 'pending', 'rejected', 'duplicate', 'queued'])
    .meta({ description: '`received` for whoever does not show the token of the endpoint' }),
  leadId: z.string().optional(),
  reason: z.string().nullable().optional(),
  redirectUrl: z.string().optional(),
  fileUrl: z.string().optional().meta({ description: 'The gated file, for an hour' }),
  next: z
    .literal('confirm_email')
    .optional()
    .meta({ description: 'With double opt-in: a mail follows, if the form can be accepted' }),
});

const page = (description: string) => ({ description, content: { 'text/html': { schema: z.string() } } });
const seeOther = (description: string) => ({
  description,
  headers: z.object({ location: z.url().meta({ description: 'Where the browser is sent' }) }),
});

const ofForm = {
  tag: 'Front doors',
  access: 'anyone',
  path: z.object({ campaignId: campaignReference }),
} as const satisfies Partial<Operation>;

const linkToken = z.object({ token: z.string().meta({ description: 'Of the link, as it was given out' }) });
const optInLink = linkToken.extend({
  receipt: receiptId.optional().meta({
    description: 'Of the form, as it stands in the link: by it the lead is found that has no number of its own',
  }),
});
const linkProblems = { 404: 'The link is not one of ours.', 410: 'The link has run out.' } as const;

/** What landing pages use: pixels, the script and forms. */
export const frontDoorOperations: Readonly<Record<OperationKey, Operation>> = {
  'GET /i/{image}': {
    id: 'countImpression',
    tag: 'Front doors',
    access: 'anyone',
    summary: 'Count an impression',
    description:
      'The pixel of an advertisement: `<img src="https://leads.example/i/{campaignId}.gif?affiliate_id=…&sub1=…">`. It takes the parameters of a click link and is always answered with one transparent pixel; the header `x-verdict` says `counted`, `not-counted` for crawlers, prefetches and paused campaigns, or the problem. Impressions attribute no lead; `GET /v1/reports/payouts` tells them with `include=impressions`.',
    path: z.object({
      image: z.string().meta({
        description: 'The campaign’s id, or `ext:` and its external id, with `.gif`',
        example: 'ext:shop.gif',
      }),
    }),
    query: clickParameters,
    alwaysAnswers: true,
    answers: gif('The pixel.'),
  },
  'GET /px.gif': {
    id: 'firePixel',
    tag: 'Front doors',
    access: 'anyone',
    summary: 'Report a conversion by an image',
    description:
      'As `GET /postback`, with a key of the scope `pixel` in `key`: everybody who sees the page sees the key, so that one that may do more is refused, and the lead is pending until the advertiser confirms it. `ip` and `user_agent` are those of the request where they are not given. It is always answered with one transparent pixel; the header `x-verdict` says the status and the reason, or the problem, and so does the receipt.',
    query: postbackParameters.extend({ key: z.string().meta({ description: 'A key of the scope `pixel` alone' }) }),
    alwaysAnswers: true,
    answers: gif('The pixel.'),
  },
  'POST /f/{campaignId}': {
    ...ofForm,
    pages: true,
    id: 'sendForm',
    summary: 'Send a form',
    description:
      'What an HTML form, a chat bot or a lead magnet sends to the campaign’s endpoint of the dialect `form`. Inputs without a name of ours are kept with the contact data. Browsers are sent on to the thank-you page or the gated file, or shown a small page; a caller that sends or asks for JSON is answered in JSON. The same `form_start` with the same contact data, or the same `submission_id`, again is the same submission. Filled honeypots are answered as all others are, and ignored. A server that sends the endpoint’s token as `Authorization: Bearer` speaks for the advertiser, and is told the verdict.',
    body: {
      required: true,
      content: {
        'application/x-www-form-urlencoded': { schema: submission },
        'multipart/form-data': { schema: submission },
        ...jsonContent(submission),
      },
    },
    answers: {
      200: {
        description: 'It was received.',
        content: { ...jsonContent(received), 'text/html': { schema: z.string() } },
      },
      202: answer('The store does not answer; the form is kept and will be decided just the same.', received),
      303: seeOther('To the thank-you page, or to the gated file.'),
    },
    problems: {
      403: 'The page’s origin is not among those of the endpoint, or the token is wrong. The origin `null` is taken with a valid `form_start`.',
      404: 'The campaign has no form.',
      409: 'The same submission came before, with another click; nothing was changed.',
      429: 'From one network 30 forms a minute are taken, but of servers that show the token: try again after `Retry-After` seconds.',
      503: 'Nothing was kept: send it again.',
    },
  },
  'OPTIONS /f/{campaignId}': {
    ...ofForm,
    id: 'preflightForm',
    summary: 'Ask whether a page may send',
    description: 'What browsers ask before a script of another origin sends JSON (CORS).',
    answers: { 204: { description: 'The headers say who may.' } },
  },
  'GET /f/{campaignId}/start': {
    ...ofForm,
    id: 'startForm',
    summary: 'Begin a form',
    description:
      'Gives a token that says, signed, when the form was begun: sent along as `form_start` it tells `form_seconds` to the rules of the campaign, and makes a repeat of the same form one submission. The script `/ll.js` does this by itself.',
    answers: { 200: answer('The token.', z.object({ token: z.string() })) },
    problems: { 403: 'The page’s origin is not among those of the endpoint.', 404: 'The campaign has no form.' },
  },
  'GET /f/{campaignId}/confirm': {
    ...ofForm,
    pages: true,
    id: 'showOptIn',
    summary: 'Open the link of a double opt-in',
    description: 'Shows a button; nothing is confirmed yet, as mail scanners open links too.',
    query: optInLink,
    answers: { 200: page('A page with a button, also where the link has run out: pressing it tells.') },
    problems: { 404: linkProblems[404] },
  },
  'POST /f/{campaignId}/confirm': {
    ...ofForm,
    pages: true,
    id: 'giveOptIn',
    summary: 'Confirm an e-mail address',
    description:
      'Moves the lead on to where the confirmation mode of its campaign takes it, once however often it is pressed.',
    query: optInLink,
    answers: { 200: page('A page that thanks.'), 303: seeOther('To the thank-you page, or to the gated file.') },
    problems: linkProblems,
  },
  'GET /f/{campaignId}/file': {
    ...ofForm,
    pages: true,
    id: 'openFile',
    summary: 'Open the gated file',
    query: linkToken,
    answers: { 302: seeOther('To the file itself, for some minutes.') },
    problems: { ...linkProblems, 404: 'The link is not one of ours, or its file is missing.' },
  },
  'GET /ll.js': {
    id: 'pageScript',
    tag: 'Front doors',
    access: 'anyone',
    summary: 'The script of landing pages',
    description:
      'At most 1 KiB: keeps the click id of the landing URL in a first-party cookie, and fills it and the form-start token into forms that post to `/f/` of the service it is loaded from.',
    answers: { 200: { description: 'The script.', content: { 'text/javascript': { schema: z.string() } } } },
  },
};
