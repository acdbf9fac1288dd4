import { seededRandom } from '../../infra/tools/demo/random.ts';
import { type BenchNetwork, BROWSER, clickIdIn, clickPaths } from '../bench/network.ts';
import type { Postback } from './sender.ts';

export interface PostbackOptions {
  readonly network: BenchNetwork;
  readonly clickIds: readonly string[];
  readonly seed: number;
  /** The share of postbacks that repeat one that was sent before. */
  readonly repeated: number;
  /** How many there are in all, repeats included. Default: no end. */
  readonly count?: number;
}

/**
 * Postbacks of all sorts: by click or by affiliate, with and without an amount, with and without contact data, which takes a transaction
 * in the store. The n-th is the same for the same seed, but for ids.
 */
export function postbacks({ network, clickIds, seed, repeated, count }: PostbackOptions): () => Postback | undefined {
  const random = seededRandom(seed);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const sent: Postback[] = [];
  let left = count ?? Number.POSITIVE_INFINITY;

  const make = (): Postback => {
    const transactionId = `t-${sent.length}`;
    const parameters = new URLSearchParams({ key: network.advertiserKey, transaction_id: transactionId });
    if (random() < 0.6) {
      parameters.set('click_id', pick(clickIds));
    } else {
      parameters.set('campaign_id', network.campaignId);
      parameters.set('affiliate_id', pick(network.affiliateIds));
    }
    if (random() < 0.4) {
      parameters.set('amount', '99.90');
      parameters.set('currency', 'EUR');
    }
    if (random() < 0.3) {
      parameters.set('email', `${transactionId}@visitor.example`);
      parameters.set('first_name', 'Ada');
    }
    return { transactionId, path: `/postback?${parameters}` };
  };

  return () => {
    if (left <= 0) return undefined;
    left -= 1;
    if (sent.length > 0 && random() < repeated) return pick(sent);
    const postback = make();
    sent.push(postback);
    return postback;
  };
}

/** Clicks of the network's visitors, one after the other; returns their ids. */
export async function click(network: BenchNetwork, count: number): Promise<string[]> {
  const nextPath = clickPaths(network);
  const clickIds: string[] = [];
  while (clickIds.length < count) {
    const response = await fetch(network.api.url + nextPath(), {
      redirect: 'manual',
      headers: { 'user-agent': BROWSER },
    });
    if (response.status !== 302) throw new Error(`a click was answered ${response.status}`);
    clickIds.push(clickIdIn(response.headers.get('location') ?? ''));
  }
  return clickIds;
}
