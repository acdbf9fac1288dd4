import type { CloseMessage } from '../contracts/billing.ts';
import { advertisersAreDone, affiliatesAreDone } from '../domain/billing/close.ts';
import type { Instant, Month } from '../domain/time/calendar.ts';
import type { CommissionNotes, MonthRuns, PartyKind } from '../ports/billing.ts';
import type { Queue } from '../ports/queues.ts';

export interface CloseMonthDependencies {
  readonly clock: () => Instant;
  readonly runs: MonthRuns;
  readonly notes: Pick<CommissionNotes, 'affiliates'>;
  readonly queue: Pick<Queue<CloseMessage>, 'send' | 'sendAll'>;
  readonly allAdvertisers: () => Promise<readonly { readonly advertiserId: string }[]>;
  readonly billAdvertiser: (month: Month, advertiserId: string) => Promise<number>;
  readonly billAffiliate: (month: Month, affiliateId: string) => Promise<number>;
}

const BATCH_PARTIES = 50;

/**
 * Takes one step of closing a month: plan the advertisers ▸ bill each ▸ plan the affiliates ▸ bill each ▸ closed. Each step first does
 * its own work, then sees whether it was the last of its kind, so that whichever is repeated after a crash takes the close further;
 * `close` itself begins again whatever was left behind.
 */
export function createCloseMonth(dependencies: CloseMonthDependencies): (message: CloseMessage) => Promise<void> {
  const { clock, runs, notes, queue, allAdvertisers, billAdvertiser, billAffiliate } = dependencies;

  const planAll = async (month: Month, kind: PartyKind, partyIds: AsyncIterable<string> | Iterable<string>) => {
    // One by one: every plan counts in the same item.
    for await (const partyId of partyIds) await runs.plan(month, kind, partyId);
    return runs.fixPlan(month, kind);
  };

  const sendPending = async (month: Month, kind: PartyKind, messageFor: (partyId: string) => CloseMessage) => {
    for await (const batch of batches(runs.pending(month, kind))) await queue.sendAll(batch.map(messageFor));
  };

  const close = async (month: Month) => {
    let run = await runs.start(month, clock());
    if (run.status === 'closed') return;
    if (run.advertisers === undefined) {
      const advertiserIds = (await allAdvertisers()).map(({ advertiserId }) => advertiserId);
      run = await planAll(month, 'advertiser', advertiserIds);
    }
    if (advertisersAreDone(run)) await queue.send({ kind: 'bill-affiliates', month });
    else await sendPending(month, 'advertiser', (advertiserId) => ({ kind: 'bill-advertiser', month, advertiserId }));
  };

  const billAffiliates = async (month: Month) => {
    let run = await runs.get(month);
    if (run === undefined || run.status === 'closed' || !advertisersAreDone(run)) return;
    if (run.affiliates === undefined) run = await planAll(month, 'affiliate', notes.affiliates(month));
    if (affiliatesAreDone(run)) await runs.finish(month, clock());
    else await sendPending(month, 'affiliate', (affiliateId) => ({ kind: 'bill-affiliate', month, affiliateId }));
  };

  /** Bills a party unless that is done. A repeat does no work, but still tells the run as it is now. */
  const billOnce = async (month: Month, kind: PartyKind, partyId: string) => {
    if (await runs.isDone(month, kind, partyId)) return runs.get(month);
    const bill = kind === 'advertiser' ? billAdvertiser : billAffiliate;
    return runs.done(month, kind, partyId, await bill(month, partyId), clock());
  };

  return async (message) => {
    const { month } = message;
    switch (message.kind) {
      case 'close':
        return close(month);
      case 'bill-affiliates':
        return billAffiliates(month);
      case 'bill-advertiser': {
        const run = await billOnce(month, 'advertiser', message.advertiserId);
        if (run !== undefined && advertisersAreDone(run)) await queue.send({ kind: 'bill-affiliates', month });
        return;
      }
      case 'bill-affiliate': {
        const run = await billOnce(month, 'affiliate', message.affiliateId);
        if (run !== undefined && affiliatesAreDone(run)) await runs.finish(month, clock());
        return;
      }
    }
  };
}

async function* batches(partyIds: AsyncIterable<string>): AsyncGenerator<string[]> {
  let batch: string[] = [];
  for await (const partyId of partyIds) {
    batch.push(partyId);
    if (batch.length === BATCH_PARTIES) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}
