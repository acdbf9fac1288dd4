import type { Party } from '../../shared/contracts/party.ts';
import { destinationId as destinationIdSchema } from '../../shared/contracts/primitives.ts';
import type { DestinationOwner } from '../../shared/domain/deliveries/destination.ts';
import type { KeptDestination } from '../../shared/ports/destinations.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import { type HttpEvent, pathParameter } from '../../shared/runtime/http.ts';
import { forbidden, invalidField, notFound } from '../../shared/runtime/problems.ts';
import { isOwn, resolveScope, type ScopeFilters } from '../../shared/runtime/scope.ts';
import type { ManageDestinationsDependencies } from './manage-destinations.ts';

type DestinationParty = Extract<Party, { role: 'operator' | 'advertiser' | 'affiliate' }>;

/** Who asks. Throws 401 and 403. */
export const partyOf = (
  { catalog }: Pick<ManageDestinationsDependencies, 'catalog'>,
  event: HttpEvent,
): Promise<DestinationParty> => authenticate(catalog, event, ['operator', 'advertiser', 'affiliate']);

/** The destination of a path, with its secrets. Throws 404 where it is another's, as where there is none. */
export async function findOwn(
  dependencies: Pick<ManageDestinationsDependencies, 'catalog' | 'destinations'>,
  event: HttpEvent,
): Promise<KeptDestination> {
  const party = await partyOf(dependencies, event);
  const id = pathParameter(event, 'destinationId');
  const kept = destinationIdSchema.safeParse(id).success ? await dependencies.destinations.get(id) : undefined;
  if (kept === undefined || !isOwn(party, kept.destination)) throw notFound('There is no such destination.');
  return kept;
}

/** Whose a destination is to be, or whose are asked for; undefined where an operator names nobody. */
export async function ownerIn(
  { catalog }: Pick<ManageDestinationsDependencies, 'catalog'>,
  party: DestinationParty,
  named: ScopeFilters,
): Promise<DestinationOwner | undefined> {
  const others = party.role === 'advertiser' ? 'affiliateId' : party.role === 'affiliate' ? 'advertiserId' : undefined;
  if (others !== undefined && named[others] !== undefined) {
    throw forbidden(`${others} is not yours.`, [{ field: others, message: 'must be left out' }]);
  }
  if (named.advertiserId !== undefined && named.affiliateId !== undefined) {
    throw invalidField('affiliateId', 'must be left out where advertiserId is given: a destination is one party’s');
  }
  const { advertiserId, affiliateId } = await resolveScope(catalog, party, named);
  return advertiserId === undefined && affiliateId === undefined ? undefined : { advertiserId, affiliateId };
}
