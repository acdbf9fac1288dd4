import * as z from 'zod';
import type {
  ZodOpenApiMediaTypeObject,
  ZodOpenApiOperationObject,
  ZodOpenApiRequestBodyObject,
  ZodOpenApiResponseObject,
  ZodOpenApiResponsesObject,
} from 'zod-openapi';
import type { HttpMethod } from './routes.ts';

/** `"<method> <path>"`, as functions dispatch on it. */
export type OperationKey = `${HttpMethod} /${string}`;

export const tags = {
  Clicks: 'Links that visitors follow.',
  Postbacks: 'Conversions, reported by advertisers and affiliates; answered with the verdict.',
  'Front doors': 'What landing pages use: forms, the script that fills them, and pixels.',
  Endpoints: 'Where senders report in their own dialects.',
  Deliveries: 'What destinations were told, attempt by attempt, and telling it once more.',
  Receipts: 'What was answered to a postback, signed, and what stands for it now.',
  Leads: 'Every lead with its verdict, its reason and its history.',
  Advertisers: 'Who pays for leads.',
  Affiliates: 'Who brings leads.',
  'Legal entities': 'The companies of the network, in whose names documents are made.',
  Campaigns: 'Pay-per-lead programmes and their terms, which are versioned and never edited.',
  Keys: 'API keys: who may do what.',
  Reports: 'Figures by affiliate, campaign, source and time.',
  Ledger: 'The journal: the only truth about money.',
  Billing: 'Closing months; invoices and statements.',
  Destinations: 'Where others are told of leads, documents and payouts: postbacks and webhooks.',
  Payouts: 'Paying affiliates: how, what, and what became of it.',
  Imports: 'Clicks and conversions of another tracker, as a file.',
  Service: 'About this API.',
} as const;

export type KeyRole = 'operator' | 'finance' | 'advertiser' | 'affiliate';

/** What the description says of one route. */
export interface Operation {
  readonly id: string;
  readonly tag: keyof typeof tags;
  readonly summary: string;
  readonly description?: string;
  /** Who may call: roles of API keys; `anyone`; or who fires postbacks. */
  readonly access: readonly KeyRole[] | 'anyone' | 'postback';
  /** Whether advertisers and affiliates see and change their own only. */
  readonly ownOnly?: boolean;
  readonly path?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: ZodOpenApiRequestBodyObject;
  readonly answers: Readonly<Record<number, ZodOpenApiResponseObject>>;
  /** Whether it answers the same whatever is wrong: no problem follows from what it takes. */
  readonly alwaysAnswers?: boolean;
  /** Whether people are told of problems by a page, and programs alone by problem details. */
  readonly pages?: boolean;
  /** Problems beyond those that follow from the rest, and when they come. */
  readonly problems?: Readonly<Partial<Record<ProblemStatus, string>>>;
}

type ProblemStatus = keyof typeof problemTitles;

const problemTitles = {
  400: 'The request is not valid; `errors` names each bad field.',
  401: 'A valid API key is required.',
  403: 'The key may not do that, or a filter names what is another’s.',
  404: 'There is no such thing, or it is another’s.',
  409: 'This contradicts what is there.',
  410: 'It is no longer available.',
  413: 'The body is too large.',
  415: 'The content type is not taken here.',
  429: 'Too many requests: try again after `Retry-After` seconds.',
  503: 'Neither the store nor the queue answers; nothing was done. Try again after `Retry-After` seconds.',
} as const;

/** An answer that is an error (RFC 9457). */
export const problem = z
  .looseObject({
    type: z.string().meta({
      description: 'What kind of problem it is',
      example: 'https://leadledger.dev/problems/invalid-request',
    }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    errors: z
      .array(z.object({ field: z.string(), message: z.string() }))
      .optional()
      .meta({ description: 'Each field that is wrong, and what would be right' }),
  })
  .meta({
    description: 'Problem details (RFC 9457); some kinds have members of their own',
    example: {
      type: 'https://leadledger.dev/problems/invalid-request',
      title: 'The request is not valid',
      status: 400,
      detail: 'name: must not be empty',
      errors: [{ field: 'name', message: 'must not be empty' }],
    },
  });

const problemAnswer = (description: string, pages = false): ZodOpenApiResponseObject => ({
  description,
  content: { 'application/problem+json': { schema: problem }, ...(pages && { 'text/html': { schema: z.string() } }) },
});

/** Answers that are the same everywhere are written once, and referred to by these names. */
const commonProblems = Object.fromEntries(
  Object.entries(problemTitles).map(([status, title]) => [status, { ...problemAnswer(title), id: `Problem${status}` }]),
) as unknown as Readonly<Record<ProblemStatus, ZodOpenApiResponseObject>>;

const OTHER = 'Any other problem: 429 for too many requests, 500 and 503 where something is wrong here.';
const otherProblem: ZodOpenApiResponseObject = { ...problemAnswer(OTHER), id: 'OtherProblem' };

/** A body or an answer in JSON. */
export const jsonContent = (schema: z.ZodType, example?: unknown): Record<string, ZodOpenApiMediaTypeObject> => ({
  'application/json': { schema, ...(example !== undefined && { example }) },
});

/** An answer in JSON. */
export const answer = (description: string, schema: z.ZodType): ZodOpenApiResponseObject => ({
  description,
  content: jsonContent(schema),
});

/** A body in JSON that must be there. */
export const jsonRequest = (schema: z.ZodType, example?: unknown): ZodOpenApiRequestBodyObject => ({
  required: true,
  content: jsonContent(schema, example),
});

export const csvText = z
  .string()
  .meta({ description: 'CSV (RFC 4180) with a header; text cells are safe in spreadsheets' });

/** Writes an operation as OpenAPI has it, with the problems that follow from what it takes. */
export function describeOperation(operation: Operation): ZodOpenApiOperationObject {
  const { id, tag, summary, access, path, query, body, answers } = operation;
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: descriptionOf(operation),
    security: securityOf(access),
    ...((path !== undefined || query !== undefined) && {
      requestParams: { ...(path !== undefined && { path }), ...(query !== undefined && { query }) },
    }),
    ...(body !== undefined && { requestBody: body }),
    responses: { ...answers, ...problemsOf(operation) } as ZodOpenApiResponsesObject,
  };
}

function descriptionOf({ access, ownOnly, description }: Operation): string {
  const who =
    access === 'anyone'
      ? 'Needs no key.'
      : access === 'postback'
        ? 'Needs a key of an advertiser or an affiliate with the scope `postback` or `pixel`.'
        : `Needs a key of the role ${access.join(', ')}${ownOnly ? '; advertisers and affiliates reach their own only' : ''}.`;
  return description === undefined ? who : `${description}\n\n${who}`;
}

function securityOf(access: Operation['access']): Record<string, string[]>[] {
  if (access === 'anyone') return [];
  return access === 'postback' ? [{ bearer: [] }, { queryKey: [] }] : [{ bearer: [] }];
}

function problemsOf({
  access,
  path,
  query,
  body,
  alwaysAnswers = false,
  pages = false,
  problems = {},
}: Operation): Record<string, ZodOpenApiResponseObject> {
  if (alwaysAnswers) return { default: otherProblem };
  const implied: ProblemStatus[] = [
    ...(query !== undefined || body !== undefined ? [400 as const] : []),
    ...(access === 'anyone' ? [] : [401 as const, 403 as const]),
    ...(path === undefined ? [] : [404 as const]),
    ...(body === undefined ? [] : [413 as const, 415 as const]),
  ];
  const statuses = new Set<ProblemStatus>([...implied, ...(Object.keys(problems).map(Number) as ProblemStatus[])]);
  const own = (status: ProblemStatus) => {
    const description = problems[status];
    if (description === undefined && !pages) return commonProblems[status];
    return problemAnswer(description ?? problemTitles[status], pages);
  };
  const other = pages ? problemAnswer(OTHER, pages) : otherProblem;
  return { ...Object.fromEntries([...statuses].map((status) => [status, own(status)])), default: other };
}
