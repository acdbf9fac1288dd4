import { setTimeout as sleep } from 'node:timers/promises';
import { signHmac } from '../../shared/dialects/verification.ts';
import { graphLead, leadIdIn, startApi } from '../support/graph-api.ts';
import { startStackProcess } from '../support/stack-process.ts';
import { confirmedLeads, makeBenchNetwork } from './network.ts';

const PORT = 4391;
const LEADS = 1000;
/** Meta sends again what it takes for unacknowledged: the same batch comes so often. */
const BATCHES = 3;
/** Longer than the first tries of all notices take: each of them fails at least once. */
const API_DOWN_MS = 20_000;
const DRAIN_LIMIT_MS = 180_000;
const POLL_MS = 500;
const SECRET = 'made-up-app-secret';

export interface MetaBatchFigures {
  /** The slowest acknowledgement of a batch of 1,000 notices. */
  readonly slowestAckMs: number;
  /** Requests that the Graph API answered with 500. */
  readonly failures: number;
  /** Leads that were not there in the end, or there twice. */
  readonly lost: number;
  /** From the first request that the Graph API answered until the last lead was in the report. */
  readonly drainSeconds: number;
}

/** Sends batches of Meta's notices to `npm start`, while the Graph API fails for a while. */
export async function measureMetaBatch(dataDir: string): Promise<MetaBatchFigures> {
  let isDown = true;
  let failures = 0;
  const api = await startApi((request) => {
    if (isDown) failures += 1;
    return isDown
      ? { status: 500 }
      : { status: 200, body: { ...graphLead(leadIdIn(request)), created_time: undefined } };
  });
  const stack = await startStackProcess(dataDir, PORT);
  try {
    const network = await makeBenchNetwork(stack);
    const { url } = await network.api.expect('POST', '/v1/endpoints', {
      dialect: 'meta',
      campaign: network.campaignId,
      secrets: { app_secret: SECRET, verify_token: 'made-up', access_token: 'made-up' },
      settings: { apiUrl: api.url },
    });
    const ackMs: number[] = [];
    for (let batch = 0; batch < BATCHES; batch += 1) ackMs.push(await send(url as string));
    await sleep(API_DOWN_MS);
    isDown = false;
    const upAt = performance.now();
    let confirmed = 0;
    while (confirmed < LEADS && performance.now() - upAt < DRAIN_LIMIT_MS) {
      await sleep(POLL_MS);
      confirmed = await confirmedLeads(network);
    }
    const drainSeconds = (performance.now() - upAt) / 1000;
    return { slowestAckMs: Math.max(...ackMs), failures, lost: Math.abs(LEADS - confirmed), drainSeconds };
  } finally {
    await stack.stop();
    await api.stop();
  }
}

/** How long the acknowledgement of a batch takes, in milliseconds. */
async function send(url: string): Promise<number> {
  const changes = Array.from({ length: LEADS }, (_, index) => ({
    field: 'leadgen',
    value: { leadgen_id: (123_123_000_000 + index).toString(), page_id: '123123123', form_id: '12312312312' },
  }));
  const body = Buffer.from(
    JSON.stringify({ object: 'page', entry: [{ id: '153125381133', time: 1438292065, changes }] }),
  );
  const begun = performance.now();
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-hub-signature-256': signHmac(body, SECRET, { encoding: 'hex', prefix: 'sha256=' }),
    },
    body,
  });
  await response.text();
  if (response.status !== 200) throw new Error(`a batch was answered ${response.status}`);
  return performance.now() - begun;
}
