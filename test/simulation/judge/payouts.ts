import { payoutItem } from '../../../shared/adapters/dynamodb/payout-items.ts';
import type { Payout } from '../../../shared/domain/payouts/payout.ts';
import type { Stage } from '../actors/actor.ts';
import type { Books, StoredEntry } from './books.ts';

interface Statement {
  readonly kind: string;
  readonly partyId: string;
  readonly currency: string;
  readonly issuedAt: string;
  readonly netMinor: number | bigint;
  readonly taxMinor: number | bigint;
  readonly withholdingMinor?: number | bigint;
}

/** Payouts are booked as what became of them, and nobody is ever paid what was not issued to him by then, or is paid or kept aside already. */
export function judgePayouts({ world: { engine, settings } }: Stage, { entries }: Books): string | undefined {
  if (!settings.closes) return undefined;
  const payouts: Payout[] = [];
  for (const item of engine.itemsOf('Payouts')) {
    if ((item['sk'] as string).startsWith('PAYOUT#')) payouts.push(payoutItem.parse(item));
  }
  if (payouts.length === 0) return undefined;
  const booked = Map.groupBy(entries, ({ entryId }) => entryId.slice(0, entryId.indexOf('#')));
  const statements = [...(engine.itemsOf('Billing') as Iterable<unknown>)].filter((item): item is Statement =>
    (item as { readonly pk: string }).pk.startsWith('DOCUMENTS#statement#'),
  );
  for (const payout of payouts) {
    const fault = bookingFault(payout, booked.get(payout.payoutId) ?? []) ?? overpaidFault(payout, payouts, statements);
    if (fault !== undefined) return `${payout.payoutId} ${fault}`;
  }
  return undefined;
}

/** What the entries of a payout come to on each account, once it is where it is. */
function bookingFault(
  { affiliateId, amountMinor, state }: Payout,
  entries: readonly StoredEntry[],
): string | undefined {
  const isOut = state === 'sent' || state === 'paid';
  const due = {
    [`payable:${affiliateId}`]: isOut ? amountMinor : 0n,
    in_transit: state === 'sent' ? -amountMinor : 0n,
    cash: state === 'paid' ? -amountMinor : 0n,
  };
  for (const [account, minor] of Object.entries(due)) {
    const legs = entries.flatMap((entry) => entry.legs).filter((leg) => leg.account === account);
    const sum = legs.reduce((total, leg) => total + BigInt(leg.amountMinor), 0n);
    if (sum !== minor) return `is ${state}, and ${account} has ${sum} of it instead of ${minor}`;
  }
  return undefined;
}

const isNone = ({ state }: Payout): boolean => state === 'failed' || state === 'cancelled';

function overpaidFault(
  payout: Payout,
  payouts: readonly Payout[],
  statements: readonly Statement[],
): string | undefined {
  const { affiliateId, currency, proposedAt } = payout;
  if (isNone(payout)) return undefined;
  const issued = statements
    .filter((each) => each.partyId === affiliateId && each.currency === currency && each.issuedAt <= proposedAt)
    .reduce(
      (sum, { netMinor, taxMinor, withholdingMinor = 0 }) =>
        sum + BigInt(netMinor) + BigInt(taxMinor) - BigInt(withholdingMinor),
      0n,
    );
  const paid = payouts
    .filter((each) => each.affiliateId === affiliateId && each.currency === currency && each.proposedAt <= proposedAt)
    .reduce((sum, each) => (isNone(each) ? sum : sum + each.amountMinor), 0n);
  return paid > issued
    ? `was proposed where ${issued} ${currency} was issued, and makes it ${paid} that is paid`
    : undefined;
}
