import { millisecondsOf } from '../domain/time/calendar.ts';
import type { VelocityStore } from '../ports/velocity.ts';

/** Counts as the store does, of the leads alone that it is told of: for verdicts that nobody is to be billed by. */
export function createVelocityInMemory(): VelocityStore {
  const sightings = new Map<string, Map<string, number>>();
  const requests = new Map<string, number>();
  return {
    async remember(group, { leadKey, at }) {
      const seen = sightings.get(group) ?? new Map<string, number>();
      sightings.set(group, seen);
      const ownAt = seen.get(leadKey) ?? millisecondsOf(at);
      seen.set(leadKey, ownAt);
      return { ownAt, times: [...seen.values()] };
    },
    async countRequest(group, at) {
      const minute = `${group}#${at.slice(0, 16)}`;
      const counted = (requests.get(minute) ?? 0) + 1;
      requests.set(minute, counted);
      return counted;
    },
  };
}
