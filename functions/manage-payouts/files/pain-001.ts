import { Document } from 'sepa';
import { formatAmount } from '../../../shared/domain/money/money.ts';
import { sepaText } from '../../../shared/domain/payouts/payee.ts';
import type { Payout } from '../../../shared/domain/payouts/payout.ts';
import { type PayoutRun, shortRunId } from '../../../shared/domain/payouts/run.ts';
import { dayOf, millisecondsOf } from '../../../shared/domain/time/calendar.ts';

const MAX_NAME_CHARACTERS = 70;

/**
 * Payments by SEPA as pain.001.001.09. The library adds up in floats: the amounts that it wrote are added up again, as integers, and those
 * are the control totals. Throws where they are not what was to be paid.
 */
export function pain001(run: PayoutRun, payouts: readonly Payout[], timeZone: string): string {
  const { payer, sentAt, runId } = run;
  if (payer === undefined || sentAt === undefined) throw new Error(`run ${runId} is sent from no account`);
  const document = new Document('pain.001.001.09');
  document.grpHdr.id = shortRunId(runId);
  document.grpHdr.created = new Date(millisecondsOf(sentAt));
  document.grpHdr.initiatorName = nameOf(payer.name);
  const info = document.createPaymentInfo();
  info.requestedExecutionDate = localMidnight(dayOf(sentAt, timeZone));
  info.debtorName = nameOf(payer.name);
  info.debtorIBAN = payer.iban;
  info.debtorBIC = bicFor(payer.iban, payer.bic);
  document.addPaymentInfo(info);
  for (const { payoutId, payee, amountMinor, currency } of payouts) {
    if (payee.method !== 'sepa') throw new Error(`payout ${payoutId} is not by SEPA`);
    const transaction = info.createTransaction();
    transaction.creditorName = nameOf(payee.holder);
    transaction.creditorIBAN = payee.iban;
    transaction.creditorBIC = bicFor(payee.iban, payee.bic);
    transaction.amount = asFloat(formatAmount(amountMinor, currency));
    transaction.currency = currency;
    transaction.end2endId = payoutId;
    transaction.remittanceInfo = `Payout ${payoutId}`;
    info.addTransaction(transaction);
  }
  return withControlTotal(written(document), payouts);
}

/** The library's own words name accounts, which are never logged. */
function written(document: Document): string {
  try {
    return document.toString();
  } catch {
    throw new Error('the library refuses to write the file');
  }
}

/** A decimal of at most 11 digits, of which the library writes two decimals again: exact. */
const asFloat = (decimal: string): number => Number(decimal);

/** The library writes the local day of a date. */
const localMidnight = (day: string): Date => new Date(`${day}T00:00:00`);

/** The library refuses a BIC of another country than the IBAN, and SEPA needs none. */
const bicFor = (iban: string, bic = ''): string => (bic.slice(4, 6) === iban.slice(0, 2) ? bic : '');

const nameOf = (name: string): string =>
  (sepaText(name) ?? name.replace(/[^A-Za-z0-9 ]/g, '.')).slice(0, MAX_NAME_CHARACTERS);

function withControlTotal(xml: string, payouts: readonly Payout[]): string {
  const written = [...xml.matchAll(/<InstdAmt Ccy="EUR">([0-9]+)\.([0-9]{2})<\/InstdAmt>/g)].map(([, euros, cents]) =>
    BigInt(`${euros}${cents}`),
  );
  const total = written.reduce((sum, amountMinor) => sum + amountMinor, 0n);
  const meant = payouts.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  if (written.length !== payouts.length || total !== meant) throw new Error('the file does not say what is to be paid');
  return xml.replace(/<CtrlSum>[^<]*<\/CtrlSum>/g, `<CtrlSum>${formatAmount(total, 'EUR')}</CtrlSum>`);
}
