import { authenticateKey } from '../../shared/runtime/authenticate.ts';
import type { HttpEvent, HttpHandler } from '../../shared/runtime/http.ts';
import { pixelHandler } from '../../shared/runtime/pixel.ts';
import type { IngestPostbackDependencies } from './ingest-postback.ts';
import { keyInParameters } from './read-postback.ts';

const MAX_USER_AGENT_CHARACTERS = 512;

/**
 * A postback fired by an image tag: answered with the pixel whatever becomes of it, which its receipt tells. Only keys that may do nothing
 * else are taken, as everybody who sees the page sees the key. The visitor is whoever asks for the image.
 */
export function createFirePixel(
  ingestPostback: HttpHandler,
  { catalog }: Pick<IngestPostbackDependencies, 'catalog'>,
): HttpHandler {
  return pixelHandler(async (event) => {
    await authenticateKey(catalog, keyInParameters(event), ['pixel']);
    const { body } = await ingestPostback(withVisitor(event));
    const { status, reason } = JSON.parse(body ?? '{}') as { status: string; reason?: string | null };
    return reason ? `${status}; ${reason}` : status;
  });
}

/** The request with what it tells of the visitor itself, where its query does not. */
function withVisitor(event: HttpEvent): HttpEvent {
  const given = new URLSearchParams(event.rawQueryString);
  const visitor = new URLSearchParams({
    ip: event.requestContext.http.sourceIp,
    user_agent: (event.headers['user-agent'] ?? '').slice(0, MAX_USER_AGENT_CHARACTERS),
  });
  for (const name of given.keys()) visitor.delete(name);
  return { ...event, rawQueryString: `${event.rawQueryString}&${visitor}` };
}
