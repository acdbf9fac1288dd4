/** The store did not answer in its budget, or refused for load: nothing is known about the write. Retry, or queue. */
export class StoreUnavailable extends Error {
  override readonly name: string = 'StoreUnavailable';
}

/** Another writer changed the item first: read again and decide again. */
export class VersionConflict extends Error {
  override readonly name = 'VersionConflict';
}

/** The journal holds another entry under this key: somebody changed what must never change. */
export class JournalConflict extends Error {
  override readonly name = 'JournalConflict';
}

/**
 * A counter changed since it was read, or others are at it at this moment: nothing was written. Read it again and decide again. Whoever
 * has tried often enough treats it as a store that does not answer.
 */
export class CountersChanged extends StoreUnavailable {
  override readonly name = 'CountersChanged';
}
