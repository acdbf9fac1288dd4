import { makeBenchNetwork } from '../bench/network.ts';
import type { Books } from './books.ts';
import { BAD_DAY, loadUnderFaults } from './broken-network.ts';
import { type StackFaults, startFaultyStack } from './faulty-stack.ts';
import { click, postbacks } from './postbacks.ts';
import type { Result } from './result.ts';

export interface CapOptions {
  readonly dataDir: string;
  readonly seed: number;
  /** Without faults, and as many again with them. */
  readonly rounds: number;
  readonly log: (line: string) => void;
}

const POSTBACKS = 5000;
const CAP = 1000;
const CLICKS = 20;
/** Each round has the next of these, and the next number of counters. */
const CAPS = [
  { caps: { total: CAP }, reason: 'campaign_total_cap_reached' },
  { caps: { daily: CAP }, reason: 'campaign_daily_cap_reached' },
];
const SHARDS = [1, 4, 16];

/** 5,000 postbacks from 64 connections against a cap of 1,000: exactly 1,000 are confirmed and billed, with faults and without. */
export async function caps({ dataDir, seed, rounds, log }: CapOptions): Promise<Result> {
  const stack = await startFaultyStack(seed, { dataDir });
  const lines: string[] = [];
  const violations: string[] = [];
  try {
    for (const [name, faults] of Object.entries<StackFaults>({ 'no faults': {}, 'with faults': BAD_DAY })) {
      for (let round = 1; round <= rounds; round += 1) {
        const { caps: cap, reason } = CAPS[round % CAPS.length] ?? {};
        const capShards = SHARDS[round % SHARDS.length];
        const network = await makeBenchNetwork({ url: stack.url, key: stack.operatorKey }, { caps: cap, capShards });
        const next = postbacks({
          network,
          clickIds: await click(network, CLICKS),
          seed: seed + round,
          repeated: 0,
          count: POSTBACKS,
        });
        const loaded = await loadUnderFaults({ stack, faults, network, next, resent: 1, seed: seed + round });
        const { line, wrong } = outcomes(loaded.books, reason);
        const what = `${name}, round ${round} (${JSON.stringify(cap)}, ${capShards} counters)`;
        log(`${what}: ${line}`);
        lines.push(`${what}: ${line}; ${loaded.line}`);
        violations.push(...[...wrong, ...loaded.violations].map((violation) => `${what}: ${violation}`));
      }
    }
  } finally {
    await stack.stop();
  }
  return { lines, violations };
}

/** What became of the leads of a round, and what of it is wrong. */
function outcomes({ leads, entries }: Books, reason: string | undefined): { line: string; wrong: string[] } {
  const count = (status: string) => leads.filter((lead) => lead.status === status).length;
  const capped = leads.filter((lead) => lead.status === 'rejected' && lead.reason === reason).length;
  const line = `${count('confirmed')} confirmed, ${entries.length} billed, ${capped} rejected: ${reason}`;
  const isRight = count('confirmed') === CAP && entries.length === CAP && capped === POSTBACKS - CAP;
  return { line, wrong: isRight ? [] : [`of ${leads.length} leads ${line}`] };
}
