import type { EndpointSetup, Verification } from '../dialects/dialect.ts';
import type { Endpoint } from '../ports/endpoints.ts';

/** What of an endpoint its dialect looks at. `url`: where senders reach it. */
export const setupOf = ({ endpointId, secrets, settings }: Endpoint, url?: string): EndpointSetup => ({
  endpointId,
  url,
  secrets,
  settings,
});

/** Whether what is proven so counts as its sender's word. */
export const isTrustedBy = ({ trust }: Endpoint, verifiedBy: Extract<Verification, { ok: true }>['by']): boolean =>
  trust === 'confirm' || (trust === undefined && verifiedBy !== 'nothing');
