import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { createImportClient } from '../../infra/tools/import/import-client.ts';
import { importFile } from '../../infra/tools/import/import-file.ts';
import { payoutReport } from '../../shared/contracts/reports.ts';
import { useStack } from '../support/stack.ts';

const stack = await useStack({ onTrouble: () => undefined });
const folder = mkdtempSync(join(tmpdir(), 'leadledger-imports-'));
const CLICKS = 600;
const CONVERSIONS = 200;

async function call(method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(stack.url + path, {
    method,
    headers: { authorization: `Bearer ${stack.operatorKey}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  expect(response.ok).toBe(true);
  return response.json();
}

beforeAll(async () => {
  await call('POST', '/v1/advertisers', { name: 'Shop', currency: 'EUR', externalId: 'shop-ltd' });
  await call('POST', '/v1/affiliates', { name: 'Traffic', externalId: 'traffic-1' });
  await call('POST', '/v1/campaigns', {
    advertiserId: 'ext:shop-ltd',
    name: 'Shop',
    externalId: 'shop',
    landingUrl: 'https://shop.example/?c={click_id}',
    currency: 'EUR',
    charge: '25.00',
    commission: '18.00',
    effectiveFrom: '2025-01-01',
  });
});

/** A file of conversions and then the clicks that they follow: the wrong way round. */
function fileOf(prefix: string): string {
  const path = join(folder, `${prefix}.csv`);
  const lines = [
    'type,at,campaign,affiliate,click_ref,transaction_id',
    ...Array.from(
      { length: CONVERSIONS },
      (_, index) => `conversion,2025-06-02T10:00:00Z,shop,traffic-1,${prefix}${index},order-${prefix}${index}`,
    ),
    ...Array.from({ length: CLICKS }, (_, index) => `click,2025-06-01T10:00:00Z,shop,traffic-1,${prefix}${index},`),
  ];
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

const importOf = (path: string, limitBytes?: number) =>
  importFile(path, {
    client: createImportClient({
      findService: async () => ({ url: stack.url, key: stack.operatorKey }),
      onAway: () => undefined,
    }),
    begunPath: join(folder, 'imports.json'),
    limitBytes,
    onStart: () => undefined,
    onProgress: () => undefined,
  });

async function reported() {
  await stack.drain();
  const report = await call('GET', '/v1/reports/payouts?from=2025-06-01&to=2025-06-30&groupBy=affiliate');
  const [{ clicks, leads, confirmed, charge } = {}] = payoutReport.parse(report).totals;
  return { clicks, leads, confirmed, charge };
}

const confirmed = { confirmed: CONVERSIONS, pending: 0, rejected: 0, duplicate: 0 };

describe('importing a file', () => {
  it('ends with its clicks stored and its leads confirmed, and again changes nothing', async () => {
    const path = fileOf('a');
    expect(await importOf(path)).toMatchObject({ clicks: CLICKS, verdicts: confirmed, failedCount: 0 });
    const figures = await reported();
    expect(figures).toEqual({ clicks: CLICKS, leads: CONVERSIONS, confirmed: CONVERSIONS, charge: '5000.00' });
    expect(await importOf(path)).toMatchObject({
      clicks: CLICKS,
      verdicts: { confirmed: 0, duplicate: CONVERSIONS },
      failedCount: 0,
    });
    expect(await reported()).toEqual(figures);
  });

  it('in many parts is the same', async () => {
    expect(await importOf(fileOf('b'), 16 * 1024)).toMatchObject({
      clicks: CLICKS,
      verdicts: confirmed,
      failedCount: 0,
    });
  });

  it('is exact though the store dies in the middle of it', async () => {
    const before = await reported();
    const importing = importOf(fileOf('c'));
    await sleep(300);
    await stack.engine.kill();
    await sleep(300);
    await stack.engine.restart();
    expect(await importing).toMatchObject({ clicks: CLICKS, verdicts: confirmed, failedCount: 0 });
    expect(await reported()).toMatchObject({
      clicks: (before.clicks ?? 0) + CLICKS,
      confirmed: (before.confirmed ?? 0) + CONVERSIONS,
    });
  });
});
