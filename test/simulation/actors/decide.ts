import { ADVERTISERS, AFFILIATES, OPERATOR } from '../network.ts';
import { type Actor, pick } from './actor.ts';

const MOVES = ['confirm', 'reject', 'reverse'] as const;
const AFTER_MS = [0, 2_000, 3_600_000, 26 * 3_600_000] as const;
const MAX_TRIES = 3;

/** Somebody who confirms, rejects or reverses a lead that was named in an answer, and asks again where no answer came. */
export const decide: Actor = {
  name: 'decide',
  weight: 8,
  // move, which lead, who, after, times
  choices: [MOVES.length, 16, 4, AFTER_MS.length, 3],
  async act({ world, postbacks }, _number, [move, which = 0, who, after, times = 0]) {
    await world.scheduler.sleep(pick(AFTER_MS, after));
    const leadIds = postbacks.leadIds();
    if (leadIds.length === 0) return;
    const leadId = pick(leadIds, which);
    const keys = [ADVERTISERS[0].keys[0], OPERATOR, ADVERTISERS[1].keys[0], AFFILIATES[0].keys[0]];
    const request = {
      route: `POST /v1/leads/{leadId}/${pick(MOVES, move)}`,
      key: pick(keys, who)?.key,
      path: { leadId },
      json: { reason: 'by hand' },
    };
    const ask = async (instance: number): Promise<void> => {
      for (let attempt = 1; attempt <= MAX_TRIES; attempt += 1) {
        const { status } = await world.call('manage-leads', request, instance);
        if (status !== 0 && status < 500) return;
        await world.scheduler.sleep(1_000);
      }
    };
    await Promise.all(Array.from({ length: 1 + times }, (_, instance) => ask(instance % 2)));
  },
};
