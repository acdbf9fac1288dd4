import * as z from 'zod';

/** What goes back to the client. */
export interface HttpResponse {
  readonly statusCode: number;
  /** Values of repeated headers are lists. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer;
}

const resultSchema = z.object({
  statusCode: z.number().int().min(100).max(599),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  cookies: z.array(z.string()).optional(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().optional(),
});

/**
 * Reads what a function returned, as payload format 2.0 does: an object with a status code is a response, all else is the
 * body of a 200 in JSON. A malformed response is undefined, and the client gets a 500.
 */
export function toHttpResponse(result: unknown): HttpResponse | undefined {
  if (typeof result !== 'object' || result === null || !('statusCode' in result)) return inferred(result);
  const parsed = resultSchema.safeParse(result);
  if (!parsed.success) return undefined;
  const { statusCode, headers = {}, cookies = [], body, isBase64Encoded = false } = parsed.data;
  const sent: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) sent[name.toLowerCase()] = String(value);
  sent['content-type'] ??= 'text/plain;charset=UTF-8';
  if (cookies.length > 0) sent['set-cookie'] = cookies;
  return { statusCode, headers: sent, body: Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8') };
}

function inferred(result: unknown): HttpResponse {
  const text = typeof result === 'string' ? result : (JSON.stringify(result) ?? '');
  return { statusCode: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(text) };
}

/**
 * A response of the API itself. An HTTP API says no more than the message; here it is a problem too, as every error of the
 * service is.
 */
export function apiMessage(statusCode: number, message: string, detail = `${message}.`): HttpResponse {
  return {
    statusCode,
    headers: { 'content-type': 'application/problem+json' },
    body: Buffer.from(JSON.stringify({ type: 'about:blank', title: message, status: statusCode, detail, message })),
  };
}
