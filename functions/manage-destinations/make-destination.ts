import {
  type DestinationToCreate,
  destinationsQuery,
  destinationToCreate,
  usualEvents,
} from '../../shared/contracts/destinations.ts';
import type { Destination, DestinationOwner } from '../../shared/domain/deliveries/destination.ts';
import { unknownHealth } from '../../shared/domain/deliveries/health.ts';
import type { Instant } from '../../shared/domain/time/calendar.ts';
import { MAX_OWN_DESTINATIONS } from '../../shared/ports/destinations.ts';
import { VersionConflict } from '../../shared/ports/errors.ts';
import { makeCursor, readCursor } from '../../shared/runtime/cursor.ts';
import { type HttpHandler, json, jsonBody, query } from '../../shared/runtime/http.ts';
import { conflict } from '../../shared/runtime/problems.ts';
import type { ManageDestinationsDependencies } from './manage-destinations.ts';
import { namedCampaigns } from './named-campaigns.ts';
import { ownerIn, partyOf } from './own-destination.ts';
import { showDestination, viewDestination } from './view-destination.ts';
import { checkDestination } from './write-destination.ts';

/** Destinations together: a list of them, and new ones. */
export function makeDestinationHandlers(dependencies: ManageDestinationsDependencies): Record<string, HttpHandler> {
  const { catalog, destinations, reach, clock, makeId, makeSecret } = dependencies;
  return {
    'GET /v1/destinations': async (event) => {
      const party = await partyOf(dependencies, event);
      const { limit, cursor, ...named } = query(event, destinationsQuery);
      const owner = await ownerIn(dependencies, party, named);
      const bound = ['destinations', owner?.advertiserId, owner?.affiliateId];
      const after = cursor === undefined ? undefined : readCursor(bound, cursor);
      const { items, position } = await destinations.list(owner, limit, after);
      return json(200, {
        items: await Promise.all(items.map((destination) => showDestination(dependencies, { destination }))),
        nextCursor: position === undefined ? null : makeCursor(bound, position),
      });
    },
    'POST /v1/destinations': async (event) => {
      const party = await partyOf(dependencies, event);
      const body = jsonBody(event, destinationToCreate);
      const owner = (await ownerIn(dependencies, party, body)) ?? {};
      const campaigns = await namedCampaigns(catalog, body.campaigns, owner, clock());
      const destination = newDestination(makeId('dst'), body, { ...owner, campaigns }, clock());
      checkDestination(destination, reach);
      const own = await destinations.list(owner, MAX_OWN_DESTINATIONS);
      if (own.items.length >= MAX_OWN_DESTINATIONS) {
        throw conflict('too-many-destinations', `There are ${MAX_OWN_DESTINATIONS}, as many as there may be.`);
      }
      const secret = destination.kind === 'webhook' ? makeSecret() : undefined;
      const secrets = secret === undefined ? undefined : { current: secret };
      await destinations.create({ destination, secrets }).catch((error: unknown) => {
        // Nobody else has this id: it is there since a first try whose answer was lost.
        if (!(error instanceof VersionConflict)) throw error;
      });
      // Nothing more is read: the secret is told now or never.
      const beside = { health: unknownHealth(destination.destinationId), secrets, now: clock() };
      return json(201, { ...viewDestination(destination, beside), secret });
    },
  };
}

function newDestination(
  destinationId: string,
  body: DestinationToCreate,
  owner: DestinationOwner & Pick<Destination, 'campaigns'>,
  now: Instant,
): Destination {
  const { advertiserId: _advertiser, affiliateId: _affiliate, campaigns: _campaigns, events, ...given } = body;
  return {
    ...given,
    ...owner,
    destinationId,
    status: 'active',
    events: events ?? usualEvents(body, owner),
    since: now,
    createdAt: now,
    updatedAt: now,
    version: 1,
  };
}
