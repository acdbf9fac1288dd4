import type { Weekday } from '../time/local-time.ts';
import type { RuleReason } from './reasons.ts';
import type { Signals } from './signals.ts';

export const FIELD_TYPES = ['integer', 'decimal', 'date', 'boolean'] as const;
export type FieldType = (typeof FIELD_TYPES)[number];

/** What allow and deny lists are compared with, beside `sub1` to `sub10`. */
export const LISTED_FACTS = ['source', 'affiliate_id', 'email_domain'] as const;

/** A part of a week, in the campaign's time zone. Minutes count from local midnight: from `fromMinute`, before `beforeMinute`. */
export interface WeekWindow {
  readonly days: readonly Weekday[];
  readonly fromMinute: number;
  readonly beforeMinute: number;
}

/** With `optional`, a check whose input is absent passes; without, it fails and says what is missing. */
interface Optional {
  readonly optional?: boolean | undefined;
}

/**
 * One question that can be asked about a lead's signals: the vocabulary of rules and of score conditions. Texts are compared without
 * regard to case.
 */
export type Check =
  | { readonly kind: 'required_fields'; readonly fields: readonly string[] }
  | ({
      readonly kind: 'field_type';
      readonly field: string;
      readonly type: FieldType;
      /** Of an integer; both included. */
      readonly min?: number | undefined;
      readonly max?: number | undefined;
    } & Optional)
  | ({ readonly kind: 'allowed_values'; readonly field: string; readonly values: readonly string[] } & Optional)
  | ({ readonly kind: 'allowed_countries'; readonly countries: readonly string[] } & Optional)
  /** Both bounds included. */
  | ({
      readonly kind: 'click_to_lead';
      readonly minMs?: number | undefined;
      readonly maxMs?: number | undefined;
    } & Optional)
  | ({ readonly kind: 'allow_list'; readonly of: string; readonly values: readonly string[] } & Optional)
  /** What is absent is on no list: it passes. */
  | { readonly kind: 'deny_list'; readonly of: string; readonly values: readonly string[] }
  | { readonly kind: 'day_parting'; readonly windows: readonly WeekWindow[] }
  | ({ readonly kind: 'email_syntax' } & Optional)
  | ({ readonly kind: 'email_not_disposable' } & Optional)
  /** Without countries, a number of any country will do. */
  | ({ readonly kind: 'phone'; readonly countries?: readonly string[] | undefined } & Optional)
  /** At most `atMost` leads, this one included, within any `periodMs`. */
  | ({
      readonly kind: 'repeat';
      readonly of: 'ip' | 'device';
      readonly periodMs: number;
      readonly atMost: number;
    } & Optional)
  /** A lead without an affiliate passes the rate of affiliates: there is nobody to count. */
  | ({ readonly kind: 'rate'; readonly of: 'ip' | 'affiliate'; readonly perMinute: number } & Optional)
  /** A field that people do not see, and leave empty. */
  | { readonly kind: 'honeypot'; readonly field: string }
  | ({ readonly kind: 'form_time'; readonly minSeconds: number } & Optional)
  | { readonly kind: 'consent'; readonly proof: 'any' | 'url' | 'token' }
  | ({ readonly kind: 'not_bot' } & Optional);

export type CheckKind = Check['kind'];
export type CheckOf<Kind extends CheckKind> = Extract<Check, { readonly kind: Kind }>;

/** What a check found. `input` is the recorded value it looked at and `expected` what would have passed, both in words. */
export interface CheckResult {
  readonly passed: boolean;
  readonly input: string;
  readonly expected: string;
  /** Present where it did not pass. */
  readonly reason?: RuleReason | undefined;
}

/** Answers one kind of check from signals. `timeZone` is the campaign's. */
export type Checker<Kind extends CheckKind> = (check: CheckOf<Kind>, signals: Signals, timeZone: string) => CheckResult;

const MAX_VALUES_IN_WORDS = 8;
const NOT_GIVEN = 'not given';

/** The result for an input that is there. */
export const judged = (passed: boolean, reason: RuleReason, input: string, expected: string): CheckResult =>
  passed ? { passed, input, expected } : { passed, input, expected, reason };

/** The result for an input that is not there. */
export const absent = ({ optional = false }: Optional, reason: RuleReason, expected: string): CheckResult =>
  judged(optional, reason, NOT_GIVEN, optional ? `${expected}, where given` : expected);

/** A list in words, cut where it is long. */
export const listed = (values: readonly string[]): string =>
  values.length <= MAX_VALUES_IN_WORDS
    ? values.join(', ')
    : `${values.slice(0, MAX_VALUES_IN_WORDS).join(', ')} and ${values.length - MAX_VALUES_IN_WORDS} more`;

/** Whether a list has a value, without regard to case. */
export function includesText(values: readonly string[], text: string): boolean {
  const wanted = text.toLowerCase();
  return values.some((value) => value.toLowerCase() === wanted);
}

/** A number of things in words, such as `1 lead` or `2 leads`. */
export const countOf = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? '' : 's'}`;

const UNITS = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
] as const;

/** A duration in words, such as `2 days` or `1 minute 30.5 seconds`; one that runs backwards with a minus in front. */
export function durationInWords(milliseconds: number): string {
  if (milliseconds < 0) return `-${durationInWords(-milliseconds)}`;
  let rest = milliseconds;
  const parts: string[] = [];
  for (const [unitMs, unit] of UNITS) {
    const count = Math.floor(rest / unitMs);
    if (count > 0) parts.push(countOf(count, unit));
    rest %= unitMs;
  }
  if (rest > 0 || parts.length === 0) parts.push(countOf(rest / 1000, 'second'));
  return parts.join(' ');
}
