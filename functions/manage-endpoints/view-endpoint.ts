import type { Dialect } from '../../shared/dialects/dialect.ts';
import type { Instant } from '../../shared/domain/time/calendar.ts';
import type { Endpoint } from '../../shared/ports/endpoints.ts';

/** Where senders reach an endpoint. `origin`: where the service is reached. */
export const urlOf = ({ endpointId, dialect, campaignId }: Endpoint, origin: string): string =>
  dialect === 'form' ? `${origin}/f/${campaignId}` : `${origin}/e/${endpointId}`;

/** An endpoint as its operator sees it at a time. `origin`: where the service is reached. */
export function viewEndpoint(of: Endpoint, dialect: Dialect, origin: string, now: Instant) {
  const { secrets, previousSecrets = [], version: _version, ...endpoint } = of;
  const url = urlOf(of, origin);
  const { domain } = endpoint;
  const roots = domain === undefined ? [url] : [url, `https://${domain}`];
  return {
    ...endpoint,
    secrets: Object.keys(secrets).sort(),
    // Of several by one name the last one stays the longest.
    previousSecretsUntil: Object.fromEntries(
      previousSecrets.filter(({ until }) => now < until).map(({ name, until }) => [name, until]),
    ),
    url,
    urls: [url, ...roots.flatMap((root) => dialect.paths.map((path) => `${root}/${path}`))],
  };
}
