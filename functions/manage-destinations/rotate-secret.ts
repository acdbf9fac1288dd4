import { type Instant, later } from '../../shared/domain/time/calendar.ts';
import type { DestinationSecrets } from '../../shared/ports/destinations.ts';
import { type HttpHandler, json } from '../../shared/runtime/http.ts';
import { conflict } from '../../shared/runtime/problems.ts';
import type { ManageDestinationsDependencies } from './manage-destinations.ts';
import { findOwn } from './own-destination.ts';
import { nextVersion, writeDestination } from './write-destination.ts';

/** A secret signs for so long after it was changed. */
const ROTATION_MS = 24 * 3_600_000;
/** Of those that were changed since, so many sign beside the present one. */
const MAX_PREVIOUS_SECRETS = 4;

/** Secrets of webhooks: a new one, told once. */
export const rotateSecretHandlers = (dependencies: ManageDestinationsDependencies): Record<string, HttpHandler> => ({
  'POST /v1/destinations/{destinationId}/rotate-secret': async (event) => {
    const { destinations, clock, makeSecret } = dependencies;
    const { destination, secrets } = await findOwn(dependencies, event);
    if (secrets === undefined)
      throw conflict('no-secret', 'A postback has no secret: it is signed by the published keys.');
    const rotated = rotate(secrets, makeSecret(), clock());
    await writeDestination(destinations, { destination: nextVersion(destination, clock()), secrets: rotated });
    const { destinationId } = destination;
    return json(200, {
      destinationId,
      secret: rotated.current,
      previousSecretUntil: rotated.previous?.at(-1)?.until,
    });
  },
});

/** Whoever was not told the last one, as the answer was lost, changes it again: the one before that is still what the receiver knows. */
const rotate = ({ current, previous = [] }: DestinationSecrets, next: string, now: Instant): DestinationSecrets => ({
  current: next,
  previous: [...previous.filter(({ until }) => now < until), { secret: current, until: later(now, ROTATION_MS) }].slice(
    -MAX_PREVIOUS_SECRETS,
  ),
});
