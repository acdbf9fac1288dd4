import type { DocumentView } from '../../shared/domain/billing/document-view.ts';
import type { GlAccounts } from '../../shared/domain/billing/gl-accounts.ts';
import { formatMicros } from '../../shared/domain/money/micros.ts';
import { formatAmount } from '../../shared/domain/money/money.ts';
import type { Day } from '../../shared/domain/time/calendar.ts';
import { toCsv } from '../../shared/runtime/csv.ts';
import { signOf, table } from './tables.ts';
import type { BundleFile } from './zip.ts';

/** What Xero takes in one file. */
const MAX_INVOICES = 500;
const FILE_DIGITS = 3;

/** The columns of Xero's template, of sales and of bills; an asterisk is part of the name. */
const columns = table(
  [
    '*ContactName',
    'EmailAddress',
    'POAddressLine1',
    'POCity',
    'POPostalCode',
    'POCountry',
    '*InvoiceNumber',
    'Reference',
    '*InvoiceDate',
    '*DueDate',
    '*Description',
    '*Quantity',
    '*UnitAmount',
    '*AccountCode',
    '*TaxType',
    'Currency',
  ],
  ['*Quantity', '*UnitAmount'],
);

/** Documents as files that Xero imports: invoices as sales, statements as bills; what is negative it takes for a credit note. */
export function xeroFiles(views: readonly DocumentView[], accounts: GlAccounts): BundleFile[] {
  return [
    ...filesOf(
      'sales',
      views.filter(({ kind }) => kind === 'invoice'),
      accounts,
    ),
    ...filesOf(
      'bills',
      views.filter(({ kind }) => kind === 'statement'),
      accounts,
    ),
  ];
}

function filesOf(name: string, views: readonly DocumentView[], accounts: GlAccounts): BundleFile[] {
  const files: BundleFile[] = [];
  for (let start = 0; start < views.length; start += MAX_INVOICES) {
    const part = (files.length + 1).toString().padStart(FILE_DIGITS, '0');
    const rows = views.slice(start, start + MAX_INVOICES).flatMap((view) => rowsOf(view, accounts));
    files.push({ name: `xero-${name}-${part}.csv`, content: toCsv(columns, rows) });
  }
  return files;
}

function rowsOf(view: DocumentView, { revenue, expense }: GlAccounts) {
  const { kind, number, currency, issueDate, dueDate, corrects } = view;
  const contact = kind === 'invoice' ? view.buyer : view.seller;
  const postings = kind === 'invoice' ? revenue : expense;
  return view.lines.map(({ description, quantity, unitPriceMicros, amountMinor, vatCategory }) => ({
    '*ContactName': contact.legalName,
    EmailAddress: contact.email,
    POAddressLine1: contact.street,
    POCity: contact.city,
    POPostalCode: contact.postcode,
    POCountry: contact.country,
    '*InvoiceNumber': number,
    Reference: corrects.join(' '),
    '*InvoiceDate': xeroDate(issueDate),
    '*DueDate': xeroDate(dueDate),
    '*Description': `${description} (${quantity} x ${formatMicros(unitPriceMicros, 2)})`,
    // Xero multiplies itself, with four decimals: one of the amount is the amount.
    '*Quantity': 1,
    '*UnitAmount': formatAmount(signOf(view) * amountMinor, currency),
    '*AccountCode': postings[vatCategory].account,
    '*TaxType': postings[vatCategory].taxType,
    Currency: currency,
  }));
}

/** `dd/mm/yyyy`, as the template has it. */
const xeroDate = (day: Day): string => day.split('-').reverse().join('/');
