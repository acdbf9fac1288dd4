import { createHash } from 'node:crypto';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { createWatchJournal } from '../../functions/watch-journal/watch-journal.ts';
import type { CloseMessage } from '../../shared/contracts/billing.ts';
import type { MonthRun } from '../../shared/domain/billing/close.ts';
import type { IssuedDocument } from '../../shared/domain/billing/document.ts';
import { numberIn, seriesOf } from '../../shared/domain/billing/number.ts';
import { entryIdOf, type JournalEntry, journalShard } from '../../shared/domain/ledger/entry.ts';
import type { Month } from '../../shared/domain/time/calendar.ts';
import {
  type CommissionNote,
  type CommissionNotes,
  type DocumentIssuer,
  type DocumentReader,
  type LateMarks,
  type LateMarkWriter,
  type Manifest,
  ManifestConflict,
  type MonthRuns,
} from '../../shared/ports/billing.ts';
import type { DocumentFiles, RenderedFiles, RenderedLinks } from '../../shared/ports/documents.ts';
import { VersionConflict } from '../../shared/ports/errors.ts';
import type { JournalReader } from '../../shared/ports/journal.ts';
import { toCsv } from '../../shared/runtime/csv.ts';
import { createBillAdvertiser } from '../../shared/use-cases/close-month/bill-advertiser.ts';
import { createBillAffiliate } from '../../shared/use-cases/close-month/bill-affiliate.ts';
import { createCloseMonth } from '../../shared/use-cases/close-month.ts';

/** What happens at one call of a store: nothing, or the caller dies before or after its effect. */
export type Fault = 'none' | 'before' | 'after';

export class Crash extends Error {}

const COUNTERS = {
  advertiser: { fixed: 'advertisers', done: 'advertisersDone', documents: 'invoices' },
  affiliate: { fixed: 'affiliates', done: 'affiliatesDone', documents: 'statements' },
} as const;

/** All stores of billing in memory, with the same promises as the real ones. */
function createStores() {
  const runs = new Map<Month, MonthRun>();
  const parties = new Map<string, { partyId: string; done: boolean; issued: number }>();
  const marks = new Map<string, { marks: number; cleared: number }>();
  const documents = new Map<string, IssuedDocument>();
  const manifests = new Map<string, Manifest[]>();
  const series = new Map<string, number>();
  const notes = new Map<string, CommissionNote>();
  const texts = new Map<string, string>();
  const rendered = new Map<string, string>();
  const journal: JournalEntry[] = [];

  const mustGet = (month: Month) => {
    const run = runs.get(month);
    if (run === undefined) throw new Error(`closing ${month} was never begun`);
    return run;
  };
  const partiesOf = (month: Month, kind: string) =>
    [...parties].filter(([key]) => key.startsWith(`${month}#${kind}#`)).map(([, party]) => party);
  const sortedValues = <Value>(map: Map<string, Value>, prefix: string) =>
    [...map]
      .filter(([key]) => key.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, value]) => value);

  const monthRuns: MonthRuns = {
    get: async (month) => runs.get(month),
    async start(month, startedAt) {
      const run: MonthRun = {
        month,
        status: 'closing',
        startedAt,
        advertisersDone: 0,
        affiliatesDone: 0,
        invoices: 0,
        statements: 0,
      };
      if (!runs.has(month)) runs.set(month, run);
      return mustGet(month);
    },
    async plan(month, kind, partyId) {
      const key = `${month}#${kind}#${partyId}`;
      if (mustGet(month)[COUNTERS[kind].fixed] === undefined && !parties.has(key))
        parties.set(key, { partyId, done: false, issued: 0 });
    },
    async fixPlan(month, kind) {
      const run = mustGet(month);
      const { fixed } = COUNTERS[kind];
      runs.set(month, { ...run, [fixed]: run[fixed] ?? partiesOf(month, kind).length });
      return mustGet(month);
    },
    async *pending(month, kind) {
      yield* partiesOf(month, kind).flatMap(({ partyId, done }) => (done ? [] : [partyId]));
    },
    isDone: async (month, kind, partyId) => parties.get(`${month}#${kind}#${partyId}`)?.done ?? false,
    async done(month, kind, partyId, count) {
      const party = parties.get(`${month}#${kind}#${partyId}`);
      const run = mustGet(month);
      const { done, documents: total } = COUNTERS[kind];
      if (party?.done === false) {
        if (party.issued !== count) throw new VersionConflict('more was issued meanwhile');
        party.done = true;
        runs.set(month, { ...run, [done]: run[done] + 1, [total]: run[total] + count });
      }
      return mustGet(month);
    },
    async finish(month, closedAt) {
      const run = mustGet(month);
      if (run.status === 'closing') runs.set(month, { ...run, status: 'closed', closedAt });
      return mustGet(month);
    },
  };

  const lateMarks: LateMarks & LateMarkWriter = {
    marked: async (advertiserId) =>
      [...marks]
        .filter(([key, mark]) => key.startsWith(`${advertiserId}#`) && mark.marks !== mark.cleared)
        .map(([key, mark]) => ({ month: key.slice(advertiserId.length + 1), marks: mark.marks }))
        .sort((a, b) => (a.month < b.month ? -1 : 1)),
    async mark(advertiserId, month) {
      const key = `${advertiserId}#${month}`;
      const mark = marks.get(key) ?? { marks: 0, cleared: 0 };
      marks.set(key, { ...mark, marks: mark.marks + 1 });
    },
    async clear(advertiserId, { month, marks: seen }) {
      const mark = marks.get(`${advertiserId}#${month}`);
      if (mark?.marks === seen) mark.cleared = seen;
    },
  };

  const issuer: DocumentIssuer = {
    manifests: async (advertiserId, month) => [...(manifests.get(`${advertiserId}#${month}`) ?? [])],
    async issue(draft, taken, now) {
      const key = `${draft.kind}#${draft.month}#${draft.partyId}#${draft.currency}`;
      const before = documents.get(key);
      if (before !== undefined) return { issued: false, document: before };
      const party = parties.get(
        `${draft.month}#${draft.kind === 'invoice' ? 'advertiser' : 'affiliate'}#${draft.partyId}`,
      );
      if (party?.done) throw new ManifestConflict('the close is through with the party');
      const lists = taken.map((manifest) => {
        const listKey = `${draft.partyId}#${manifest.month}`;
        const list = manifests.get(listKey) ?? [];
        if (list.some((other) => other.currency === manifest.currency && other.sequence === manifest.sequence)) {
          throw new ManifestConflict('other entries were billed meanwhile');
        }
        return { listKey, list: [...list, manifest] };
      });
      for (const { listKey, list } of lists) manifests.set(listKey, list);
      const name = seriesOf(draft, now.slice(0, 4));
      const last = (series.get(name) ?? 0) + 1;
      series.set(name, last);
      const document = { ...draft, number: numberIn(name, last), issuedAt: now };
      documents.set(key, Object.freeze(document));
      if (party !== undefined) party.issued += 1;
      return { issued: true, document };
    },
    issuedTo: async (kind, month, partyId) => sortedValues(documents, `${kind}#${month}#${partyId}#`),
  };

  const reader: DocumentReader = {
    byNumber: async (number) => [...documents.values()].find((document) => document.number === number),
    async list({ kind, month, partyId }, limit, after = '') {
      const all = sortedValues(documents, `${kind}#${month}#${partyId === undefined ? '' : `${partyId}#`}`);
      const positionOf = (document: IssuedDocument) => `${document.partyId}#${document.currency}`;
      const rest = all.filter((document) => positionOf(document) > after);
      const page = rest.slice(0, limit);
      const last = page.at(-1);
      return { documents: page, position: last && rest.length > limit ? positionOf(last) : undefined };
    },
  };

  const commissionNotes: CommissionNotes = {
    async put(month, note) {
      notes.set(`${month}#${note.affiliateId}#${note.currency}#${note.advertiserId}`, note);
    },
    async *affiliates(month) {
      yield* new Set(sortedValues(notes, `${month}#`).map((note) => note.affiliateId));
    },
    of: async (month, affiliateId) => sortedValues(notes, `${month}#${affiliateId}#`),
  };

  const files: DocumentFiles = {
    async put(folder, text) {
      const digest = createHash('sha256').update(text).digest('hex');
      texts.set(`${folder}/${digest}`, text);
      return digest;
    },
    async get(folder, digest) {
      const text = texts.get(`${folder}/${digest}`);
      if (text === undefined) throw new Error(`there is no ${folder}/${digest}`);
      return text;
    },
  };

  const renderedFiles: RenderedFiles = {
    async write(name, _mediaType, pieces) {
      let text = '';
      for await (const piece of pieces) text += piece;
      rendered.set(name, text);
    },
  };

  const links: RenderedLinks = {
    link: async (name) => (rendered.has(name) ? `https://files.example/${name}` : undefined),
  };

  const PAGE = 3;
  const journalReader: Pick<JournalReader, 'shard'> = {
    async *shard(party, month, shard) {
      let after = '';
      for (;;) {
        const page = journal
          .filter((entry) => entry.party === party && entry.month === month && journalShard(entry.causeId) === shard)
          .filter((entry) => entryIdOf(entry) > after)
          .sort((a, b) => (entryIdOf(a) < entryIdOf(b) ? -1 : 1))
          .slice(0, PAGE);
        yield page;
        const last = page.at(-1);
        if (last === undefined) return;
        after = entryIdOf(last);
      }
    },
  };

  return {
    runs: monthRuns,
    marks: lateMarks,
    issuer,
    notes: commissionNotes,
    files,
    rendered: renderedFiles,
    links,
    documents: reader,
    journal: journalReader,
    state: { runs, documents, series, journal, rendered, marks },
  };
}

export interface BillingWorldOptions {
  readonly advertiserIds: readonly string[];
  /** Asked at each call of a store by a worker. */
  readonly fault?: (() => Fault) | undefined;
  /** What happens between a worker's crash and the next try. */
  readonly onCrash?: () => Promise<void>;
  /** Awaited before each call: others may work meanwhile. */
  readonly pause?: (call: string) => Promise<void>;
}

/** A whole close in memory: stores that fail on demand, a queue that repeats what failed, a journal whose stream lags. */
export function createBillingWorld({
  advertiserIds,
  fault = () => 'none',
  pause = async () => undefined,
  onCrash = async () => undefined,
}: BillingWorldOptions) {
  const stores = createStores();
  const { state } = stores;
  const queue: CloseMessage[] = [];
  const stream: JournalEntry[] = [];
  let minutes = 0;
  const clock = () => new Date(Date.UTC(2026, 5, 1, 0, minutes++)).toISOString();

  const faulty = <Store extends object>(store: Store): Store =>
    new Proxy(store, {
      get(target, name) {
        const method = Reflect.get(target, name) as (
          ...parameters: unknown[]
        ) => Promise<unknown> | AsyncIterable<unknown>;
        return (...parameters: unknown[]) => {
          const result = () => method.apply(target, parameters);
          if (/^Async/.test(method.constructor.name) && /Generator/.test(method.constructor.name)) {
            return (async function* () {
              for await (const value of result() as AsyncIterable<unknown>) {
                await pause(String(name));
                if (fault() !== 'none') throw new Crash(`reading ${String(name)}`);
                yield value;
              }
            })();
          }
          return (async () => {
            await pause(String(name));
            const happens = fault();
            if (happens === 'before') throw new Crash(`before ${String(name)}`);
            const value = await result();
            if (happens === 'after') throw new Crash(`after ${String(name)}`);
            return value;
          })();
        };
      },
    });

  const sender = {
    send: async (message: CloseMessage) => void queue.push(message),
    sendAll: async (messages: readonly CloseMessage[]) => void queue.push(...messages),
  };
  const catalog = {
    advertiser: async (advertiserId: string) => ({ advertiserId, name: `Name of ${advertiserId}`, currency: 'EUR' }),
    affiliate: async (affiliateId: string) => ({ affiliateId, name: `Name of ${affiliateId}` }),
    campaign: async () => undefined,
  };
  const issuing = {
    clock,
    catalog,
    toCsv,
    files: faulty(stores.files),
    rendered: faulty(stores.rendered),
    issuer: faulty(stores.issuer),
    notes: faulty(stores.notes),
  };
  const runs = faulty(stores.runs);
  const closeMonth = createCloseMonth({
    clock,
    runs,
    notes: issuing.notes,
    queue: faulty(sender),
    allAdvertisers: async () => advertiserIds.map((advertiserId) => ({ advertiserId })),
    billAdvertiser: createBillAdvertiser({
      ...issuing,
      runs,
      journal: faulty(stores.journal),
      marks: faulty(stores.marks),
      reconcileMonth: async () => undefined,
    }),
    billAffiliate: createBillAffiliate(issuing),
  });
  const watchJournal = createWatchJournal({ runs: stores.runs, marks: stores.marks, onChanged: () => undefined });

  return {
    ...stores,
    state,
    queue,
    closeMonth,
    /** Writes an entry; the stream tells of it later. */
    post(entry: JournalEntry): void {
      state.journal.push(entry);
      stream.push(entry);
    },
    /** Hands on what the stream has. */
    async deliver(): Promise<void> {
      const records = stream.splice(0).map((entry) => ({
        eventName: 'INSERT',
        dynamodb: {
          Keys: {
            partition: { S: `J#${entry.party}#${entry.month}#${journalShard(entry.causeId)}` },
            entryId: { S: entryIdOf(entry) },
          },
        },
      }));
      await watchJournal({ Records: records } as DynamoDBStreamEvent);
    },
    /** Takes one message, at the front of the queue or behind others; one that fails goes back. */
    async work(position = 0): Promise<void> {
      const [message] = queue.splice(position % Math.max(1, queue.length), 1);
      if (message === undefined) return;
      try {
        await closeMonth(message);
      } catch (error) {
        if (!(error instanceof Crash || error instanceof ManifestConflict || error instanceof VersionConflict))
          throw error;
        await onCrash();
        queue.push(message);
      }
    },
    /** Works until the queue is empty. */
    async drain(): Promise<void> {
      while (queue.length > 0) await this.work();
    },
  };
}
