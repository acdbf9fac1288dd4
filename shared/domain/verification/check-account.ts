import { formatAmount } from '../money/money.ts';

/** What a statement says of its account, signed as the account moves. */
export interface ClaimedAccount {
  readonly openingMinor: bigint;
  readonly documentMinor: bigint;
  readonly paidMinor: bigint;
  readonly closingMinor: bigint;
}

/** The totals of a document as far as they move an account. */
export interface ClaimedTotals {
  readonly currency: string;
  readonly grossMinor: bigint;
  readonly withheldMinor?: bigint | undefined;
  /** Of statements alone. */
  readonly account?: ClaimedAccount | undefined;
}

/** The first figure of a document's account that the others do not make, in words; undefined where all agree. */
export function accountFault({ currency, grossMinor, withheldMinor = 0n, account }: ClaimedTotals): string | undefined {
  const differs = (what: string, claimed: bigint, how: string, made: bigint): string | undefined =>
    claimed === made
      ? undefined
      : `${what}: the document has ${formatAmount(claimed, currency)} ${currency}, ${how} ${formatAmount(made, currency)}`;
  if (account === undefined) return undefined;
  const { openingMinor, documentMinor, paidMinor, closingMinor } = account;
  return (
    differs(
      'the account, by this document',
      documentMinor,
      'gross less what is withheld is',
      grossMinor - withheldMinor,
    ) ?? differs('the account, at its end', closingMinor, 'it comes to', openingMinor + documentMinor - paidMinor)
  );
}
