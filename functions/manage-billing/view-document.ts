import type { AnnexRowAnswer, DocumentLineAnswer } from '../../shared/contracts/billing.ts';
import type { AnnexRow } from '../../shared/domain/billing/annex-row.ts';
import { grossOf, type IssuedDocument, type NamedLine, typeOf } from '../../shared/domain/billing/document.ts';
import { formatAmount } from '../../shared/domain/money/money.ts';

/** A document as lists show it. */
export function viewSummary(document: IssuedDocument) {
  const { number, month, currency, partyId, partyName, issuedAt } = document;
  return {
    number,
    type: typeOf(document),
    status: 'issued' as const,
    ...(document.kind === 'invoice'
      ? { advertiserId: partyId, advertiserName: partyName }
      : { affiliateId: partyId, affiliateName: partyName }),
    month,
    currency,
    net: formatAmount(document.netMinor, currency),
    tax: formatAmount(document.taxMinor, currency),
    gross: formatAmount(grossOf(document), currency),
    issuedAt,
  };
}

/** A line as JSON; `line` is its number, from 1. */
export function viewLine(named: NamedLine, line: number, currency: string): DocumentLineAnswer {
  const { month, campaignId, campaignName, event, kind, quantity } = named;
  return {
    line,
    month,
    campaignId,
    campaignName,
    event,
    kind,
    quantity,
    unitPrice: formatAmount(named.unitPriceMinor, currency),
    amount: formatAmount(named.amountMinor, currency),
  };
}

/** A row of the annex as JSON: as it is kept, with the number of its line. */
export function viewRow({ amountMinor, currency, ...row }: AnnexRow, line: number): AnnexRowAnswer {
  return { ...row, amount: formatAmount(amountMinor, currency), currency, line };
}
