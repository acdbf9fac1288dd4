import { domainOf, type HttpEvent, type HttpResult } from '../../shared/runtime/http.ts';
import { unavailable } from '../../shared/runtime/problems.ts';

export interface ForwardMessageDependencies {
  /** Which endpoint a domain belongs to. Throws StoreUnavailable. */
  readonly endpointOf: (domain: string) => Promise<string | undefined>;
  /** Of this service itself. */
  readonly apiUrl: string;
  readonly fetch: typeof fetch;
}

/** Less than the function has. */
const TIMEOUT_MS = 8000;
const RETRY_AFTER_SECONDS = 30;
/** What is said of a connection, not of the message. */
const OF_CONNECTION: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'connection',
  'accept-encoding',
  // No request is sent with these.
  'expect',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Hands a postback on that came to an endpoint's own domain: many systems call `/postback` too, and a network that moves its domain here
 * changes no URL. The endpoint answers. Throws StoreUnavailable; 503 where the endpoint does not answer.
 */
export const createForwardMessage =
  ({ endpointOf, apiUrl, fetch: send }: ForwardMessageDependencies) =>
  async (event: HttpEvent): Promise<HttpResult | undefined> => {
    const endpointId = await endpointOf(domainOf(event));
    if (endpointId === undefined) return undefined;
    const { rawQueryString, headers, body, isBase64Encoded, requestContext } = event;
    const query = rawQueryString === '' ? '' : `?${rawQueryString}`;
    const answer = await send(`${apiUrl}/e/${endpointId}/postback${query}`, {
      method: requestContext.http.method,
      headers: Object.entries(headers).flatMap(([name, value]) =>
        value === undefined || OF_CONNECTION.has(name) ? [] : [[name, value] as [string, string]],
      ),
      ...(body !== undefined && { body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8') }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch(() => {
      throw unavailable('The endpoint does not answer: nothing was promised, send it again.', RETRY_AFTER_SECONDS);
    });
    const contentType = answer.headers.get('content-type');
    return {
      statusCode: answer.status,
      headers: { 'cache-control': 'no-store', ...(contentType !== null && { 'content-type': contentType }) },
      body: await answer.text(),
    };
  };
