import { touchFromItem } from '../../../shared/adapters/dynamodb/touches.ts';
import { clickContribution, leadContribution } from '../../../shared/domain/rollups/contribution.ts';
import { FIGURE_NAMES, NO_FIGURES } from '../../../shared/domain/rollups/figures.ts';
import { foldInto, type Rollup } from '../../../shared/domain/rollups/fold.ts';
import type { Stage } from '../actors/actor.ts';
import { CAMPAIGNS } from '../network.ts';
import type { Books } from './books.ts';

const OWNERS = new Map(CAMPAIGNS.map((campaign) => [campaign.campaignId, campaign]));

/** Every rollup is the fold of leads and touches, unless a stream forgot something before it was read: then they are to be rebuilt. */
export function judgeRollups({ world: { engine, settings, readers } }: Stage, { leads }: Books): string | undefined {
  if (!settings.rollups || readers.some(({ hasMissed }) => hasMissed)) return undefined;
  const due = new Map<string, Rollup>();
  const hasSlot = () => true;
  for (const lead of leads.values()) foldInto(due, [leadContribution(lead, settings.timeZone)], hasSlot);
  for (const item of engine.itemsOf('Touches')) {
    const touch = touchFromItem(item);
    const owner = OWNERS.get(touch.campaignId);
    if (owner === undefined) return `the touch ${touch.clickId} is of no campaign`;
    foldInto(due, [clickContribution(touch, owner, settings.timeZone)], hasSlot);
  }
  for (const item of engine.itemsOf('Rollups')) {
    if ((item['pk'] as string).startsWith('R#slots#')) continue;
    const key = `${item['pk']}|${item['sk']}`;
    const expected = due.get(key)?.figures ?? NO_FIGURES;
    due.delete(key);
    for (const name of FIGURE_NAMES) {
      const figure = BigInt((item[name] as number | bigint | undefined) ?? 0);
      if (figure !== expected[name]) return `the rollup ${key} has ${figure} ${name} instead of ${expected[name]}`;
    }
  }
  for (const [key, { figures }] of due) {
    if (FIGURE_NAMES.some((name) => figures[name] !== 0n)) return `the rollup ${key} is missing`;
  }
  return undefined;
}
