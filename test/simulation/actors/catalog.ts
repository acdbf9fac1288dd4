import { SECRET_NAMES } from '../../../shared/runtime/secret-names.ts';
import { readCatalog } from '../judge/catalog.ts';
import { ADVERTISERS, AFFILIATES, CAMPAIGNS, type Key, OPERATOR } from '../network.ts';
import { clickIdKeys } from '../secrets.ts';
import { Violation, type World } from '../world.ts';
import { type Actor, pick } from './actor.ts';

/** The first two are on both sides of the shortest notice that is taken. */
const AHEAD_MS = [300_100, 50, 3_600_000] as const;
const CHANGES = [
  { charge: '30.00' },
  { commission: '0.00' },
  { confirmation: { mode: 'manual' } },
  { confirmation: { mode: 'automatic' } },
  { trustAffiliates: true },
  { clickWindow: 'PT1H' },
] as const;

const hasTerms = ({ engine }: World, campaignId: string, effectiveFrom: string): boolean =>
  readCatalog(engine)
    .campaigns.get(campaignId)
    ?.terms.some((terms) => terms.effectiveFrom === effectiveFrom) === true;

/** The operator, who sets new terms for a campaign. */
export const changeTerms: Actor = {
  name: 'change-terms',
  weight: 3,
  // campaign, change, begins
  choices: [CAMPAIGNS.length, CHANGES.length, AHEAD_MS.length],
  async act({ world }, _number, [campaign, change, ahead]) {
    const campaignId = pick(CAMPAIGNS, campaign).campaignId;
    const effectiveFrom = new Date(world.scheduler.nowMs() + pick(AHEAD_MS, ahead)).toISOString();
    const { status } = await world.call('manage-catalog', {
      route: 'PUT /v1/campaigns/{campaignId}/terms',
      key: OPERATOR.key,
      path: { campaignId },
      json: { ...pick(CHANGES, change), effectiveFrom },
    });
    if (status === 409 && !hasTerms(world, campaignId, effectiveFrom)) {
      throw new Violation(`terms from ${effectiveFrom} were refused as there already, and are not`);
    }
  },
};

const TERMS_AHEAD_MS = 300_500;
const OUTAGES_MS = [310_000, 600_000] as const;

/** Terms that begin while the catalog does not answer, and a lead right after that. */
export const termsInOutage: Actor = {
  name: 'terms-in-outage',
  weight: 1,
  // campaign, how long, instance
  choices: [CAMPAIGNS.length, OUTAGES_MS.length, 2],
  async act({ world, postbacks }, number, [campaign, outage, instance = 0]) {
    const { campaignId, advertiserId } = pick(CAMPAIGNS, campaign);
    await world.call('manage-catalog', {
      route: 'PUT /v1/campaigns/{campaignId}/terms',
      key: OPERATOR.key,
      path: { campaignId },
      json: { charge: '77.00', effectiveFrom: new Date(world.scheduler.nowMs() + TERMS_AHEAD_MS).toISOString() },
    });
    if (!world.machine.isHealed) world.machine.silenceCatalog(pick(OUTAGES_MS, outage));
    await world.scheduler.sleep(TERMS_AHEAD_MS + 500);
    const key = ADVERTISERS.find((each) => each.advertiserId === advertiserId)?.keys[0] ?? ADVERTISERS[0].keys[0];
    const transactionId = `order-${number}`;
    const query = { transaction_id: transactionId, campaign_id: campaignId, affiliate_id: AFFILIATES[0].affiliateId };
    await postbacks.send({ key: key as Key, campaignId, transactionId, query }, instance);
  },
};

/** The advertiser or operator, who pauses a campaign or takes it up again. */
export const pauseCampaign: Actor = {
  name: 'pause-campaign',
  weight: 1,
  // campaign, status
  choices: [CAMPAIGNS.length, 2],
  async act({ world }, _number, [campaign, status]) {
    await world.call('manage-catalog', {
      route: 'PATCH /v1/campaigns/{campaignId}',
      key: OPERATOR.key,
      path: { campaignId: pick(CAMPAIGNS, campaign).campaignId },
      json: { status: pick(['paused', 'active'], status) },
    });
  },
};

/** The operator, who gives click ids a new key: first it is known everywhere, then it is used. */
export const rotateClickKey: Actor = {
  name: 'rotate-click-key',
  weight: 1,
  choices: [],
  async act({ world }) {
    const { current } = JSON.parse(world.secrets.get(SECRET_NAMES.clickIdKeys) ?? '{}') as { current: number };
    world.secrets.set(SECRET_NAMES.clickIdKeys, clickIdKeys(current, current + 1));
    await world.scheduler.sleep(600_000);
    world.secrets.set(SECRET_NAMES.clickIdKeys, clickIdKeys(current + 1));
  },
};
