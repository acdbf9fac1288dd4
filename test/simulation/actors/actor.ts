import type { Postbacks } from '../postbacks.ts';
import type { Tellings } from '../tellings.ts';
import type { World } from '../world.ts';

/** What actors work with. */
export interface Stage {
  readonly world: World;
  readonly postbacks: Postbacks;
  readonly tellings: Tellings;
  readonly decisions: Decision[];
  /** Jobs that were accepted, each by its id. */
  readonly jobs: Map<string, Job>;
}

/** What somebody was told who moved a lead by hand. */
export interface Decision {
  readonly leadId: string;
  readonly status: string;
}

/** Somebody who does something in a run. */
export interface Actor {
  readonly name: string;
  /** How often it is drawn, beside the others. */
  readonly weight: number;
  /** Those that do anything only where months are closed, senders report to endpoints, or others are told of what happens. */
  readonly of?: 'books' | 'endpoints' | 'deliveries';
  /** How many possibilities each of its choices has; the first of each is the tame one. */
  readonly choices: readonly number[];
  /** Does it once. `number` is the place among all actions of the run. */
  act(stage: Stage, number: number, choices: readonly number[]): Promise<void>;
}

/** What was sent to be worked off behind a queue. */
export interface Job {
  readonly kind: 'import' | 'decisions';
  readonly lines: readonly Readonly<Record<string, unknown>>[];
}

/** Takes one of some possibilities. */
export const pick = <Value>(values: readonly Value[], choice = 0): Value => values[choice % values.length] as Value;

/** Leads that answers have named, each once, in the order of the answers. */
export const namedLeads = ({ postbacks, tellings }: Stage): string[] => [
  ...new Set([...postbacks.leadIds(), ...tellings.leadIds()]),
];
