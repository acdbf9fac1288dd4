import { monthOf } from '../../../shared/domain/time/calendar.ts';
import { FINANCE, OPERATOR } from '../network.ts';
import { Violation } from '../world.ts';
import { type Actor, pick, type Stage } from './actor.ts';
import { close } from './close-month.ts';

const ANSWERS = ['paid', 'rejected', 'returned', 'pending'] as const;
/** By then a close has come through, unless something is in its way. */
const CLOSED_AFTER_MS = 60_000;
const AFTER_MS = [0, 1_000, 26 * 3_600_000] as const;

/** The operator, who proposes a payout run, finance, which approves it, and a bank, which answers once or several times, not always the same. */
export const payOut: Actor = {
  name: 'pay-out',
  weight: 3,
  of: 'books',
  // first answer, second answer, after, by itself, cancelled, how often at once, before any close
  choices: [ANSWERS.length, ANSWERS.length, AFTER_MS.length, 2, 4, 2, 4],
  async act(stage, _number, [first, second, after, byItself = 0, cancelled = 0, more = 0, early = 0]) {
    const { world } = stage;
    if (early !== 1) {
      await close(world, monthOf(world.scheduler.clock(), world.settings.timeZone));
      await world.scheduler.sleep(CLOSED_AFTER_MS);
    }
    const proposed = await world.insist('manage-payouts', {
      route: 'POST /v1/payout-runs',
      key: OPERATOR.key,
      json: {},
    });
    if (proposed.status !== 201) return;
    const runId = proposed.body.runId as string;
    if (byItself === 1) await step(stage, runId, 'approve', OPERATOR.key);
    await step(stage, runId, 'approve', FINANCE.key);
    await Promise.all([
      ...Array.from({ length: 1 + more }, (_, instance) => step(stage, runId, 'send', OPERATOR.key, instance)),
      ...(cancelled === 1 ? [step(stage, runId, 'cancel', FINANCE.key, 1)] : []),
    ]);
    await Promise.all([answer(stage, runId, pick(ANSWERS, first)), answer(stage, runId, pick(ANSWERS, first), 1)]);
    await world.scheduler.sleep(pick(AFTER_MS, after));
    await answer(stage, runId, pick(ANSWERS, second));
  },
};

async function step(
  { world }: Stage,
  runId: string,
  what: 'approve' | 'send' | 'cancel',
  key: string,
  instance = 0,
): Promise<void> {
  const request = { route: `POST /v1/payout-runs/{runId}/${what}`, key, path: { runId } };
  const { status, body } = await world.insist('manage-payouts', request, instance);
  if (status === 200 && body.approvedBy === OPERATOR.kid) {
    throw new Violation(`${runId} was approved by whoever proposed it`);
  }
}

const answer = ({ world }: Stage, runId: string, kind: (typeof ANSWERS)[number], instance = 0) =>
  world.insist(
    'manage-payouts',
    {
      route: 'POST /v1/payout-runs/answers',
      key: FINANCE.key,
      json: [{ line: 1, about: { runId }, answer: { kind } }],
    },
    instance,
  );
