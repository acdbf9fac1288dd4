import { millisecondsOf } from '../time/calendar.ts';
import type { Check } from './check.ts';
import type { RuleOutcome } from './rules.ts';
import { runCheck } from './run-check.ts';
import type { Signals } from './signals.ts';

export const SCORE_GROUPS = ['fit', 'engagement'] as const;
export type ScoreGroupName = (typeof SCORE_GROUPS)[number];

export const STAGES = ['cold', 'warm', 'mql', 'sql', 'hot'] as const;
export type StageName = (typeof STAGES)[number];

/** Points for leads that meet a condition; fewer than none take points off within the group. */
export interface ScorePoints {
  /** What they are given for, in the campaign's words. */
  readonly what: string;
  readonly points: number;
  readonly when: Check;
}

export interface ScoreGroup {
  /** The group never counts for more, and never for less than none. */
  readonly maxPoints: number;
  /** For every full `everyMs` between click and lead the group loses `points`. */
  readonly decay?: { readonly points: number; readonly everyMs: number } | undefined;
  readonly points: readonly ScorePoints[];
}

/** A stage of leads that have at least `from` points, up to the next stage, and what becomes of them. */
export interface Stage {
  readonly stage: StageName;
  readonly from: number;
  readonly qualified: boolean;
  /** `confirm`: as the campaign's confirmation says; `hold`: pending until somebody decides; `reject`. */
  readonly action: 'confirm' | 'hold' | 'reject';
}

/** How a campaign scores its leads: part of its terms. */
export interface Scoring {
  readonly fit?: ScoreGroup | undefined;
  readonly engagement?: ScoreGroup | undefined;
  /** In order of `from`; the first begins at 0. */
  readonly stages: readonly Stage[];
  /** A lead that meets it is outbound: somebody went to find it. All others came by themselves. */
  readonly outboundWhen?: Check | undefined;
}

export interface ScorePart {
  /** `rules`: taken off by soft rules. */
  readonly group: ScoreGroupName | 'rules';
  /** What the points are for; `cap`, `floor` and `decay` say what a limit or time took or gave back. */
  readonly what: string;
  readonly points: number;
}

/** A lead's score. `total` is the sum of its parts. */
export interface LeadScore {
  readonly total: number;
  readonly parts: readonly ScorePart[];
  readonly stage: StageName;
  readonly qualified: boolean;
  readonly action: Stage['action'];
  readonly direction: 'inbound' | 'outbound';
}

/**
 * Scores a lead from its signals and from what its soft rules found. Whole numbers only: a group's points are added up, held between
 * none and its maximum, then reduced by decay; what soft rules take off comes last, and the total is never below none. `timeZone`
 * (IANA) is the campaign's.
 */
export function scoreLead(
  scoring: Scoring,
  signals: Signals,
  outcomes: readonly RuleOutcome[],
  timeZone: string,
): LeadScore {
  const parts = SCORE_GROUPS.flatMap((name) => groupParts(name, scoring[name], signals, timeZone));
  for (const { ruleId, severity, passed, points = 0 } of outcomes) {
    if (severity === 'soft' && !passed) parts.push({ group: 'rules', what: ruleId, points: -points });
  }
  const sum = sumOf(parts);
  if (sum < 0) parts.push({ group: 'rules', what: 'floor', points: -sum });
  const total = Math.max(sum, 0);
  const { stage, qualified, action } = stageAt(scoring.stages, total);
  const { outboundWhen } = scoring;
  const isOutbound = outboundWhen !== undefined && runCheck(outboundWhen, signals, timeZone).passed;
  return { total, parts, stage, qualified, action, direction: isOutbound ? 'outbound' : 'inbound' };
}

function groupParts(
  group: ScoreGroupName,
  scored: ScoreGroup | undefined,
  signals: Signals,
  timeZone: string,
): ScorePart[] {
  if (scored === undefined) return [];
  const parts: ScorePart[] = scored.points
    .filter(({ when }) => runCheck(when, signals, timeZone).passed)
    .map(({ what, points }) => ({ group, what, points }));
  const sum = sumOf(parts);
  if (sum > scored.maxPoints) parts.push({ group, what: 'cap', points: scored.maxPoints - sum });
  if (sum < 0) parts.push({ group, what: 'floor', points: -sum });
  const lost = Math.min(decayed(scored, signals), Math.max(sumOf(parts), 0));
  if (lost > 0) parts.push({ group, what: 'decay', points: -lost });
  return parts;
}

/** Points lost to time: from the click (without one, from the conversion) until the lead was last added to. */
function decayed({ decay }: ScoreGroup, { clickedAt, occurredAt, updatedAt }: Signals): number {
  if (decay === undefined) return 0;
  const elapsedMs = millisecondsOf(updatedAt ?? occurredAt) - millisecondsOf(clickedAt ?? occurredAt);
  return Math.max(Math.floor(elapsedMs / decay.everyMs), 0) * decay.points;
}

const sumOf = (parts: readonly ScorePart[]): number => parts.reduce((sum, { points }) => sum + points, 0);

/** The last stage that begins at or below `total`. Throws RangeError where there is none: the first must begin at 0. */
function stageAt(stages: readonly Stage[], total: number): Stage {
  const stage = stages.findLast(({ from }) => from <= total);
  if (stage === undefined) throw new RangeError('a scoring without a stage from 0');
  return stage;
}
