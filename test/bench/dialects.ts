import type { Dialect } from '../../shared/dialects/dialect.ts';
import { dialects } from '../../shared/dialects/registry.ts';
import { passage, RECEIVED_AT, usableSetup } from '../support/dialects.ts';

const WARM_UP = 2000;
const MESSAGES = 5000;

export interface DialectFigures {
  /** CPU of a message of the dialect that takes longest, in milliseconds: verified, read and answered. */
  readonly slowestMs: number;
  readonly slowest: string;
  /** The same of the dialect in the middle. */
  readonly medianMs: number;
  readonly count: number;
}

/** Measures what the messages of all dialects cost, each as its sender would sign and send it. */
export function measureDialects(): DialectFigures {
  const figures = Object.values(dialects)
    .map((dialect) => ({ name: dialect.name, ms: measure(dialect) }))
    .sort((left, right) => left.ms - right.ms);
  const slowest = figures.at(-1);
  const middle = figures[Math.floor(figures.length / 2)];
  return {
    slowestMs: slowest?.ms ?? 0,
    slowest: slowest?.name ?? '',
    medianMs: middle?.ms ?? 0,
    count: figures.length,
  };
}

function measure(dialect: Dialect): number {
  const setup = usableSetup(dialect);
  const message = dialect.sample(setup, RECEIVED_AT);
  const { by, reading } = passage(dialect, message, setup);
  if (reading === undefined) throw new Error(`${dialect.name} does not believe its own sample: ${by}`);
  const take = (times: number): void => {
    for (let index = 0; index < times; index += 1) passage(dialect, message, setup);
  };
  take(WARM_UP);
  const before = process.cpuUsage();
  take(MESSAGES);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / MESSAGES;
}
