import type { Supply, SupplyNature, TaxParty } from '../tax/parties.ts';
import type { LineTax } from '../tax/tax-of.ts';
import { type Day, instantOf, lastDayOf } from '../time/calendar.ts';
import type { IssuedDocument } from './document.ts';
import { typeOf } from './document.ts';
import type {
  DocumentContent,
  DocumentParty,
  DocumentTypeCode,
  DocumentView,
  PrintedLine,
  PrintedTax,
} from './document-view.ts';

/** A line as it was folded: negative where it takes back. `text` says what it is for, where no event of a campaign does. */
export type LineToPrint = Omit<PrintedLine, 'line' | 'description' | 'vatCategory' | 'vatRate'> & {
  readonly text?: string | undefined;
};

/** What is bought and sold. Amounts are signed as in the journal: what is credited is negative. */
export interface ContentFacts
  extends Pick<IssuedDocument, 'kind' | 'month' | 'currency' | 'netMinor' | 'taxMinor'>,
    Pick<DocumentView, 'withholdingMinor'> {
  readonly supply: Supply;
  readonly lines: readonly LineToPrint[];
  /** For each line, in their order. */
  readonly lineTaxes: readonly LineTax[];
  readonly taxes: readonly PrintedTax[];
}

/** What a document was issued with. */
export interface IssueFacts
  extends ContentFacts,
    Pick<IssuedDocument, 'number' | 'issuedAt'>,
    Pick<DocumentView, 'issueDate' | 'rates' | 'corrects' | 'account' | 'counts' | 'annex'> {
  /** For how many days from the issue it may be paid. */
  readonly paymentTermDays: number;
}

const TYPE_CODES: Readonly<Record<SupplyNature, { owed: DocumentTypeCode; credited: DocumentTypeCode } | undefined>> = {
  invoice: { owed: '380', credited: '381' },
  self_billed: { owed: '389', credited: '261' },
  statement: undefined,
};

/** undefined: no tax document. */
export const typeCodeOf = (nature: SupplyNature, isCredit: boolean): DocumentTypeCode | undefined =>
  TYPE_CODES[nature]?.[isCredit ? 'credited' : 'owed'];

/** Everything that a document says. The account section is not turned: it is signed as the account moves. */
export function viewOf(facts: IssueFacts): DocumentView {
  const { kind, number, month, issuedAt, issueDate, rates, corrects, account, counts, annex } = facts;
  const lastDay = lastDayOf(month);
  return {
    kind,
    number,
    month,
    issuedAt,
    issueDate,
    taxDate: lastDay,
    dueDate: daysAfter(issueDate, facts.paymentTermDays),
    period: { from: `${month}-01`, to: lastDay },
    ...contentOf(facts),
    rates,
    corrects,
    account,
    counts,
    annex,
  };
}

/**
 * What a document says of lines, tax and parties. Lines, taxes and totals are as printed: a credit note states what it credits as positive
 * quantities and amounts, as UBL and CII want it, so they are turned here and nowhere else.
 */
export function contentOf(facts: ContentFacts): DocumentContent {
  const { currency, supply, lines, taxes, netMinor, taxMinor, withholdingMinor } = facts;
  const isCredit = typeOf(facts) === 'credit_note';
  const turned = (amountMinor: bigint): bigint => (isCredit ? -amountMinor : amountMinor);
  const typeCode = typeCodeOf(supply.nature, isCredit);
  const namesVatIds = typeCode === undefined || taxes.every(({ category }) => category !== 'O');
  return {
    typeCode,
    isCredit,
    currency,
    seller: printedParty(supply.seller, namesVatIds),
    buyer: printedParty(supply.buyer, namesVatIds),
    lines: lines.map((line, index) => printedLine(facts, line, index, isCredit)),
    taxes: taxes.map((tax) => ({ ...tax, baseMinor: turned(tax.baseMinor), taxMinor: turned(tax.taxMinor) })),
    netMinor: turned(netMinor),
    taxMinor: turned(taxMinor),
    grossMinor: turned(netMinor + taxMinor),
    withholdingMinor: turned(withholdingMinor),
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
  { month, lineTaxes }: ContentFacts,
  line: LineToPrint,
  index: number,
  isCredit: boolean,
): PrintedLine {
  const lineTax = lineTaxes[index];
  if (lineTax === undefined) throw new RangeError(`line ${index + 1} has no tax`);
  const { quantity, unitPriceMicros, amountMinor } = line;
  // A price is never negative (BR-27): the quantity bears the sign.
  const isTurned = isCredit !== unitPriceMicros < 0n;
  return {
    line: index + 1,
    month: line.month,
    kind: line.kind,
    description: describe(line, month),
    campaignId: line.campaignId,
    campaignName: line.campaignName,
    event: line.event,
    quantity: isTurned ? 0 - quantity : quantity,
    unitPriceMicros: unitPriceMicros < 0n ? -unitPriceMicros : unitPriceMicros,
    amountMinor: isCredit ? -amountMinor : amountMinor,
    ...lineTax,
  };
}

function describe({ text, campaignName, campaignId, event, kind, ...line }: LineToPrint, month: string): string {
  const what = [campaignName ?? campaignId, text ?? event].filter((part) => part !== undefined).join(': ');
  const taken = kind === 'reversal' ? `${what}, taken back` : what;
  return line.month === month ? taken : `${taken} (${line.month})`;
}

const DAY_MS = 86_400_000;
const daysAfter = (day: Day, days: number): Day =>
  instantOf(Date.parse(`${day}T00:00:00.000Z`) + days * DAY_MS).slice(0, 10);
