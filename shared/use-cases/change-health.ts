import type { DestinationHealth } from '../domain/deliveries/health.ts';
import type { HealthStore } from '../ports/deliveries.ts';

/** `same`: there was nothing to change. `contended`: others have changed it each time in between. */
export type HealthChange =
  | { readonly kind: 'changed'; readonly health: DestinationHealth }
  | { readonly kind: 'same' | 'contended' };

/** Whoever meets others as often is told so. */
const TRIES = 5;

/** Changes what is known of how a destination answers, as it is now; `change` returns undefined where it is to stay so. */
export async function changeHealth(
  health: HealthStore,
  destinationId: string,
  change: (health: DestinationHealth) => DestinationHealth | undefined,
): Promise<HealthChange> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const changed = change(await health.get(destinationId));
    if (changed === undefined) return { kind: 'same' };
    if (await health.replace(changed)) return { kind: 'changed', health: changed };
  }
  return { kind: 'contended' };
}
