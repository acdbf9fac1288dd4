import type { DocumentParty, PrintedLine, PrintedTax } from '../../shared/domain/billing/document-view.ts';
import type { EInvoice } from '../../shared/domain/billing/e-invoice.ts';
import { formatMicros } from '../../shared/domain/money/micros.ts';
import { formatAmount } from '../../shared/domain/money/money.ts';
import type { Day } from '../../shared/domain/time/calendar.ts';
import { endpointOf, meansCodeOf, noteOf, rateOf, UNIT_CODE } from './e-invoice.ts';
import { text, toXml, type Xml } from './xml.ts';

const STANDARD = 'urn:un:unece:uncefact:data:standard';
/** What the document keeps to (BT-24): EN 16931 itself, which is also the profile of Factur-X of that name. */
const GUIDELINE = 'urn:cen.eu:en16931:2017';
/** `CCYYMMDD`, of UNCL 2379. */
const DATE_FORMAT = '102';

/** A document in Cross Industry Invoice D16B by EN 16931: the XML of Factur-X and ZUGFeRD. */
export function toCii(document: EInvoice): string {
  return toXml({
    'rsm:CrossIndustryInvoice': {
      '@xmlns:rsm': `${STANDARD}:CrossIndustryInvoice:100`,
      '@xmlns:ram': `${STANDARD}:ReusableAggregateBusinessInformationEntity:100`,
      '@xmlns:udt': `${STANDARD}:UnqualifiedDataType:100`,
      'rsm:ExchangedDocumentContext': {
        'ram:GuidelineSpecifiedDocumentContextParameter': { 'ram:ID': GUIDELINE },
      },
      'rsm:ExchangedDocument': {
        'ram:ID': document.number,
        'ram:TypeCode': document.typeCode,
        'ram:IssueDateTime': dateTime(document.issueDate),
        'ram:IncludedNote': { 'ram:Content': text(noteOf(document)) },
      },
      'rsm:SupplyChainTradeTransaction': {
        'ram:IncludedSupplyChainTradeLineItem': document.lines.map((line) => lineOf(line, document.currency)),
        'ram:ApplicableHeaderTradeAgreement': {
          'ram:BuyerReference': document.buyer.partyId,
          'ram:SellerTradeParty': party(document.seller, 'seller'),
          'ram:BuyerTradeParty': party(document.buyer, 'buyer'),
        },
        'ram:ApplicableHeaderTradeDelivery': '',
        'ram:ApplicableHeaderTradeSettlement': settlement(document),
      },
    },
  });
}

function settlement(document: EInvoice): Xml {
  const { currency, period, dueDate, netMinor, taxMinor, grossMinor } = document;
  return {
    'ram:PaymentReference': document.number,
    'ram:InvoiceCurrencyCode': currency,
    // What is credited is not paid to the account of whoever credits it.
    'ram:SpecifiedTradeSettlementPaymentMeans': document.isCredit ? undefined : paymentMeans(document),
    'ram:ApplicableTradeTax': document.taxes.map((tax) => taxOf(tax, document)),
    'ram:BillingSpecifiedPeriod': {
      'ram:StartDateTime': dateTime(period.from),
      'ram:EndDateTime': dateTime(period.to),
    },
    'ram:SpecifiedTradePaymentTerms': { 'ram:DueDateDateTime': dateTime(dueDate) },
    'ram:SpecifiedTradeSettlementHeaderMonetarySummation': {
      'ram:LineTotalAmount': formatAmount(netMinor, currency),
      'ram:TaxBasisTotalAmount': formatAmount(netMinor, currency),
      'ram:TaxTotalAmount': { '@currencyID': currency, '#text': formatAmount(taxMinor, currency) },
      'ram:GrandTotalAmount': formatAmount(grossMinor, currency),
      'ram:DuePayableAmount': formatAmount(grossMinor, currency),
    },
    'ram:InvoiceReferencedDocument': document.corrects.map((number) => ({ 'ram:IssuerAssignedID': number })),
  };
}

const dateTime = (day: Day): Xml => ({ 'udt:DateTimeString': dateText(day) });
const dateText = (day: Day): Xml => ({ '@format': DATE_FORMAT, '#text': day.replaceAll('-', '') });

function party(of: DocumentParty, side: 'seller' | 'buyer'): Xml {
  const endpoint = endpointOf(of);
  const taxNumber = of.vatId === undefined ? optional(of.taxNumber) : undefined;
  return {
    'ram:ID': of.partyId,
    'ram:Name': text(of.legalName),
    ...(side === 'buyer' && taxNumber !== undefined && { 'ram:SpecifiedLegalOrganization': { 'ram:ID': taxNumber } }),
    'ram:PostalTradeAddress': {
      'ram:PostcodeCode': optional(of.postcode),
      'ram:LineOne': optional(of.street),
      'ram:CityName': optional(of.city),
      'ram:CountryID': of.country,
    },
    ...(endpoint && {
      'ram:URIUniversalCommunication': { 'ram:URIID': { '@schemeID': endpoint.scheme, '#text': text(endpoint.id) } },
    }),
    ...(of.vatId !== undefined && {
      'ram:SpecifiedTaxRegistration': { 'ram:ID': { '@schemeID': 'VA', '#text': of.vatId } },
    }),
    ...(side === 'seller' &&
      taxNumber !== undefined && {
        'ram:SpecifiedTaxRegistration': { 'ram:ID': { '@schemeID': 'FC', '#text': taxNumber } },
      }),
  };
}

const optional = (value: string | undefined): string | undefined => (value === undefined ? undefined : text(value));

function paymentMeans({ seller: { iban, bic }, currency }: EInvoice): Xml | undefined {
  if (iban === undefined) return undefined;
  return {
    'ram:TypeCode': meansCodeOf(currency),
    'ram:PayeePartyCreditorFinancialAccount': { 'ram:IBANID': iban },
    ...(bic !== undefined && { 'ram:PayeeSpecifiedCreditorFinancialInstitution': { 'ram:BICID': bic } }),
  };
}

const taxOf = (tax: PrintedTax, { currency, taxDate }: EInvoice): Xml => ({
  'ram:CalculatedAmount': formatAmount(tax.taxMinor, currency),
  'ram:TypeCode': 'VAT',
  'ram:ExemptionReason': optional(tax.reason),
  'ram:BasisAmount': formatAmount(tax.baseMinor, currency),
  'ram:CategoryCode': tax.category,
  'ram:ExemptionReasonCode': tax.reasonCode,
  'ram:TaxPointDate': { 'udt:DateString': dateText(taxDate) },
  'ram:RateApplicablePercent': rateOf(tax.category, tax.rate),
});

const lineOf = (line: PrintedLine, currency: string): Xml => ({
  'ram:AssociatedDocumentLineDocument': { 'ram:LineID': line.line.toString() },
  'ram:SpecifiedTradeProduct': { 'ram:Name': text(line.description) },
  'ram:SpecifiedLineTradeAgreement': {
    'ram:NetPriceProductTradePrice': { 'ram:ChargeAmount': formatMicros(line.unitPriceMicros, 2) },
  },
  'ram:SpecifiedLineTradeDelivery': {
    'ram:BilledQuantity': { '@unitCode': UNIT_CODE, '#text': line.quantity.toString() },
  },
  'ram:SpecifiedLineTradeSettlement': {
    'ram:ApplicableTradeTax': {
      'ram:TypeCode': 'VAT',
      'ram:CategoryCode': line.vatCategory,
      'ram:RateApplicablePercent': rateOf(line.vatCategory, line.vatRate),
    },
    'ram:SpecifiedTradeSettlementLineMonetarySummation': {
      'ram:LineTotalAmount': formatAmount(line.amountMinor, currency),
    },
  },
});
