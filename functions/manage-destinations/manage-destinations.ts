import type { Reach } from '../../shared/domain/deliveries/address.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import type { HealthStore } from '../../shared/ports/deliveries.ts';
import type { DestinationStore } from '../../shared/ports/destinations.ts';
import type { VelocityStore } from '../../shared/ports/velocity.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { HttpHandler } from '../../shared/runtime/http.ts';
import { changeDestinationHandlers } from './change-destination.ts';
import { makeDestinationHandlers } from './make-destination.ts';
import { rotateSecretHandlers } from './rotate-secret.ts';
import { type SampleDependencies, testDestinationHandlers } from './test-destination.ts';

export interface ManageDestinationsDependencies extends SampleDependencies {
  readonly catalog: Pick<CatalogReader, 'apiKey' | 'advertiser' | 'affiliate' | 'campaign' | 'affiliateTerms'>;
  readonly destinations: DestinationStore;
  readonly health: HealthStore;
  readonly velocity: Pick<VelocityStore, 'countRequest'>;
  readonly reach: Reach;
  readonly clock: Clock;
  /** A new secret of webhooks, with its prefix. */
  readonly makeSecret: () => string;
}

/** Where events are told: the operator manages everybody's, an advertiser or affiliate its own; another's is not there. */
export const destinationHandlers = (dependencies: ManageDestinationsDependencies): Record<string, HttpHandler> => ({
  ...makeDestinationHandlers(dependencies),
  ...changeDestinationHandlers(dependencies),
  ...rotateSecretHandlers(dependencies),
  ...testDestinationHandlers(dependencies),
});
