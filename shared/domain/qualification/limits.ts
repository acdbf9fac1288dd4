import type { Check } from './check.ts';
import type { Rule } from './rules.ts';
import { SCORE_GROUPS, type Scoring } from './score.ts';

export const MAX_RULES = 50;
export const MAX_SCORE_POINTS = 50;
export const MAX_LISTED_VALUES = 500;
export const MAX_WINDOWS = 20;
/** Leads of one IP address or device that a rule may let pass in its period; what counts them keeps twice as many. */
export const MAX_REPEATS = 50;
/** Of all checks of a version of terms together, as `costOf` counts. */
export const MAX_COST = 2000;

/** What a check that counts costs: it asks the store. */
const COUNTING_COST = 50;

/** What a check costs at most: one, and one for each value that it compares with. */
function costOf(check: Check): number {
  switch (check.kind) {
    case 'allowed_values':
    case 'allow_list':
    case 'deny_list':
      return 1 + check.values.length;
    case 'allowed_countries':
      return 1 + check.countries.length;
    case 'phone':
      return 1 + (check.countries?.length ?? 0);
    case 'repeat':
    case 'rate':
      return COUNTING_COST;
    default:
      return 1;
  }
}

/** Everything that a version of terms asks about a lead. */
export function checksOf(rules: readonly Rule[], scoring: Scoring | undefined): readonly Check[] {
  const conditions = SCORE_GROUPS.flatMap((group) => scoring?.[group]?.points.map(({ when }) => when) ?? []);
  const outbound = scoring?.outboundWhen;
  return [...rules, ...conditions, ...(outbound === undefined ? [] : [outbound])];
}

/** What is wrong with rules and scoring that are each right by themselves; undefined where they go together. */
export function qualificationFault(
  rules: readonly Rule[],
  scoring: Scoring | undefined,
): { readonly field: 'rules'; readonly message: string } | undefined {
  const soft = rules.find(({ severity }) => severity === 'soft');
  if (scoring === undefined && soft !== undefined) {
    return {
      field: 'rules',
      message: `rule ${soft.id} is soft and takes points off a score: give a scoring, or make it hard or watch`,
    };
  }
  const cost = checksOf(rules, scoring).reduce((sum, check) => sum + costOf(check), 0);
  if (cost <= MAX_COST) return undefined;
  return {
    field: 'rules',
    message:
      `and scoring cost ${cost} together, at most ${MAX_COST} is taken: each check counts 1 and each value of its list 1, ` +
      `repeat and rate ${COUNTING_COST} each`,
  };
}
