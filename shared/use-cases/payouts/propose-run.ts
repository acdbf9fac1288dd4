import { type PayableStatus, payableStatus, payNow } from '../../domain/payouts/payable.ts';
import type { Payout } from '../../domain/payouts/payout.ts';
import { type PayoutProfile, payability, profileAt } from '../../domain/payouts/profile.ts';
import {
  finishProposing,
  MAX_RUN_PAYOUTS,
  type PayoutRun,
  payoutIdOf,
  type RunFilter,
  type RunPlan,
} from '../../domain/payouts/run.ts';
import type { Instant } from '../../domain/time/calendar.ts';
import type { CatalogReader } from '../../ports/catalog.ts';
import { VersionConflict } from '../../ports/errors.ts';
import type { PayoutProfiles, PayoutStore } from '../../ports/payouts.ts';
import { inSlices } from './in-slices.ts';
import type { AffiliateAccount, ReadAccount } from './read-account.ts';
import type { ReleaseRun } from './release-run.ts';

/** How often a payout is worked out anew where others took from the same account meanwhile. */
const MAX_ATTEMPTS = 5;
/** Accounts that are looked at for one run, whether or not there is anything to pay. */
const MAX_LOOKED_AT = 50_000;
const PROFILES_AT_ONCE = 200;
/** The most that SEPA takes in one payment, in cents: the rest is in the next run. */
const MAX_SEPA_MINOR = 99_999_999_999n;

export interface ProposeRunDependencies {
  readonly profiles: Pick<PayoutProfiles, 'all' | 'get'>;
  readonly payouts: Pick<
    PayoutStore,
    'proposing' | 'begin' | 'plan' | 'payoutsOf' | 'reserve' | 'put' | 'run' | 'changeRun'
  >;
  readonly readAccount: ReadAccount;
  readonly releaseRun: ReleaseRun;
  readonly catalog: Pick<CatalogReader, 'affiliate'>;
  readonly clock: () => Instant;
  readonly makeRunId: () => string;
}

export interface AskedRun {
  readonly filter: RunFilter;
  /** Money must be free of holds at this instant; not after the present. */
  readonly at: Instant;
  readonly kid: string;
}

export type ProposedRun =
  | { readonly kind: 'proposed'; readonly run: PayoutRun; readonly payouts: readonly Payout[] }
  /** Nothing was written; how many accounts of the kinds there are. */
  | { readonly kind: 'nothing_to_pay'; readonly accounts: Readonly<Partial<Record<PayableStatus, number>>> }
  /** Another run is being proposed. */
  | { readonly kind: 'busy'; readonly run: PayoutRun };

/**
 * Proposes to pay whoever can be paid: fixes whose money is in the run, keeps each amount aside, and ends with a run that others can
 * approve. A call that died is gone on with by the next of the same kind. Throws StoreUnavailable, VersionConflict.
 */
export function createProposeRun(dependencies: ProposeRunDependencies): (asked: AskedRun) => Promise<ProposedRun> {
  const { payouts: store, clock, makeRunId } = dependencies;
  return async (asked) => {
    const current = await store.proposing();
    if (current !== undefined) return goOn(dependencies, current, asked, []);
    const now = clock();
    const { found, accounts } = await planOf(dependencies, asked, now);
    if (found.length === 0) return { kind: 'nothing_to_pay', accounts };
    const run = await store.begin(
      {
        runId: makeRunId(),
        status: 'proposing',
        version: 1,
        filter: asked.filter,
        at: asked.at,
        planned: found.length,
        proposedAt: now,
        proposedBy: asked.kid,
      },
      found.map(({ affiliateId, currency }) => ({ affiliateId, currency })),
    );
    return goOn(dependencies, run, asked, found);
  };
}

const matches = ({ currency, method }: RunFilter, profile: PayoutProfile, now: Instant): boolean =>
  (currency === undefined || profile.currency === currency) &&
  (method === undefined || profileAt(profile, now).payee?.method === method);

/** The accounts that can be paid, and how many there are of each kind. */
async function planOf(
  { profiles, readAccount }: ProposeRunDependencies,
  { filter, at }: AskedRun,
  now: Instant,
): Promise<{ found: AffiliateAccount[]; accounts: Partial<Record<PayableStatus, number>> }> {
  const found: AffiliateAccount[] = [];
  const accounts: Partial<Record<PayableStatus, number>> = {};
  const look = async (some: readonly PayoutProfile[]) => {
    const read = await inSlices(some, (profile) => readAccount(profile.affiliateId, profile.currency, profile, at));
    for (const account of read) {
      const status = payableStatus(account.payable, account.terms, payability(account.profile, now));
      accounts[status] = (accounts[status] ?? 0) + 1;
      if (status === 'payable' && found.length < MAX_RUN_PAYOUTS) found.push(account);
    }
  };
  let waiting: PayoutProfile[] = [];
  let looked = 0;
  for await (const profile of profiles.all()) {
    if (!matches(filter, profile, now)) continue;
    waiting.push(profile);
    looked += 1;
    if (waiting.length === PROFILES_AT_ONCE) {
      await look(waiting);
      waiting = [];
    }
    if (found.length === MAX_RUN_PAYOUTS || looked === MAX_LOOKED_AT) break;
  }
  await look(waiting);
  return { found, accounts };
}

const isSameFilter = (left: RunFilter, right: RunFilter): boolean =>
  left.currency === right.currency && left.method === right.method;

/** `read`: accounts that were read just now, so that they need not be read again. */
async function goOn(
  dependencies: ProposeRunDependencies,
  run: PayoutRun,
  asked: AskedRun,
  read: readonly AffiliateAccount[],
): Promise<ProposedRun> {
  if (!isSameFilter(run.filter, asked.filter)) return { kind: 'busy', run };
  const { payouts: store, releaseRun } = dependencies;
  const plan = await store.plan(run.runId);
  const known = new Map(read.map((account) => [keyOf(account), account]));
  await inSlices(plan, (place, index) => decidePlace(dependencies, run, place, index, known.get(keyOf(place))));
  const finished = await finish(store, run);
  // Whoever cancelled the run may have missed what was kept aside since.
  if (finished.status === 'cancelled') await releaseRun(finished);
  return { kind: 'proposed', run: finished, payouts: await store.payoutsOf(run.runId, plan) };
}

const keyOf = ({ affiliateId, currency }: RunPlan[number]): string => `${affiliateId} ${currency}`;

/**
 * Decides once what is paid at a place of the plan: nothing, where there is nothing to pay any more. Then nobody who comes later can add
 * to a run that was shown.
 */
async function decidePlace(
  { payouts: store, profiles, readAccount, catalog, clock }: ProposeRunDependencies,
  run: PayoutRun,
  { affiliateId, currency }: RunPlan[number],
  index: number,
  known: AffiliateAccount | undefined,
): Promise<void> {
  const payoutId = payoutIdOf(run.runId, index);
  const readAgain = async () => readAccount(affiliateId, currency, await profiles.get(affiliateId, currency), run.at);
  for (let attempt = 1, account = known ?? (await readAgain()); ; attempt += 1, account = await readAgain()) {
    if (account.payouts.some((payout) => payout.payoutId === payoutId)) return;
    const payout = await payoutAt(run, payoutId, account, catalog, clock());
    try {
      await (payout.state === 'proposed' ? store.reserve(payout, account.version) : store.put(payout));
      return;
    } catch (error) {
      if (!(error instanceof VersionConflict) || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

async function payoutAt(
  run: PayoutRun,
  payoutId: string,
  { affiliateId, currency, profile, payable, terms }: AffiliateAccount,
  catalog: ProposeRunDependencies['catalog'],
  now: Instant,
): Promise<Payout> {
  const held = profile && profileAt(profile, now);
  if (held?.payee === undefined) throw new Error(`${affiliateId} could be paid in ${currency} and cannot`);
  const { payee, version: profileVersion } = held;
  const isReady = payability(held, now).status === 'ready' && matches(run.filter, held, now);
  const free = isReady ? payNow(payable, terms) : 0n;
  const amountMinor = payee.method === 'sepa' && free > MAX_SEPA_MINOR ? MAX_SEPA_MINOR : free;
  return {
    payoutId,
    runId: run.runId,
    affiliateId,
    affiliateName: (await catalog.affiliate(affiliateId))?.name ?? affiliateId,
    currency,
    amountMinor,
    payee,
    profileVersion,
    version: 1,
    proposedAt: run.proposedAt,
    madeBy: run.proposedBy,
    ...(amountMinor > 0n ? { state: 'proposed' } : { state: 'cancelled', reason: 'nothing_to_pay' }),
  };
}

async function finish(store: ProposeRunDependencies['payouts'], { runId }: PayoutRun): Promise<PayoutRun> {
  for (let attempt = 1; ; attempt += 1) {
    const run = await store.run(runId);
    if (run === undefined) throw new Error(`run ${runId} was there and is not`);
    const change = finishProposing(run);
    if (change.kind !== 'changed') return run;
    try {
      await store.changeRun(change.run);
      return change.run;
    } catch (error) {
      if (!(error instanceof VersionConflict) || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}
