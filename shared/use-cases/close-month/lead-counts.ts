import type { IssueTerms } from '../../domain/billing/document.ts';
import type { LineSum } from '../../domain/billing/lines.ts';
import type { Lead } from '../../domain/leads/lead.ts';

/** Counts the leads of a month that are on no document. */
export interface LeadCounts {
  add(lead: Lead): void;
  readonly pending: number;
  rejected(currency: string): number;
  /** Of one affiliate's. */
  rejectedOf(affiliateId: string, currency: string): number;
}

/** Starts to count. */
export function createLeadCounts(): LeadCounts {
  const rejected = new Map<string, number>();
  let pending = 0;
  const count = (key: string) => rejected.set(key, (rejected.get(key) ?? 0) + 1);
  return {
    add({ status, currency, affiliateId }) {
      if (status === 'pending') pending += 1;
      if (status !== 'rejected') return;
      count(currency);
      if (affiliateId !== undefined) count(`${currency}#${affiliateId}`);
    },
    get pending() {
      return pending;
    },
    rejected: (currency) => rejected.get(currency) ?? 0,
    rejectedOf: (affiliateId, currency) => rejected.get(`${currency}#${affiliateId}`) ?? 0,
  };
}

/** How many leads these sums have, beside those that were rejected. */
export function countsOf(sums: readonly LineSum[], rejected: number): IssueTerms['counts'] {
  const entriesOf = (kind: LineSum['kind']): number =>
    sums.reduce((total, sum) => (sum.kind === kind ? total + sum.entries : total), 0);
  return { confirmed: entriesOf('lead'), reversed: entriesOf('reversal'), rejected };
}
