import { deepStrictEqual } from 'node:assert';
import { createHash } from 'node:crypto';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { createWatchJournal } from '../../functions/watch-journal/watch-journal.ts';
import { createDraftIssuer } from '../../shared/adapters/dynamodb/billing-drafts.ts';
import type { CloseMessage } from '../../shared/contracts/billing.ts';
import type { RenderMessage } from '../../shared/contracts/rendering.ts';
import type { Blocker, MonthRun } from '../../shared/domain/billing/close.ts';
import type { AccountLink, DocumentDraft, IssuedDocument } from '../../shared/domain/billing/document.ts';
import type { DocumentView } from '../../shared/domain/billing/document-view.ts';
import { numberIn, seriesOf } from '../../shared/domain/billing/number.ts';
import type { Lead } from '../../shared/domain/leads/lead.ts';
import { entryIdOf, isBalanced, type JournalEntry, journalShard } from '../../shared/domain/ledger/entry.ts';
import type { Rate } from '../../shared/domain/money/rate.ts';
import type { AffiliateProfile, LegalEntity } from '../../shared/domain/tax/parties.ts';
import type { Month } from '../../shared/domain/time/calendar.ts';
import {
  type BillingTerms,
  type CommissionNote,
  type CommissionNotes,
  type DocumentIssuer,
  type DocumentReader,
  type DraftEntries,
  type DryRun,
  type DryRuns,
  type LateMarks,
  type LateMarkWriter,
  type Manifest,
  ManifestConflict,
  type MonthRuns,
  type TakenBackLines,
} from '../../shared/ports/billing.ts';
import type { DocumentFiles, DocumentViews, RenderedLinks } from '../../shared/ports/documents.ts';
import { VersionConflict } from '../../shared/ports/errors.ts';
import type { JournalReader, JournalWriter } from '../../shared/ports/journal.ts';
import type { PartyReader } from '../../shared/ports/parties.ts';
import type { RateStore } from '../../shared/ports/rates.ts';
import type { RollupReader } from '../../shared/ports/rollups.ts';
import { sha256Hex } from '../../shared/runtime/crypto.ts';
import { createBilling } from '../../shared/use-cases/close-month/create-billing.ts';
import { createCloseMonth } from '../../shared/use-cases/close-month.ts';
import type { SignDocument } from '../../shared/use-cases/sign-document.ts';

/** What happens at one call of a store: nothing, or the caller dies before or after its effect. */
export type Fault = 'none' | 'before' | 'after';

class Crash extends Error {}

const COUNTERS = {
  advertiser: { fixed: 'advertisers', done: 'advertisersDone', documents: 'invoices' },
  affiliate: { fixed: 'affiliates', done: 'affiliatesDone', documents: 'statements' },
} as const;

/** Runs in memory: of closes, or of one dry run. */
function createRuns() {
  const runs = new Map<Month, MonthRun>();
  const parties = new Map<string, { partyId: string; done: boolean; issued?: number }>();
  const billedIn = new Map<string, BillingTerms>();
  const blocked = new Map<string, readonly Blocker[]>();
  const mustGet = (month: Month) => {
    const run = runs.get(month);
    if (run === undefined) throw new Error(`closing ${month} was never begun`);
    return run;
  };
  const partiesOf = (month: Month, kind: string) =>
    [...parties].filter(([key]) => key.startsWith(`${month}#${kind}#`)).map(([, party]) => party);
  const monthRuns: MonthRuns = {
    get: async (month) => runs.get(month),
    async start(month, startedAt, issueAt) {
      const run: MonthRun = {
        month,
        status: issueAt === undefined ? 'closing' : 'review',
        startedAt,
        issueAt,
        advertisersDone: 0,
        affiliatesDone: 0,
        invoices: 0,
        statements: 0,
      };
      if (!runs.has(month)) runs.set(month, run);
      return mustGet(month);
    },
    async endReview(month) {
      const run = mustGet(month);
      if (run.status === 'review') runs.set(month, { ...run, status: 'closing' });
      return mustGet(month);
    },
    async *inReview() {
      yield* [...runs.values()].filter((run) => run.status === 'review');
    },
    async billedIn(month, kind, partyId, terms) {
      const key = `${month}#${kind}#${partyId}`;
      billedIn.set(key, billedIn.get(key) ?? terms);
      return billedIn.get(key) ?? terms;
    },
    async block(month, party, found) {
      blocked.set(party === undefined ? `${month}#` : `${month}#${party.kind}#${party.partyId}`, found);
    },
    blockers: async (month, limit) =>
      [...blocked].flatMap(([key, found]) => (key.startsWith(month) ? found : [])).slice(0, limit),
    async plan(month, kind, partyId) {
      const key = `${month}#${kind}#${partyId}`;
      if (mustGet(month)[COUNTERS[kind].fixed] === undefined && !parties.has(key))
        parties.set(key, { partyId, done: false });
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
        if (party.issued !== undefined && party.issued !== count)
          throw new VersionConflict('more was issued meanwhile');
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

  return { runs, parties, monthRuns };
}

function createNotes(): CommissionNotes {
  const months = new Map<Month, Map<string, Map<string, CommissionNote>>>();
  const byText = ([left]: readonly [string, unknown], [right]: readonly [string, unknown]) => (left < right ? -1 : 1);
  return {
    async put(month, note) {
      const affiliates = months.get(month) ?? new Map<string, Map<string, CommissionNote>>();
      const notes = affiliates.get(note.affiliateId) ?? new Map<string, CommissionNote>();
      months.set(month, affiliates.set(note.affiliateId, notes.set(`${note.currency}#${note.advertiserId}`, note)));
    },
    async *affiliates(month) {
      yield* [...(months.get(month)?.keys() ?? [])].sort();
    },
    of: async (month, affiliateId) =>
      [...(months.get(month)?.get(affiliateId) ?? [])].sort(byText).map(([, note]) => note),
  };
}

/** All stores of billing in memory, with the same promises as the real ones. */
function createStores() {
  const { runs, parties, monthRuns } = createRuns();
  const marks = new Map<string, { marks: number; cleared: number }>();
  const documents = new Map<string, IssuedDocument>();
  const manifests = new Map<string, Manifest[]>();
  const series = new Map<string, number>();
  const takenBack = new Map<string, TakenBackLines>();
  const accounts = new Map<string, AccountLink>();
  const views = new Map<string, DocumentView>();
  const texts = new Map<string, string>();
  const rendered = new Set<string>();
  const journal: JournalEntry[] = [];

  const sortedValues = <Value>(map: Map<string, Value>, prefix: string) =>
    [...map]
      .filter(([key]) => key.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, value]) => value);

  const lateMarks: LateMarks & LateMarkWriter = {
    marked: async (partyId) =>
      [...marks]
        .filter(([key, mark]) => key.startsWith(`${partyId}#`) && mark.marks !== mark.cleared)
        .map(([key, mark]) => ({ month: key.slice(partyId.length + 1), marks: mark.marks }))
        .sort((a, b) => (a.month < b.month ? -1 : 1)),
    async mark(partyId, month) {
      const key = `${partyId}#${month}`;
      const mark = marks.get(key) ?? { marks: 0, cleared: 0 };
      marks.set(key, { ...mark, marks: mark.marks + 1 });
    },
    async clear(partyId, { month, marks: seen }) {
      const mark = marks.get(`${partyId}#${month}`);
      if (mark?.marks === seen) mark.cleared = seen;
    },
    async *markedAffiliates() {
      yield* new Set([...marks.keys()].filter((key) => key.startsWith('aff_')).map((key) => key.split('#')[0] ?? ''));
    },
  };

  const issuer: DocumentIssuer = {
    manifests: async (partyId, month) => [...(manifests.get(`${partyId}#${month}`) ?? [])],
    takenBack: async (number) => takenBack.get(number) ?? { number, version: 0, lines: new Map() },
    account: async (partyId, currency) => accounts.get(`${partyId}#${currency}`),
    async issue(draft, claims, now) {
      const key = `${draft.kind}#${draft.month}#${draft.partyId}#${draft.currency}`;
      const before = documents.get(key);
      if (before !== undefined) return { issued: false, document: before };
      const party = parties.get(
        `${draft.month}#${draft.kind === 'invoice' ? 'advertiser' : 'affiliate'}#${draft.partyId}`,
      );
      if (party?.done) throw new ManifestConflict('the close is through with the party');
      const lists = claims.manifests.map((manifest) => {
        const listKey = `${draft.partyId}#${manifest.month}`;
        const list = manifests.get(listKey) ?? [];
        if (list.some((other) => other.currency === manifest.currency && other.sequence === manifest.sequence)) {
          throw new ManifestConflict('other entries were billed meanwhile');
        }
        return { listKey, list: [...list, manifest] };
      });
      for (const { number, version } of claims.takenBack) {
        if ((takenBack.get(number)?.version ?? 0) !== version)
          throw new ManifestConflict('cents were taken back meanwhile');
      }
      const accountKey = `${draft.partyId}#${draft.currency}`;
      if (draft.account !== undefined) {
        const last = accounts.get(accountKey)?.sequence ?? 0;
        if (last !== draft.account.sequence - 1) throw new ManifestConflict('the account went on meanwhile');
        accounts.set(accountKey, draft.account);
      }
      for (const taken of claims.takenBack) takenBack.set(taken.number, { ...taken, version: taken.version + 1 });
      for (const { listKey, list } of lists) manifests.set(listKey, list);
      const name = seriesOf(draft, now.slice(0, 4));
      const last = (series.get(name) ?? 0) + 1;
      series.set(name, last);
      const document = { ...draft, number: numberIn(name, last), issuedAt: now };
      documents.set(key, Object.freeze(document));
      if (party !== undefined) party.issued = (party.issued ?? 0) + 1;
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

  const documentViews: DocumentViews = {
    async put(view) {
      if (!views.has(view.number)) views.set(view.number, view);
    },
    get: async (number) => views.get(number),
  };

  const dryRuns = createDryRuns();

  const links: RenderedLinks = {
    link: async (name) => (rendered.has(name) ? `https://files.example/${name}` : undefined),
  };

  const PAGE = 3;
  const journalStore: JournalReader & JournalWriter = {
    async post(entry) {
      if (!isBalanced(entry)) throw new RangeError(`${entryIdOf(entry)} does not sum to zero`);
      const isSame = (other: JournalEntry) =>
        other.party === entry.party && other.month === entry.month && entryIdOf(other) === entryIdOf(entry);
      const before = journal.find(isSame);
      if (before === undefined) journal.push(entry);
      else deepStrictEqual(before, entry);
      return before === undefined ? 'posted' : 'already_posted';
    },
    page: async () => ({ entries: [] }),
    find: async () => [],
    ofAffiliates: async () => ({ entries: [] }),
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
    notes: createNotes(),
    files,
    views: documentViews,
    drafts: dryRuns,
    links,
    documents: reader,
    journal: journalStore,
    state: { runs, documents, series, journal, rendered, marks, views, takenBack },
  };
}

function createDraftEntries(): DraftEntries {
  const entries = new Map<string, JournalEntry>();
  return {
    keep: async (entry) => void entries.set(`${entry.party}#${entry.month}#${entryIdOf(entry)}`, entry),
    async *of(partyId) {
      yield* [...entries.values()].filter(({ party }) => partyId === undefined || party === partyId);
    },
  };
}

function createDryRuns(): DryRuns {
  const last = new Map<Month, DryRun>();
  const drafts = new Map<string, DocumentDraft>();
  const ofRun = (prefix: string) => [...drafts].flatMap(([key, draft]) => (key.startsWith(prefix) ? [draft] : []));
  return {
    begin: async (run) => void last.set(run.month, run),
    last: async (month) => last.get(month),
    put: async (draft, document) =>
      void drafts.set(`${draft}#${document.kind}#${document.partyId}#${document.currency}`, document),
    issuedTo: async (draft, kind, partyId) => ofRun(`${draft}#${kind}#${partyId}#`),
    documents: async (draft, limit) => ofRun(`${draft}#`).slice(0, limit),
  };
}

export interface BillingWorldOptions {
  readonly advertiserIds: readonly string[];
  /** What is on file of parties, beside their names. */
  readonly profiles?: Readonly<Record<string, AffiliateProfile>>;
  readonly legalEntity?: LegalEntity | undefined;
  readonly rates?: readonly Rate[];
  /** All that was ever paid out to affiliates. */
  readonly paidOut?: Readonly<Record<string, bigint>>;
  /** Stand-ins for the journal and the files, where these are large. */
  readonly journal?: JournalReader & JournalWriter;
  readonly files?: DocumentFiles;
  /** Asked while a month is closed, with each lead that is there. */
  readonly leads?: readonly Lead[];
  readonly signDocument?: SignDocument;
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
  profiles = {},
  legalEntity,
  rates = [],
  paidOut = {},
  leads = [],
  signDocument = async ({ number }) => `signature of ${number}`,
  fault = () => 'none',
  pause = async () => undefined,
  onCrash = async () => undefined,
  ...replaced
}: BillingWorldOptions) {
  const stores = { ...createStores(), ...replaced };
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
  const party = async (partyId: string) => ({ partyId, name: `Name of ${partyId}`, ...profiles[partyId] });
  const parties: PartyReader = { advertiser: party, affiliate: party, legalEntity: async () => legalEntity };
  const rateStore: RateStore = {
    on: async (from, to, day) => rates.findLast((rate) => rate.from === from && rate.to === to && rate.date <= day),
  };
  const runs = faulty(stores.runs);
  const marks = faulty(stores.marks);
  const issuer = faulty(stores.issuer);
  const renderings: RenderMessage[] = [];
  const billing = createBilling({
    clock,
    timeZone: 'UTC',
    catalog: { campaign: async () => undefined },
    parties,
    campaigns: { listOf: async () => ({ items: [] }) },
    rollups: { async *read() {}, asOf: async () => undefined } as unknown as RollupReader,
    rates: rateStore,
    paidOut: async (affiliateId) => paidOut[affiliateId] ?? 0n,
    files: faulty(stores.files),
    views: faulty(stores.views),
    sha256: sha256Hex,
    signDocument,
    renderings: faulty({ send: async (message: RenderMessage) => void renderings.push(message) }),
    journal: faulty(stores.journal),
    marks,
    reconcileMonth: async ({ advertiserId, month, onLead = () => undefined }) => {
      for (const lead of leads) {
        if (lead.advertiserId === advertiserId && lead.occurredAt.startsWith(month)) onLead(lead);
      }
    },
  });
  const draftStores = new Map<string, { runs: MonthRuns; notes: CommissionNotes; entries: DraftEntries }>();
  const draftStoresOf = (draft: string) => {
    const known = draftStores.get(draft) ?? {
      runs: createRuns().monthRuns,
      notes: createNotes(),
      entries: createDraftEntries(),
    };
    draftStores.set(draft, known);
    return known;
  };
  const closeMonth = createCloseMonth({
    clock,
    queue: faulty(sender),
    queuedMessages: async () => 0,
    allAdvertisers: async () => advertiserIds.map((advertiserId) => ({ advertiserId })),
    ...billing.issuing({ runs, notes: faulty(stores.notes), issuer }),
    dryRun: (draft) => {
      const { runs: draftRuns, ...draftStores } = draftStoresOf(draft);
      return billing.dryRun({
        runs,
        draftRuns,
        ...draftStores,
        issuer: createDraftIssuer(issuer, stores.drafts, draft),
      });
    },
  });
  const watchJournal = createWatchJournal({ runs: stores.runs, marks: stores.marks, onChanged: () => undefined });

  return {
    ...stores,
    state,
    queue,
    renderings,
    runsOf: (draft: string) => draftStoresOf(draft).runs,
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
