const MARK = '@';
const HOUR_MS = 3_600_000;
/** A shard takes records for some 4 hours and keeps each for 24: one older than this is never read again. */
const KEPT_MS = 48 * HOUR_MS;
/** Marks on one item at most, whatever the shards are called. */
const MAX_SHARD_MARKS = 256;

/**
 * The attribute in which an item keeps the last sequence of a shard that was added to it. Shard ids such as
 * `shardId-00000001541626099285-f35f62ef`, which begin with the millisecond of their making, are cut short: items are written often.
 */
export const shardMarkName = (shard: string): string => MARK + shard.replace(/shardId-0*/, '');

export const isShardMark = (attribute: string): boolean => attribute.startsWith(MARK);

/** A sequence as text of which a later one sorts after: base 36 behind its length. */
export function markFromSequence(sequence: bigint): string {
  const digits = sequence.toString(36);
  return digits.length.toString(36).padStart(2, '0') + digits;
}

/** The sequence in a mark. */
export function sequenceFromMark(mark: string): bigint {
  let sequence = 0n;
  for (const digit of mark.slice(2)) sequence = sequence * 36n + BigInt(Number.parseInt(digit, 36));
  return sequence;
}

const madeAtMs = (mark: string): number | undefined => {
  const milliseconds = /[^0-9]([0-9]{13})(?:-|$)/.exec(mark)?.[1];
  return milliseconds === undefined ? undefined : Number.parseInt(milliseconds, 10);
};

/** The marks of shards that are long gone, and the oldest of those beyond the limit. Shards that do not tell their age count as new. */
export function staleShardMarks(marks: readonly string[], nowMs: number): string[] {
  const byAge = marks
    .map((mark) => ({ mark, madeMs: madeAtMs(mark) ?? nowMs }))
    .sort((left, right) => right.madeMs - left.madeMs);
  return byAge
    .filter(({ madeMs }, index) => index >= MAX_SHARD_MARKS || madeMs < nowMs - KEPT_MS)
    .map(({ mark }) => mark);
}
