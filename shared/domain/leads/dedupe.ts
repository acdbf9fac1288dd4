import { type Instant, millisecondsOf } from '../time/calendar.ts';

/** What a lead may be told from a repeat by. */
export const DEDUPE_BY = ['transaction_id', 'email', 'phone', 'click', 'visitor'] as const;
export type DedupeBy = (typeof DEDUPE_BY)[number];

/** By what leads of a campaign are told from repeats: a message that has one value in common with a lead is its repeat. */
export interface Dedupe {
  /** At least one, each once, in the order in which they are tried. */
  readonly by: readonly DedupeBy[];
  /** How far apart two leads with the same value must be at the least; undefined: a value counts once, for ever. */
  readonly windowMs?: number | undefined;
  /** Among whose leads a repeat is looked for. */
  readonly scope: 'campaign' | 'advertiser' | 'group';
  /** The name of the group of campaigns of the same advertiser, where `scope` is `group`. */
  readonly group?: string | undefined;
  /** What a repeat with other content does to a pending lead: nothing, or it adds to it and the lead is decided again. */
  readonly repeat: 'ignore' | 'update_pending';
}

/** The values of a conversion that may be deduplicated by, each in one form whatever the sender's spelling. */
export type DedupeValues = { readonly [By in DedupeBy]?: string | undefined };

/** What is hashed into a key: the key itself and, under a window, its neighbours in time. */
export interface KeyParts {
  readonly by: DedupeBy;
  readonly own: readonly string[];
  readonly before?: readonly string[] | undefined;
  readonly after?: readonly string[] | undefined;
}

/**
 * The keys of a conversion, in the order of `by`. Under a window time is cut into pieces as long as the window: leads that are a window
 * apart never share a piece, so that each piece has one key, and only the leads of the two pieces beside it can be too near.
 */
export function keyPartsOf(
  dedupe: Dedupe,
  owner: { readonly campaignId: string; readonly advertiserId: string },
  event: string,
  values: DedupeValues,
  occurredAt: Instant,
): KeyParts[] {
  return dedupe.by.flatMap((by): KeyParts[] => {
    const value = values[by];
    if (value === undefined) return [];
    if (by === 'transaction_id' && dedupe.scope === 'campaign' && dedupe.windowMs === undefined) {
      return [{ by, own: [owner.campaignId, event, value] }];
    }
    const stem = [by, ...scopeParts(dedupe, owner), event, value];
    if (dedupe.windowMs === undefined) return [{ by, own: stem }];
    const piece = Math.floor(millisecondsOf(occurredAt) / dedupe.windowMs);
    const at = (number: number) => [...stem, dedupe.windowMs?.toString() ?? '', number.toString()];
    return [{ by, own: at(piece), before: at(piece - 1), after: at(piece + 1) }];
  });
}

function scopeParts(
  { scope, group }: Dedupe,
  owner: { readonly campaignId: string; readonly advertiserId: string },
): string[] {
  switch (scope) {
    case 'campaign':
      return [owner.campaignId];
    case 'advertiser':
      return [owner.advertiserId];
    case 'group':
      return [owner.advertiserId, 'group', group ?? ''];
  }
}

/** Whether two leads with the same value are one and the same, by when they happened. */
export function isWithinWindow(dedupe: Pick<Dedupe, 'windowMs'>, left: Instant, right: Instant): boolean {
  return dedupe.windowMs === undefined || Math.abs(millisecondsOf(left) - millisecondsOf(right)) < dedupe.windowMs;
}

/** The value that a campaign's dedupe needs and a conversion lacks; undefined where it can be told from others. */
export function missingDedupeValue({ by }: Dedupe, values: DedupeValues): readonly DedupeBy[] | undefined {
  // A sender that numbers its orders numbers all of them; of the others each may be missing, but not all.
  if (by.includes('transaction_id')) return values.transaction_id === undefined ? ['transaction_id'] : undefined;
  return by.some((name) => values[name] !== undefined) ? undefined : by;
}
