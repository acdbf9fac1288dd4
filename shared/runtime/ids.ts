import { randomBytes } from 'node:crypto';
import { monotonicFactory, type PRNG, ulid } from 'ulid';

export type IdPrefix = 'adv' | 'aff' | 'cmp' | 'rcp' | 'imp';

/** Makes ids: a prefix and a ULID, such as `adv_01JD…`. */
export type MakeId = (prefix: IdPrefix) => string;

const POOL_BYTES = 4096;
const DRAW_BYTES = 2;
const pool = Buffer.alloc(POOL_BYTES);
let drawnBytes = POOL_BYTES;

/** Random numbers from 0 to 1 out of a pool of secure bytes: drawn one by one from the system they are most of an id's cost. */
const random: PRNG = () => {
  if (drawnBytes === POOL_BYTES) {
    randomBytes(POOL_BYTES).copy(pool);
    drawnBytes = 0;
  }
  const drawn = pool.readUInt16LE(drawnBytes);
  drawnBytes += DRAW_BYTES;
  return drawn / 0x1_0000;
};

export const makeId: MakeId = (prefix) => `${prefix}_${ulid(undefined, random)}`;

/** ULIDs that rise within one process, seeded with the given time in milliseconds. */
export const makeUlid: (timeMs: number) => string = monotonicFactory(random);
