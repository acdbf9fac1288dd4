import type { ApiClient } from '../api-client.ts';
import type { DemoCampaign, DemoNetwork } from './network.ts';

const CLICKS_PER_CONVERSION = 5;
const MINUTE_MS = 60_000;

/** The traffic of a month, as another tracker would hand it over: NDJSON of clicks, and of conversions that name them. */
export function writeHistory(
  { affiliateIds }: DemoNetwork,
  campaigns: readonly DemoCampaign[],
  month: string,
  clicks: number,
  random: () => number,
): string {
  const start = Date.parse(`${month}-02T00:00:00Z`);
  const spanMs = 25 * 24 * 60 * MINUTE_MS;
  const rows: Record<string, string>[] = [];
  for (let index = 0; index < clicks; index += 1) {
    const at = start + Math.floor(random() * spanMs);
    const campaign = campaigns[Math.floor(random() ** 2 * campaigns.length)]?.campaignId ?? '';
    const affiliate = affiliateIds[Math.floor(random() ** 1.5 * affiliateIds.length)] ?? '';
    const row = { campaign, affiliate, click_ref: `click-${month}-${index}` };
    rows.push({ type: 'click', at: new Date(at).toISOString(), ...row, sub1: `placement-${index % 7}` });
    if (index % CLICKS_PER_CONVERSION === 0) {
      const convertedAt = new Date(at + Math.floor(random() * 2000) * MINUTE_MS).toISOString();
      rows.push({ type: 'conversion', at: convertedAt, ...row, transaction_id: `history-${month}-${index}` });
    }
  }
  return rows.map((row) => JSON.stringify(row)).join('\n');
}

/** Imports NDJSON and waits until it is worked off. Throws where that takes over a minute. */
export async function importHistory(api: ApiClient, key: string, ndjson: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${api.url}/v1/imports`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' },
    body: ndjson,
  });
  if (response.status !== 202) throw new Error(`the import was answered ${response.status}: ${await response.text()}`);
  const { importId } = (await response.json()) as { importId: string };
  return poll(async () => {
    const state = await api.expect('GET', `/v1/imports/${importId}`);
    return state['status'] === 'done' ? state : undefined;
  });
}

const POLL_MS = 250;
const MAX_POLLS = 240;

/** Asks again and again until there is an answer. Throws after a minute. */
export async function poll<Value>(ask: () => Promise<Value | undefined>): Promise<Value> {
  for (let attempt = 0; attempt < MAX_POLLS; attempt += 1) {
    const value = await ask();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error('it took over a minute');
}
