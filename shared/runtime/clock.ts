import { type Instant, instantOf } from '../domain/time/calendar.ts';

/** Tells the time; injected wherever a decision needs one. */
export type Clock = () => Instant;

export const systemClock: Clock = () => instantOf(Date.now());
