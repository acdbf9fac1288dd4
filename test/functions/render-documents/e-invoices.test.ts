import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { toCii } from '../../../functions/render-documents/cii.ts';
import { toUbl } from '../../../functions/render-documents/ubl.ts';
import type { DocumentView } from '../../../shared/domain/billing/document-view.ts';
import { type EInvoice, eInvoiceOf } from '../../../shared/domain/billing/e-invoice.ts';
import { formatAmount } from '../../../shared/domain/money/money.ts';
import { AFFILIATE, DOCUMENT_SHAPES, documentView, NETWORK } from '../../support/document-views.ts';

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  isArray: (name) =>
    /Line$|LineItem$|TaxSubtotal$|ApplicableTradeTax$|ReferencedDocument$|BillingReference$/.test(name),
});

// biome-ignore lint/suspicious/noExplicitAny: elements of any kind are looked into
type Element = any;

const textOf = (element: Element): string => (typeof element === 'object' ? element['#text'] : element);

function invoiceOf(view: DocumentView): EInvoice {
  const invoice = eInvoiceOf(view);
  if (typeof invoice === 'string') throw new Error(invoice);
  return invoice;
}

interface Read {
  readonly typeCode: string;
  readonly number: string;
  readonly currency: string;
  readonly lines: readonly {
    quantity: string;
    price: string;
    amount: string;
    category: string;
    rate: string | undefined;
    name: string;
  }[];
  readonly taxes: readonly {
    base: string;
    tax: string;
    category: string;
    rate: string | undefined;
    reason: string | undefined;
    code: string | undefined;
  }[];
  readonly totals: readonly string[];
  readonly vatIds: readonly (string | undefined)[];
  readonly countries: readonly string[];
  readonly preceding: readonly string[];
}

function readUbl(xml: string): Read {
  const document = parser.parse(xml);
  const isCredit = document['CreditNote'] !== undefined;
  const root = document['CreditNote'] ?? document['Invoice'];
  const parties = ['cac:AccountingSupplierParty', 'cac:AccountingCustomerParty'].map((name) => root[name]['cac:Party']);
  const totals = root['cac:LegalMonetaryTotal'];
  return {
    typeCode: root[isCredit ? 'cbc:CreditNoteTypeCode' : 'cbc:InvoiceTypeCode'],
    number: root['cbc:ID'],
    currency: root['cbc:DocumentCurrencyCode'],
    lines: root[isCredit ? 'cac:CreditNoteLine' : 'cac:InvoiceLine'].map((line: Element) => ({
      quantity: textOf(line[isCredit ? 'cbc:CreditedQuantity' : 'cbc:InvoicedQuantity']),
      price: textOf(line['cac:Price']['cbc:PriceAmount']),
      amount: textOf(line['cbc:LineExtensionAmount']),
      category: line['cac:Item']['cac:ClassifiedTaxCategory']['cbc:ID'],
      rate: line['cac:Item']['cac:ClassifiedTaxCategory']['cbc:Percent'],
      name: line['cac:Item']['cbc:Name'],
    })),
    taxes: root['cac:TaxTotal']['cac:TaxSubtotal'].map((tax: Element) => ({
      base: textOf(tax['cbc:TaxableAmount']),
      tax: textOf(tax['cbc:TaxAmount']),
      category: tax['cac:TaxCategory']['cbc:ID'],
      rate: tax['cac:TaxCategory']['cbc:Percent'],
      reason: tax['cac:TaxCategory']['cbc:TaxExemptionReason'],
      code: tax['cac:TaxCategory']['cbc:TaxExemptionReasonCode'],
    })),
    totals: [
      ...['cbc:LineExtensionAmount', 'cbc:TaxExclusiveAmount'].map((name) => textOf(totals[name])),
      textOf(root['cac:TaxTotal']['cbc:TaxAmount']),
      ...['cbc:TaxInclusiveAmount', 'cbc:PayableAmount'].map((name) => textOf(totals[name])),
    ],
    vatIds: parties.map((party) => {
      const scheme = party['cac:PartyTaxScheme'];
      return scheme?.['cac:TaxScheme']['cbc:ID'] === 'VAT' ? scheme['cbc:CompanyID'] : undefined;
    }),
    countries: parties.map((party) => party['cac:PostalAddress']['cac:Country']['cbc:IdentificationCode']),
    preceding: (root['cac:BillingReference'] ?? []).map((of: Element) => of['cac:InvoiceDocumentReference']['cbc:ID']),
  };
}

function readCii(xml: string): Read {
  const root = parser.parse(xml)['rsm:CrossIndustryInvoice'];
  const transaction = root['rsm:SupplyChainTradeTransaction'];
  const settlement = transaction['ram:ApplicableHeaderTradeSettlement'];
  const agreement = transaction['ram:ApplicableHeaderTradeAgreement'];
  const parties = [agreement['ram:SellerTradeParty'], agreement['ram:BuyerTradeParty']];
  const totals = settlement['ram:SpecifiedTradeSettlementHeaderMonetarySummation'];
  return {
    typeCode: root['rsm:ExchangedDocument']['ram:TypeCode'],
    number: root['rsm:ExchangedDocument']['ram:ID'],
    currency: settlement['ram:InvoiceCurrencyCode'],
    lines: transaction['ram:IncludedSupplyChainTradeLineItem'].map((line: Element) => {
      const [tax] = line['ram:SpecifiedLineTradeSettlement']['ram:ApplicableTradeTax'];
      return {
        quantity: textOf(line['ram:SpecifiedLineTradeDelivery']['ram:BilledQuantity']),
        price: line['ram:SpecifiedLineTradeAgreement']['ram:NetPriceProductTradePrice']['ram:ChargeAmount'],
        amount:
          line['ram:SpecifiedLineTradeSettlement']['ram:SpecifiedTradeSettlementLineMonetarySummation'][
            'ram:LineTotalAmount'
          ],
        category: tax['ram:CategoryCode'],
        rate: tax['ram:RateApplicablePercent'],
        name: line['ram:SpecifiedTradeProduct']['ram:Name'],
      };
    }),
    taxes: settlement['ram:ApplicableTradeTax'].map((tax: Element) => ({
      base: tax['ram:BasisAmount'],
      tax: tax['ram:CalculatedAmount'],
      category: tax['ram:CategoryCode'],
      rate: tax['ram:RateApplicablePercent'],
      reason: tax['ram:ExemptionReason'],
      code: tax['ram:ExemptionReasonCode'],
    })),
    totals: ['LineTotal', 'TaxBasisTotal', 'TaxTotal', 'GrandTotal', 'DuePayable'].map((name) =>
      textOf(totals[`ram:${name}Amount`]),
    ),
    vatIds: parties.map((party) => {
      const registration = party['ram:SpecifiedTaxRegistration']?.['ram:ID'];
      return registration?.['@schemeID'] === 'VA' ? registration['#text'] : undefined;
    }),
    countries: parties.map((party) => party['ram:PostalTradeAddress']['ram:CountryID']),
    preceding: (settlement['ram:InvoiceReferencedDocument'] ?? []).map((of: Element) => of['ram:IssuerAssignedID']),
  };
}

/** A decimal in millionths, exactly. */
function exact(decimal: string): bigint {
  const [integer = '', fraction = ''] = decimal.replace('-', '').split('.');
  expect(fraction.length).toBeLessThanOrEqual(6);
  const micros = BigInt(integer + fraction.padEnd(6, '0'));
  return decimal.startsWith('-') ? -micros : micros;
}

const sum = (decimals: readonly string[]): bigint => decimals.reduce((total, one) => total + exact(one), 0n);

const FORMATS = { UBL: [toUbl, readUbl], CII: [toCii, readCii] } as const;
const CASES = Object.entries(DOCUMENT_SHAPES).flatMap(([shape, view]) =>
  (['UBL', 'CII'] as const).map((format) => [shape, format, view] as const),
);

describe.each(CASES)('%s in %s', (_shape, format, view) => {
  const [write, readBack] = FORMATS[format];
  const xml = write(invoiceOf(view));
  const read = readBack(xml);

  it('is well-formed, and the same every time', () => {
    expect(XMLValidator.validate(xml)).toBe(true);
    expect(write(invoiceOf(view))).toBe(xml);
    // PEPPOL-EN16931-R008; CII wants its element of delivery, which has nothing in it.
    expect(xml.replace('<ram:ApplicableHeaderTradeDelivery></ram:ApplicableHeaderTradeDelivery>', '')).not.toMatch(
      /><\/|\/>/,
    );
  });

  it('says what the document says', () => {
    const { number, typeCode, currency } = view;
    expect(read).toMatchObject({ number, typeCode, currency, preceding: view.corrects });
    expect(read.lines.map(({ name }) => name.replaceAll('&apos;', "'"))).toEqual(
      view.lines.map(({ description }) => description),
    );
    const amounts = [view.netMinor, view.netMinor, view.taxMinor, view.grossMinor, view.grossMinor];
    expect(read.totals).toEqual(amounts.map((minor) => formatAmount(minor, currency)));
  });

  it('keeps to the arithmetic of EN 16931', () => {
    const [lines = '', net = '', tax = '', gross = '', due] = read.totals;
    expect(sum(read.lines.map(({ amount }) => amount)), 'BR-CO-10').toBe(exact(lines));
    expect(net, 'BR-CO-13').toBe(lines);
    expect(sum(read.taxes.map((of) => of.tax)), 'BR-CO-14').toBe(exact(tax));
    expect(exact(gross), 'BR-CO-15').toBe(exact(net) + exact(tax));
    expect(due, 'BR-CO-16').toBe(gross);
    for (const { base, tax: charged, category, rate = '0' } of read.taxes) {
      const off = exact(charged) * 100_000_000n - exact(base) * exact(rate);
      expect(off < 0n ? -off : off, 'BR-CO-17').toBeLessThanOrEqual(500_000_000_000n);
      const ofCategory = read.lines.filter(
        (line) => line.category === category && line.rate === (category === 'O' ? undefined : rate),
      );
      expect(sum(ofCategory.map(({ amount }) => amount)), 'BR-S-08').toBe(exact(base));
    }
    const half = view.currency === 'JPY' ? 500_000n : 5_000n;
    for (const { quantity, price, amount } of read.lines) {
      expect(exact(price), 'BR-27').toBeGreaterThanOrEqual(0n);
      const off = exact(amount) - BigInt(quantity) * exact(price);
      expect(off < 0n ? -off : off, 'quantity times price, rounded once').toBeLessThanOrEqual(half);
      expect(amount, 'BR-DEC-23').toMatch(/^-?[0-9]+(\.[0-9]{2})?$/);
    }
  });

  it('keeps to the rules of its VAT categories', () => {
    const categories = new Set(read.taxes.map(({ category }) => category));
    const [seller, buyer] = read.vatIds;
    for (const { category, tax, rate, reason, code } of read.taxes) {
      if (category === 'S') {
        expect([reason, code], 'BR-S-10').toEqual([undefined, undefined]);
        expect(exact(rate ?? '0'), 'BR-S-05').toBeGreaterThan(0n);
        continue;
      }
      expect(exact(tax), `BR-${category}-09`).toBe(0n);
      expect(reason ?? code, `BR-${category}-10`).toBeDefined();
      if (category === 'O') {
        expect([...categories], 'BR-O-11').toEqual(['O']);
        expect([seller, buyer, rate], 'BR-O-02, BR-O-05').toEqual([undefined, undefined, undefined]);
      } else {
        expect(rate, `BR-${category}-05`).toBe('0');
      }
      if (category === 'AE') expect([seller, buyer], 'BR-AE-02').not.toContain(undefined);
      if (category === 'G') expect(seller, 'BR-G-02').toBeDefined();
    }
    for (const country of read.countries) expect(country, 'BR-09, BR-11').toMatch(/^[A-Z]{2}$/);
    for (const id of read.vatIds) if (id !== undefined) expect(id.slice(0, 2), 'BR-CO-09').toMatch(/^[A-Z]{2}$/);
  });
});

describe('an e-invoice', () => {
  it.each([
    ['a statement without an agreement', documentView({ typeCode: undefined }), /no agreement on self-billing/],
    ['a currency with three decimals', documentView({ currency: 'KWD' }), /KWD has more/],
    [
      'a buyer without a country',
      documentView({ buyer: { partyId: 'adv_1', legalName: 'Acme' } }),
      /country of the buyer/,
    ],
    [
      'a seller without a country',
      documentView({ seller: { partyId: 'le_1', legalName: 'Network' } }),
      /country of the seller/,
    ],
  ])('is not made of %s', (_what, view, words) => {
    expect(eInvoiceOf(view)).toMatch(words);
  });

  it.each([
    ['billing', DOCUMENT_SHAPES['reverse charge'], 'poacc:billing:3.0'],
    ['self-billing', DOCUMENT_SHAPES['self-billed, reverse charge'], 'poacc:selfbilling:3.0'],
    ['a credit note of self-billing', DOCUMENT_SHAPES['self-billed credit note'], 'poacc:selfbilling:3.0'],
  ])('is for Peppol: %s', (_what, view, id) => {
    const xml = toUbl(invoiceOf(view!));
    expect(xml).toContain(`urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:${id}</cbc:CustomizationID>`);
    expect(xml.match(/<cbc:EndpointID schemeID=/g)).toHaveLength(2);
    expect(xml.match(/^ <cbc:Note>/gm), 'PEPPOL-EN16931-R002').toHaveLength(1);
    expect(xml).toContain('<cbc:BuyerReference>');
  });

  it.each([
    ['a party without an electronic address', documentView({ buyer: { ...AFFILIATE, email: undefined } })],
    ['a currency without cents', DOCUMENT_SHAPES['no decimals']],
    [
      'a seller whose country has rules of its own',
      documentView({ seller: { ...NETWORK, country: 'IT' }, buyer: AFFILIATE }),
    ],
    ['seller and buyer in Germany', documentView()],
  ])('does not say that it is for Peppol with %s', (_what, view) => {
    expect(toUbl(invoiceOf(view!))).toContain('<cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>');
  });

  it('can say whatever a name has in it', () => {
    const view = documentView({ lines: [{ description: 'a\u0000b \ud800 <c> & "d" \u{1F600}' }] });
    for (const write of [toUbl, toCii]) {
      const xml = write(invoiceOf(view));
      expect(XMLValidator.validate(xml)).toBe(true);
      expect(xml).toContain('a\ufffdb \ufffd &lt;c&gt; &amp; &quot;d&quot; \u{1F600}');
    }
  });
});
