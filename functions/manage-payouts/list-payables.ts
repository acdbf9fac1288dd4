import { type PayableAnswer, payablePage, payablesQuery } from '../../shared/contracts/payouts.ts';
import { formatAmount } from '../../shared/domain/money/money.ts';
import { payableStatus, payNow, releaseOf } from '../../shared/domain/payouts/payable.ts';
import type { Payout } from '../../shared/domain/payouts/payout.ts';
import { payability } from '../../shared/domain/payouts/profile.ts';
import { type Day, type Instant, startOfDay } from '../../shared/domain/time/calendar.ts';
import type { Affiliate, CatalogReader } from '../../shared/ports/catalog.ts';
import type { ListPage } from '../../shared/ports/list-page.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { makeCursor, readCursor } from '../../shared/runtime/cursor.ts';
import { type HttpHandler, json, query } from '../../shared/runtime/http.ts';
import { resolveScope } from '../../shared/runtime/scope.ts';
import { inSlices } from '../../shared/use-cases/payouts/in-slices.ts';
import type { AffiliateAccount, ReadAccounts } from '../../shared/use-cases/payouts/read-account.ts';

export interface ListPayablesDependencies {
  readonly catalog: CatalogReader;
  readonly listAffiliates: (limit: number, after?: string) => Promise<ListPage<Affiliate>>;
  readonly readAccounts: ReadAccounts;
  readonly clock: Clock;
  readonly timeZone: string;
}

/** Shows what affiliates are owed, by currency, and what becomes of it: an affiliate's own, or a page of all. */
export function createListPayables(dependencies: ListPayablesDependencies): HttpHandler {
  const { catalog, listAffiliates, readAccounts, clock, timeZone } = dependencies;
  return async (event) => {
    const party = await authenticate(catalog, event, ['operator', 'finance', 'affiliate']);
    const { affiliateId: asked, from, limit, cursor } = query(event, payablesQuery);
    const { affiliateId } = await resolveScope(catalog, party, { affiliateId: asked });
    const bound = ['payables', affiliateId, from];
    const after = cursor === undefined ? undefined : readCursor(bound, cursor);
    const affiliate = affiliateId === undefined ? undefined : await catalog.affiliate(affiliateId);
    const page = affiliate === undefined ? await listAffiliates(limit, after) : { items: [affiliate] };
    const now = clock();
    const since = from === undefined ? undefined : startOfDay(from satisfies Day, timeZone);
    const items = await inSlices(page.items, async (each) =>
      (await readAccounts(each.affiliateId, now)).map((account) => viewAccount(each, account, now, since)),
    );
    return json(
      200,
      payablePage.parse({
        items: items.flat(),
        nextCursor: page.position === undefined ? null : makeCursor(bound, page.position),
      }),
    );
  };
}

function viewAccount(
  { affiliateId, name }: Affiliate,
  { currency, profile, terms, statements, payouts, payable }: AffiliateAccount,
  now: Instant,
  since: Instant | undefined,
): PayableAnswer {
  const amount = (amountMinor: bigint) => formatAmount(amountMinor, currency);
  const isBefore = (at: Instant) => since !== undefined && at < since;
  const standing = payability(profile, now);
  const isPaidBefore = (payout: Payout) => payout.state === 'paid' && isBefore(lastAt(payout));
  const openingMinor = sum(statements.filter(({ issuedAt }) => isBefore(issuedAt))) - sum(payouts.filter(isPaidBefore));
  return {
    affiliateId,
    affiliateName: name,
    currency,
    status: payableStatus(payable, terms, standing),
    opening: amount(openingMinor),
    earned: amount(payable.earnedMinor),
    reserved: amount(payable.reservedMinor),
    inTransit: amount(payable.inTransitMinor),
    paid: amount(payable.paidMinor),
    balance: amount(payable.balanceMinor),
    held: amount(payable.heldMinor),
    ...(payable.heldUntil !== undefined && { heldUntil: payable.heldUntil }),
    threshold: amount(terms.thresholdMinor),
    payableNow: amount(standing.status === 'ready' ? payNow(payable, terms) : 0n),
    statements: statements
      .filter(({ issuedAt }) => !isBefore(issuedAt))
      .map((statement) => ({
        number: statement.number,
        month: statement.month,
        issuedAt: statement.issuedAt,
        payableAt: releaseOf(statement, terms),
        amount: amount(statement.amountMinor),
      })),
    payouts: payouts
      .filter((payout) => payout.amountMinor > 0n && !isBefore(lastAt(payout)))
      .map((payout) => ({
        payoutId: payout.payoutId,
        amount: amount(payout.amountMinor),
        state: payout.state,
        at: lastAt(payout),
        ...(payout.reason !== undefined && { reason: payout.reason }),
      })),
  };
}

const lastAt = ({ proposedAt, sentAt, paidAt, failedAt }: Payout): Instant =>
  failedAt ?? paidAt ?? sentAt ?? proposedAt;

const sum = (amounts: readonly { readonly amountMinor: bigint }[]): bigint =>
  amounts.reduce((total, { amountMinor }) => total + amountMinor, 0n);
