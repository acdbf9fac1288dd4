import type { Dialect, EndpointSetup } from '../../shared/dialects/dialect.ts';
import type { DialectName } from '../../shared/dialects/names.ts';
import { dialects } from '../../shared/dialects/registry.ts';
import { passage, RECEIVED_AT, setupOf } from '../support/dialects.ts';

const WARM_UP = 2000;
const MESSAGES = 5000;

/** What an endpoint must be set up with. */
const SETTINGS: Readonly<Partial<Record<DialectName, Readonly<Record<string, unknown>>>>> = {
  impact: { accountSid: 'IRx1' },
  vk: { groupId: '1', confirmation: 'madeup' },
};

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
  const setup: EndpointSetup = setupOf(
    dialect,
    Object.fromEntries(Object.keys(dialect.secrets.shape).map((name) => [name, `made-up-${name}`])),
    SETTINGS[dialect.name],
  );
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
