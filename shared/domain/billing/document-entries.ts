import { type BookEntry, FX, type Leg, payable, ROUNDING, receivable, TAX, WITHHOLDING } from '../ledger/entry.ts';
import { type Instant, later, type Month, nextMonth, startOfDay } from '../time/calendar.ts';
import type { BookedAmount, IssuedDocument, IssueTerms } from './document.ts';

/**
 * The entries that an issued document causes: what its lines were rounded and converted by, its tax, and what is kept back. With them the
 * account of its party holds what the document says. A function of the document alone, so that posting them again changes nothing. They
 * count at the end of the month that was closed, whenever it is issued, and are on no document themselves.
 */
export function documentEntries(
  document: IssuedDocument,
  { booked }: Pick<IssueTerms, 'booked'>,
  timeZone: string,
): BookEntry[] {
  const { number, partyId, month, currency, kind, taxMinor, withholdingMinor = 0n, issuedAt } = document;
  // What an advertiser owes is a debit of its account, what an affiliate earns a credit.
  const sign = kind === 'invoice' ? 1n : -1n;
  const account = kind === 'invoice' ? receivable(partyId) : payable(partyId);
  const entry = (of: BookEntry['kind'], text: string, legs: readonly Leg[], sequence = 1): BookEntry => ({
    party: partyId,
    month,
    causeId: number,
    kind: of,
    sequence,
    currency,
    legs,
    occurredAt: lastInstantOf(month, timeZone),
    decidedAt: issuedAt,
    text: `${text} of ${number}`,
    document: number,
  });
  const moving = (of: BookEntry['kind'], text: string, other: string, amountMinor: bigint): BookEntry[] =>
    amountMinor === 0n
      ? []
      : [
          entry(of, text, [
            { account, amountMinor: sign * amountMinor },
            { account: other, amountMinor: -sign * amountMinor },
          ]),
        ];
  const own = booked.filter((each) => each.currency === currency);
  const rounded = own.reduce((sum, { billedMinor, bookedMinor }) => sum + billedMinor - bookedMinor, 0n);
  const converted = booked.filter((each) => each.currency !== currency);
  return [
    ...moving('rounding', 'Rounding', ROUNDING, rounded),
    ...converted.map((each, index) => ({
      ...entry('fx', `Conversion from ${each.currency}`, conversionLegs(account, sign, each), index + 1),
      rate: each.rate,
    })),
    ...moving('tax', 'Tax', TAX, taxMinor),
    ...moving('withholding', 'Withholding', WITHHOLDING, -withholdingMinor),
  ];
}

/** The last millisecond of a month in a time zone. */
export const lastInstantOf = (month: Month, timeZone: string): Instant =>
  later(startOfDay(`${nextMonth(month)}-01`, timeZone), -1);

/** Takes from the account what it has in one currency, and gives it what that comes to in the document's. */
function conversionLegs(account: string, sign: 1n | -1n, { currency, bookedMinor, billedMinor }: BookedAmount): Leg[] {
  const legs: Leg[] = [
    { account, amountMinor: -sign * bookedMinor, currency },
    { account: FX, amountMinor: sign * bookedMinor, currency },
    { account, amountMinor: sign * billedMinor },
    { account: FX, amountMinor: -sign * billedMinor },
  ];
  return legs.filter(({ amountMinor }) => amountMinor !== 0n);
}
