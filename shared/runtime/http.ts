import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import type * as z from 'zod';
import { StoreUnavailable } from '../ports/errors.ts';
import { logger } from './logger.ts';
import {
  type FieldError,
  HttpProblem,
  invalid,
  notFound,
  tooLarge,
  unavailable,
  unexpected,
  unsupportedMediaType,
} from './problems.ts';

export type HttpEvent = Pick<
  APIGatewayProxyEventV2,
  | 'routeKey'
  | 'rawPath'
  | 'rawQueryString'
  | 'headers'
  | 'pathParameters'
  | 'body'
  | 'isBase64Encoded'
  | 'requestContext'
>;
export type HttpResult = APIGatewayProxyStructuredResultV2;
export type HttpHandler = (event: HttpEvent) => Promise<HttpResult>;

const RETRY_AFTER_SECONDS = 5;

/** What one function answers, by route key (`GET /v1/leads`); `$default` answers the rest. */
export function createHttpHandler(
  handlers: Readonly<Record<string, HttpHandler>>,
): (event: HttpEvent, context: Context) => Promise<HttpResult> {
  return middy()
    .use({
      onError: (request) => {
        request.response = renderError(request.error, request.event as HttpEvent);
      },
    })
    .handler((event: HttpEvent) => {
      const handler = handlers[event.routeKey] ?? handlers['$default'];
      if (handler === undefined) throw notFound(`There is nothing at ${event.rawPath}.`);
      return handler(event);
    }) as (event: HttpEvent, context: Context) => Promise<HttpResult>;
}

function renderError(error: unknown, event: HttpEvent): HttpResult {
  const problem = asProblem(error, event);
  return {
    statusCode: problem.status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...problem.headers },
    body: JSON.stringify(problem),
  };
}

function asProblem(error: unknown, event: HttpEvent): HttpProblem {
  if (error instanceof HttpProblem) return error;
  const { requestId } = event.requestContext;
  if (error instanceof StoreUnavailable) {
    logger.warn('store unavailable', { routeKey: event.routeKey, requestId, error });
    return unavailable('The store does not answer; nothing was done.', RETRY_AFTER_SECONDS);
  }
  logger.error('request failed', { routeKey: event.routeKey, requestId, error: error as Error });
  return unexpected(requestId);
}

/** A JSON answer. Figures and personal data are never kept by caches on the way. */
export const json = (statusCode: number, body: unknown, headers: Record<string, string> = {}): HttpResult => ({
  statusCode,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  body: JSON.stringify(body),
});

/** The body's bytes. Throws 413 over `limitBytes`. */
export function bodyBytes(event: HttpEvent, limitBytes: number): Buffer {
  const bytes = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > limitBytes) throw tooLarge(limitBytes);
  return bytes;
}

/** The body as text. Throws 400 where it is not UTF-8, 413 over `limitBytes`. */
export function bodyText(event: HttpEvent, limitBytes: number): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bodyBytes(event, limitBytes));
  } catch (error) {
    if (error instanceof TypeError) throw invalid([{ field: 'body', message: 'must be UTF-8' }]);
    throw error;
  }
}

/** The media type of the body in lower case, without parameters; empty where none is given. */
export const mediaType = (event: HttpEvent): string =>
  (event.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';

const JSON_BODY_LIMIT_BYTES = 64 * 1024;
const MAX_JSON_DEPTH = 16;

/** Reads a JSON body by its schema. Throws 400 naming each bad field, 413, 415. */
export function jsonBody<Schema extends z.ZodType>(
  event: HttpEvent,
  schema: Schema,
  limitBytes = JSON_BODY_LIMIT_BYTES,
): z.output<Schema> {
  if (mediaType(event) !== 'application/json') throw unsupportedMediaType(['application/json']);
  return parse(schema, parseJson(bodyText(event, limitBytes)), 'body');
}

/** Parses JSON text that strangers sent. Throws 400 where it is broken, nested too deep, names `__proto__`, or escapes half a character. */
export function parseJson(text: string): unknown {
  if (depthOf(text) > MAX_JSON_DEPTH)
    throw invalid([{ field: 'body', message: `must not be nested deeper than ${MAX_JSON_DEPTH} levels` }]);
  try {
    return JSON.parse(text, (key, value) => {
      if (key === '__proto__') throw invalid([{ field: '__proto__', message: 'is not a field' }]);
      if (typeof value === 'string' && !value.isWellFormed())
        throw invalid([{ field: key, message: 'must be Unicode' }]);
      return value;
    });
  } catch (error) {
    if (error instanceof SyntaxError) throw invalid([{ field: 'body', message: 'must be JSON' }]);
    throw error;
  }
}

/** How deep brackets nest, those inside strings left out. One pass without backtracking, whatever the text is. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (const [token] of text.matchAll(/\\.|["[\]{}]/gs)) {
    if (token === '"') inString = !inString;
    else if (inString || token.startsWith('\\')) continue;
    else if (token === '[' || token === '{') deepest = Math.max(deepest, ++depth);
    else depth -= 1;
  }
  return deepest;
}

/** Parses data by a schema. Throws 400 naming each bad field; `whole` names the data where it is bad as a whole. */
export function parse<Schema extends z.ZodType>(schema: Schema, data: unknown, whole: string): z.output<Schema> {
  const result = schema.safeParse(data);
  if (!result.success) throw invalid(fieldErrors(result.error, whole));
  return result.data;
}

/** The bad fields of a failed parse, unknown ones by their own names. */
export function fieldErrors(error: z.ZodError, whole: string): FieldError[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.join('.');
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ field: path === '' ? key : `${path}.${key}`, message: 'is not a field here' }));
    }
    return [{ field: path === '' ? whole : path, message: issue.message }];
  });
}

const QUERY_LIMIT_BYTES = 8 * 1024;

/** Decodes a query string or form body. Throws 400 on a parameter given twice, text that is not UTF-8, control characters. */
export function parseParameters(encoded: string): Record<string, string> {
  const parameters: Record<string, string> = Object.create(null);
  const errors: FieldError[] = [];
  for (const pair of encoded.split('&')) {
    if (pair === '') continue;
    const [rawName = '', ...rawValue] = pair.split('=');
    const name = decode(rawName);
    const value = decode(rawValue.join('='));
    if (name === undefined || value === undefined) {
      errors.push({ field: name ?? 'query', message: 'must be percent-encoded UTF-8' });
    } else if (name in parameters) {
      errors.push({ field: name, message: 'must be given once' });
    } else if (/\p{Cc}/u.test(name + value)) {
      errors.push({ field: name, message: 'must not hold control characters' });
    } else {
      parameters[name] = value;
    }
  }
  if (errors.length > 0) throw invalid(errors);
  return parameters;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

/** The decoded query of a request. Throws 400 as parseParameters does, 413 over 8 KiB. */
export function queryParameters(event: HttpEvent): Record<string, string> {
  if (event.rawQueryString.length > QUERY_LIMIT_BYTES) throw tooLarge(QUERY_LIMIT_BYTES);
  return parseParameters(event.rawQueryString);
}

/** Reads the query by its schema. Throws 400 naming each bad parameter. */
export function query<Schema extends z.ZodType>(event: HttpEvent, schema: Schema): z.output<Schema> {
  return parse(schema, { ...queryParameters(event) }, 'query');
}

/** A path parameter that the route is sure to have. */
export function pathParameter(event: HttpEvent, name: string): string {
  const value = event.pathParameters?.[name];
  if (value === undefined) throw new Error(`${event.routeKey} has no path parameter ${name}`);
  return value;
}
