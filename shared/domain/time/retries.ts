const JITTER_SHARE = 10;

/**
 * A wait that is longer by chance, so that what failed at once does not come again at once: by up to a tenth of it, and by no more than
 * `atMost`. In whole units, whatever they are. `chance`: from 0 to under 1.
 */
export const longerByChance = (wait: number, chance: number, atMost = wait): number =>
  wait + Math.floor(Math.min(wait / JITTER_SHARE, atMost) * chance);
