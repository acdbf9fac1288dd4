import type { RawMessage } from '../dialects/dialect.ts';
import { bodyBytes, type HttpEvent } from './http.ts';

/** A request as its dialect reads it; `path` is what is below the endpoint. Throws 413. */
export function rawMessage(event: HttpEvent, path: string, receivedAt: string, limitBytes: number): RawMessage {
  const { method, sourceIp } = event.requestContext.http;
  return {
    method: method as RawMessage['method'],
    path,
    query: event.rawQueryString,
    headers: Object.fromEntries(Object.entries(event.headers).map(([name, value]) => [name, value ?? ''])),
    body: bodyBytes(event, limitBytes),
    receivedAt,
    ip: sourceIp,
  };
}
