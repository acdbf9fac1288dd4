import { ADVERTISERS, AFFILIATES, CAMPAIGNS, type Key, PROMO_CODE } from '../network.ts';
import type { Postback } from '../postbacks.ts';
import { type Actor, pick, type Stage } from './actor.ts';

const THINK_MS = [1_000, 0, 300, 1_000, 5, 600_000, 20 * 3_600_000] as const;
const AMOUNTS = [undefined, '12.50', '99.00'] as const;
const REPEAT_AFTER_MS = [0, 3, 700, 30_000, 86_400_000] as const;
const REPEATS = [0, 0, 0, 1, 1, 2] as const;
const MAX_CLICK_TRIES = 3;

/** A visitor who clicks, or does not, and becomes a lead; somebody reports it, once or more often. */
export const convert: Actor = {
  name: 'convert',
  weight: 0,
  // campaign, affiliate, sender, naming, amount, contact, think, repeats, repeat after, repeat by, transaction, instance
  choices: [
    CAMPAIGNS.length,
    AFFILIATES.length,
    5,
    6,
    AMOUNTS.length,
    3,
    THINK_MS.length,
    REPEATS.length,
    REPEAT_AFTER_MS.length,
    6,
    4,
    2,
  ],
  async act(stage, number, choices) {
    const [campaignChoice, affiliateChoice, sender = 0, naming = 0, amount, contact = 0, think] = choices;
    const [, , , , , , , repeats, repeatAfter, repeatBy = 0, transaction = 0, instance = 0] = choices;
    const { scheduler } = stage.world;
    const campaign = pick(CAMPAIGNS, campaignChoice);
    const affiliate = pick(AFFILIATES, affiliateChoice);
    const { campaignId } = campaign;
    const named = await nameSource(stage, number, naming, campaignId, affiliate.affiliateId);
    await scheduler.sleep(pick(THINK_MS, think));
    // Most report an order of their own, some one that was reported before.
    const transactionId = `order-${transaction === 0 ? number : Math.max(0, number - transaction)}`;
    const postback: Postback = {
      key: keyOf(sender, campaign.advertiserId, affiliate.keys[0]!),
      campaignId,
      transactionId,
      query: {
        transaction_id: transactionId,
        amount: pick(AMOUNTS, amount),
        email: contact === 1 ? `visitor-${number % 3}@example.com` : undefined,
        ip: contact === 1 ? `198.51.100.${number % 2}` : undefined,
        sub1: contact === 2 ? 'somewhere' : undefined,
        ...named,
      },
    };
    const answered = stage.postbacks.send(postback, instance);
    for (let repeat = 1; repeat <= pick(REPEATS, repeats); repeat += 1) {
      await scheduler.sleep(pick(REPEAT_AFTER_MS, repeatAfter));
      await stage.postbacks.send(repeated(postback, repeatBy, affiliate.keys[0]!), instance + repeat);
    }
    await answered;
  },
};

/** The second time it may be said otherwise, or by somebody else. */
function repeated(postback: Postback, by: number, affiliateKey: Key): Postback {
  if (by === 1) return { ...postback, query: { ...postback.query, amount: '1.00' } };
  return by === 2 ? { ...postback, key: affiliateKey } : postback;
}

function keyOf(sender: number, advertiserId: string, affiliateKey: Key): Key {
  const advertiser = ADVERTISERS.find((each) => each.advertiserId === advertiserId) ?? ADVERTISERS[0];
  switch (sender) {
    case 1:
      return affiliateKey;
    case 2:
      return advertiser.pixelKey;
    case 3:
      return advertiser.keys[1] ?? affiliateKey;
    default:
      return advertiser.keys[0] ?? affiliateKey;
  }
}

/** What the postback says of where the lead comes from. */
async function nameSource(
  stage: Stage,
  number: number,
  naming: number,
  campaign_id: string,
  affiliate_id: string,
): Promise<Postback['query']> {
  switch (naming) {
    case 1:
    case 5:
      return { campaign_id, click_id: await click(stage, campaign_id, { affiliate_id, sub1: `place-${number % 2}` }) };
    case 2:
      return { campaign_id, promo_code: PROMO_CODE };
    case 3:
      return { campaign_id };
    case 4: {
      const gclid = `g-${number % 3}`;
      await click(stage, campaign_id, { source: 'google', gclid });
      return { campaign_id, gclid };
    }
    default:
      return { campaign_id, affiliate_id };
  }
}

/** Follows a link until the landing page is reached; the click id that it was given, if it was. */
async function click(
  { world }: Stage,
  campaignId: string,
  query: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  for (let attempt = 1; attempt <= MAX_CLICK_TRIES; attempt += 1) {
    const request = { route: 'GET /c/{campaignId}', query, path: { campaignId } };
    const { status, headers } = await world.call('ingest-click', request, attempt % 2);
    if (status === 302) return /[?&]c=([^&]*)/.exec(String(headers['location']))?.[1];
  }
  return undefined;
}
