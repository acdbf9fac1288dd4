import type { EndpointSetup, Verification } from '../dialects/dialect.ts';
import { earlierSecrets } from '../domain/endpoints/previous-secrets.ts';
import type { Instant } from '../domain/time/calendar.ts';
import type { Endpoint } from '../ports/endpoints.ts';

/** What of an endpoint its dialect looks at. `url`: where senders reach it. */
export const setupOf = ({ endpointId, secrets, settings }: Endpoint, url?: string): EndpointSetup => ({
  endpointId,
  url,
  secrets,
  settings,
});

/** The setups by which a message may be its sender's: as it is, then with secrets that were replaced a moment ago. */
export type Setups = readonly [present: EndpointSetup, ...earlier: EndpointSetup[]];

/** By which setups a message that comes `at` a time is verified. */
export function setupsOf(endpoint: Endpoint, at: Instant, url?: string): Setups {
  const present = setupOf(endpoint, url);
  return [present, ...earlierSecrets(endpoint, at).map((secrets) => ({ ...present, secrets }))];
}

/** Whether what is proven so counts as its sender's word. */
export const isTrustedBy = ({ trust }: Endpoint, verifiedBy: Extract<Verification, { ok: true }>['by']): boolean =>
  trust === 'confirm' || (trust === undefined && verifiedBy !== 'nothing');
