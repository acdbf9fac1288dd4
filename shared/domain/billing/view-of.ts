import type { Supply, SupplyNature, TaxParty } from '../tax/parties.ts';
import type { LineTax } from '../tax/tax-of.ts';
import { type Day, instantOf, lastDayOf } from '../time/calendar.ts';
import type { IssuedDocument } from './document.ts';
import { typeOf } from './document.ts';
import type { DocumentParty, DocumentTypeCode, DocumentView, PrintedLine, PrintedTax } from './document-view.ts';

/** A line as it was folded: negative where it takes back. `text` says what it is for, where no event of a campaign does. */
export type LineToPrint = Omit<PrintedLine, 'line' | 'description' | 'vatCategory' | 'vatRate'> & {
  readonly text?: string | undefined;
};

/** What a document was issued with. Amounts are signed as in the journal: what is credited is negative. */
export interface IssueFacts
  extends Pick<IssuedDocument, 'kind' | 'number' | 'month' | 'currency' | 'netMinor' | 'taxMinor' | 'issuedAt'>,
    Pick<DocumentView, 'issueDate' | 'rates' | 'corrects' | 'account' | 'counts' | 'annex' | 'withholdingMinor'> {
  readonly supply: Supply;
  /** For how many days from the issue it may be paid. */
  readonly paymentTermDays: number;
  readonly lines: readonly LineToPrint[];
  /** For each line, in their order. */
  readonly lineTaxes: readonly LineTax[];
  readonly taxes: readonly PrintedTax[];
}

const TYPE_CODES: Readonly<Record<SupplyNature, { owed: DocumentTypeCode; credited: DocumentTypeCode } | undefined>> = {
  invoice: { owed: '380', credited: '381' },
  self_billed: { owed: '389', credited: '261' },
  statement: undefined,
};

/**
 * Everything that a document says. Lines, taxes and totals are as printed: a credit note states what it credits as positive quantities
 * and amounts, as UBL and CII want it, so they are turned here and nowhere else. The account section is not turned: it is signed as
 * the account moves.
 */
export function viewOf(facts: IssueFacts): DocumentView {
  const isCredit = typeOf(facts) === 'credit_note';
  const turned = (amountMinor: bigint): bigint => (isCredit ? -amountMinor : amountMinor);
  const codes = TYPE_CODES[facts.supply.nature];
  const { kind, number, month, currency, issuedAt, issueDate, rates, corrects, account, counts, annex } = facts;
  const lastDay = lastDayOf(month);
  const namesVatIds = codes === undefined || facts.taxes.every(({ category }) => category !== 'O');
  return {
    kind,
    number,
    typeCode: isCredit ? codes?.credited : codes?.owed,
    isCredit,
    month,
    currency,
    issuedAt,
    issueDate,
    taxDate: lastDay,
    dueDate: daysAfter(issueDate, facts.paymentTermDays),
    period: { from: `${month}-01`, to: lastDay },
    seller: printedParty(facts.supply.seller, namesVatIds),
    buyer: printedParty(facts.supply.buyer, namesVatIds),
    lines: facts.lines.map((line, index) => printedLine(facts, line, index, isCredit)),
    taxes: facts.taxes.map((tax) => ({
      ...tax,
      baseMinor: turned(tax.baseMinor),
      taxMinor: turned(tax.taxMinor),
    })),
    netMinor: turned(facts.netMinor),
    taxMinor: turned(facts.taxMinor),
    grossMinor: turned(facts.netMinor + facts.taxMinor),
    withholdingMinor: turned(facts.withholdingMinor),
    rates,
    corrects,
    account,
    counts,
    annex,
  };
}

/** Where nothing is subject to VAT no VAT id may be named (BR-O-2): it is still the number by which a tax office knows the party. */
function printedParty(
  { isBusiness: _isBusiness, taxExemption: _taxExemption, vatId, ...party }: TaxParty,
  namesVatIds: boolean,
): DocumentParty {
  return namesVatIds ? { ...party, vatId } : { ...party, taxNumber: party.taxNumber ?? vatId };
}

function printedLine(
  { month, lineTaxes }: IssueFacts,
  { text, ...line }: LineToPrint,
  index: number,
  isCredit: boolean,
): PrintedLine {
  const lineTax = lineTaxes[index];
  if (lineTax === undefined) throw new RangeError(`line ${index + 1} has no tax`);
  // A price is never negative (BR-27): the quantity bears the sign.
  const isTurned = isCredit !== line.unitPriceMicros < 0n;
  return {
    ...line,
    line: index + 1,
    description: describe({ text, ...line }, month),
    quantity: isTurned ? 0 - line.quantity : line.quantity,
    unitPriceMicros: line.unitPriceMicros < 0n ? -line.unitPriceMicros : line.unitPriceMicros,
    amountMinor: isCredit ? -line.amountMinor : line.amountMinor,
    ...lineTax,
  };
}

function describe({ text, campaignName, campaignId, event, kind, ...line }: LineToPrint, month: string): string {
  const what = text ?? [campaignName ?? campaignId, event].filter((part) => part !== undefined).join(': ');
  const taken = kind === 'reversal' ? `${what}, taken back` : what;
  return line.month === month ? taken : `${taken} (${line.month})`;
}

const DAY_MS = 86_400_000;
const daysAfter = (day: Day, days: number): Day =>
  instantOf(Date.parse(`${day}T00:00:00.000Z`) + days * DAY_MS).slice(0, 10);
