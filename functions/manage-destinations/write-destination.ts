import { destinationProblems } from '../../shared/contracts/destinations.ts';
import type { Reach } from '../../shared/domain/deliveries/address.ts';
import type { Destination } from '../../shared/domain/deliveries/destination.ts';
import type { Instant } from '../../shared/domain/time/calendar.ts';
import type { DestinationStore, KeptDestination } from '../../shared/ports/destinations.ts';
import { VersionConflict } from '../../shared/ports/errors.ts';
import { conflict, invalid, invalidField } from '../../shared/runtime/problems.ts';

/** Throws 400 for a destination that may not be so. */
export function checkDestination(destination: Destination, reach: Reach): void {
  const { kind, affiliateId } = destination;
  if (kind === 'webhook' && destination.includeContact && affiliateId !== undefined) {
    throw invalidField('includeContact', 'must be false: contact data are told to advertisers and the network alone');
  }
  const problems = destinationProblems(destination, reach);
  if (problems.length > 0) throw invalid(problems);
}

/** Puts a destination in the place of its version before. Throws 409 where it was changed meanwhile. */
export async function writeDestination(
  destinations: Pick<DestinationStore, 'replace'>,
  kept: KeptDestination,
): Promise<void> {
  try {
    await destinations.replace(kept);
  } catch (error) {
    throw error instanceof VersionConflict ? changedMeanwhile() : error;
  }
}

export const changedMeanwhile = () =>
  conflict('changed-meanwhile', 'The destination was changed at the same moment: look at it, and try again.');

export const nextVersion = <Kind extends Destination>(destination: Kind, now: Instant): Kind => ({
  ...destination,
  updatedAt: now,
  version: destination.version + 1,
});
