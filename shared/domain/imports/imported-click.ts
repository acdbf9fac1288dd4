import { type Instant, millisecondsOf } from '../time/calendar.ts';
import type { ClickRow } from './rows.ts';

const SECOND_MS = 1000;
const KEPT_AFTER_IMPORT_MS = 90 * 86_400_000;

/**
 * The reference under which an imported click is stored: its own, or else one made from what the row says, so that the same row
 * imported again is the same click. Two rows without a reference that say the same are one click.
 */
export function clickReference(
  row: ClickRow,
  resolved: { readonly campaignId: string; readonly affiliateId?: string | undefined },
  digest: (text: string) => string,
): string {
  if (row.clickRef !== undefined) return row.clickRef;
  const subIds = Object.entries(row.subIds).sort(([left], [right]) => (left < right ? -1 : 1));
  const content = [resolved.campaignId, resolved.affiliateId ?? null, row.at, row.source ?? null, subIds];
  return `row-${digest(JSON.stringify(content))}`;
}

/**
 * When an imported click may be forgotten, in seconds since 1970: neither before its window is over nor within 90 days of the import,
 * since the conversions of an old click may come with a later file.
 */
export function forgetAtSeconds(clickedAt: Instant, clickWindowMs: number, importedAt: Instant): number {
  const windowEndMs = millisecondsOf(clickedAt) + clickWindowMs;
  return Math.ceil(Math.max(windowEndMs, millisecondsOf(importedAt) + KEPT_AFTER_IMPORT_MS) / SECOND_MS);
}
