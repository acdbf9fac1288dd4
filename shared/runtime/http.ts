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
        request.response = problemResult(request.error, request.event as HttpEvent);
      },
    })
    .handler((event: HttpEvent) => {
      const handler = handlers[event.routeKey] ?? handlers['$default'];
      if (handler === undefined) throw notFound(`There is nothing at ${event.rawPath}.`);
      return handler(event);
    }) as (event: HttpEvent, context: Context) => Promise<HttpResult>;
}

/** An error as the problem that it is to whoever asked. Such as nobody expects are logged. */
export function problemResult(error: unknown, event: HttpEvent): HttpResult {
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

/** An HTTP API hands text over already decoded, with this where a byte was not UTF-8. */
export const REPLACEMENT_CHARACTER = '\uFFFD';

/**
 * Parses JSON text that strangers sent. Throws 400 where it is broken, nested too deep, gives a name twice, names
 * `__proto__`, escapes half a character or was not UTF-8.
 */
export function parseJson(text: string): unknown {
  refuseDepthAndRepetition(text);
  try {
    return JSON.parse(text, (key, value) => {
      if (key === '__proto__') throw invalid([{ field: '__proto__', message: 'is not a field' }]);
      if (typeof value === 'string' && !value.isWellFormed())
        throw invalid([{ field: key, message: 'must be Unicode' }]);
      if (typeof value === 'string' && value.includes(REPLACEMENT_CHARACTER))
        throw invalid([{ field: key === '' ? 'body' : key, message: 'must be UTF-8' }]);
      return value;
    });
  } catch (error) {
    if (error instanceof SyntaxError) throw invalid([{ field: 'body', message: 'must be JSON' }]);
    throw error;
  }
}

/** What JSON.parse lets pass. One pass without backtracking, whatever the text is. */
function refuseDepthAndRepetition(text: string): void {
  /** The names so far in each object that is open; none in an array. */
  const open: (Set<string> | undefined)[] = [];
  let stringStart: number | undefined;
  let lastString = '';
  for (const { 0: token, index } of text.matchAll(/\\.|["[\]{}:]/gs)) {
    if (token === '"') {
      if (stringStart !== undefined) lastString = text.slice(stringStart, index + 1);
      stringStart = stringStart === undefined ? index : undefined;
      continue;
    }
    if (stringStart !== undefined || token.startsWith('\\')) continue;
    if (token === ':') {
      addOnce(open.at(-1), lastString);
    } else if (token === '[' || token === '{') {
      open.push(token === '{' ? new Set() : undefined);
      if (open.length > MAX_JSON_DEPTH)
        throw invalid([{ field: 'body', message: `must not be nested deeper than ${MAX_JSON_DEPTH} levels` }]);
    } else {
      open.pop();
    }
  }
}

function addOnce(names: Set<string> | undefined, quoted: string): void {
  if (names === undefined) return;
  const name = unquoted(quoted);
  if (names.has(name)) throw invalid([{ field: name, message: 'must be given once' }]);
  names.add(name);
}

/** What a quoted string says; itself where it is broken. */
function unquoted(quoted: string): string {
  try {
    return quoted.includes('\\') ? JSON.parse(quoted) : quoted.slice(1, -1);
  } catch {
    return quoted;
  }
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
    return [{ field: path === '' ? whole : path, message: messageOf(issue) }];
  });
}

/** The parser's own words name `undefined` and other things that whoever sends JSON does not know. */
function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_type' || !issue.message.startsWith('Invalid input')) return issue.message;
  if (issue.message.endsWith('received undefined')) return 'must be given';
  return `must be ${/^[aeio]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}`;
}

/** The host that a request was sent to, in lower case and without its port. */
export const domainOf = ({ requestContext }: Pick<HttpEvent, 'requestContext'>): string =>
  requestContext.domainName.toLowerCase().replace(/:\d+$/, '');

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
  if (event.rawQueryString.length > QUERY_LIMIT_BYTES) throw tooLarge(QUERY_LIMIT_BYTES, 'query');
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
