import { createContactChecks } from '../../shared/adapters/contact-checks.ts';
import { nextMonth } from '../../shared/domain/time/calendar.ts';
import { namedLeads, type Stage } from './actors/actor.ts';
import { ACTORS } from './actors/actors.ts';
import { close } from './actors/close-month.ts';
import type { FaultKind } from './faults.ts';
import { DELAYS_MS } from './generate.ts';
import { judge } from './judge/judge.ts';
import { Postbacks } from './postbacks.ts';
import type { Tape } from './tape.ts';
import { Tellings } from './tellings.ts';
import { Violation, World } from './world.ts';

// Lists of contact checks are loaded once, from files: in real time, of which a run knows nothing.
await createContactChecks().email('somebody@shop.example');
await createContactChecks().phone('+4930123456', undefined);

export interface RunResult {
  /** What must never be and was, in a sentence; undefined where all is well. */
  readonly violation: string | undefined;
  readonly injected: ReadonlyMap<FaultKind, number>;
  readonly leads: number;
}

/** Plays a tape from beginning to end, lets everything come to rest without faults, and judges what there is. */
export async function run(tape: Tape, trace?: (line: string) => void): Promise<RunResult> {
  const world = new World(tape, trace);
  const postbacks = new Postbacks(world);
  const tellings = new Tellings(world);
  const stage: Stage = { world, postbacks, tellings, decisions: [], jobs: new Map() };
  let violation: string | undefined;
  const failed = (error: unknown): void => {
    violation ??= error instanceof Violation ? error.message : `${error instanceof Error ? error.stack : error}`;
  };
  try {
    const acted = act(tape, stage).then(
      () => true,
      (error: unknown) => {
        failed(error);
        return true;
      },
    );
    let isOver = false;
    acted.then(() => {
      isOver = true;
    });
    await world.scheduler.run();
    if (!isOver) throw new Violation('somebody waits for ever');
    await drain(world);
    violation ??= judge(stage);
  } catch (error) {
    failed(error);
  }
  return { violation, injected: world.machine.faults.injected, leads: namedLeads(stage).length };
}

async function act(tape: Tape, stage: Stage): Promise<void> {
  const { scheduler, machine } = stage.world;
  const acting: Promise<void>[] = [];
  for (const [number, [actorNumber = 0, delay = 0, ...choices]] of tape.actions.entries()) {
    const actor = ACTORS[actorNumber];
    if (actor === undefined) continue;
    const delayMs = DELAYS_MS[delay % DELAYS_MS.length] ?? 0;
    if (delayMs > 0) await scheduler.sleep(delayMs);
    machine.trace?.(`${number}: ${actor.name} ${choices.join(' ')}`);
    machine.faults.begin(number);
    acting.push(actor.act(stage, number, choices));
  }
  await Promise.all(acting);
}

const HOLDS_ARE_OVER_MS = 3 * 86_400_000;
/** Longer than anybody waits for the messages of a job. */
const JOBS_STALL_MS = 2 * 3_600_000;

/** Nothing goes wrong any more: dead letters are taken up again, holds run out, streams are read once more, the reconcile looks at it all. */
async function drain(world: World): Promise<void> {
  const { machine, scheduler, queues, readers, settings } = world;
  machine.trace?.('drain');
  machine.heal();
  for (const queue of Object.values(queues)) queue.redrive();
  if (settings.replays) for (const reader of readers) reader.replay();
  await scheduler.run();
  await resumeJobs(world);
  scheduler.jump(HOLDS_ARE_OVER_MS);
  const released = world.runScheduled('release-holds');
  await scheduler.run();
  const found = world.reconciled;
  const months = monthsOf(world).map((month) => world.runScheduled('reconcile-leads', { month }));
  if (settings.closes) months.push(world.runScheduled('reconcile-leads'), world.runScheduled('check-payouts'));
  await scheduler.run();
  if (!(await released) || (await Promise.all(months)).includes(false)) {
    throw new Violation(`what runs by schedule fails without any fault: ${world.failures.at(-1)}`);
  }
  // What all streams have told, nobody needs to find again.
  if (world.reconciled > found && !readers.some(({ hasMissed }) => hasMissed)) {
    throw new Violation(`the reconcile posted ${world.reconciled - found} entries that the stream had told of`);
  }
  if (settings.conserves) await checkConservation(world);
  if (settings.closes) await closeMonths(world);
  if (settings.delivers) await deliverAll(world);
}

const MAX_RESUMES = 4;

/** Jobs of which messages were lost stand still until the schedule sends them again. */
async function resumeJobs(world: World): Promise<void> {
  const isOpen = () => [...world.engine.itemsOf('Imports')].some(({ pk }) => pk === 'OPEN');
  for (let round = 0; round < MAX_RESUMES && isOpen(); round += 1) {
    world.scheduler.jump(JOBS_STALL_MS);
    await Promise.all([world.runScheduled('reconcile-leads'), world.scheduler.run()]);
  }
}

/** Draws up the report of every month, unless rollups are to be rebuilt first; a difference is noted as a failure. */
async function checkConservation(world: World): Promise<void> {
  if (world.readers.some(({ hasMissed }) => hasMissed)) return;
  for (const month of monthsOf(world)) {
    const checked = world.runScheduled('check-conservation', { month });
    await world.scheduler.run();
    if (!(await checked)) throw new Violation(`the conservation report fails: ${world.failures.at(-1)}`);
  }
}

/** More than the attempts of a delivery, and longer than what lies between two of them. */
const MAX_DELIVERY_ROUNDS = 12;
const NEXT_ATTEMPT_MS = 7 * 3_600_000;

/** Whoever is to be told and did not answer is told now. */
async function deliverAll(world: World): Promise<void> {
  const waits = () => [...world.engine.itemsOf('Deliveries')].some(({ status }) => status === 'waiting');
  for (let round = 0; round < MAX_DELIVERY_ROUNDS && waits(); round += 1) {
    world.scheduler.jump(NEXT_ATTEMPT_MS);
    const resumed = world.runScheduled('resume-deliveries');
    await world.scheduler.run();
    if (!(await resumed)) throw new Violation(`deliveries are not resumed: ${world.failures.at(-1)}`);
  }
}

/** Closes all months and one more, which takes up what came late to those before. */
async function closeMonths(world: World): Promise<void> {
  const months = monthsOf(world).sort();
  const last = months.at(-1);
  if (last === undefined) return;
  // What is still in review was for long enough.
  const struck = world.strike();
  await world.scheduler.run();
  await struck;
  for (const month of [...months, nextMonth(last), nextMonth(nextMonth(last))]) {
    await Promise.all([close(world, month), world.scheduler.run()]);
  }
}

/** The months in which leads happened, or anything was booked. */
function monthsOf({ engine }: World): string[] {
  const months = new Set<string>();
  for (const { advertiserMonth } of engine.itemsOf('Leads')) {
    if (typeof advertiserMonth === 'string') months.add(advertiserMonth.slice(advertiserMonth.indexOf('#') + 1));
  }
  for (const { partition } of engine.itemsOf('Journal')) months.add((partition as string).split('#')[2] ?? '');
  return [...months];
}
