import type { DueStatement } from '../domain/payouts/payable.ts';
import type { Payout } from '../domain/payouts/payout.ts';
import type { PayoutProfile, ProfileChange, ProfileRecord } from '../domain/payouts/profile.ts';
import type { Payer, PayoutRun, RunPlan } from '../domain/payouts/run.ts';
import type { Instant } from '../domain/time/calendar.ts';

/** How affiliates are paid. Reads are strongly consistent. Every call throws StoreUnavailable. */
export interface PayoutProfiles {
  get(affiliateId: string, currency: string): Promise<PayoutProfile | undefined>;
  /** An affiliate's, by currency. */
  of(affiliateId: string): Promise<readonly PayoutProfile[]>;
  all(): AsyncIterable<PayoutProfile>;
  /** Writes the next version with its record, together. Throws VersionConflict where another came first. */
  change(change: ProfileChange): Promise<void>;
  /** What was changed last, newest first. */
  history(affiliateId: string, currency: string, limit: number): Promise<readonly ProfileRecord[]>;
}

/** An affiliate's payouts, and the version of the account they are taken from: it rises with each payout that is kept aside. */
export interface PayoutAccount {
  readonly version: number;
  readonly payouts: readonly Payout[];
}

/** A run that may have something left to do, and when that was said last. */
export interface OpenRun {
  readonly runId: string;
  readonly markedAt: Instant;
}

/** Runs and their payouts. Reads are strongly consistent. Every call throws StoreUnavailable. */
export interface PayoutStore {
  /** All payouts that an affiliate was ever to get in a currency. */
  account(affiliateId: string, currency: string): Promise<PayoutAccount>;
  /** Keeps money aside, once: nothing else was since `accountVersion` was read. Throws VersionConflict otherwise. */
  reserve(payout: Payout, accountVersion: number): Promise<void>;
  /** Writes a payout of version 1 that keeps nothing aside, or the next version of one that is there. Throws VersionConflict. */
  put(payout: Payout): Promise<void>;
  /**
   * Writes the next version of a payout, provided that the affiliate's profile is still the one that the payout was made with. False
   * where it is not, or where the payout has another version: nothing was written.
   */
  send(payout: Payout): Promise<boolean>;

  run(runId: string): Promise<PayoutRun | undefined>;
  plan(runId: string): Promise<RunPlan>;
  /** The payouts of a run, in the order of its plan. */
  payoutsOf(runId: string, plan: RunPlan): Promise<readonly Payout[]>;
  /** Newest first. */
  list(
    limit: number,
    after?: string,
  ): Promise<{ readonly runs: readonly PayoutRun[]; readonly position?: string | undefined }>;
  /** The run that is being proposed. */
  proposing(): Promise<PayoutRun | undefined>;
  /** Begins to propose a run, unless another is being proposed: then that one is returned. */
  begin(run: PayoutRun, plan: RunPlan): Promise<PayoutRun>;
  /** Writes the next version of a run; leaving `proposing` lets the next one begin. Throws VersionConflict. */
  changeRun(run: PayoutRun): Promise<void>;

  /** Says that a run may have something left to do. Before anything about its payouts is changed. */
  mark(runId: string, at: Instant): Promise<void>;
  open(): Promise<readonly OpenRun[]>;
  /** Takes the mark away, unless it was set again since. */
  close(open: OpenRun): Promise<void>;
}

/** What was issued to affiliates. */
export interface StatementReader {
  /** All statements and credit notes of an affiliate that were issued so far, strongly consistent. Throws StoreUnavailable. */
  of(affiliateId: string): Promise<readonly DueStatement[]>;
}

/** The account that the network pays from; undefined where none is on file. */
export type FindPayer = () => Promise<Payer | undefined>;
