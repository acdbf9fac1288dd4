import * as z from 'zod';
import { reasons } from '../domain/leads/reasons.ts';
import { clickParameters } from './click.ts';
import { IMPORT_LIMIT_BYTES, importAccepted, importColumns, importLine, importStatus } from './imports.ts';
import { answer, jsonContent, type Operation, type OperationKey } from './openapi-operation.ts';
import { postbackAnswer, postbackParameters, queuedAnswer } from './postback.ts';
import { campaignReference, importId, receiptId } from './primitives.ts';
import { keySet, receiptClaims, receiptQuery, receiptView } from './receipts.ts';

const redirect = (description: string) => ({
  description,
  headers: z.object({ location: z.url().meta({ description: 'Where the visitor is sent' }) }),
});

const click = {
  tag: 'Clicks',
  access: 'anyone',
  path: z.object({ campaignId: campaignReference }),
  query: clickParameters,
  problems: {
    403: 'The affiliate is not approved for the campaign, which has no fallback URL.',
    404: 'There is no such campaign or affiliate.',
    410: 'The campaign is paused and has no fallback URL.',
  },
} as const satisfies Partial<Operation>;

/** The verdict's reasons as a table, from the one list of them. */
const reasonList = [
  '| reason | meaning |',
  '|---|---|',
  ...Object.entries(reasons).map(([reason, meaning]) => `| \`${reason}\` | ${meaning} |`),
].join('\n');

const postback = {
  tag: 'Postbacks',
  access: 'postback',
  answers: {
    200: answer(
      'The verdict. A repeat of the same conversion is a `duplicate` and names the `original`.',
      postbackAnswer,
    ),
    202: answer('The store does not answer; the message is kept and will be decided just the same.', queuedAnswer),
  },
  problems: {
    400: 'A parameter is missing, malformed or given twice; `errors` names it.',
    404: 'There is no such campaign or affiliate, or it is another’s.',
    409: 'The transaction is known with other content; nothing was changed.',
    413: 'The query or the body is too large.',
    503: 'Neither the store nor the queue takes the message; nothing was promised. Send it again.',
  },
} as const satisfies Partial<Operation>;

const aboutPostbacks = `Reports a conversion. Parameters may stand in the query, in a form or in JSON, each of them once; besides those named here, up to 20 \`field_*\` parameters are kept as contact data. What tells of the visitor and of the form (\`ip\` to \`consent_token\`) is kept in the same way, and looked at where the campaign has rules or a scoring. The key may stand in \`key\`, or in the \`Authorization\` header.

\`status\` is the verdict and \`reason\` says why it is not plainly confirmed:

${reasonList}

Leads that people confirm, reject or reverse carry the reasons that they give.

Every answer to a sender who may send postbacks, but 503, carries \`receiptId\` and \`receipt\`, problems too: the receipt is a compact JWS (EdDSA, \`typ\` \`lead-receipt+jwt\`) over ReceiptClaims, by which anybody can prove later what was answered. Its keys are at \`/.well-known/jwks.json\`, and \`GET /v1/receipts/{receiptId}\` tells what stands for the message now.`;

const csvExample = `type,at,campaign,affiliate,click_ref,transaction_id,sub1
click,2025-11-10T09:30:00Z,shop,traffic-1,s00042,,region-4
conversion,2025-11-11T17:05:00Z,shop,traffic-1,s00042,order-1007,`;

const ndjsonExample =
  '{"type":"click","at":"2025-11-10T09:30:00Z","campaign":"shop","affiliate":"traffic-1","click_ref":"s00042"}';

/** Clicks, postbacks and imports. */
export const ingestionOperations: Readonly<Record<OperationKey, Operation>> = {
  'GET /c/{campaignId}': {
    ...click,
    id: 'followClick',
    summary: 'Follow a click link',
    description:
      'Stores the click and sends the visitor to the landing page of the campaign, with its macros filled in: `{click_id}`, `{affiliate_id}`, `{campaign_id}`, `{sub1}` and so on. `affiliate_id`, or an ad platform’s `source`, must be given. Unknown parameters are passed over.',
    answers: {
      302: redirect(
        'To the landing page; to that of the fallback campaign where a cap says so; to the fallback URL while the campaign is paused or full.',
      ),
    },
  },
  'HEAD /c/{campaignId}': {
    ...click,
    id: 'probeClick',
    summary: 'See where a click link leads',
    description: 'As `GET`, but nothing is counted: for link checkers.',
    answers: { 302: redirect('To the landing page.') },
  },
  'GET /postback': {
    ...postback,
    id: 'firePostback',
    summary: 'Report a conversion by a link',
    description: aboutPostbacks,
    query: postbackParameters,
  },
  'POST /postback': {
    ...postback,
    id: 'sendPostback',
    summary: 'Report a conversion',
    description: 'As `GET /postback`, with the parameters in the body; those in the query count as well.',
    body: {
      required: true,
      content: {
        ...jsonContent(postbackParameters),
        'application/x-www-form-urlencoded': { schema: postbackParameters },
      },
    },
  },
  'GET /.well-known/jwks.json': {
    id: 'receiptKeys',
    tag: 'Receipts',
    access: 'anyone',
    summary: 'The keys that receipts are checked with',
    description:
      'A JWK set (RFC 7517) of all keys that receipts of the last 400 days may be signed with, and of the next one. Save it beside your receipts to check them without this service.',
    answers: { 200: answer('The public keys.', keySet) },
  },
  'GET /v1/receipts/{receiptId}': {
    id: 'getReceipt',
    tag: 'Receipts',
    access: ['operator', 'advertiser', 'affiliate'],
    ownOnly: true,
    summary: 'See what stands for a message now',
    description:
      'The final verdict on a message that was answered 202, and the present one on any other, signed anew. Whose message it is, and whose lead came of it, may ask. A message that made a lead is found by its owner’s key a moment after the verdict, and at once with `leadId`; an operator names `leadId`, `advertiserId` or `affiliateId` for it. While the store is away a queued message may have no receipt yet: its signed answer proves that it was taken.',
    path: z.object({ receiptId }),
    query: receiptQuery,
    answers: { 200: answer('What stands for the message.', receiptView) },
  },
  'POST /v1/imports': {
    id: 'importFile',
    tag: 'Imports',
    access: ['operator'],
    summary: 'Import clicks and conversions',
    description: `Takes a file of another tracker: CSV with a header, or NDJSON with the same names; at most ${IMPORT_LIMIT_BYTES / 1024 ** 2} MiB, one record a line. Columns, in any order: ${importColumns.map((name) => `\`${name}\``).join(', ')}. \`type\`, \`at\` and \`campaign\` are needed, and \`affiliate\` or \`click_ref\`. \`campaign\` and \`affiliate\` are ids or external ids; \`click_ref\` is unique in its campaign.

Every line is checked at once: the good ones count, the bad ones are listed by number. Conversions are decided once all clicks of this import and of those accepted before it are stored. Importing the same file again changes nothing.`,
    body: {
      required: true,
      content: {
        'text/csv': { schema: z.string(), example: csvExample },
        'application/x-ndjson': {
          schema: z.string().meta({ description: 'Objects such as ImportLine, one a line' }),
          example: ndjsonExample,
        },
        'application/ndjson': { schema: z.string(), example: ndjsonExample },
      },
    },
    answers: {
      202: {
        ...answer('The file is kept and is being worked off: ask for its state at `Location`.', importAccepted),
        headers: z.object({ location: z.string() }),
      },
    },
    problems: { 400: 'A column is unknown, missing or given twice, or the body is not UTF-8.' },
  },
  'GET /v1/imports/{importId}': {
    id: 'showImport',
    tag: 'Imports',
    access: ['operator'],
    summary: 'See how far an import is',
    path: z.object({ importId }),
    answers: { 200: answer('The import.', importStatus) },
  },
};

export const ingestionSchemas = {
  PostbackParameters: postbackParameters,
  PostbackAnswer: postbackAnswer,
  QueuedAnswer: queuedAnswer,
  ReceiptClaims: receiptClaims,
  Receipt: receiptView,
  ReceiptKeys: keySet,
  ImportLine: importLine,
  ImportStatus: importStatus,
};
