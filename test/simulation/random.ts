/** Pseudo-random numbers from a seed, the same on every machine: they only choose what to try, so that speed matters and quality little. */
export class Random {
  private state: number;

  constructor(seed: number) {
    // Spread, so that neighbouring seeds have nothing in common; xorshift never leaves 0.
    let mixed = (seed + 0x9e3779b9) >>> 0;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    this.state = (mixed ^ (mixed >>> 16)) >>> 0 || 1;
  }

  /** A whole number from 0 to under `end`. */
  below(end: number): number {
    let state = this.state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.state = state >>> 0;
    return this.state % end;
  }

  /** True once in `times`. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }
}
