import type { CounterWrite } from '../domain/caps/counter.ts';
import type { Lead } from '../domain/leads/lead.ts';
import { type ReturnFault, returnsAllowed, returnsNeed } from '../domain/leads/returns.ts';
import { type Month, monthOf } from '../domain/time/calendar.ts';
import type { ConfirmedLeads } from '../ports/confirmed-leads.ts';
import type { CounterReader } from '../ports/counters.ts';

export interface TakeReturnDependencies {
  readonly counters: CounterReader;
  readonly confirmedLeads: ConfirmedLeads;
  readonly timeZone: string;
}

/** What must be written with a returned lead so that its month's share is kept, or that the share is used up. */
export type TakeReturn = (
  lead: Lead,
  maxSharePercent: number,
) => Promise<
  { readonly ok: true; readonly write: CounterWrite } | { readonly ok: false; readonly broken: ReturnFault }
>;

const RETURNED = 'returned';

/** The counter of the leads of a campaign's month that its advertiser has returned. */
const returnsCounterId = (campaignId: string, month: Month): string => `returns#${campaignId}#${month}`;

/**
 * Keeps returns within the share of the leads that were ever confirmed of a campaign's month, by the conversion's time in the network's
 * time zone. The count of returns is exact, as it is written with the lead on condition; that of confirmed leads only ever rises, so that
 * one that is a moment old refuses too early and never allows too much. Throws StoreUnavailable.
 */
export function createTakeReturn({ counters, confirmedLeads, timeZone }: TakeReturnDependencies): TakeReturn {
  return async (lead, maxSharePercent) => {
    const month = monthOf(lead.occurredAt, timeZone);
    const counterId = returnsCounterId(lead.campaignId, month);
    const returned = (await counters.read([counterId], 'strong')).get(counterId)?.counts[RETURNED] ?? 0n;
    const needed = returnsNeed(maxSharePercent, returned + 1n);
    const confirmed = needed === undefined ? 0n : await confirmedLeads.count({ ...lead, month }, needed);
    const allowed = returnsAllowed(maxSharePercent, confirmed);
    if (allowed <= returned) return { ok: false, broken: { rule: 'maxShare', maxSharePercent, month, allowed } };
    const write = { itemId: counterId, atMost: { [RETURNED]: allowed - 1n }, add: { [RETURNED]: 1n }, remove: [] };
    return { ok: true, write };
  };
}
