/** What a scenario did, in a line, and what did not hold: nothing, if all is well. */
export interface Result {
  readonly line: string;
  readonly violations: readonly string[];
}
