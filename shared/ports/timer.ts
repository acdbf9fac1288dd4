/** Runs something once after a while; returns how to call it off. */
export type StartTimer = (milliseconds: number, run: () => void) => () => void;
