import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '../api-client.ts';
import type { DemoNetwork } from './network.ts';

const CONCURRENT_CALLS = 16;
/** Longer than the hasty campaign's click window. */
const TOO_LATE_MS = 1500;
const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

/** How often each answer was given: `200 confirmed`, `400 invalid-request`, `302`. */
export type Tally = Map<string, number>;

interface ClickPlan {
  readonly campaignId: string;
  readonly affiliateId: string;
  readonly source: string;
}

const pick = <Item>(items: readonly Item[], random: () => number): Item =>
  items[Math.floor(random() * items.length)] as Item;

/** Runs calls, some at a time; `onDone` is told after each. */
async function runAll<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
  onDone: () => void,
): Promise<Result[]> {
  const results: Result[] = [];
  const rest = items.entries();
  const worker = async () => {
    for (const [index, item] of rest) {
      results[index] = await work(item);
      onDone();
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_CALLS }, worker));
  return results;
}

/** Sends visitors through click links; returns the click id that each landing URL was given. */
export function sendClicks(api: ApiClient, plans: readonly ClickPlan[], onDone: () => void): Promise<string[]> {
  return runAll(
    plans,
    async ({ campaignId, affiliateId, source }) => {
      const response = await fetch(`${api.url}/c/${campaignId}?affiliate_id=${affiliateId}&sub1=${source}`, {
        redirect: 'manual',
        headers: { 'user-agent': BROWSER },
      });
      if (response.status !== 302) throw new Error(`a click was answered ${response.status}: ${await response.text()}`);
      return new URL(response.headers.get('location') ?? '').searchParams.get('cid') ?? '';
    },
    onDone,
  );
}

/** Draws clicks for the network's campaigns, popular ones more often. */
export function planClicks(network: DemoNetwork, count: number, random: () => number): ClickPlan[] {
  return Array.from({ length: count }, () => ({
    campaignId: pick(network.campaigns, () => random() ** 2).campaignId,
    affiliateId: pick(network.affiliateIds, () => random() ** 1.5),
    source: pick(['brand', 'generic', 'retarget', 'social'], random),
  }));
}

/** One postback to fire, and with whose key. */
export interface PostbackPlan {
  readonly key: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * Draws postbacks as they come in real life: most are good; some are repeated, report a known order with another amount, name a forged
 * or cut click id, forget the transaction, send an impossible amount, or come from an affiliate who is not trusted to confirm.
 */
export function planPostbacks(network: DemoNetwork, clickIds: readonly string[], random: () => number): PostbackPlan[] {
  const { advertiserKey, affiliateKey } = network;
  return clickIds.flatMap((clickId, index): PostbackPlan[] => {
    const parameters = { click_id: clickId, transaction_id: `order-${index}`, amount: '149.90', currency: 'EUR' };
    const good = { key: advertiserKey, parameters };
    const draw = random();
    if (draw < 0.1) return [good, good];
    if (draw < 0.12) return [good, { key: advertiserKey, parameters: { ...parameters, amount: '99.00' } }];
    if (draw < 0.16) return [{ key: advertiserKey, parameters: { ...parameters, click_id: forge(clickId) } }];
    if (draw < 0.18) return [{ key: advertiserKey, parameters: { ...parameters, click_id: clickId.slice(0, 40) } }];
    if (draw < 0.2) return [{ key: advertiserKey, parameters: { click_id: clickId } }];
    if (draw < 0.22) return [{ key: advertiserKey, parameters: { ...parameters, amount: '1e3' } }];
    if (draw < 0.24) return [{ key: 'not-a-key', parameters }];
    if (draw < 0.3) {
      const campaignId = network.campaigns[0]?.campaignId ?? '';
      return [{ key: affiliateKey, parameters: { campaign_id: campaignId, transaction_id: `claim-${index}` } }];
    }
    return [good];
  });
}

/** Another character in the middle: the signature no longer fits. */
function forge(clickId: string): string {
  const middle = 30;
  return clickId.slice(0, middle) + (clickId[middle] === 'A' ? 'B' : 'A') + clickId.slice(middle + 1);
}

/** Clicks the hasty campaign, waits until its window is over, and reports conversions all the same. */
export async function planLatePostbacks(api: ApiClient, network: DemoNetwork, count: number): Promise<PostbackPlan[]> {
  const plans = Array.from({ length: count }, () => ({
    campaignId: network.hasty.campaignId,
    affiliateId: network.affiliateIds[0] ?? '',
    source: 'flash',
  }));
  const clickIds = await sendClicks(api, plans, () => undefined);
  await sleep(TOO_LATE_MS);
  return clickIds.map((clickId, index) => ({
    key: network.advertiserKey,
    parameters: { click_id: clickId, transaction_id: `late-${index}` },
  }));
}

/** Fires postbacks and counts the answers. Repeats are fired after all others: at once they would only be counted differently. */
export async function firePostbacks(
  api: ApiClient,
  plans: readonly PostbackPlan[],
  onDone: () => void,
): Promise<Tally> {
  const tally: Tally = new Map();
  const seen = new Set<string>();
  const [first, again] = Object.values(
    Object.groupBy(plans, ({ parameters }) => {
      const transaction = parameters['transaction_id'] ?? '';
      if (transaction !== '' && seen.has(transaction)) return 'again';
      seen.add(transaction);
      return 'first';
    }),
  );
  for (const group of [first ?? [], again ?? []]) {
    await runAll(
      group,
      async ({ key, parameters }) => {
        const query = new URLSearchParams({ ...parameters, key });
        const { status, body } = await api.call('GET', `/postback?${query}`, { key });
        const name = nameOf(status, body as Record<string, unknown>);
        tally.set(name, (tally.get(name) ?? 0) + 1);
      },
      onDone,
    );
  }
  return tally;
}

function nameOf(status: number, body: Record<string, unknown>): string {
  const reason = typeof body['reason'] === 'string' ? ` (${body['reason']})` : '';
  const detail = typeof body['status'] === 'string' ? body['status'] + reason : String(body['type']).split('/').at(-1);
  return `${status} ${detail}`;
}
