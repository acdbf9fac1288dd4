import type { Dialect } from '../../shared/dialects/dialect.ts';
import type { Endpoint } from '../../shared/ports/endpoints.ts';

/** An endpoint as its operator sees it. `origin`: where the service is reached. */
export function viewEndpoint({ secrets, version: _version, ...endpoint }: Endpoint, dialect: Dialect, origin: string) {
  const url = `${origin}/e/${endpoint.endpointId}`;
  const { domain } = endpoint;
  const roots = domain === undefined ? [url] : [url, `https://${domain}`];
  return {
    ...endpoint,
    secrets: Object.keys(secrets).sort(),
    url,
    urls: [url, ...roots.flatMap((root) => dialect.paths.map((path) => `${root}/${path}`))],
  };
}
