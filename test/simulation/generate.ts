import type { Actor } from './actors/actor.ts';
import { ACTORS } from './actors/actors.ts';
import { FAULT_KINDS, FAULTS, type FaultKind } from './faults.ts';
import { Random } from './random.ts';
import { LATER_CHOICES, readSettings, SETTING_CHOICES, type Settings } from './settings.ts';
import type { Tape } from './tape.ts';

/** Every run has so many leads, and up to so many more. */
const LEADS = 14;
const MORE_LEADS = 2;
const MORE_ACTIONS = 6;
const MAX_FAULTS = 10;
/** How long after an action the next begins, by the number on the tape. */
export const DELAYS_MS = [0, 1, 5, 20, 100, 400, 5_000, 90_000] as const;

const drawn = (isDrawn: (actor: Actor) => boolean): readonly number[] =>
  ACTORS.flatMap((actor, index) => (isDrawn(actor) ? Array<number>(actor.weight).fill(index) : []));
const EVERYBODY_ELSE = drawn((actor) => actor.of === undefined);
const THOSE_OF = {
  books: drawn((actor) => actor.of === 'books'),
  endpoints: drawn((actor) => actor.of === 'endpoints'),
  deliveries: drawn((actor) => actor.of === 'deliveries'),
} as const;

/** Every third lead is told to an endpoint where there are any. */
const TELLER = ACTORS.findIndex((actor) => actor.of === 'endpoints');

/** What a run has beside the rest: every second of those who act is of the first, every second of the others of the next. */
const partsOf = ({ closes, endpoints, delivers }: Settings): readonly (keyof typeof THOSE_OF)[] => [
  ...(closes ? (['books'] as const) : []),
  ...(endpoints ? (['endpoints'] as const) : []),
  ...(delivers ? (['deliveries'] as const) : []),
];

/** The tape of a seed: a world of its own, with a part of all actors and a part of all kinds of faults. */
export function generate(seed: number): Tape {
  const random = new Random(seed);
  const apart = new Random(-seed);
  const settings = [
    ...SETTING_CHOICES.map((choices) => random.below(choices)),
    ...LATER_CHOICES.map((choices) => apart.below(choices)),
  ];
  const given = readSettings(settings);
  const parts = partsOf(given);
  const leads = LEADS + random.below(MORE_LEADS + 1);
  const more = random.below(MORE_ACTIONS + 1);
  const favourites = favouritesOf(given, random);
  const actions: number[][] = [];
  // Leads, and everybody else among them.
  for (let left = leads + more, leadsLeft = leads; left > 0; left -= 1) {
    const isLead = random.below(left) < leadsLeft;
    if (isLead) leadsLeft -= 1;
    const part = parts.find(() => random.oneIn(2));
    const others = part === undefined ? EVERYBODY_ELSE : THOSE_OF[part];
    const reporter = given.endpoints && random.oneIn(3) ? TELLER : 0;
    const actor = isLead ? reporter : (others[random.below(others.length)] ?? 0);
    actions.push(actionOf(actor, favourites, random));
  }
  // Others always fail to answer somewhere; nobody does where nobody is asked.
  const asksOthers = given.endpoints || given.delivers;
  const kinds = FAULT_KINDS.filter((kind) => (FAULTS[kind].site === 'outgoing' ? asksOthers : random.oneIn(3)));
  const faults = Array.from({ length: kinds.length === 0 ? 0 : random.below(MAX_FAULTS + 1) }, () =>
    faultOf(kinds[random.below(kinds.length)] ?? 'throttle', actions.length, random),
  );
  return { settings, actions, faults };
}

/** For each actor and choice the few possibilities that a run keeps to, the one taken most first: what meets, must be about the same. */
const favouritesOf = (given: Settings, random: Random): (readonly [number, number])[][] =>
  ACTORS.map(({ choices, of }) =>
    (isThere(of, given) ? choices : []).map(
      (count) => [random.oneIn(2) ? 0 : random.below(count), random.below(count)] as const,
    ),
  );

const isThere = (of: Actor['of'], { endpoints, delivers }: Settings): boolean =>
  of === 'endpoints' ? endpoints : of !== 'deliveries' || delivers;

function actionOf(actor: number, favourites: ReturnType<typeof favouritesOf>, random: Random): number[] {
  const choices = ACTORS[actor]?.choices ?? [];
  const drawn = choices.map((count, index) => {
    const [first, second] = favourites[actor]?.[index] ?? [0, 0];
    const draw = random.below(16);
    return draw < 8 ? first : draw < 12 ? second : draw < 15 ? 0 : random.below(count);
  });
  return [actor, random.below(DELAYS_MS.length), ...drawn];
}

function faultOf(kind: FaultKind, actions: number, random: Random): number[] {
  const { places, degrees } = FAULTS[kind];
  return [FAULT_KINDS.indexOf(kind) + 1, random.below(actions), random.below(places), random.below(degrees)];
}
