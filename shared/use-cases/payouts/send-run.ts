import { cancelledPayout, type Payout, sentPayout } from '../../domain/payouts/payout.ts';
import { beginSending, finishSending, type PayoutRun } from '../../domain/payouts/run.ts';
import type { Instant } from '../../domain/time/calendar.ts';
import type { FindPayer, PayoutStore } from '../../ports/payouts.ts';
import { inSlices } from './in-slices.ts';
import type { PostPayout } from './post-payout.ts';

export interface SendRunDependencies {
  readonly payouts: Pick<PayoutStore, 'run' | 'plan' | 'payoutsOf' | 'account' | 'send' | 'put' | 'changeRun' | 'mark'>;
  readonly postPayout: PostPayout;
}

/** Sends what is left of a run that is being sent, and returns it as sent. Throws StoreUnavailable, VersionConflict, JournalConflict. */
export type FinishRun = (run: PayoutRun) => Promise<PayoutRun>;

/**
 * A payout is first sent, on condition that its affiliate is still paid the same way, and then posted: the entries follow from the payout
 * alone, so that whoever comes after a crash posts what is missing. Only a run that is posted whole gives out its file.
 */
export function createFinishRun({ payouts: store, postPayout }: SendRunDependencies): FinishRun {
  return async (run) => {
    const { sentAt, approvedBy } = run;
    if (sentAt === undefined || approvedBy === undefined) throw new Error(`run ${run.runId} is sent by nobody`);
    const payouts = await store.payoutsOf(run.runId, await store.plan(run.runId));
    await inSlices(payouts, async (payout) => {
      const current = payout.state === 'proposed' ? await send(store, sentPayout(payout, sentAt, approvedBy)) : payout;
      await postPayout(current);
    });
    const change = finishSending(run);
    if (change.kind !== 'changed') return run;
    await store.changeRun(change.run);
    return change.run;
  };
}

/** Sends a payout, or cancels it, where its affiliate is to be paid another way since. */
async function send(store: SendRunDependencies['payouts'], sent: Payout): Promise<Payout> {
  if (await store.send(sent)) return sent;
  const { payouts } = await store.account(sent.affiliateId, sent.currency);
  const current = payouts.find(({ payoutId }) => payoutId === sent.payoutId);
  if (current === undefined) throw new Error(`payout ${sent.payoutId} was there and is not`);
  if (current.state !== 'proposed') return current;
  const cancelled = cancelledPayout(current, 'method_changed');
  await store.put(cancelled);
  return cancelled;
}

export type SentRun =
  | { readonly kind: 'sent'; readonly run: PayoutRun }
  | { readonly kind: 'not_approved'; readonly run: PayoutRun }
  /** There are payments by SEPA, and no account to make them from. */
  | { readonly kind: 'no_payer' };

/** Sends an approved run; a second time goes on, or changes nothing. Throws StoreUnavailable, VersionConflict, JournalConflict. */
export function createSendRun({
  payouts: store,
  finishRun,
  findPayer,
  clock,
}: {
  readonly payouts: SendRunDependencies['payouts'];
  readonly finishRun: FinishRun;
  readonly findPayer: FindPayer;
  readonly clock: () => Instant;
}): (run: PayoutRun, kid: string) => Promise<SentRun> {
  return async (run, kid) => {
    const now = clock();
    const payer = run.status === 'approved' ? await findPayer() : run.payer;
    if (run.status === 'approved' && payer === undefined && (await hasSepa(store, run.runId)))
      return { kind: 'no_payer' };
    const change = beginSending(run, kid, now, payer);
    if (change.kind === 'refused') return { kind: 'not_approved', run };
    if (change.kind === 'changed') {
      await store.mark(run.runId, now);
      await store.changeRun(change.run);
    }
    const sending = change.kind === 'changed' ? change.run : run;
    return { kind: 'sent', run: sending.status === 'sending' ? await finishRun(sending) : sending };
  };
}

async function hasSepa(store: SendRunDependencies['payouts'], runId: string): Promise<boolean> {
  const payouts = await store.payoutsOf(runId, await store.plan(runId));
  return payouts.some(({ state, payee }) => state === 'proposed' && payee.method === 'sepa');
}
