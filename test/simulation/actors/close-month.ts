import type { CloseMessage } from '../../../shared/contracts/billing.ts';
import { isMonthOver } from '../../../shared/domain/billing/close.ts';
import { millisecondsOf, monthOf, nextMonth, startOfDay } from '../../../shared/domain/time/calendar.ts';
import type { World } from '../world.ts';
import { type Actor, pick } from './actor.ts';

const AFTER_MONTH_END_MS = 3_600_000;
const AFTER_MS = [0, 1_000, 60_000] as const;

/** Has a month closed; the clock is turned on to where it is over. */
export function close({ scheduler, settings, queues }: World, month: string): void {
  const { timeZone } = settings;
  if (!isMonthOver(month, scheduler.clock(), timeZone)) {
    const endMs = millisecondsOf(startOfDay(`${nextMonth(month)}-01`, timeZone));
    scheduler.jump(endMs + AFTER_MONTH_END_MS - scheduler.nowMs());
  }
  queues.close.put({ kind: 'close', month } satisfies CloseMessage);
}

/** The operator, who closes a month, perhaps twice, while leads of it are still on their way. */
export const closeMonth: Actor = {
  name: 'close-month',
  weight: 4,
  // which month, after, times
  choices: [2, AFTER_MS.length, 2],
  async act({ world }, _number, [which = 0, after, more = 0]) {
    if (!world.settings.closes) return;
    await world.scheduler.sleep(pick(AFTER_MS, after));
    const month = monthOf(world.scheduler.clock(), world.settings.timeZone);
    for (let times = 0; times <= more; times += 1) close(world, which === 0 ? month : nextMonth(month));
  },
};
