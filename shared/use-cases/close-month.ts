import type { CloseMessage } from '../contracts/billing.ts';
import { advertisersAreDone, affiliatesAreDone, type Blocker, type MonthRun } from '../domain/billing/close.ts';
import type { Instant, Month } from '../domain/time/calendar.ts';
import type { CommissionNotes, LateMarks, MonthRuns, PartyKind } from '../ports/billing.ts';
import type { Queue } from '../ports/queues.ts';
import type { Billed, BillParty } from './close-month/bill-advertiser.ts';
import { PartyBlocked } from './close-month/make-draft.ts';

/** What a close works with; of a dry run, what stands in for it. */
export interface CloseStores {
  readonly runs: MonthRuns;
  readonly notes: Pick<CommissionNotes, 'affiliates'>;
  readonly marks: Pick<LateMarks, 'marked' | 'markedAffiliates'>;
  readonly billAdvertiser: BillParty;
  readonly billAffiliate: BillParty;
  /** Told, maybe more than once, of a month that is closed. */
  readonly onClosed: (month: Month) => Promise<void>;
}

export interface CloseMonthDependencies extends CloseStores {
  readonly clock: () => Instant;
  readonly queue: Pick<Queue<CloseMessage>, 'send' | 'sendAll'>;
  /** About how many postbacks wait in their queue. */
  readonly queuedMessages: () => Promise<number>;
  readonly allAdvertisers: () => Promise<readonly { readonly advertiserId: string }[]>;
  /** The stores of a dry run: nothing that it does is seen anywhere else. */
  readonly dryRun: (draft: string) => CloseStores;
}

const BATCH_PARTIES = 50;

/**
 * Takes one step of closing a month: plan the advertisers ▸ bill each ▸ plan the affiliates ▸ bill each ▸ closed. Each step first does
 * its own work, then sees whether it was the last of its kind, so that whichever is repeated after a crash takes the close further;
 * `close` itself begins again whatever was left behind: parties that something stood in the way of, too. A dry run takes the same steps.
 */
export function createCloseMonth(dependencies: CloseMonthDependencies): (message: CloseMessage) => Promise<void> {
  return (message) => {
    const { draft } = message;
    const stores = draft === undefined ? dependencies : dependencies.dryRun(draft);
    return new Close(dependencies, stores, draft).take(message);
  };
}

class Close {
  private readonly dependencies: CloseMonthDependencies;
  private readonly stores: CloseStores;
  private readonly draft: string | undefined;

  constructor(dependencies: CloseMonthDependencies, stores: CloseStores, draft: string | undefined) {
    this.dependencies = dependencies;
    this.stores = stores;
    this.draft = draft;
  }

  async take(message: CloseMessage): Promise<void> {
    const { month } = message;
    switch (message.kind) {
      case 'close':
        return this.close(month);
      case 'bill-affiliates':
        return this.billAffiliates(month);
      case 'bill-advertiser': {
        const run = await this.billOnce(month, 'advertiser', message.advertiserId);
        if (run !== undefined && advertisersAreDone(run)) await this.send({ kind: 'bill-affiliates', month });
        return;
      }
      case 'bill-affiliate': {
        const run = await this.billOnce(month, 'affiliate', message.affiliateId);
        if (run !== undefined && affiliatesAreDone(run)) await this.finish(month);
        return;
      }
    }
  }

  private async close(month: Month): Promise<void> {
    const { clock, allAdvertisers } = this.dependencies;
    let run = await this.stores.runs.start(month, clock());
    if (run.status === 'review') {
      if (run.issueAt !== undefined && run.issueAt > clock()) return;
      run = await this.stores.runs.endReview(month);
    }
    if (run.status === 'closed') return;
    if (run.advertisers === undefined) {
      await this.stores.runs.block(month, undefined, await this.drainBlockers());
      const advertiserIds = (await allAdvertisers()).map(({ advertiserId }) => advertiserId);
      run = await this.planAll(month, 'advertiser', advertiserIds);
    }
    if (advertisersAreDone(run)) await this.send({ kind: 'bill-affiliates', month });
    else
      await this.sendPending(month, 'advertiser', (advertiserId) => ({ kind: 'bill-advertiser', month, advertiserId }));
  }

  /** Messages that are not decided yet: leads that they make come late. */
  private async drainBlockers(): Promise<Blocker[]> {
    const queued = await this.dependencies.queuedMessages();
    const message = `${queued} messages wait to be decided: leads of the month among them come with the next close.`;
    return queued === 0 ? [] : [{ kind: 'queued_messages', message, isHard: false }];
  }

  private async billAffiliates(month: Month): Promise<void> {
    const { runs } = this.stores;
    let run = await runs.get(month);
    if (run === undefined || !advertisersAreDone(run)) return;
    if (run.affiliates === undefined) run = await this.planAll(month, 'affiliate', this.affiliates(month));
    if (affiliatesAreDone(run)) await this.finish(month);
    else await this.sendPending(month, 'affiliate', (affiliateId) => ({ kind: 'bill-affiliate', month, affiliateId }));
  }

  /** Those with a share of an invoice, and those with entries of their own. */
  private async *affiliates(month: Month): AsyncGenerator<string> {
    const { notes, marks } = this.stores;
    yield* notes.affiliates(month);
    for await (const affiliateId of marks.markedAffiliates()) {
      if ((await marks.marked(affiliateId)).length > 0) yield affiliateId;
    }
  }

  /** Bills a party unless that is done. A repeat does no work, but still tells the run as it is now. */
  private async billOnce(month: Month, kind: PartyKind, partyId: string): Promise<MonthRun | undefined> {
    const { runs, billAdvertiser, billAffiliate } = this.stores;
    if (await runs.isDone(month, kind, partyId)) return runs.get(month);
    const bill = kind === 'advertiser' ? billAdvertiser : billAffiliate;
    const billed = await bill(month, partyId).then((each) => ({ ...each, isBlocked: false }), blockedBy);
    if (this.draft !== undefined || billed.isBlocked) await runs.block(month, { kind, partyId }, billed.notices);
    // It stays pending: closing again tries again. A dry run has said all that it has to.
    if (this.draft === undefined && billed.isBlocked) return undefined;
    return runs.done(month, kind, partyId, billed.documents, this.dependencies.clock());
  }

  /** Of a month that is closed it is told again: whoever closed it may have died before. */
  private async finish(month: Month): Promise<void> {
    await this.stores.runs.finish(month, this.dependencies.clock());
    await this.stores.onClosed(month);
  }

  private async planAll(
    month: Month,
    kind: PartyKind,
    partyIds: AsyncIterable<string> | Iterable<string>,
  ): Promise<MonthRun> {
    // One by one: every plan counts in the same item.
    for await (const partyId of partyIds) await this.stores.runs.plan(month, kind, partyId);
    return this.stores.runs.fixPlan(month, kind);
  }

  private async sendPending(
    month: Month,
    kind: PartyKind,
    messageFor: (partyId: string) => CloseMessage,
  ): Promise<void> {
    for await (const batch of batches(this.stores.runs.pending(month, kind))) {
      await this.dependencies.queue.sendAll(batch.map((partyId) => this.ofRun(messageFor(partyId))));
    }
  }

  private send(message: CloseMessage): Promise<void> {
    return this.dependencies.queue.send(this.ofRun(message));
  }

  private ofRun(message: CloseMessage): CloseMessage {
    return this.draft === undefined ? message : { ...message, draft: this.draft };
  }
}

function blockedBy(error: unknown): Billed & { readonly isBlocked: true } {
  if (error instanceof PartyBlocked) return { documents: 0, notices: error.blockers, isBlocked: true };
  throw error;
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
