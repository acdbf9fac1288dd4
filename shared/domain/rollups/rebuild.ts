import type { Terms } from '../catalog/campaign.ts';
import { type Day, type Instant, millisecondsOf, startOfDay } from '../time/calendar.ts';
import type { Figures } from './figures.ts';

const DAY_MS = 86_400_000;

/**
 * Whether every touch of a day is still kept at `now`: a touch outlives the click window of its campaign by a day, and is then forgotten,
 * though it was counted. The shortest window of any terms decides.
 */
export function keepsAllTouches(
  day: Day,
  campaign: { readonly terms: readonly Pick<Terms, 'clickWindowMs'>[] },
  now: Instant,
  timeZone: string,
): boolean {
  const shortestWindowMs = Math.min(...campaign.terms.map(({ clickWindowMs }) => clickWindowMs));
  return millisecondsOf(now) < millisecondsOf(startOfDay(day, timeZone)) + shortestWindowMs + DAY_MS;
}

/** What an item must hold: what the tables come to, but never fewer clicks or impressions where touches may have been forgotten. */
export function rebuiltFigures(stored: Figures, folded: Figures, allTouchesKept: boolean): Figures {
  if (allTouchesKept) return folded;
  const larger = (name: 'clicks' | 'impressions') => (stored[name] > folded[name] ? stored[name] : folded[name]);
  return { ...folded, clicks: larger('clicks'), impressions: larger('impressions') };
}
