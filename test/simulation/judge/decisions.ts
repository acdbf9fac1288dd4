import type { Stage } from '../actors/actor.ts';
import type { Books } from './books.ts';

/** Whoever was told that a lead is in a state finds that in its history. */
export function judgeDecisions({ decisions }: Stage, { leads }: Books): string | undefined {
  const broken = decisions.find(
    ({ leadId, status }) => leads.get(leadId)?.history.some((transition) => transition.status === status) !== true,
  );
  return broken && `${broken.leadId} was said to be ${broken.status} and never was`;
}
