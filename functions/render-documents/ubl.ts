import type { DocumentParty, PrintedLine, PrintedTax } from '../../shared/domain/billing/document-view.ts';
import { type EInvoice, isSelfBilled } from '../../shared/domain/billing/e-invoice.ts';
import { currencyExponent } from '../../shared/domain/money/currencies.ts';
import { formatMicros } from '../../shared/domain/money/micros.ts';
import { formatAmount } from '../../shared/domain/money/money.ts';
import { endpointOf, meansCodeOf, noteOf, rateOf, UNIT_CODE } from './e-invoice.ts';
import { text, toXml, type Xml } from './xml.ts';

const NAMESPACES = 'urn:oasis:names:specification:ubl:schema:xsd';
const NORM = 'urn:cen.eu:en16931:2017';

/** What Peppol calls the specification (BT-24) and the process (BT-23), by whether the buyer issues the document. */
const PEPPOL = {
  billing: {
    customization: `${NORM}#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0`,
    profile: 'urn:fdc:peppol.eu:2017:poacc:billing:01:1.0',
  },
  selfBilling: {
    customization: `${NORM}#compliant#urn:fdc:peppol.eu:2017:poacc:selfbilling:3.0`,
    profile: 'urn:fdc:peppol.eu:2017:poacc:selfbilling:01:1.0',
  },
} as const;

/** Countries whose sellers have to say more at Peppol than is on file here (their rules DK-R, GR-R, IS-R, IT-R, NL-R, NO-R, SE-R). */
const COUNTRIES_WITH_RULES: ReadonlySet<string> = new Set(['DK', 'GR', 'IS', 'IT', 'NL', 'NO', 'SE']);

/**
 * A document in UBL 2.1 by EN 16931. It says to be one of Peppol BIS Billing 3 or Self-Billing 3 where both parties have an electronic
 * address and no country's own rules ask for more than there is.
 */
export function toUbl(document: EInvoice): string {
  const { number, issueDate, taxDate, dueDate, typeCode, currency, isCredit, buyer, period } = document;
  const root = isCredit ? 'CreditNote' : 'Invoice';
  const peppol = isSelfBilled(document) ? PEPPOL.selfBilling : PEPPOL.billing;
  return toXml({
    [root]: {
      '@xmlns': `${NAMESPACES}:${root}-2`,
      '@xmlns:cac': `${NAMESPACES}:CommonAggregateComponents-2`,
      '@xmlns:cbc': `${NAMESPACES}:CommonBasicComponents-2`,
      'cbc:CustomizationID': isForPeppol(document) ? peppol.customization : NORM,
      'cbc:ProfileID': peppol.profile,
      'cbc:ID': number,
      'cbc:IssueDate': issueDate,
      // The two kinds have these in different orders, and a credit note has no due date.
      ...(isCredit
        ? { 'cbc:TaxPointDate': taxDate, 'cbc:CreditNoteTypeCode': typeCode, 'cbc:Note': text(noteOf(document)) }
        : {
            'cbc:DueDate': dueDate,
            'cbc:InvoiceTypeCode': typeCode,
            'cbc:Note': text(noteOf(document)),
            'cbc:TaxPointDate': taxDate,
          }),
      'cbc:DocumentCurrencyCode': currency,
      'cbc:BuyerReference': buyer.partyId,
      'cac:InvoicePeriod': { 'cbc:StartDate': period.from, 'cbc:EndDate': period.to },
      'cac:BillingReference': document.corrects.map((corrected) => ({
        'cac:InvoiceDocumentReference': { 'cbc:ID': corrected },
      })),
      'cac:AccountingSupplierParty': party(document.seller, 'seller'),
      'cac:AccountingCustomerParty': party(document.buyer, 'buyer'),
      // What is credited is not paid to the account of whoever credits it.
      ...(isCredit
        ? { 'cac:PaymentTerms': { 'cbc:Note': `To be settled by ${dueDate}.` } }
        : { 'cac:PaymentMeans': paymentMeans(document) }),
      'cac:TaxTotal': {
        'cbc:TaxAmount': amount(document.taxMinor, currency),
        'cac:TaxSubtotal': document.taxes.map((tax) => taxSubtotal(tax, currency)),
      },
      'cac:LegalMonetaryTotal': {
        'cbc:LineExtensionAmount': amount(document.netMinor, currency),
        'cbc:TaxExclusiveAmount': amount(document.netMinor, currency),
        'cbc:TaxInclusiveAmount': amount(document.grossMinor, currency),
        'cbc:PayableAmount': amount(document.grossMinor, currency),
      },
      [`cac:${root}Line`]: document.lines.map((line) => lineOf(line, document)),
    },
  });
}

function isForPeppol({ seller, buyer, currency }: EInvoice): boolean {
  const hasMoreRules =
    COUNTRIES_WITH_RULES.has(seller.country ?? '') || (seller.country === 'DE' && buyer.country === 'DE');
  // Peppol recomputes lines to two hundredths (R120): a price with decimals in a currency without them is off by more.
  return (
    !hasMoreRules &&
    currencyExponent(currency) === 2 &&
    endpointOf(seller) !== undefined &&
    endpointOf(buyer) !== undefined
  );
}

const amount = (minor: bigint, currency: string): Xml => ({
  '@currencyID': currency,
  '#text': formatAmount(minor, currency),
});

const VAT: Xml = { 'cbc:ID': 'VAT' };
/** Any other tax: what a seller is registered under who has no VAT id (BT-32). */
const OTHER_TAX: Xml = { 'cbc:ID': 'TAX' };

function party(of: DocumentParty, side: 'seller' | 'buyer'): Xml {
  const endpoint = endpointOf(of);
  const taxNumber = of.vatId === undefined ? optional(of.taxNumber) : undefined;
  return {
    'cac:Party': {
      ...(endpoint && { 'cbc:EndpointID': { '@schemeID': endpoint.scheme, '#text': text(endpoint.id) } }),
      'cac:PartyIdentification': { 'cbc:ID': of.partyId },
      'cac:PostalAddress': {
        'cbc:StreetName': optional(of.street),
        'cbc:CityName': optional(of.city),
        'cbc:PostalZone': optional(of.postcode),
        'cac:Country': { 'cbc:IdentificationCode': of.country },
      },
      ...(of.vatId !== undefined && { 'cac:PartyTaxScheme': { 'cbc:CompanyID': of.vatId, 'cac:TaxScheme': VAT } }),
      ...(side === 'seller' &&
        taxNumber !== undefined && {
          'cac:PartyTaxScheme': { 'cbc:CompanyID': taxNumber, 'cac:TaxScheme': OTHER_TAX },
        }),
      'cac:PartyLegalEntity': {
        'cbc:RegistrationName': text(of.legalName),
        'cbc:CompanyID': side === 'buyer' ? taxNumber : undefined,
      },
      ...(of.email !== undefined && { 'cac:Contact': { 'cbc:ElectronicMail': text(of.email) } }),
    },
  };
}

const optional = (value: string | undefined): string | undefined => (value === undefined ? undefined : text(value));

function paymentMeans({ seller: { iban, bic }, currency, number }: EInvoice): Xml | undefined {
  if (iban === undefined) return undefined;
  return {
    'cbc:PaymentMeansCode': meansCodeOf(currency),
    'cbc:PaymentID': number,
    'cac:PayeeFinancialAccount': {
      'cbc:ID': iban,
      ...(bic !== undefined && { 'cac:FinancialInstitutionBranch': { 'cbc:ID': bic } }),
    },
  };
}

const taxSubtotal = (
  { baseMinor, taxMinor, category, rate, reason, reasonCode }: PrintedTax,
  currency: string,
): Xml => ({
  'cbc:TaxableAmount': amount(baseMinor, currency),
  'cbc:TaxAmount': amount(taxMinor, currency),
  'cac:TaxCategory': {
    'cbc:ID': category,
    'cbc:Percent': rateOf(category, rate),
    'cbc:TaxExemptionReasonCode': reasonCode,
    'cbc:TaxExemptionReason': optional(reason),
    'cac:TaxScheme': VAT,
  },
});

const lineOf = (line: PrintedLine, { currency, isCredit }: EInvoice): Xml => ({
  'cbc:ID': line.line.toString(),
  [isCredit ? 'cbc:CreditedQuantity' : 'cbc:InvoicedQuantity']: {
    '@unitCode': UNIT_CODE,
    '#text': line.quantity.toString(),
  },
  'cbc:LineExtensionAmount': amount(line.amountMinor, currency),
  'cac:Item': {
    'cbc:Name': text(line.description),
    'cac:ClassifiedTaxCategory': {
      'cbc:ID': line.vatCategory,
      'cbc:Percent': rateOf(line.vatCategory, line.vatRate),
      'cac:TaxScheme': VAT,
    },
  },
  'cac:Price': {
    'cbc:PriceAmount': { '@currencyID': currency, '#text': formatMicros(line.unitPriceMicros, 2) },
  },
});
