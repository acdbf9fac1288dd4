import iconv from 'iconv-lite';
import type { DocumentView, PrintedTax } from '../../shared/domain/billing/document-view.ts';
import type { GlAccounts } from '../../shared/domain/billing/gl-accounts.ts';
import { currencyExponent } from '../../shared/domain/money/currencies.ts';
import { formatAmount } from '../../shared/domain/money/money.ts';
import { type Day, lastDayOf, type Month } from '../../shared/domain/time/calendar.ts';
import { signOf } from './tables.ts';
import { titleOf } from './words.ts';
import type { BundleFile } from './zip.ts';

/** The format that DATEV takes from other programs: header version 700, category 21 (postings) in its version 13. */
const HEADER_VERSION = 700;
const CATEGORY = 21;
const CATEGORY_VERSION = 13;
const MAX_DECIMALS = 2;
const MAX_TEXT = 60;

const COLUMNS = [
  'Umsatz (ohne Soll/Haben-Kz)',
  'Soll/Haben-Kennzeichen',
  'WKZ Umsatz',
  'Kurs',
  'Basis-Umsatz',
  'WKZ Basis-Umsatz',
  'Konto',
  'Gegenkonto (ohne BU-Schlüssel)',
  'BU-Schlüssel',
  'Belegdatum',
  'Belegfeld 1',
  'Belegfeld 2',
  'Skonto',
  'Buchungstext',
] as const;

/** What DATEV cannot take, because it has amounts with two decimals. */
export const isForDatev = ({ currency }: Pick<DocumentView, 'currency'>): boolean =>
  (currencyExponent(currency) ?? 0) <= MAX_DECIMALS;

/** Documents as postings, one for each rate of tax, gross: a file for each currency, in Windows-1252. `at` is when they are written. */
export function datevFiles(month: Month, views: readonly DocumentView[], accounts: GlAccounts, at: Date): BundleFile[] {
  const byCurrency = Map.groupBy(views.filter(isForDatev), ({ currency }) => currency);
  return [...byCurrency].map(([currency, documents]) => ({
    name: `EXTF_Buchungsstapel_${month}_${currency}.csv`,
    content: encoded([
      header(month, currency, accounts, at),
      COLUMNS.join(';'),
      ...documents.flatMap((view) => view.taxes.map((tax) => posting(view, tax, accounts))),
    ]),
  }));
}

const encoded = (lines: readonly string[]): Buffer =>
  iconv.encode(lines.map((line) => `${line}\r\n`).join(''), 'windows-1252');

const quoted = (text: string): string => `"${text.replaceAll('"', '""').replaceAll(/\p{Cc}/gu, ' ')}"`;
/** `ddmmyy`. */
const dayMonthYear = (day: Day): string => day.slice(2).split('-').reverse().join('');
const compact = (day: Day): string => day.replaceAll('-', '');

function header(month: Month, currency: string, { datev }: GlAccounts, at: Date): string {
  const none = quoted('');
  return [
    quoted('EXTF'),
    HEADER_VERSION,
    CATEGORY,
    quoted('Buchungsstapel'),
    CATEGORY_VERSION,
    at.toISOString().replaceAll(/[-:.TZ]/g, ''),
    '',
    quoted('LL'),
    none,
    none,
    datev.consultant,
    datev.client,
    `${month.slice(0, 4)}0101`,
    datev.accountLength,
    compact(`${month}-01`),
    compact(lastDayOf(month)),
    quoted(`Leadledger ${month}`),
    none,
    1,
    0,
    0,
    quoted(currency),
    '',
    none,
    '',
    '',
    none,
    '',
    '',
    none,
    none,
  ].join(';');
}

function posting(view: DocumentView, { category, baseMinor, taxMinor }: PrintedTax, accounts: GlAccounts): string {
  const { kind, number, currency, taxDate, dueDate } = view;
  const isInvoice = kind === 'invoice';
  const party = isInvoice ? view.buyer : view.seller;
  const grossMinor = signOf(view) * (baseMinor + taxMinor);
  const isDebit = isInvoice === grossMinor >= 0n;
  return [
    decimal(grossMinor < 0n ? -grossMinor : grossMinor, currency),
    quoted(isDebit ? 'S' : 'H'),
    quoted(currency),
    '',
    '',
    '',
    isInvoice ? accounts.receivable : accounts.payable,
    (isInvoice ? accounts.revenue : accounts.expense)[category].account,
    '',
    dayMonthYear(taxDate).slice(0, 4),
    quoted(number),
    // By when it is to be paid, as DATEV reads it there.
    quoted(dayMonthYear(dueDate)),
    '',
    quoted(`${titleOf(view)} ${party.legalName}`.slice(0, MAX_TEXT).toWellFormed()),
  ].join(';');
}

/** An amount with two decimals and a comma, whatever its currency has. */
function decimal(minor: bigint, currency: string): string {
  const [integer = '', fraction = ''] = formatAmount(minor, currency).split('.');
  return `${integer},${fraction.padEnd(MAX_DECIMALS, '0')}`;
}
