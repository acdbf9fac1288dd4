import type { HttpEvent } from '../../shared/runtime/http.ts';

/** What was answered; a status of 0 where no answer came. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  readonly body: any;
}

export const NO_ANSWER: Answer = { status: 0, headers: {}, body: undefined };

export interface Request {
  /** `GET /v1/leads/{leadId}`. */
  readonly route: string;
  readonly key?: string | undefined;
  readonly query?: Readonly<Record<string, string | undefined>> | undefined;
  readonly path?: Readonly<Record<string, string>> | undefined;
  readonly json?: unknown;
  /** Sent as lines of JSON. */
  readonly lines?: readonly unknown[] | undefined;
}

/** A request as API Gateway hands it on. */
export function httpEvent({ route, key, query = {}, path, json, lines }: Request): HttpEvent {
  let rawQueryString = '';
  for (const name in query) {
    const value = query[name];
    if (value !== undefined)
      rawQueryString += `${rawQueryString === '' ? '' : '&'}${name}=${encodeURIComponent(value)}`;
  }
  const space = route.indexOf(' ');
  return {
    routeKey: route,
    rawPath: route.slice(space + 1),
    rawQueryString,
    headers: {
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...(lines !== undefined && { 'content-type': 'application/x-ndjson' }),
    },
    ...(path !== undefined && { pathParameters: { ...path } }),
    ...(json !== undefined && { body: JSON.stringify(json) }),
    ...(lines !== undefined && { body: lines.map((line) => JSON.stringify(line)).join('\n') }),
    isBase64Encoded: false,
    requestContext: {
      requestId: 'request',
      http: { method: route.slice(0, space), sourceIp: '192.0.2.1' },
    } as HttpEvent['requestContext'],
  };
}
