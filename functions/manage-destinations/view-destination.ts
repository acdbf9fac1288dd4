import type { DestinationView } from '../../shared/contracts/destinations.ts';
import { type Destination, type PostbackTemplate, tellsFrom } from '../../shared/domain/deliveries/destination.ts';
import { admit, type DestinationHealth } from '../../shared/domain/deliveries/health.ts';
import type { Instant } from '../../shared/domain/time/calendar.ts';
import type { DestinationSecrets, KeptDestination } from '../../shared/ports/destinations.ts';
import type { ManageDestinationsDependencies } from './manage-destinations.ts';

/** What is shown beside a destination itself. */
export interface BesideDestination {
  readonly health: DestinationHealth;
  /** Of a webhook; where they were not read, nothing is said of them. */
  readonly secrets?: DestinationSecrets | undefined;
  readonly now: Instant;
}

/** A destination as JSON. Its secrets are not told. */
export function viewDestination(
  destination: Destination,
  { health, secrets, now }: BesideDestination,
): DestinationView {
  const { destinationId, advertiserId, affiliateId, label, status, events, campaigns, leadEvents } = destination;
  const { disabled, failingSince } = health;
  const admission = admit(health, now);
  const shown = {
    destinationId,
    advertiserId: advertiserId ?? null,
    affiliateId: affiliateId ?? null,
    label: label ?? null,
    status: disabled === undefined ? status : ('disabled' as const),
    disabledReason: disabled?.reason ?? null,
    failingSince: failingSince ?? null,
    leftAloneUntil: admission.kind === 'broken' ? admission.until : null,
    events: [...events],
    campaigns: campaigns === undefined ? null : [...campaigns],
    leadEvents: leadEvents === undefined ? null : [...leadEvents],
    tellsFrom: tellsFrom(destination),
    createdAt: destination.createdAt,
    updatedAt: destination.updatedAt,
  };
  if (destination.kind === 'webhook') {
    const { kind, url, includeContact } = destination;
    if (secrets === undefined) return { ...shown, kind, url, includeContact };
    const until = secrets.previous?.at(-1)?.until;
    return {
      ...shown,
      kind,
      url,
      includeContact,
      previousSecretUntil: until !== undefined && now < until ? until : null,
    };
  }
  return {
    ...shown,
    kind: destination.kind,
    ...viewTemplate(destination),
    templates: destination.templates.map((template) => ({
      ...viewTemplate(template),
      events: template.events === undefined ? null : [...template.events],
      leadEvents: template.leadEvents === undefined ? null : [...template.leadEvents],
    })),
    macros: destination.macros ?? null,
    statuses: destination.statuses === undefined ? null : { ...destination.statuses },
    signed: destination.signed,
  };
}

/** A destination as it is, with how it answers. */
export const showDestination = async (
  { health, clock }: Pick<ManageDestinationsDependencies, 'health' | 'clock'>,
  { destination, secrets }: KeptDestination,
): Promise<DestinationView> =>
  viewDestination(destination, { health: await health.get(destination.destinationId), secrets, now: clock() });

const viewTemplate = ({ method, url, body }: PostbackTemplate) => ({ method, url, body: body ?? null });
