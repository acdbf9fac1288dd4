import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { makeBenchNetwork } from '../bench/network.ts';
import { BAD_DAY, loadUnderFaults } from '../faults/broken-network.ts';
import { startFaultyStack } from '../faults/faulty-stack.ts';
import { click, postbacks } from '../faults/postbacks.ts';

const SEED = 3;
const POSTBACKS = 60;

it('keeps what it has told and bills each lead once, though calls are lost, cut, late, throttled and failed', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'leadledger-faults-'));
  const stack = await startFaultyStack(SEED, { dataDir, assemble: () => Promise.resolve(inject('assembly')) });
  try {
    const network = await makeBenchNetwork({ url: stack.url, key: stack.operatorKey });
    const next = postbacks({ network, clickIds: await click(network, 5), seed: SEED, repeated: 0.3, count: POSTBACKS });
    const { books, line, violations } = await loadUnderFaults({
      stack,
      faults: BAD_DAY,
      network,
      next,
      resent: 1,
      seed: SEED,
    });
    expect(violations).toEqual([]);
    expect(line).toMatch(/^60 acknowledged/);
    expect(books.entries.length).toBe(books.leads.length);
    expect(books.leads.length).toBeGreaterThan(POSTBACKS / 2);
  } finally {
    await stack.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
});
