import { encodeTime } from 'ulid';
import type { MakeId } from '../../shared/runtime/ids.ts';

const TIME_CHARACTERS = 10;
const COUNT_CHARACTERS = 16;

/** Ids of one run: by time as real ones, and behind it counted instead of random. */
export class Ids {
  private readonly nowMs: () => number;
  private made = 0;

  constructor(nowMs: () => number) {
    this.nowMs = nowMs;
  }

  readonly ulid = (timeMs: number = this.nowMs()): string => {
    this.made += 1;
    return encodeTime(timeMs, TIME_CHARACTERS) + this.made.toString().padStart(COUNT_CHARACTERS, '0');
  };

  readonly make: MakeId = (prefix, timeMs) => `${prefix}_${this.ulid(timeMs)}`;
}
