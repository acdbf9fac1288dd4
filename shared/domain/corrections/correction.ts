import type { Account } from '../ledger/account.ts';
import { type BookEntry, type Leg, payable, REVENUE, receivable } from '../ledger/entry.ts';
import { type Instant, monthOf } from '../time/calendar.ts';

/** What people may book. `write_off`: a debt that is given up; the others are lines of the next document. */
export const CORRECTION_KINDS = ['bonus', 'adjustment', 'fee', 'write_off'] as const;

export type CorrectionKind = (typeof CORRECTION_KINDS)[number];

export const CORRECTION_STATUSES = ['proposed', 'approved', 'rejected'] as const;

/** The account of an advertiser or of an affiliate. */
export type PartyAccount = Exclude<Account, { readonly kind: 'network' }>;

/** Which accounts each kind is booked on. */
export const ACCOUNTS_OF: Readonly<Record<CorrectionKind, readonly PartyAccount['kind'][]>> = {
  bonus: ['payable'],
  adjustment: ['receivable', 'payable'],
  fee: ['receivable', 'payable'],
  write_off: ['receivable'],
};

/** What one key proposes to book, and another approves or rejects. */
export interface Correction {
  readonly correctionId: string;
  /** What whoever proposed it calls it: the same again is the same correction. */
  readonly externalId?: string | undefined;
  readonly kind: CorrectionKind;
  readonly account: PartyAccount;
  /** Above zero; of an adjustment also below: what the advertiser then owes less, or the affiliate is owed less. */
  readonly amountMinor: bigint;
  readonly currency: string;
  /** What the party reads of it. */
  readonly reason: string;
  /** Id of the entry that it corrects. */
  readonly corrects?: string | undefined;
  /** The instant that it counts at. */
  readonly occurredAt: Instant;
  readonly status: (typeof CORRECTION_STATUSES)[number];
  /** Ids of keys, and when they did it. */
  readonly proposedBy: string;
  readonly proposedAt: Instant;
  readonly decidedBy?: string | undefined;
  readonly decidedAt?: Instant | undefined;
  /** Why it was rejected. */
  readonly decisionReason?: string | undefined;
}

/** What a correction does to its account: positive where the advertiser owes more, or the affiliate is owed more. */
export function effectOfCorrection({ kind, account, amountMinor }: Correction): bigint {
  const lessens = kind === 'write_off' || (kind === 'fee' && account.kind === 'payable');
  return lessens ? -amountMinor : amountMinor;
}

/**
 * The entry that an approved correction calls for, always the same: it stands in the journal of its party, against revenue. Throws where
 * the correction is not approved.
 */
export function entryOfCorrection(correction: Correction, timeZone: string): BookEntry {
  const { correctionId, kind, account, currency, reason, corrects, occurredAt, status, decidedAt } = correction;
  if (status !== 'approved' || decidedAt === undefined) throw new RangeError(`${correctionId} is ${status}`);
  return {
    party: account.kind === 'receivable' ? account.advertiserId : account.affiliateId,
    month: monthOf(occurredAt, timeZone),
    causeId: correctionId,
    kind,
    sequence: 1,
    currency,
    legs: legsOf(account, effectOfCorrection(correction)),
    occurredAt,
    decidedAt,
    affiliateId: account.kind === 'payable' ? account.affiliateId : undefined,
    text: reason,
    corrects,
    madeBy: correction.proposedBy,
    approvedBy: correction.decidedBy,
  };
}

function legsOf(account: PartyAccount, effect: bigint): Leg[] {
  return account.kind === 'receivable'
    ? [
        { account: receivable(account.advertiserId), amountMinor: effect },
        { account: REVENUE, amountMinor: -effect },
      ]
    : [
        { account: payable(account.affiliateId), amountMinor: -effect },
        { account: REVENUE, amountMinor: effect },
      ];
}
