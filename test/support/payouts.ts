import type { SepaDestination } from '../../shared/domain/payouts/destination.ts';
import type { DueStatement } from '../../shared/domain/payouts/payable.ts';
import type { Payout } from '../../shared/domain/payouts/payout.ts';
import type { PayoutRun } from '../../shared/domain/payouts/run.ts';
import { type Instant, instantOf, millisecondsOf } from '../../shared/domain/time/calendar.ts';
import { AFFILIATE_ID, KEY_ID } from './builders.ts';

export const RUN_ID = 'run_01JD3Y8Q5T9Z6V2K4M7N1P0R8S';
export const PAYOUT_ID = '01JD3Y8Q5T9Z6V2K4M7N1P0R8S-001';
export const SEPA: SepaDestination = {
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
  destination: SEPA,
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
