import type { CloseMessage } from '../../../shared/contracts/billing.ts';
import { isMonthOver } from '../../../shared/domain/billing/close.ts';
import { millisecondsOf, monthOf, nextMonth, startOfDay } from '../../../shared/domain/time/calendar.ts';
import { OPERATOR } from '../network.ts';
import type { World } from '../world.ts';
import { type Actor, pick } from './actor.ts';

const AFTER_MONTH_END_MS = 3_600_000;
const AFTER_MS = [0, 1_000, 60_000] as const;
/** Before workers read the journal, and about when the first of them does. */
const HOLDS_AFTER_MS = [undefined, 0, 100, 250, 400] as const;
/** Longer than any review. */
const REVIEW_MS = 25 * 3_600_000;

/** Turns the clock on to where a month is over. */
async function turnTo(world: World, month: string): Promise<void> {
  const { scheduler, settings } = world;
  const { timeZone } = settings;
  if (isMonthOver(month, scheduler.clock(), timeZone)) return;
  const endMs = millisecondsOf(startOfDay(`${nextMonth(month)}-01`, timeZone));
  await world.pass(endMs + AFTER_MONTH_END_MS - scheduler.nowMs());
}

/** Has a month closed. */
export async function close(world: World, month: string): Promise<void> {
  await turnTo(world, month);
  world.queues.close.put({ kind: 'close', month } satisfies CloseMessage);
}

const HOWS = [undefined, { review: 'P1D' }, { dryRun: true }] as const;

/** The operator, who closes a month, perhaps twice, after a review or only for a look, while leads of it are still on their way. */
export const closeMonth: Actor = {
  name: 'close-month',
  weight: 4,
  of: 'books',
  // which month, after, times, how, issued by hand, holds released meanwhile
  choices: [2, AFTER_MS.length, 2, HOWS.length, 2, HOLDS_AFTER_MS.length],
  async act({ world }, _number, [which = 0, after, more = 0, how, byHand = 0, holds]) {
    await world.scheduler.sleep(pick(AFTER_MS, after));
    const now = monthOf(world.scheduler.clock(), world.settings.timeZone);
    const month = which === 0 ? now : nextMonth(now);
    const json = pick(HOWS, how);
    if (json === undefined) {
      for (let times = 0; times <= more; times += 1) await close(world, month);
      const holdsAfterMs = pick(HOLDS_AFTER_MS, holds);
      if (holdsAfterMs === undefined) return;
      await world.scheduler.sleep(holdsAfterMs);
      await world.runScheduled('release-holds');
      return;
    }
    await turnTo(world, month);
    const request = { key: OPERATOR.key, path: { month } };
    await world.insist('manage-billing', { ...request, route: 'POST /v1/months/{month}/close', json });
    if ('dryRun' in json) return;
    await world.pass(REVIEW_MS);
    if (byHand === 0) await Promise.all(Array.from({ length: 1 + more }, () => world.strike()));
    else await world.insist('manage-billing', { ...request, route: 'POST /v1/months/{month}/issue', json: {} });
  },
};
