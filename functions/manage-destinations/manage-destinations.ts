import {
  type DestinationChanges,
  type DestinationToCreate,
  destinationChanges,
  destinationProblems,
  destinationsQuery,
  destinationTest,
  destinationToCreate,
  usualEvents,
} from '../../shared/contracts/destinations.ts';
import type { Party } from '../../shared/contracts/party.ts';
import { destinationId as destinationIdSchema } from '../../shared/contracts/primitives.ts';
import { type Campaign, mayPromote, versionAt } from '../../shared/domain/catalog/campaign.ts';
import type { Reach } from '../../shared/domain/deliveries/address.ts';
import type { Destination, DestinationOwner } from '../../shared/domain/deliveries/destination.ts';
import {
  breakEnded,
  type DestinationHealth,
  enabledAgain,
  unknownHealth,
} from '../../shared/domain/deliveries/health.ts';
import { type Instant, later, millisecondsOf } from '../../shared/domain/time/calendar.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import type { HealthStore } from '../../shared/ports/deliveries.ts';
import {
  type DestinationSecrets,
  type DestinationStore,
  type KeptDestination,
  MAX_OWN_DESTINATIONS,
} from '../../shared/ports/destinations.ts';
import { VersionConflict } from '../../shared/ports/errors.ts';
import type { VelocityStore } from '../../shared/ports/velocity.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { makeCursor, readCursor } from '../../shared/runtime/cursor.ts';
import { type HttpEvent, type HttpHandler, json, jsonBody, pathParameter, query } from '../../shared/runtime/http.ts';
import type { MakeId } from '../../shared/runtime/ids.ts';
import {
  conflict,
  forbidden,
  invalid,
  invalidField,
  notFound,
  tooManyRequests,
} from '../../shared/runtime/problems.ts';
import { isOwn, resolveScope, type ScopeFilters } from '../../shared/runtime/scope.ts';
import { changeHealth } from '../../shared/use-cases/change-health.ts';
import { createTestDestination, type TestDestinationDependencies } from './test-destination.ts';
import { viewDestination } from './view-destination.ts';

export interface ManageDestinationsDependencies extends TestDestinationDependencies {
  readonly catalog: Pick<CatalogReader, 'apiKey' | 'advertiser' | 'affiliate' | 'campaign' | 'affiliateTerms'>;
  readonly destinations: DestinationStore;
  readonly health: HealthStore;
  readonly velocity: Pick<VelocityStore, 'countRequest'>;
  readonly reach: Reach;
  readonly clock: Clock;
  readonly makeId: MakeId;
  /** A new secret of webhooks, with its prefix. */
  readonly makeSecret: () => string;
}

type DestinationParty = Extract<Party, { role: 'operator' | 'advertiser' | 'affiliate' }>;

/** A secret signs for so long after it was changed. */
const ROTATION_MS = 24 * 3_600_000;
/** Of those that were changed since, so many sign beside the present one. */
const MAX_PREVIOUS_SECRETS = 4;
const MINUTE_MS = 60_000;
/** Samples that a destination may be sent. */
const TESTS_A_MINUTE = 10;
const POSTBACK_FIELDS = ['method', 'body', 'templates', 'macros', 'statuses', 'signed'] as const;
const WEBHOOK_FIELDS = ['includeContact'] as const;

/** Where events are told: the operator manages everybody's, an advertiser or affiliate its own; another's is not there. */
export function destinationHandlers(dependencies: ManageDestinationsDependencies): Record<string, HttpHandler> {
  const { catalog, destinations, health, velocity, reach, clock, makeId, makeSecret } = dependencies;
  const testDestination = createTestDestination(dependencies);

  const partyOf = (event: HttpEvent): Promise<DestinationParty> =>
    authenticate(catalog, event, ['operator', 'advertiser', 'affiliate']);

  async function find(event: HttpEvent): Promise<KeptDestination & { readonly party: DestinationParty }> {
    const party = await partyOf(event);
    const id = pathParameter(event, 'destinationId');
    const kept = destinationIdSchema.safeParse(id).success ? await destinations.get(id) : undefined;
    if (kept === undefined || !isOwn(party, kept.destination)) throw notFound('There is no such destination.');
    return { ...kept, party };
  }

  /** Whose a destination is to be, or whose are asked for; undefined where an operator names nobody. */
  async function ownerIn(party: DestinationParty, named: ScopeFilters): Promise<DestinationOwner | undefined> {
    const others =
      party.role === 'advertiser' ? 'affiliateId' : party.role === 'affiliate' ? 'advertiserId' : undefined;
    if (others !== undefined && named[others] !== undefined) {
      throw forbidden(`${others} is not yours.`, [{ field: others, message: 'must be left out' }]);
    }
    if (named.advertiserId !== undefined && named.affiliateId !== undefined) {
      throw invalidField('affiliateId', 'must be left out where advertiserId is given: a destination is one party’s');
    }
    const { advertiserId, affiliateId } = await resolveScope(catalog, party, named);
    return advertiserId === undefined && affiliateId === undefined ? undefined : { advertiserId, affiliateId };
  }

  async function campaignsIn(
    references: readonly string[] | null | undefined,
    owner: DestinationOwner,
  ): Promise<readonly string[] | undefined> {
    if (references === null || references === undefined) return undefined;
    const ids = await Promise.all(
      references.map(async (reference, index) => {
        const campaign = await catalog.campaign(reference);
        if (campaign === undefined || !(await concerns(campaign, owner)))
          throw notFound('There is no such campaign.', [{ field: `campaigns.${index}`, message: 'is not known' }]);
        return campaign.campaignId;
      }),
    );
    return [...new Set(ids)];
  }

  /** Whether an owner may know of a campaign: an advertiser of its own, an affiliate of those that it may promote. */
  async function concerns(campaign: Campaign, { advertiserId, affiliateId }: DestinationOwner): Promise<boolean> {
    if (affiliateId === undefined) return advertiserId === undefined || campaign.advertiserId === advertiserId;
    const terms = await catalog.affiliateTerms(campaign.campaignId, affiliateId);
    return mayPromote(campaign, versionAt(terms, clock()));
  }

  function check(destination: Destination): void {
    const problems = destinationProblems(destination, reach);
    if (problems.length > 0) throw invalid(problems);
  }

  async function write(kept: KeptDestination): Promise<void> {
    try {
      await destinations.replace(kept);
    } catch (error) {
      throw error instanceof VersionConflict ? changedMeanwhile() : error;
    }
  }

  async function enable(destinationId: string): Promise<void> {
    const enabled = (known: DestinationHealth) =>
      known.disabled === undefined ? breakEnded(known) : enabledAgain(known);
    const { kind } = await changeHealth(health, destinationId, enabled);
    if (kind === 'contended') throw changedMeanwhile();
  }

  const show = async ({ destination, secrets }: KeptDestination) =>
    viewDestination(destination, { health: await health.get(destination.destinationId), secrets, now: clock() });

  return {
    'GET /v1/destinations': async (event) => {
      const party = await partyOf(event);
      const { limit, cursor, ...named } = query(event, destinationsQuery);
      const owner = await ownerIn(party, named);
      const bound = ['destinations', owner?.advertiserId, owner?.affiliateId];
      const after = cursor === undefined ? undefined : readCursor(bound, cursor);
      const { items, position } = await destinations.list(owner, limit, after);
      return json(200, {
        items: await Promise.all(items.map((destination) => show({ destination }))),
        nextCursor: position === undefined ? null : makeCursor(bound, position),
      });
    },
    'POST /v1/destinations': async (event) => {
      const party = await partyOf(event);
      const body = jsonBody(event, destinationToCreate);
      const owner = (await ownerIn(party, body)) ?? {};
      const campaigns = await campaignsIn(body.campaigns, owner);
      const destination = newDestination(makeId('dst'), body, { ...owner, campaigns }, clock());
      check(destination);
      const own = await destinations.list(owner, MAX_OWN_DESTINATIONS);
      if (own.items.length >= MAX_OWN_DESTINATIONS) {
        throw conflict('too-many-destinations', `There are ${MAX_OWN_DESTINATIONS}, as many as there may be.`);
      }
      const secret = destination.kind === 'webhook' ? makeSecret() : undefined;
      const kept = { destination, secrets: secret === undefined ? undefined : { current: secret } };
      await destinations.create(kept);
      // Nothing more is read: the secret is told now or never.
      const beside = { health: unknownHealth(destination.destinationId), secrets: kept.secrets, now: clock() };
      return json(201, { ...viewDestination(destination, beside), secret });
    },
    'GET /v1/destinations/{destinationId}': async (event) => json(200, await show(await find(event))),
    'PATCH /v1/destinations/{destinationId}': async (event) => {
      const { destination, secrets } = await find(event);
      const changes = jsonBody(event, destinationChanges);
      const campaigns =
        changes.campaigns === undefined ? destination.campaigns : await campaignsIn(changes.campaigns, destination);
      const changed = { ...changedDestination(destination, changes, clock()), campaigns };
      check(changed);
      await write({ destination: changed, secrets });
      if (changes.status === 'active') await enable(destination.destinationId);
      return json(200, await show({ destination: changed, secrets }));
    },
    'DELETE /v1/destinations/{destinationId}': async (event) => {
      const { destination } = await find(event);
      await destinations.remove(destination.destinationId);
      return { statusCode: 204 };
    },
    'POST /v1/destinations/{destinationId}/rotate-secret': async (event) => {
      const { destination, secrets } = await find(event);
      if (secrets === undefined)
        throw conflict('no-secret', 'A postback has no secret: it is signed by the published keys.');
      const rotated = rotate(secrets, makeSecret(), clock());
      await write({ destination: nextVersion(destination, clock()), secrets: rotated });
      const { destinationId } = destination;
      return json(200, {
        destinationId,
        secret: rotated.current,
        previousSecretUntil: rotated.previous?.at(-1)?.until,
      });
    },
    'POST /v1/destinations/{destinationId}/test': async (event) => {
      const kept = await find(event);
      const asked = event.body === undefined ? {} : jsonBody(event, destinationTest);
      await checkRate(velocity, kept.destination.destinationId, clock());
      return json(200, await testDestination(kept, asked, clock()));
    },
  };
}

/** Throws 429 where a destination was sent as many samples in this minute as it may be: whom it leads to need not have asked for any. */
async function checkRate(
  velocity: ManageDestinationsDependencies['velocity'],
  destinationId: string,
  now: Instant,
): Promise<void> {
  if ((await velocity.countRequest(`destination-test#${destinationId}`, now)) <= TESTS_A_MINUTE) return;
  const seconds = Math.ceil((MINUTE_MS - (millisecondsOf(now) % MINUTE_MS)) / 1000);
  throw tooManyRequests(`A destination is sent ${TESTS_A_MINUTE} samples a minute at most.`, seconds);
}

const changedMeanwhile = () =>
  conflict('changed-meanwhile', 'The destination was changed at the same moment: look at it, and try again.');

/** Whoever was not told the last one, as the answer was lost, changes it again: the one before that is still what the receiver knows. */
const rotate = ({ current, previous = [] }: DestinationSecrets, next: string, now: Instant): DestinationSecrets => ({
  current: next,
  previous: [
    ...previous.filter(({ until }) => now < until),
    { secret: current, until: later(now, ROTATION_MS) },
  ].slice(-MAX_PREVIOUS_SECRETS),
});

const nextVersion = <Kind extends Destination>(destination: Kind, now: Instant): Kind => ({
  ...destination,
  updatedAt: now,
  version: destination.version + 1,
});

function newDestination(
  destinationId: string,
  body: DestinationToCreate,
  owner: DestinationOwner & Pick<Destination, 'campaigns'>,
  now: Instant,
): Destination {
  const { advertiserId: _advertiser, affiliateId: _affiliate, campaigns: _campaigns, events, ...given } = body;
  const destination = {
    ...given,
    ...owner,
    destinationId,
    status: 'active' as const,
    events: events ?? usualEvents(body, owner),
    since: now,
    createdAt: now,
    updatedAt: now,
    version: 1,
  };
  refuseContact(destination);
  return destination;
}

function refuseContact(destination: Destination): void {
  if (destination.kind === 'webhook' && destination.includeContact && destination.affiliateId !== undefined) {
    throw invalidField('includeContact', 'must be false: contact data are told to advertisers and the network alone');
  }
}

function changedDestination(was: Destination, changes: DestinationChanges, now: Instant): Destination {
  const { label, status, events, campaigns: _campaigns, leadEvents, url, ...special } = changes;
  const foreign = was.kind === 'webhook' ? POSTBACK_FIELDS : WEBHOOK_FIELDS;
  const refused = foreign.filter((field) => special[field] !== undefined);
  if (refused.length > 0)
    throw invalid(refused.map((field) => ({ field, message: `is not a field of a ${was.kind}` })));
  const common = {
    ...nextVersion(was, now),
    ...(label !== undefined && { label: label ?? undefined }),
    ...(status !== undefined && { status }),
    since: status === 'active' && was.status === 'paused' ? now : was.since,
    ...(events !== undefined && { events }),
    ...(leadEvents !== undefined && { leadEvents: leadEvents ?? undefined }),
    ...(url !== undefined && { url }),
  };
  if (common.kind === 'webhook') {
    const changed = { ...common, includeContact: special.includeContact ?? common.includeContact };
    refuseContact(changed);
    return changed;
  }
  const { method, body, templates, macros, statuses, signed } = special;
  return {
    ...common,
    ...(method !== undefined && { method }),
    ...(body !== undefined && { body: body ?? undefined }),
    ...(templates !== undefined && { templates }),
    ...(macros !== undefined && { macros: macros ?? undefined }),
    ...(statuses !== undefined && { statuses: statuses ?? undefined }),
    ...(signed !== undefined && { signed }),
  };
}
