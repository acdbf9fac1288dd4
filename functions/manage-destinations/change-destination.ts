import { type DestinationChanges, destinationChanges } from '../../shared/contracts/destinations.ts';
import type { Destination } from '../../shared/domain/deliveries/destination.ts';
import { breakEnded, type DestinationHealth, enabledAgain } from '../../shared/domain/deliveries/health.ts';
import type { Instant } from '../../shared/domain/time/calendar.ts';
import { type HttpHandler, json, jsonBody } from '../../shared/runtime/http.ts';
import { invalid } from '../../shared/runtime/problems.ts';
import { changeHealth } from '../../shared/use-cases/change-health.ts';
import type { ManageDestinationsDependencies } from './manage-destinations.ts';
import { namedCampaigns } from './named-campaigns.ts';
import { findOwn } from './own-destination.ts';
import { showDestination } from './view-destination.ts';
import { changedMeanwhile, checkDestination, nextVersion, writeDestination } from './write-destination.ts';

const POSTBACK_FIELDS = ['method', 'body', 'templates', 'macros', 'statuses', 'signed'] as const;
const WEBHOOK_FIELDS = ['includeContact'] as const;

/** One destination: seen, changed, taken away. */
export function changeDestinationHandlers(dependencies: ManageDestinationsDependencies): Record<string, HttpHandler> {
  const { catalog, destinations, health, reach, clock } = dependencies;

  async function enable(destinationId: string): Promise<void> {
    const enabled = (known: DestinationHealth) =>
      known.disabled === undefined ? breakEnded(known) : enabledAgain(known);
    const { kind } = await changeHealth(health, destinationId, enabled);
    if (kind === 'contended') throw changedMeanwhile();
  }

  return {
    'GET /v1/destinations/{destinationId}': async (event) =>
      json(200, await showDestination(dependencies, await findOwn(dependencies, event))),
    'PATCH /v1/destinations/{destinationId}': async (event) => {
      const { destination, secrets } = await findOwn(dependencies, event);
      const changes = jsonBody(event, destinationChanges);
      const campaigns =
        changes.campaigns === undefined
          ? destination.campaigns
          : await namedCampaigns(catalog, changes.campaigns, destination, clock());
      const changed = { ...changedDestination(destination, changes, clock()), campaigns };
      checkDestination(changed, reach);
      await writeDestination(destinations, { destination: changed, secrets });
      if (changes.status === 'active') await enable(destination.destinationId);
      return json(200, await showDestination(dependencies, { destination: changed, secrets }));
    },
    'DELETE /v1/destinations/{destinationId}': async (event) => {
      const { destination } = await findOwn(dependencies, event);
      await destinations.remove(destination.destinationId);
      return { statusCode: 204 };
    },
  };
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
    return { ...common, includeContact: special.includeContact ?? common.includeContact };
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
