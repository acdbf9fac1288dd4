import { makeBenchNetwork } from '../bench/network.ts';
import { BAD_DAY, loadUnderFaults } from './broken-network.ts';
import { type FaultyStack, type StackFaults, startFaultyStack } from './faulty-stack.ts';
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
/** Each round has the next of these, and the next number of counters that it is spread over. */
const CAPS = [
  { terms: { total: CAP }, reason: 'campaign_total_cap_reached' },
  { terms: { daily: CAP }, reason: 'campaign_daily_cap_reached' },
];
const SHARDS = [1, 4, 16];

/** 5,000 postbacks from 64 connections against a cap of 1,000: exactly 1,000 are confirmed and billed, with faults and without. */
export async function caps({ dataDir, seed, rounds, log }: CapOptions): Promise<Result> {
  const stack = await startFaultyStack(seed, { dataDir });
  const lines: string[] = [];
  const violations: string[] = [];
  let exact = 0;
  try {
    for (const [name, faults] of Object.entries<StackFaults>({ 'no faults': {}, 'with faults': BAD_DAY })) {
      for (let round = 1; round <= rounds; round += 1) {
        const played = await playRound(stack, faults, round, seed + round);
        const line = `${name}, round ${round}, ${played.line}`;
        log(line);
        lines.push(`${line}; ${played.loaded.line}`);
        if (played.isExact) exact += 1;
        else violations.push(line);
        violations.push(...played.loaded.violations.map((violation) => `${name}, round ${round}: ${violation}`));
      }
    }
  } finally {
    await stack.stop();
  }
  lines.push(`exactly ${CAP} of ${POSTBACKS} confirmed and billed in ${exact} of ${2 * rounds} rounds`);
  return { lines, violations };
}

async function playRound(stack: FaultyStack, faults: StackFaults, round: number, seed: number) {
  const { terms, reason } = CAPS[round % CAPS.length] ?? {};
  const capShards = SHARDS[round % SHARDS.length];
  const network = await makeBenchNetwork(
    { url: stack.url, key: stack.operatorKey },
    { caps: terms, capShards, timeZone: zoneAtNoon() },
  );
  const clickIds = await click(network, CLICKS);
  const next = postbacks({ network, clickIds, seed, repeated: 0, count: POSTBACKS });
  const loaded = await loadUnderFaults({ stack, faults, network, next, resent: 1, seed });
  const { leads, entries } = loaded.books;
  const confirmed = leads.filter(({ status }) => status === 'confirmed').length;
  const capped = leads.filter((lead) => lead.status === 'rejected' && lead.reason === reason).length;
  return {
    loaded,
    line:
      `${JSON.stringify(terms)}, ${capShards} counters: ` +
      `${confirmed} confirmed, ${entries.length} billed, ${capped} rejected: ${reason}`,
    isExact: confirmed === CAP && entries.length === CAP && capped === POSTBACKS - CAP,
  };
}

/** A time zone in which it is noon: no day ends in the middle of a round. */
function zoneAtNoon(): string {
  const hours = new Date().getUTCHours() - 12;
  // These zones count west of Greenwich.
  return `Etc/GMT${hours < 0 ? '' : '+'}${hours}`;
}
