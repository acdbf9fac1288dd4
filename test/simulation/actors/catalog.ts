import { SECRET_NAMES } from '../../../shared/adapters/ssm/secrets.ts';
import { CAMPAIGNS, OPERATOR } from '../network.ts';
import { clickIdKeys } from '../secrets.ts';
import { type Actor, pick } from './actor.ts';

const AHEAD_MS = [300_000, 301_000, 3_600_000] as const;
const CHANGES = [
  { charge: '30.00' },
  { commission: '0.00' },
  { confirmation: { mode: 'manual' } },
  { confirmation: { mode: 'automatic' } },
  { trustAffiliates: true },
  { clickWindow: 'PT1H' },
] as const;

/** The operator, who sets new terms for a campaign. */
export const changeTerms: Actor = {
  name: 'change-terms',
  weight: 3,
  // campaign, change, begins
  choices: [CAMPAIGNS.length, CHANGES.length, AHEAD_MS.length],
  async act({ world }, _number, [campaign, change, ahead]) {
    const effectiveFrom = new Date(world.scheduler.nowMs() + pick(AHEAD_MS, ahead) + 60_000).toISOString();
    await world.call('manage-catalog', {
      route: 'PUT /v1/campaigns/{campaignId}/terms',
      key: OPERATOR.key,
      path: { campaignId: pick(CAMPAIGNS, campaign).campaignId },
      json: { ...pick(CHANGES, change), effectiveFrom },
    });
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
