import { ADVERTISERS, AFFILIATES, OPERATOR } from '../network.ts';
import { Violation } from '../world.ts';
import { type Actor, namedLeads, pick } from './actor.ts';

/** An affiliate or advertiser who looks at leads: its own, and one that may be another's. */
export const look: Actor = {
  name: 'look',
  weight: 3,
  // who, which lead, list
  choices: [5, 16, 2],
  async act(stage, _number, [who = 0, which, list = 0]) {
    const party = pick([...AFFILIATES, ...ADVERTISERS], who);
    const key = party.keys[0]?.key;
    const own = 'affiliateId' in party ? 'affiliateId' : 'advertiserId';
    const ownId = 'affiliateId' in party ? party.affiliateId : party.advertiserId;
    const leadIds = namedLeads(stage);
    const request =
      list === 1 || leadIds.length === 0
        ? { route: 'GET /v1/leads', key }
        : { route: 'GET /v1/leads/{leadId}', key, path: { leadId: pick(leadIds, which) } };
    const { status, body } = await stage.world.call('manage-leads', request);
    if (status !== 200) return;
    for (const lead of (body.items ?? [body]) as Record<string, unknown>[]) {
      if (lead[own] !== ownId) throw new Violation(`${ownId} is shown ${lead['leadId']}, which is another's`);
      if (own === 'affiliateId' && 'charge' in lead)
        throw new Violation(`${ownId} is shown what ${lead['leadId']} costs`);
    }
  },
};

/** The operator, who revokes a key of an advertiser that has two. */
export const revokeKey: Actor = {
  name: 'revoke-key',
  weight: 1,
  choices: [ADVERTISERS.length],
  async act({ world }, _number, [whose]) {
    const kid = pick(ADVERTISERS, whose).keys[1]?.kid ?? '';
    world.revokedKeys.add(kid);
    await world.call('manage-catalog', { route: 'DELETE /v1/keys/{kid}', key: OPERATOR.key, path: { kid } });
  },
};
