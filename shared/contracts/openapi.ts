import * as z from 'zod';
import { createDocument, type ZodOpenApiOverride, type ZodOpenApiPathsObject } from 'zod-openapi';
import { accountOperations, accountSchemas } from './openapi-accounts.ts';
import { bookingOperations, bookingSchemas } from './openapi-bookings.ts';
import { catalogOperations, catalogSchemas } from './openapi-catalog.ts';
import { decisionOperations, decisionSchemas } from './openapi-decisions.ts';
import { deliveryOperations, deliverySchemas } from './openapi-deliveries.ts';
import { destinationOperations, webhookMessages } from './openapi-destinations.ts';
import { endpointOperations, endpointSchemas } from './openapi-endpoints.ts';
import { exportOperations } from './openapi-exports.ts';
import { frontDoorOperations } from './openapi-front-doors.ts';
import { ingestionOperations, ingestionSchemas } from './openapi-ingestion.ts';
import { describeOperation, type Operation, type OperationKey, problem, tags } from './openapi-operation.ts';
import { payoutOperations, payoutSchemas } from './openapi-payouts.ts';
import {
  advertiserReference,
  affiliateReference,
  amountText,
  campaignReference,
  currency,
  day,
  duration,
  externalId,
  instant,
  MAX_PAGE_ITEMS,
  pageParameters,
} from './primitives.ts';

const plain = (description: string, mediaType: string, schema: z.ZodType = z.string()) => ({
  description,
  content: { [mediaType]: { schema } },
});

/** About the API itself. */
const serviceOperations: Readonly<Record<OperationKey, Operation>> = {
  'GET /health': {
    id: 'health',
    tag: 'Service',
    access: 'anyone',
    summary: 'See whether the service answers',
    answers: { 200: plain('It does.', 'application/json', z.object({ status: z.literal('ok') })) },
  },
  'GET /openapi.json': {
    id: 'openapi',
    tag: 'Service',
    access: 'anyone',
    summary: 'This description',
    answers: { 200: plain('An OpenAPI 3.1 document.', 'application/json', z.looseObject({})) },
  },
  'GET /docs': {
    id: 'docs',
    tag: 'Service',
    access: 'anyone',
    summary: 'This description, to read and to try',
    answers: { 200: plain('A page.', 'text/html') },
  },
  'GET /docs/{asset}': {
    id: 'docsAsset',
    tag: 'Service',
    access: 'anyone',
    summary: 'A file of the page',
    path: z.object({ asset: z.string() }),
    answers: { 200: { description: 'The file.' } },
  },
};

/** What is said of each route, by method and path. */
export const operations: Readonly<Record<OperationKey, Operation>> = {
  ...ingestionOperations,
  ...endpointOperations,
  ...deliveryOperations,
  ...frontDoorOperations,
  ...accountOperations,
  ...bookingOperations,
  ...decisionOperations,
  ...destinationOperations,
  ...exportOperations,
  ...payoutOperations,
  ...catalogOperations,
  ...serviceOperations,
};

const reference = (kind: string) => ({
  description: `Id of the ${kind}, or \`ext:\` and its external id`,
  example: 'ext:shop',
});

/** What the schemas of the wire do not say of themselves, as they are told from one another by what they take. */
const notes = new Map<unknown, object>([
  [advertiserReference, reference('advertiser')],
  [affiliateReference, { ...reference('affiliate'), example: 'ext:traffic-1' }],
  [campaignReference, reference('campaign')],
  [externalId, { description: 'Your own id, unique per kind, taken wherever an id is', example: 'shop' }],
  [amountText, { description: 'A decimal of money', example: '25.00' }],
  [currency, { description: 'ISO 4217', example: 'EUR' }],
  [duration, { description: 'ISO 8601, in weeks, days, hours, minutes and seconds', example: 'P30D' }],
  [day, { format: 'date', example: '2025-11-30' }],
  [instant, { format: 'date-time', example: '2025-11-30T12:00:00Z' }],
  [
    pageParameters.limit,
    { type: 'integer', minimum: 1, maximum: MAX_PAGE_ITEMS, pattern: undefined, description: 'Items a page' },
  ],
]);

const annotate: ZodOpenApiOverride = ({ jsonSchema, zodSchema }) => {
  const note = notes.get(zodSchema);
  if (note !== undefined) Object.assign(jsonSchema, note);
};

function pathsOf(described: Readonly<Record<string, Operation>>): ZodOpenApiPathsObject {
  const paths: Record<string, Record<string, ReturnType<typeof describeOperation>>> = {};
  for (const [key, operation] of Object.entries(described)) {
    const [method = '', route = ''] = key.split(' ');
    // OpenAPI has no word for a parameter that takes the rest of the path.
    const path = route.replace('+}', '}');
    paths[path] = { ...paths[path], [method.toLowerCase()]: describeOperation(operation) };
  }
  return paths;
}

/** Tidies what the schemas say for those who read it; goes through everything below `node`. */
function tidy(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  const {
    in: place,
    schema,
    properties,
  } = node as {
    in?: unknown;
    schema?: { description?: string };
    properties?: Record<string, object>;
  };
  simplify(node);
  // Viewers show what is said of a parameter, not what is said of its schema.
  if (place !== undefined && schema?.description !== undefined)
    Object.assign(node, { description: schema.description });
  // A field that is refused with a word of advice is no field of the contract.
  for (const [name, property] of Object.entries(properties ?? {})) {
    if ('not' in property) delete properties?.[name];
  }
  for (const child of Object.values(node)) tidy(child);
}

const EXAMPLE_INSTANT = '2025-11-30T12:00:00.000Z';

/** Takes out what only machines can read: bounds of the number type, and patterns beside the format that says the same. */
function simplify(schema: { -readonly [Key in keyof SimpleSchema]?: SimpleSchema[Key] }): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  if (schema.format === 'date-time') {
    delete schema.pattern;
    schema.example ??= EXAMPLE_INSTANT;
  }
  const tuple = schema.prefixItems?.map((item) => item.const);
  if (tuple?.every((item) => item !== undefined)) schema.example = tuple;
}

interface SimpleSchema {
  readonly minimum: number;
  readonly maximum: number;
  readonly format: string;
  readonly pattern: string;
  readonly example: unknown;
  readonly prefixItems: readonly { readonly const?: unknown }[];
}

export type ApiDescription = ReturnType<typeof createDocument>;

/** Writes the description of the API from the schemas that check its requests. */
export function createApiDescription(version: string): ApiDescription {
  const document = createDocument(
    {
      openapi: '3.1.0',
      info: {
        title: 'leadledger',
        version,
        description:
          'Pay-per-lead accounting: clicks and postbacks in; verdicts, billable events, payout reports and invoices out. JSON is camelCase, parameters of links and postbacks are snake_case. Money is a decimal string and a currency. Errors are problem details (RFC 9457). Lists take `limit` and `cursor` and answer `items` and `nextCursor`, which is null at the end.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
      paths: pathsOf(operations),
      webhooks: webhookMessages,
      components: {
        schemas: {
          Problem: problem,
          ...ingestionSchemas,
          ...endpointSchemas,
          ...accountSchemas,
          ...bookingSchemas,
          ...decisionSchemas,
          ...deliverySchemas,
          ...payoutSchemas,
          ...catalogSchemas,
        },
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', description: 'An API key: `Authorization: Bearer <key>`' },
          queryKey: { type: 'apiKey', in: 'query', name: 'key', description: 'An API key; at `/postback` only' },
        },
      },
    },
    { override: annotate },
  );
  tidy(document);
  return document;
}
