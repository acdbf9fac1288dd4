import { type Actor, pick } from './actor.ts';

const AFTER_MS = [0, 25 * 3_600_000, 86_400_000 - 2_000] as const;

/** The schedule that releases holds; now and then two of its runs meet. */
export const releaseHolds: Actor = {
  name: 'release-holds',
  weight: 4,
  // after, runs at once
  choices: [AFTER_MS.length, 3],
  async act({ world }, _number, [after, atOnce = 0]) {
    await world.scheduler.sleep(pick(AFTER_MS, after));
    await Promise.all(
      Array.from({ length: 1 + (atOnce % 2) }, (_, instance) => world.runScheduled('release-holds', {}, instance)),
    );
  },
};

const RESUMED_AFTER_MS = [150_000, 0, 61_000, 2 * 3_600_000] as const;

/** The schedule that wakes what is to be delivered. */
export const resumeDeliveries: Actor = {
  name: 'resume-deliveries',
  weight: 4,
  of: 'deliveries',
  choices: [RESUMED_AFTER_MS.length],
  async act({ world }, _number, [after]) {
    await world.scheduler.sleep(pick(RESUMED_AFTER_MS, after));
    await world.runScheduled('resume-deliveries');
  },
};

/** The schedule that looks for leads without their entry. */
export const reconcile: Actor = {
  name: 'reconcile',
  weight: 2,
  choices: [AFTER_MS.length],
  async act({ world }, _number, [after]) {
    await world.scheduler.sleep(pick(AFTER_MS, after));
    await world.runScheduled('reconcile-leads');
  },
};
