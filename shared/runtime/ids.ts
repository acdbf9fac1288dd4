import { hash, randomBytes } from 'node:crypto';
import { decodeTime, monotonicFactory, type PRNG, ulid } from 'ulid';

export type IdPrefix =
  | 'adv'
  | 'aff'
  | 'cmp'
  | 'rcp'
  | 'imp'
  | 'dec'
  | 'cor'
  | 'ent'
  | 'chg'
  | 'run'
  | 'dry'
  | 'ep'
  | 'msg'
  | 'dst'
  | 'evt';

/** Makes ids: a prefix and a ULID, such as `adv_01JD…`, which begins with the given time in milliseconds, by default the present. */
export type MakeId = (prefix: IdPrefix, timeMs?: number) => string;

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

export const makeId: MakeId = (prefix, timeMs) => `${prefix}_${ulid(timeMs, random)}`;

const BYTE_VALUES = 256;

/** An id that is always the same for the same time and seed: what is done twice is known by it the second time. */
export function makeIdOf(prefix: IdPrefix, timeMs: number, seed: string): string {
  const bytes = hash('sha256', seed, 'buffer').values();
  return `${prefix}_${ulid(timeMs, () => (bytes.next().value ?? 0) / BYTE_VALUES)}`;
}

/** The time in milliseconds that an id begins with. */
export const timeOfId = (id: string): number => decodeTime(id.slice(id.indexOf('_') + 1));

/** ULIDs that rise within one process, seeded with the given time in milliseconds. */
export const makeUlid: (timeMs: number) => string = monotonicFactory(random);
