import type { DocumentParty, DocumentView } from '../../shared/domain/billing/document-view.ts';
import { currencyExponent } from '../../shared/domain/money/currencies.ts';
import { embedFacturX } from './factur-x.ts';
import { MISSING, MUTED, Sheet, type Typeface } from './sheet.ts';
import { amountText, countText, priceText, taxName, titleOf } from './words.ts';

const GUTTER = 18;
const SIGNATURE_SHOWN = 24;
const TOTALS_WIDTH = 250;
const COUNTRY_NAMES = new Intl.DisplayNames('en', { type: 'region' });

/**
 * A document as PDF/A-3b: always the same bytes for the same view. `xml` is the e-invoice (CII) that it carries, which makes it one of
 * Factur-X and ZUGFeRD.
 */
export async function toPdf(view: DocumentView, typeface: Typeface, xml: string | undefined): Promise<Buffer> {
  const title = `${titleOf(view)} ${view.number}`;
  const date = new Date(view.issuedAt);
  const sheet = new Sheet(typeface, { title, language: 'en', date }, (page) => {
    page.paragraph(`${title}, continued`, { colour: MUTED });
    page.space(8);
  });
  head(sheet, view);
  lines(sheet, view);
  totals(sheet, view);
  account(sheet, view);
  payment(sheet, view);
  remarks(sheet, view);
  verification(sheet, view);
  if (xml !== undefined) embedFacturX(sheet.pdf, xml, date);
  sheet.footers(
    [view.seller.legalName, view.seller.vatId, view.number].filter((part) => part !== undefined).join(' · '),
  );
  return sheet.finish();
}

function head(sheet: Sheet, view: DocumentView): void {
  sheet.paragraph(titleOf(view), { bold: true, size: 20 });
  sheet.paragraph(view.number, { size: 11, colour: MUTED });
  const subtitle = subtitleOf(view);
  if (subtitle !== undefined) sheet.paragraph(subtitle, { colour: MUTED });
  sheet.space(18);
  const width = (sheet.width - 2 * GUTTER) / 3;
  const sellerHeight = party(sheet, view.typeCode === undefined ? 'From' : 'Seller', view.seller, sheet.left, width);
  const buyerHeight = party(
    sheet,
    view.typeCode === undefined ? 'To' : 'Buyer',
    view.buyer,
    sheet.left + width + GUTTER,
    width,
  );
  const factsHeight = facts(sheet, view, sheet.left + 2 * (width + GUTTER), width);
  sheet.space(Math.max(sellerHeight, buyerHeight, factsHeight) + 18);
}

function subtitleOf({ typeCode, seller, buyer, corrects }: DocumentView): string | undefined {
  if (typeCode === undefined)
    return 'Statement of account. It is no tax document: no agreement on self-billing covers its date.';
  const issuer =
    typeCode === '389' || typeCode === '261'
      ? `Issued by ${buyer.legalName} in the name of ${seller.legalName}.`
      : undefined;
  const corrected = corrects.length === 0 ? undefined : `Takes back from ${corrects.join(', ')}.`;
  return issuer === undefined || corrected === undefined ? (issuer ?? corrected) : `${issuer} ${corrected}`;
}

/** Returns the height that it took; the cursor stays. */
function party(sheet: Sheet, label: string, of: DocumentParty, x: number, width: number): number {
  let y = sheet.y;
  const line = (text: string | undefined, style = {}): void => {
    if (text !== undefined && text !== '') y += sheet.write(text, x, y, width, style);
  };
  line(label, { size: 8, colour: MUTED });
  line(of.legalName, { bold: true });
  line(of.street);
  line([of.postcode, of.city].filter((part) => part !== undefined).join(' '));
  line(of.country && COUNTRY_NAMES.of(of.country));
  line(of.vatId && `VAT ID ${of.vatId}`);
  line(of.taxNumber && `Tax number ${of.taxNumber}`);
  line(of.email);
  line(of.partyId, { size: 8, colour: MUTED });
  return y - sheet.y;
}

function facts(sheet: Sheet, view: DocumentView, x: number, width: number): number {
  let y = sheet.y;
  const half = width / 2;
  for (const [label, value] of [
    ['Issued', view.issueDate],
    ['Tax date', view.taxDate],
    ['Due', view.dueDate],
    ['Period from', view.period.from],
    ['Period to', view.period.to],
    ['Currency', view.currency],
  ] as const) {
    sheet.write(label, x, y, half, { colour: MUTED });
    y += sheet.write(value, x + half, y, half, { align: 'right' });
  }
  return y - sheet.y;
}

function lines(sheet: Sheet, { currency, typeCode, lines: printed }: DocumentView): void {
  const decimals = currencyExponent(currency) ?? 0;
  const isTaxDocument = typeCode !== undefined;
  sheet.table(
    [
      { heading: '#', width: 34, align: 'right' },
      { heading: 'Description' },
      { heading: 'Quantity', width: 62, align: 'right' },
      { heading: `Price (${currency})`, width: 78, align: 'right' },
      ...(isTaxDocument ? [{ heading: 'VAT', width: 46, align: 'right' } as const] : []),
      { heading: `Amount (${currency})`, width: 92, align: 'right' },
    ],
    printed.map((line) => [
      line.line.toString(),
      line.description,
      countText(line.quantity),
      priceText(line.unitPriceMicros, decimals),
      ...(isTaxDocument ? [line.vatCategory === 'S' ? `${line.vatRate}%` : line.vatCategory] : []),
      amountText(line.amountMinor, currency),
    ]),
  );
}

function totals(sheet: Sheet, view: DocumentView): void {
  const { currency, withholdingMinor } = view;
  const taxes = view.typeCode === undefined ? [] : view.taxes;
  const amount = (minor: bigint): string => amountText(minor, currency);
  sheet.space(8);
  const rows: readonly (readonly [label: string, value: string, bold: boolean])[] = [
    ['Net', amount(view.netMinor), false],
    ...taxes.map((tax) => [`${taxName(tax)} on ${amount(tax.baseMinor)}`, amount(tax.taxMinor), false] as const),
    [`Total ${currency}`, amount(view.grossMinor), true],
    ...(withholdingMinor === 0n
      ? []
      : ([
          ['Withheld for the tax office', amount(-withholdingMinor), false],
          [`To be paid ${currency}`, amount(view.grossMinor - withholdingMinor), true],
        ] as const)),
  ];
  const x = sheet.left + sheet.width - TOTALS_WIDTH;
  sheet.reserve(rows.length * 14);
  for (const [label, value, bold] of rows) {
    const style = bold ? { bold, size: 11 } : {};
    const height = sheet.write(label, x, sheet.y, TOTALS_WIDTH - 100, style);
    sheet.write(value, x + TOTALS_WIDTH - 104, sheet.y, 100, { ...style, align: 'right' });
    sheet.space(height + 2);
  }
  for (const { reason, reasonCode } of taxes) {
    if (reason !== undefined)
      sheet.paragraph(reasonCode === undefined ? reason : `${reason} (${reasonCode})`, {
        align: 'right',
        colour: MUTED,
      });
  }
}

function account(sheet: Sheet, { account: section, currency, isCredit }: DocumentView): void {
  if (section === undefined) return;
  const { openingMinor, documentMinor, paidMinor, closingMinor } = section;
  sheet.heading('Account');
  sheet.table(
    [{ heading: 'Movement' }, { heading: `Amount (${currency})`, width: 110, align: 'right' }],
    [
      ['Balance before', amountText(openingMinor, currency)],
      [isCredit ? 'Taken back by this document' : 'Earned by this document', amountText(documentMinor, currency)],
      ['Paid out since the document before', amountText(paidMinor, currency)],
      ['Balance', amountText(closingMinor, currency)],
    ],
  );
  if (closingMinor < 0n) {
    sheet.space(3);
    sheet.paragraph('The balance is negative: it is carried forward and set off against what is earned next.', {
      colour: MUTED,
    });
  }
}

function payment(sheet: Sheet, view: DocumentView): void {
  const { kind, isCredit, seller, currency, grossMinor, withholdingMinor, dueDate, number } = view;
  const sum = `${amountText(grossMinor - withholdingMinor, currency)} ${currency}`;
  sheet.heading('Payment');
  if (isCredit) {
    sheet.paragraph(`${sum} are credited: set off against what is open, or settled by ${dueDate}.`);
    return;
  }
  const bank = [seller.iban && `IBAN ${spaced(seller.iban)}`, seller.bic && `BIC ${seller.bic}`]
    .filter(Boolean)
    .join(', ');
  if (kind === 'invoice') {
    const to = bank === '' ? '' : ` to ${bank}`;
    sheet.paragraph(`Please pay ${sum} by ${dueDate}${to}, with the reference ${number}.`);
  } else {
    sheet.paragraph(`Payable from ${dueDate} by the terms of payment agreed${bank === '' ? '' : `, to ${bank}`}.`);
  }
}

const spaced = (iban: string): string => iban.replaceAll(/(.{4})(?=.)/g, '$1 ');

function remarks(sheet: Sheet, { rates, counts, typeCode }: DocumentView): void {
  sheet.heading('Remarks');
  const { confirmed, reversed, rejected } = counts;
  sheet.paragraph(
    `Leads of the month: ${countText(confirmed)} confirmed, ${countText(reversed)} reversed, ${countText(rejected)} rejected.`,
  );
  for (const { source, date, from, to, numerator, denominator } of rates) {
    sheet.paragraph(`Converted at ${numerator}/${denominator} ${to} for 1 ${from} (${source}, ${date}).`);
  }
  if (typeCode !== undefined) {
    sheet.paragraph(
      'VAT categories: S standard rate, Z zero rate, E exempt, AE reverse charge, K intra-Community supply, G export, O not subject to VAT.',
      { colour: MUTED, size: 8 },
    );
  }
  if (sheet.hasMissing) {
    sheet.paragraph(`Characters shown as ${MISSING} are not in the typeface; the data of the document have them.`, {
      colour: MUTED,
      size: 8,
    });
  }
}

function verification(sheet: Sheet, { annex, number }: DocumentView): void {
  sheet.heading('Verification');
  const small = { size: 8, colour: MUTED };
  const { signature } = annex;
  sheet.paragraph(`Annex of ${countText(annex.rows)} entries, SHA-256 ${annex.sha256}`, small);
  sheet.paragraph(`Root of their RFC 6962 tree ${annex.root}`, small);
  sheet.paragraph(
    `Signed by the network: ${signature.length > 2 * SIGNATURE_SHOWN ? `${signature.slice(0, SIGNATURE_SHOWN)}…${signature.slice(-SIGNATURE_SHOWN)}` : signature}`,
    small,
  );
  sheet.paragraph(
    `Recompute it: get ${number}.json and its entries from the API, then \`npm run verify -- --document F --entries F\`; the key is at /.well-known/jwks.json.`,
    small,
  );
}
