import * as z from 'zod';
import { type Conversion, parseConversion } from '../../shared/contracts/postback.ts';
import { digest128 } from '../../shared/runtime/crypto.ts';
import {
  bodyText,
  fieldErrors,
  type HttpEvent,
  mediaType,
  parseJson,
  parseParameters,
  queryParameters,
} from '../../shared/runtime/http.ts';
import { invalid, invalidField, unsupportedMediaType } from '../../shared/runtime/problems.ts';

const BODY_LIMIT_BYTES = 32 * 1024;
const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

/**
 * The key among the parameters of query or body, which is taken here and nowhere else. Lenient: who asks is settled before what is
 * asked.
 */
export const keyInParameters = (event: HttpEvent): string | undefined =>
  new URLSearchParams(event.rawQueryString).get('key') ?? keyInBody(event);

function keyInBody(event: HttpEvent): string | undefined {
  try {
    const { key } = bodyParameters(event);
    return typeof key === 'string' ? key : undefined;
  } catch {
    return undefined;
  }
}

/** Reads what a postback reports from query, form and JSON. Throws 400 naming each bad parameter, 413, 415. */
export function readPostback(event: HttpEvent): Conversion {
  const { key: _key, ...parameters } = mergeOnce(queryParameters(event), bodyParameters(event));
  try {
    return parseConversion(parameters);
  } catch (error) {
    if (error instanceof z.ZodError) throw invalid(fieldErrors(error, 'postback'));
    throw error;
  }
}

/** What tells a request from others: of its query, a line feed and its body as they were sent. */
export const requestHash = ({ rawQueryString, body = '', isBase64Encoded }: HttpEvent): string =>
  digest128(
    Buffer.concat([Buffer.from(`${rawQueryString}\n`), Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8')]),
  );

function bodyParameters(event: HttpEvent): Record<string, unknown> {
  if (event.requestContext.http.method === 'GET') return {};
  const text = bodyText(event, BODY_LIMIT_BYTES);
  if (text === '') return {};
  switch (mediaType(event)) {
    case FORM:
      return parseParameters(text);
    case JSON_TYPE:
      return jsonParameters(text);
    default:
      throw unsupportedMediaType([FORM, JSON_TYPE]);
  }
}

function jsonParameters(text: string): Record<string, unknown> {
  const body = parseJson(text);
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw invalidField('body', 'must be a JSON object');
  const bad = Object.entries(body).filter(([, value]) => typeof value === 'string' && /\p{Cc}/u.test(value));
  if (bad.length > 0) throw invalid(bad.map(([field]) => ({ field, message: 'must not hold control characters' })));
  return body as Record<string, unknown>;
}

function mergeOnce(query: Record<string, unknown>, body: Record<string, unknown>): Record<string, unknown> {
  const twice = Object.keys(body).filter((name) => name in query);
  if (twice.length > 0)
    throw invalid(twice.map((field) => ({ field, message: 'must be given once: in the query or in the body' })));
  return { ...query, ...body };
}
