import type { BankAnswer } from '../../../shared/domain/payouts/payout.ts';

type Kind = BankAnswer['kind'];

/** What the statuses of ISO 20022 (ExternalPaymentTransactionStatus1Code) say of money: only a settled or rejected payment is decided. */
export const ISO_STATUSES: Readonly<Record<string, Kind>> = {
  ACSC: 'paid',
  ACCC: 'paid',
  RJCT: 'rejected',
  CANC: 'rejected',
  RCVD: 'pending',
  PDNG: 'pending',
  ACTC: 'pending',
  ACCP: 'pending',
  ACSP: 'pending',
  ACWC: 'pending',
  ACWP: 'pending',
  ACFC: 'pending',
  PART: 'pending',
  PATC: 'pending',
};

/** Words of PayPal, Wise and others, in small letters and without anything else. */
const WORDS: Readonly<Record<Kind, readonly string[]>> = {
  paid: [
    'paid',
    'complete',
    'completed',
    'success',
    'successful',
    'succeeded',
    'settled',
    'executed',
    'booked',
    'outgoingpaymentsent',
    'gebucht',
    'ausgefuehrt',
    'ausgeführt',
  ],
  rejected: ['failed', 'failure', 'rejected', 'denied', 'blocked', 'declined', 'cancelled', 'canceled', 'abgelehnt'],
  returned: [
    'returned',
    'refunded',
    'fundsrefunded',
    'reversed',
    'bouncedback',
    'chargedback',
    'rueckgabe',
    'rückgabe',
  ],
  pending: [
    'pending',
    'processing',
    'unclaimed',
    'onhold',
    'new',
    'created',
    'accepted',
    'incomingpaymentwaiting',
    'fundsconverted',
    'inbearbeitung',
  ],
};

const BY_WORD: ReadonlyMap<string, Kind> = new Map([
  ...Object.entries(ISO_STATUSES).map(([code, kind]) => [code.toLowerCase(), kind] as const),
  ...Object.entries(WORDS).flatMap(([kind, words]) => words.map((word) => [word, kind as Kind] as const)),
]);

/** What a word in a column for the status says; undefined for a word that is not known. */
export const kindOfWord = (word: string): Kind | undefined => BY_WORD.get(word.toLowerCase().replace(/[^\p{L}]/gu, ''));
