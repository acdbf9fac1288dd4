import * as z from 'zod';
import { month } from '../../shared/contracts/primitives.ts';
import { later, monthOf, monthsBetween } from '../../shared/domain/time/calendar.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { Reconciled } from '../../shared/use-cases/reconcile-month.ts';

export interface ReconcileLeadsDependencies {
  readonly allAdvertisers: () => Promise<readonly { readonly advertiserId: string }[]>;
  readonly reconcileMonth: (request: { advertiserId: string; month: string; since?: string }) => Promise<Reconciled>;
  /** Posts what corrections approved since an instant lack. */
  readonly postCorrections: (since: string) => Promise<unknown>;
  readonly resumeImports: () => Promise<unknown>;
  readonly resumeDecisions: () => Promise<unknown>;
  readonly clock: Clock;
  readonly timeZone: string;
  /** Told how many entries the stream had not posted. */
  readonly onPosted: (entries: number) => void;
}

/** Each hourly run goes over the leads of the last 70 minutes, so that none falls between two runs; the month close goes over all. */
const LOOK_BACK_MS = 70 * 60_000;

/** Corrections are few: looked at for long enough to outlast a weekend without any run. */
const CORRECTIONS_LOOK_BACK_MS = 7 * 24 * 3_600_000;

/** The schedule's own event has no month; an operator names one to go over it whole. */
const reconcileEvent = z.object({ month: month.optional() });

/** Posts the entries that the stream has lost or a crash has left out, and sends on imports and decisions that stand still. */
export function createReconcileLeads(
  dependencies: ReconcileLeadsDependencies,
): (event: unknown) => Promise<Reconciled> {
  const { clock, timeZone } = dependencies;
  return async (event) => {
    const asked = reconcileEvent.parse(event);
    const since = later(clock(), -LOOK_BACK_MS);
    const requests =
      asked.month !== undefined
        ? [{ month: asked.month }]
        : monthsBetween(monthOf(since, timeZone), monthOf(clock(), timeZone)).map((month) => ({ month, since }));
    const total = { checked: 0, posted: 0 };
    for (const { advertiserId } of await dependencies.allAdvertisers()) {
      for (const request of requests) {
        const { checked, posted } = await dependencies.reconcileMonth({ advertiserId, ...request });
        total.checked += checked;
        total.posted += posted;
      }
    }
    if (total.posted > 0) dependencies.onPosted(total.posted);
    await dependencies.postCorrections(later(clock(), -CORRECTIONS_LOOK_BACK_MS));
    await dependencies.resumeImports();
    await dependencies.resumeDecisions();
    return total;
  };
}
