import { type Actor, pick } from './actor.ts';

const JUMPS_MS = [60_000, 660_000, 3_600_000, 86_400_000] as const;

/** Time, which passes. */
export const timePasses: Actor = {
  name: 'time-passes',
  weight: 2,
  choices: [JUMPS_MS.length],
  async act({ world }, _number, [jump]) {
    world.scheduler.jump(pick(JUMPS_MS, jump));
  },
};
