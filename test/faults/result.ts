/** What a scenario did, and what did not hold: nothing, if all is well. */
export interface Result {
  readonly lines: readonly string[];
  readonly violations: readonly string[];
}
