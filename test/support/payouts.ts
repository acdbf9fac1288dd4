import { amountOn, entryIdOf, type JournalEntry } from '../../shared/domain/ledger/entry.ts';
import type { DueStatement } from '../../shared/domain/payouts/payable.ts';
import type { SepaPayee } from '../../shared/domain/payouts/payee.ts';
import type { Payout } from '../../shared/domain/payouts/payout.ts';
import { DEFAULT_TERMS, type PayoutProfile, type ProfileRecord } from '../../shared/domain/payouts/profile.ts';
import type { PayoutRun, RunPlan } from '../../shared/domain/payouts/run.ts';
import { type Instant, instantOf, millisecondsOf } from '../../shared/domain/time/calendar.ts';
import { JournalConflict, VersionConflict } from '../../shared/ports/errors.ts';
import type { JournalWriter } from '../../shared/ports/journal.ts';
import type { PayoutProfiles, PayoutStore, StatementReader } from '../../shared/ports/payouts.ts';
import { createCheckRuns } from '../../shared/use-cases/payouts/check-runs.ts';
import { createPostPayout } from '../../shared/use-cases/payouts/post-payout.ts';
import { createProposeRun } from '../../shared/use-cases/payouts/propose-run.ts';
import { createReadAccount, createReadAccounts } from '../../shared/use-cases/payouts/read-account.ts';
import { createReleaseRun } from '../../shared/use-cases/payouts/release-run.ts';
import { createFinishRun, createSendRun } from '../../shared/use-cases/payouts/send-run.ts';
import { createSettleAnswers } from '../../shared/use-cases/payouts/settle-answers.ts';
import { AFFILIATE_ID, KEY_ID } from './builders.ts';

export const RUN_ID = 'run_01JD3Y8Q5T9Z6V2K4M7N1P0R8S';
export const PAYOUT_ID = '01JD3Y8Q5T9Z6V2K4M7N1P0R8S-001';
export const SEPA: SepaPayee = {
  method: 'sepa',
  holder: 'Search Sparrow GmbH',
  iban: 'DE89370400440532013000',
  bic: 'COBADEFFXXX',
};

export const later = (at: Instant, milliseconds: number): Instant => instantOf(millisecondsOf(at) + milliseconds);

export const statement = (changes: Partial<DueStatement> = {}): DueStatement => ({
  number: 'STM-2026-000001',
  month: '2025-12',
  currency: 'EUR',
  issuedAt: '2026-01-03T03:00:00.000Z',
  amountMinor: 5000n,
  ...changes,
});

export const payout = (changes: Partial<Payout> = {}): Payout => ({
  payoutId: PAYOUT_ID,
  runId: RUN_ID,
  affiliateId: AFFILIATE_ID,
  affiliateName: 'Search Sparrow',
  currency: 'EUR',
  amountMinor: 5000n,
  payee: SEPA,
  profileVersion: 1,
  state: 'proposed',
  version: 1,
  proposedAt: '2026-02-01T09:00:00.000Z',
  madeBy: KEY_ID,
  ...changes,
});

export const run = (changes: Partial<PayoutRun> = {}): PayoutRun => ({
  runId: RUN_ID,
  status: 'proposing',
  version: 1,
  filter: {},
  at: '2026-02-01T09:00:00.000Z',
  planned: 1,
  proposedAt: '2026-02-01T09:00:00.000Z',
  proposedBy: KEY_ID,
  ...changes,
});

/** What happens at one call of a store: nothing, or the caller dies before or after its effect. */
export type Fault = 'none' | 'before' | 'after';

export class Crash extends Error {}

/** All stores of payouts in memory, with the same promises as the real ones; `fault` is asked at each write. */
function memoryPayouts(fault: () => Fault = () => 'none') {
  const profiles = new Map<string, PayoutProfile>();
  const records: ProfileRecord[] = [];
  const payouts = new Map<string, Payout>();
  const versions = new Map<string, number>();
  const runs = new Map<string, PayoutRun>();
  const plans = new Map<string, RunPlan>();
  const open = new Map<string, Instant>();
  const journal = new Map<string, JournalEntry>();
  const issued: (DueStatement & { readonly affiliateId: string })[] = [];
  let proposing: string | undefined;

  const written = async <Result>(effect: () => Result): Promise<Result> => {
    const happens = fault();
    if (happens === 'before') throw new Crash('before a write');
    const result = effect();
    if (happens === 'after') throw new Crash('after a write');
    return result;
  };
  const require = (holds: boolean) => {
    if (!holds) throw new VersionConflict('changed meanwhile');
  };
  const keyOf = ({ affiliateId, currency }: { affiliateId: string; currency: string }) => `${affiliateId}#${currency}`;

  const profileStore: PayoutProfiles = {
    get: async (affiliateId, currency) => profiles.get(keyOf({ affiliateId, currency })),
    of: async (affiliateId) => [...profiles.values()].filter((profile) => profile.affiliateId === affiliateId),
    async *all() {
      yield* [...profiles].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, profile]) => profile);
    },
    change: ({ profile, record }) =>
      written(() => {
        require((profiles.get(keyOf(profile))?.version ?? 0) === profile.version - 1);
        profiles.set(keyOf(profile), profile);
        records.push(record);
      }),
    history: async (affiliateId, currency, limit) =>
      records
        .filter((record) => keyOf(record) === keyOf({ affiliateId, currency }))
        .reverse()
        .slice(0, limit),
  };

  const putPayout = (payout: Payout) => {
    require((payouts.get(payout.payoutId)?.version ?? 0) === payout.version - 1);
    payouts.set(payout.payoutId, payout);
  };
  const store: PayoutStore = {
    account: async (affiliateId, currency) => ({
      version: versions.get(keyOf({ affiliateId, currency })) ?? 0,
      payouts: [...payouts.values()].filter((payout) => keyOf(payout) === keyOf({ affiliateId, currency })),
    }),
    reserve: (payout, accountVersion) =>
      written(() => {
        require((versions.get(keyOf(payout)) ?? 0) === accountVersion);
        putPayout(payout);
        versions.set(keyOf(payout), accountVersion + 1);
      }),
    put: (payout) => written(() => putPayout(payout)),
    send: (payout) =>
      written(() => {
        const isSame = profiles.get(keyOf(payout))?.version === payout.profileVersion;
        if (!isSame || payouts.get(payout.payoutId)?.version !== payout.version - 1) return false;
        payouts.set(payout.payoutId, payout);
        return true;
      }),
    run: async (runId) => runs.get(runId),
    plan: async (runId) => plans.get(runId) ?? [],
    payoutsOf: async (runId) =>
      [...payouts.values()]
        .filter((payout) => payout.runId === runId)
        .sort((left, right) => (left.payoutId < right.payoutId ? -1 : 1)),
    async list(limit, after) {
      const all = [...runs.values()].reverse().filter(({ runId }) => after === undefined || runId < after);
      const page = all.slice(0, limit);
      return { runs: page, position: all.length > limit ? page.at(-1)?.runId : undefined };
    },
    proposing: async () => (proposing === undefined ? undefined : runs.get(proposing)),
    begin: (begun, plan) =>
      written(() => {
        if (proposing === undefined) {
          proposing = begun.runId;
          runs.set(begun.runId, begun);
          plans.set(begun.runId, plan);
        }
        return runs.get(proposing)!;
      }),
    changeRun: (changed) =>
      written(() => {
        require(runs.get(changed.runId)?.version === changed.version - 1);
        runs.set(changed.runId, changed);
        if (changed.version === 2) proposing = undefined;
      }),
    mark: (runId, at) => written(() => void open.set(runId, at)),
    open: async () => [...open].map(([runId, markedAt]) => ({ runId, markedAt })),
    close: ({ runId, markedAt }) =>
      written(() => {
        if (open.get(runId) === markedAt) open.delete(runId);
      }),
  };

  const journalWriter: JournalWriter = {
    post: (entry) =>
      written(() => {
        const key = `${entry.party}#${entry.month}#${entryIdOf(entry)}`;
        const text = (each: JournalEntry) =>
          JSON.stringify(each, (_name, value) => (typeof value === 'bigint' ? `${value}` : value));
        const before = journal.get(key);
        if (before !== undefined && text(before) !== text(entry)) throw new JournalConflict(key);
        journal.set(key, entry);
        return before === undefined ? 'posted' : 'already_posted';
      }),
  };
  const statements: StatementReader = {
    of: async (affiliateId) => issued.filter((each) => each.affiliateId === affiliateId),
  };
  return {
    profiles: profileStore,
    payouts: store,
    journal: journalWriter,
    statements,
    state: { profiles, payouts, runs, open, journal, issued },
  };
}

/** Everything that is done with payouts, on stores in memory. */
export function payoutWorld({ fault, clock }: { readonly fault?: () => Fault; readonly clock: () => Instant }) {
  const stores = memoryPayouts(fault);
  const { payouts, profiles, statements, journal, state } = stores;
  let made = 0;
  const postPayout = createPostPayout({ journal, timeZone: 'UTC' });
  const readAccounts = createReadAccounts({ profiles, payouts, statements });
  const releaseRun = createReleaseRun(payouts);
  const finishRun = createFinishRun({ payouts, postPayout });
  return {
    ...stores,
    readAccounts,
    releaseRun,
    proposeRun: createProposeRun({
      profiles,
      payouts,
      readAccount: createReadAccount({ payouts, statements }),
      releaseRun,
      catalog: { affiliate: async (affiliateId) => ({ affiliateId, name: `Name of ${affiliateId}` }) },
      clock,
      makeRunId: () => `run_01JD3Y8Q5T9Z6V2K4M7N1P0R${(made++).toString().padStart(2, '0')}`,
    }),
    sendRun: createSendRun({
      payouts,
      finishRun,
      clock,
      findPayer: async () => ({ name: 'Network Ltd', iban: 'NL91ABNA0417164300', bic: 'ABNANL2A' }),
    }),
    settleAnswers: createSettleAnswers({ payouts, postPayout, clock }),
    checkRuns: createCheckRuns({ payouts, finishRun, releaseRun, postPayout, clock }),
    /** Lets an affiliate be paid, and issues it a statement. */
    owe(affiliateId: string, amountMinor: bigint, changes: Partial<PayoutProfile> = {}): void {
      const profile = { affiliateId, currency: 'EUR', version: 1, payee: SEPA, terms: DEFAULT_TERMS, ...changes };
      if (!state.profiles.has(`${affiliateId}#${profile.currency}`))
        state.profiles.set(`${affiliateId}#${profile.currency}`, profile);
      state.issued.push({ ...statement({ amountMinor, currency: profile.currency }), affiliateId });
    },
    /** What the journal says of an account in euros. */
    on: (account: string): bigint =>
      [...state.journal.values()].reduce((sum, entry) => sum + amountOn(entry, account, 'EUR'), 0n),
  };
}
