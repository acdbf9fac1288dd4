import { monotonicFactory, ulid } from 'ulid';

export type IdPrefix = 'adv' | 'aff' | 'cmp' | 'rcp' | 'imp';

/** Makes ids: a prefix and a ULID, such as `adv_01JD…`. */
export type MakeId = (prefix: IdPrefix) => string;

export const makeId: MakeId = (prefix) => `${prefix}_${ulid()}`;

/** ULIDs that rise within one process, seeded with the given time in milliseconds. */
export const makeUlid: (timeMs: number) => string = monotonicFactory();
