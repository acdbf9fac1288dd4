/** The store did not answer in its budget, or refused for load: nothing is known about the write. Retry, or queue. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** Another writer changed the item first: read again and decide again. */
export class VersionConflict extends Error {
  override readonly name = 'VersionConflict';
}

/** The journal holds another entry under this key: somebody changed what must never change. */
export class JournalConflict extends Error {
  override readonly name = 'JournalConflict';
}

/** A counter of a cap changed since it was read: read it again and decide again. */
export class CountersChanged extends Error {
  override readonly name = 'CountersChanged';
}
