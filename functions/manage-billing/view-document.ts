import type { AnnexRowAnswer, DocumentLineAnswer } from '../../shared/contracts/billing.ts';
import type { AnnexRow } from '../../shared/domain/billing/annex-row.ts';
import {
  type DocumentBody,
  grossOf,
  type IssuedDocument,
  type NamedLine,
  typeOf,
} from '../../shared/domain/billing/document.ts';
import type { DocumentView } from '../../shared/domain/billing/document-view.ts';
import type { TakenBackLine } from '../../shared/domain/billing/lines.ts';
import { formatMicros, formatPrice } from '../../shared/domain/money/micros.ts';
import { formatAmount } from '../../shared/domain/money/money.ts';
import type { LineTax } from '../../shared/domain/tax/tax-of.ts';

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
    typeCode: document.typeCode,
    ...(document.withholdingMinor !== undefined && { withheld: formatAmount(document.withholdingMinor, currency) }),
  };
}

/** What a document says beside its lines; nothing of one that says no more. Amounts are signed as the net is. */
export function viewTerms({ terms }: DocumentBody, view: DocumentView | undefined, currency: string) {
  const amount = (amountMinor: bigint): string => formatAmount(amountMinor, currency);
  if (terms === undefined) return {};
  return {
    taxes: terms.taxes.map(({ baseMinor, taxMinor, ...tax }) => ({
      ...tax,
      base: amount(baseMinor),
      tax: amount(taxMinor),
    })),
    rates: terms.rates.map(({ numerator, denominator, ...rate }) => ({
      ...rate,
      numerator: numerator.toString(),
      denominator: denominator.toString(),
    })),
    corrects: terms.corrects,
    counts: terms.counts,
    manifest: terms.shards.map(({ amountMinor, ...shard }) => ({
      ...shard,
      amount: formatAmount(amountMinor, shard.currency),
    })),
    ...(view !== undefined && viewPrinted(view, amount)),
  };
}

function viewPrinted({ account, ...view }: DocumentView, amount: (amountMinor: bigint) => string) {
  const { issueDate, taxDate, dueDate, period, seller, buyer } = view;
  return {
    ...{ issueDate, taxDate, dueDate, period, seller, buyer },
    ...(account !== undefined && {
      account: {
        opening: amount(account.openingMinor),
        document: amount(account.documentMinor),
        paid: amount(account.paidMinor),
        closing: amount(account.closingMinor),
      },
    }),
  };
}

/** A line as JSON; `line` is its number, from 1. */
export function viewLine(
  named: NamedLine,
  line: number,
  currency: string,
  tax: LineTax | undefined,
): DocumentLineAnswer {
  const { key, month, campaignId, campaignName, event, kind, text, entries, quantity, takenBack } = named;
  return {
    ...{ line, key, month, campaignId, campaignName, event, kind, text, entries, quantity },
    unitPrice: formatPrice(named.unitPriceMicros, currency),
    amount: formatAmount(named.amountMinor, currency),
    ...tax,
    ...(takenBack !== undefined && { takenBack: viewTakenBack(takenBack, currency) }),
  };
}

const viewTakenBack = ({ number, line, ofMinor, ofMicros, beforeMicros, micros }: TakenBackLine, currency: string) => ({
  number,
  line,
  lineAmount: formatAmount(ofMinor, currency),
  lineExact: formatMicros(ofMicros),
  exactBefore: formatMicros(beforeMicros),
  exact: formatMicros(micros),
});

/** A row of the annex as JSON: as it is kept, with the number of its line. */
export function viewRow(row: AnnexRow, line: number): AnnexRowAnswer {
  const { amountMinor, currency, quantity, unitPriceMicros, closedIn, leadPriceMicros, ...rest } = row;
  return {
    ...rest,
    amount: formatAmount(amountMinor, currency),
    currency,
    quantity,
    unitPrice: unitPriceMicros === undefined ? undefined : formatMicros(unitPriceMicros),
    closedIn,
    leadPrice: leadPriceMicros === undefined ? undefined : formatMicros(leadPriceMicros),
    line,
  };
}
