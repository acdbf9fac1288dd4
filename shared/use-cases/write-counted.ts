import type { Campaign } from '../domain/catalog/campaign.ts';
import type { Lead } from '../domain/leads/lead.ts';
import { CountersChanged } from '../ports/errors.ts';
import { createSettleLeadCaps, type SettledLead, type SettleLeadCapsDependencies } from './settle-lead-caps.ts';

export interface WriteCountedDependencies extends SettleLeadCapsDependencies {
  /** How it waits between tries: `random` is from 0 to under 1, and spreads those who met. */
  readonly pace: { readonly random: () => number; readonly sleep: (milliseconds: number) => Promise<void> };
}

/**
 * Settles the next state of a lead with the caps of its campaign and writes both, again where the counters were not as they were read.
 * Throws what `write` throws; CountersChanged where others keep being first.
 */
export type WriteCounted = <Result>(
  campaign: Campaign,
  next: Lead,
  previous: Lead | undefined,
  write: (settled: SettledLead) => Promise<Result>,
) => Promise<{ readonly result: Result; readonly settled: SettledLead }>;

const MAX_ATTEMPTS = 12;
const FIRST_BACKOFF_MS = 5;
const LONGEST_BACKOFF_STEP = 5;

export function createWriteCounted({ counters, pace }: WriteCountedDependencies): WriteCounted {
  const settleLeadCaps = createSettleLeadCaps({ counters });
  return async (campaign, next, previous, write) => {
    for (let attempt = 0; ; attempt += 1) {
      try {
        const settled = await settleLeadCaps(campaign, next, previous, attempt);
        return { result: await write(settled), settled };
      } catch (error) {
        if (!(error instanceof CountersChanged) || attempt + 1 === MAX_ATTEMPTS) throw error;
        await pace.sleep(pace.random() * FIRST_BACKOFF_MS * 2 ** Math.min(attempt, LONGEST_BACKOFF_STEP));
      }
    }
  };
}
