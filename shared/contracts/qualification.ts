import * as z from 'zod';
import type { Check, CheckKind } from '../domain/qualification/check.ts';
import { FIELD_TYPES, LISTED_FACTS } from '../domain/qualification/check.ts';
import { clockText } from '../domain/qualification/checks/timing.ts';
import {
  MAX_LISTED_VALUES,
  MAX_REPEATS,
  MAX_RULES,
  MAX_SCORE_POINTS,
  MAX_WINDOWS,
} from '../domain/qualification/limits.ts';
import type { Rule } from '../domain/qualification/rules.ts';
import { type ScoreGroup, type Scoring, STAGES } from '../domain/qualification/score.ts';
import { MAX_FIELD_CHARACTERS } from '../domain/qualification/signals.ts';
import { MINUTES_PER_HOUR, WEEKDAYS } from '../domain/time/local-time.ts';
import { CUSTOM_FIELD_NAME, contactNames, country, subIdNames, visitorNames } from './postback.ts';
import { affiliateId, checkedDurationMs, displayText, duration, durationText } from './primitives.ts';

const MAX_REQUIRED_FIELDS = 30;
const MAX_BOUND = 999_999_999_999_999;
const MAX_PER_MINUTE = 100_000;
const MAX_POINTS = 1000;
const MAX_WHAT_CHARACTERS = 64;
const MAX_ID_CHARACTERS = 64;

interface Fault {
  readonly field: string;
  readonly message: string;
}

/** Adds what is wrong between the parts of a value that are each right by themselves; where one is not, that is told first. */
const addFault =
  <Value>(faultOf: (value: Value) => Fault | string | undefined) =>
  (context: z.core.ParsePayload<Value>): void => {
    const fault = context.issues.length > 0 ? undefined : faultOf(context.value);
    if (fault === undefined) return;
    const { path, message } =
      typeof fault === 'string' ? { path: [], message: fault } : { path: [fault.field], message: fault.message };
    context.issues.push({ code: 'custom', path, input: context.value, message });
  };

const wholeNumber = (min: number, max: number) => {
  const message = `must be a whole number from ${min} to ${max}`;
  return z.int(message).min(min, message).max(max, message);
};

const listOf = <Item extends z.ZodType>(item: Item, most: number, what: string) =>
  z.array(item).min(1, `must have at least one ${what}`).max(most, `must have at most ${most} entries`);

const customField = z
  .string()
  .regex(CUSTOM_FIELD_NAME, 'must be the name of a custom field: field_ and 1 to 32 letters, digits or underscores');

const knownFields: readonly string[] = [...contactNames, ...visitorNames, ...subIdNames, 'amount', 'promo_code'];

/** A parameter of `/postback` that a rule can require. */
const requiredField = z
  .string()
  .refine(
    (name) => knownFields.includes(name) || CUSTOM_FIELD_NAME.test(name),
    `must be one of ${knownFields.slice(0, contactNames.length).join(', ')} or the like, or a custom field such as field_age`,
  );

const listedValue = displayText(MAX_FIELD_CHARACTERS);
const values = listOf(listedValue, MAX_LISTED_VALUES, 'value');
const countries = listOf(country, MAX_LISTED_VALUES, 'country');
const optional = z.boolean().optional();

const facts = [...LISTED_FACTS, ...subIdNames] as const;
const fact = z.enum(facts, { error: `must be one of ${facts.join(', ')}` });

const CLOCK = /^(?:[01][0-9]|2[0-3]):[0-5][0-9]$/;
const clock = z.string().regex(CLOCK, 'must be a time of day such as 08:30, from 00:00 to 23:59');
const endClock = z
  .string()
  .refine(
    (text) => text === '24:00' || CLOCK.test(text),
    'must be a time of day such as 18:00, to 24:00, the end of the day',
  );
const weekWindow = z
  .strictObject({
    days: listOf(
      z.enum(WEEKDAYS, { error: `must be one of ${WEEKDAYS.join(', ')}` }),
      WEEKDAYS.length,
      `day of ${WEEKDAYS.join(', ')}`,
    ),
    from: clock,
    to: endClock,
  })
  .check(
    addFault(({ from, to }) =>
      from < to
        ? undefined
        : {
            field: 'to',
            message: 'must be later than from: hours over midnight are two windows, one to 24:00 and one from 00:00',
          },
    ),
  );

/** The fields of each kind of check beside its kind, as they are written on the wire. */
const shapes = {
  required_fields: { fields: listOf(requiredField, MAX_REQUIRED_FIELDS, 'field') },
  field_type: {
    field: customField,
    type: z.enum(FIELD_TYPES, { error: `must be one of ${FIELD_TYPES.join(', ')}` }),
    min: wholeNumber(-MAX_BOUND, MAX_BOUND).optional(),
    max: wholeNumber(-MAX_BOUND, MAX_BOUND).optional(),
    optional,
  },
  allowed_values: { field: customField, values, optional },
  allowed_countries: { countries, optional },
  click_to_lead: { min: duration.optional(), max: duration.optional(), optional },
  allow_list: { of: fact, values, optional },
  deny_list: { of: fact, values },
  day_parting: { windows: listOf(weekWindow, MAX_WINDOWS, 'window') },
  email_syntax: { optional },
  email_not_disposable: { optional },
  phone: { countries: countries.optional(), optional },
  repeat: {
    of: z.enum(['ip', 'device'], { error: 'must be ip or device' }),
    within: duration,
    atMost: wholeNumber(1, MAX_REPEATS).default(1),
    optional,
  },
  rate: {
    of: z.enum(['ip', 'affiliate'], { error: 'must be ip or affiliate' }),
    perMinute: wholeNumber(1, MAX_PER_MINUTE),
    optional,
  },
  honeypot: { field: customField },
  form_time: { min: duration, optional },
  consent: { proof: z.enum(['any', 'url', 'token'], { error: 'must be any, url or token' }).default('any') },
  not_bot: { optional },
} satisfies Record<CheckKind, z.ZodRawShape>;

const checkKinds = Object.keys(shapes) as CheckKind[];
const kindError = { error: `must have a kind: one of ${checkKinds.join(', ')}` };

/** One schema for all kinds, each with the same fields added. */
function checksWith<Extra extends z.ZodRawShape>(extra: Extra) {
  const of = <Kind extends CheckKind>(kind: Kind) =>
    z.strictObject({ kind: z.literal(kind), ...shapes[kind], ...extra });
  return z.discriminatedUnion(
    'kind',
    [
      of('required_fields'),
      of('field_type'),
      of('allowed_values'),
      of('allowed_countries'),
      of('click_to_lead'),
      of('allow_list'),
      of('deny_list'),
      of('day_parting'),
      of('email_syntax'),
      of('email_not_disposable'),
      of('phone'),
      of('repeat'),
      of('rate'),
      of('honeypot'),
      of('form_time'),
      of('consent'),
      of('not_bot'),
    ],
    kindError,
  );
}

type WireCheck = z.output<ReturnType<typeof checksWith<Record<never, z.ZodType>>>>;

/** What is wrong between the fields of a check that are each right by themselves. */
function checkFault(check: WireCheck): Fault | undefined {
  switch (check.kind) {
    case 'field_type':
      if (check.type !== 'integer' && (check.min ?? check.max) !== undefined) {
        return { field: 'type', message: 'must be integer where min or max is given' };
      }
      return orderFault(check.min, check.max);
    case 'click_to_lead':
      if ((check.min ?? check.max) === undefined) {
        return { field: 'min', message: 'or max must be given, such as PT10S or P7D' };
      }
      return orderFault(optionalMs(check.min), optionalMs(check.max));
    case 'allow_list':
    case 'deny_list':
      return listFault(check.of, check.values);
    default:
      return undefined;
  }
}

function orderFault(min: number | undefined, max: number | undefined): Fault | undefined {
  return min !== undefined && max !== undefined && min > max
    ? { field: 'max', message: 'must not be less than min' }
    : undefined;
}

/** Values that nothing could ever equal are a mistake. */
function listFault(of: (typeof facts)[number], listed: readonly string[]): Fault | undefined {
  if (of === 'affiliate_id' && listed.some((value) => !affiliateId.safeParse(value).success)) {
    return { field: 'values', message: 'must be affiliate ids, such as aff_01JD3Y8Q5T9Z6V2K4M7N1P0R8S' };
  }
  if (of === 'email_domain' && listed.some((value) => value.includes('@') || !value.includes('.'))) {
    return { field: 'values', message: 'must be domains such as gmail.com, without what stands before the @' };
  }
  return undefined;
}

const condition = checksWith({}).check(addFault(checkFault));

const points = wholeNumber(1, MAX_POINTS);

/** One rule of a campaign. */
export const rule = checksWith({
  id: z
    .string()
    .regex(
      new RegExp(`^[a-z0-9][a-z0-9_-]{0,${MAX_ID_CHARACTERS - 1}}$`),
      `must be 1 to ${MAX_ID_CHARACTERS} lower-case letters, digits, dashes or underscores, such as adults-only`,
    ),
  severity: z.enum(['hard', 'soft', 'watch'], {
    error: 'must be hard (rejects the lead), soft (takes points off its score) or watch (is only noted)',
  }),
  points: points.optional(),
})
  .check(addFault(checkFault))
  .check(
    addFault(({ severity, points: given }) =>
      (severity === 'soft') === (given !== undefined)
        ? undefined
        : {
            field: 'points',
            message:
              severity === 'soft'
                ? 'must be given for a soft rule: how many it takes off the score'
                : `must be left out: a ${severity} rule has no points`,
          },
    ),
  );

/** The rules of a campaign, in the order in which they are told; the first hard one that does not pass names the reason. */
export const rules = z
  .array(rule)
  .max(MAX_RULES, `must have at most ${MAX_RULES} rules`)
  .refine((list) => new Set(list.map(({ id }) => id)).size === list.length, 'must have a different id each');

export type WireRule = z.output<typeof rule>;

const scoreGroup = z.strictObject({
  max: points,
  decay: z.strictObject({ points, every: duration }).optional(),
  points: listOf(
    z.strictObject({
      what: displayText(MAX_WHAT_CHARACTERS),
      points: wholeNumber(-MAX_POINTS, MAX_POINTS),
      when: condition,
    }),
    MAX_SCORE_POINTS,
    'condition',
  ),
});

const stage = z.strictObject({
  stage: z.enum(STAGES, { error: `must be one of ${STAGES.join(', ')}` }),
  from: wholeNumber(0, 2 * MAX_POINTS),
  qualified: z.boolean(),
  action: z.enum(['confirm', 'hold', 'reject'], {
    error: 'must be confirm (as the campaign confirms), hold (pending until somebody decides) or reject',
  }),
});

function stagesFault(stages: readonly z.output<typeof stage>[]): string | undefined {
  if (stages[0]?.from !== 0) return 'must begin with a stage from 0';
  if (stages.some(({ from }, index) => from <= (stages[index - 1]?.from ?? -1))) {
    return 'must each begin at more points than the one before';
  }
  const names = new Set(stages.map((entry) => entry.stage));
  return names.size < stages.length ? 'must have each stage once' : undefined;
}

/** How a campaign scores its leads. */
export const scoring = z
  .strictObject({
    fit: scoreGroup.optional(),
    engagement: scoreGroup.optional(),
    stages: listOf(stage, STAGES.length, 'stage').check(addFault(stagesFault)),
    outboundWhen: condition.optional(),
  })
  .refine(({ fit, engagement }) => fit !== undefined || engagement !== undefined, {
    path: ['fit'],
    error: 'or engagement must be given: without conditions every score is 0',
  });

export type WireScoring = z.output<typeof scoring>;

const optionalMs = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : checkedDurationMs(text);
const optionalText = (milliseconds: number | undefined): string | undefined =>
  milliseconds === undefined ? undefined : durationText(milliseconds);

const minuteOf = (clockTime: string): number =>
  Number.parseInt(clockTime.slice(0, 2), 10) * MINUTES_PER_HOUR + Number.parseInt(clockTime.slice(3), 10);

/** A check as the domain has it: durations in milliseconds, hours in minutes of the day. */
function checkFrom(check: WireCheck): Check {
  switch (check.kind) {
    case 'click_to_lead': {
      const { min, max, ...rest } = check;
      return { ...rest, minMs: optionalMs(min), maxMs: optionalMs(max) };
    }
    case 'repeat': {
      const { within, ...rest } = check;
      return { ...rest, periodMs: checkedDurationMs(within) };
    }
    case 'form_time': {
      const { min, ...rest } = check;
      return { ...rest, minSeconds: checkedDurationMs(min) / 1000 };
    }
    case 'day_parting':
      return {
        ...check,
        windows: check.windows.map(({ days, from, to }) => ({
          days,
          fromMinute: minuteOf(from),
          beforeMinute: minuteOf(to),
        })),
      };
    default:
      return check;
  }
}

/** A check as it is written on the wire. */
function viewCheck(check: Check) {
  switch (check.kind) {
    case 'click_to_lead': {
      const { minMs, maxMs, ...rest } = check;
      return { ...rest, min: optionalText(minMs), max: optionalText(maxMs) };
    }
    case 'repeat': {
      const { periodMs, ...rest } = check;
      return { ...rest, within: durationText(periodMs) };
    }
    case 'form_time': {
      const { minSeconds, ...rest } = check;
      return { ...rest, min: durationText(minSeconds * 1000) };
    }
    case 'day_parting':
      return {
        ...check,
        windows: check.windows.map(({ days, fromMinute, beforeMinute }) => ({
          days,
          from: clockText(fromMinute),
          to: clockText(beforeMinute),
        })),
      };
    default:
      return check;
  }
}

/** Rules as the domain has them, from what was sent. */
export const rulesFrom = (wire: readonly WireRule[]): readonly Rule[] => wire.map((rule) => checkFrom(rule) as Rule);

/** Rules as they are sent. */
export const viewRules = (rules: readonly Rule[]) => rules.map((rule) => viewCheck(rule) as WireRule);

/** Scoring as the domain has it, from what was sent. */
export function scoringFrom({ fit, engagement, stages, outboundWhen }: WireScoring): Scoring {
  return {
    fit: fit && groupFrom(fit),
    engagement: engagement && groupFrom(engagement),
    stages,
    outboundWhen: outboundWhen && checkFrom(outboundWhen),
  };
}

/** Scoring as it is sent. */
export function viewScoring({ fit, engagement, stages, outboundWhen }: Scoring): WireScoring {
  return {
    fit: fit && viewGroup(fit),
    engagement: engagement && viewGroup(engagement),
    stages: [...stages],
    outboundWhen: outboundWhen && (viewCheck(outboundWhen) as WireCheck),
  };
}

const groupFrom = ({ max, decay, points: conditions }: z.output<typeof scoreGroup>): ScoreGroup => ({
  maxPoints: max,
  decay: decay && { points: decay.points, everyMs: checkedDurationMs(decay.every) },
  points: conditions.map(({ when, ...given }) => ({ ...given, when: checkFrom(when) })),
});

const viewGroup = ({ maxPoints, decay, points: conditions }: ScoreGroup): z.output<typeof scoreGroup> => ({
  max: maxPoints,
  decay: decay && { points: decay.points, every: durationText(decay.everyMs) },
  points: conditions.map(({ when, ...given }) => ({ ...given, when: viewCheck(when) as WireCheck })),
});
