import type * as z from 'zod';
import { type LeadView, leadPage } from '../../shared/contracts/leads.ts';
import { type LedgerEntry, ledger } from '../../shared/contracts/ledger.ts';
import { receiptView } from '../../shared/contracts/receipts.ts';
import { payoutReport } from '../../shared/contracts/reports.ts';
import type { BenchNetwork } from '../bench/network.ts';
import type { Told } from './sender.ts';

/** What the service says of an advertiser, over HTTP: leads, account, report and receipts, each from a table of its own. */
export interface Books {
  readonly leads: readonly LeadView[];
  /** Of the advertiser's account. */
  readonly entries: readonly LedgerEntry[];
  /** Sums in minor units; by affiliate what the network owes them. */
  readonly receivable: bigint;
  readonly payable: ReadonlyMap<string, bigint>;
  readonly report: ReportFigures;
  readonly reportCommission: ReadonlyMap<string, bigint>;
  /** What became of messages that were answered 202, by receipt. */
  readonly receipts: ReadonlyMap<string, Verdict>;
}

/** A verdict as it is told in an answer, or of a receipt later. */
export interface Verdict {
  readonly leadId?: string | undefined;
  readonly receiptId: string;
  readonly status: string;
  readonly reason?: string | null | undefined;
  readonly original?: Pick<Verdict, 'receiptId' | 'status' | 'reason'> | undefined;
}

interface ReportFigures {
  readonly leads: number;
  readonly confirmed: number;
  readonly pending: number;
  readonly rejected: number;
  readonly charge: bigint;
}

const NO_LEADS: ReportFigures = { leads: 0, confirmed: 0, pending: 0, rejected: 0, charge: 0n };
const NO_BOOKS: Books = {
  leads: [],
  entries: [],
  receivable: 0n,
  payable: new Map(),
  report: NO_LEADS,
  reportCommission: new Map(),
  receipts: new Map(),
};
const PAGE = 100;
const DAY_MS = 86_400_000;

/** The days from `from` to `to`, both included. */
export interface Days {
  readonly from: string;
  readonly to: string;
}

/** Yesterday to tomorrow: it may be midnight any moment. */
export function aboutToday(now = Date.now()): Days {
  const dayIn = (days: number) => new Date(now + days * DAY_MS).toISOString().slice(0, 10);
  return { from: dayIn(-1), to: dayIn(1) };
}

/** Reads the books of a network's advertiser for some ranges of days, and the receipts of those who were told to wait. */
export async function readBooks(
  network: BenchNetwork,
  ranges: readonly Days[],
  told: readonly Pick<Told, 'receiptId' | 'status'>[],
): Promise<Books> {
  const receipts = new Map<string, Verdict>();
  for (const { receiptId } of told.filter(({ status }) => status === 'queued')) {
    const { status, body } = await network.api.call('GET', `/v1/receipts/${receiptId}`);
    if (status !== 404) receipts.set(receiptId, receiptView.parse(body));
  }
  let books: Books = { ...NO_BOOKS, receipts };
  for (const range of ranges) books = added(books, await booksOf(network, range));
  return books;
}

async function booksOf({ api, advertiserId, affiliateIds }: BenchNetwork, { from, to }: Days): Promise<Books> {
  const days = `from=${from}&to=${to}`;
  const get = async <Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>> =>
    schema.parse(await api.expect('GET', path));
  const leads = await allPages(`/v1/leads?advertiserId=${advertiserId}&${days}`, async (path) => {
    const { items, nextCursor } = await get(path, leadPage);
    return { items, next: nextCursor };
  });
  let receivable = 0n;
  const entries = await allPages(`/v1/ledger/receivable:${advertiserId}?${days}`, async (path) => {
    const { balances = [], entries: items, nextCursor } = await get(path, ledger);
    for (const { amount } of balances) receivable += minorOf(amount);
    return { items, next: nextCursor };
  });
  const payable = new Map<string, bigint>();
  for (const affiliateId of affiliateIds) {
    const { balances = [] } = await get(`/v1/ledger/payable:${affiliateId}?${days}&limit=1`, ledger);
    for (const { amount } of balances) payable.set(affiliateId, minorOf(amount));
  }
  const { rows, totals } = await get(
    `/v1/reports/payouts?${days}&groupBy=affiliate&advertiserId=${advertiserId}`,
    payoutReport,
  );
  const [total] = totals;
  return {
    leads,
    entries,
    receivable,
    payable,
    report: total === undefined ? NO_LEADS : { ...total, charge: minorOf(total.charge ?? '0') },
    reportCommission: new Map(
      rows
        .filter(({ confirmed }) => confirmed > 0)
        .map(({ affiliateId, commission }) => [affiliateId ?? '', minorOf(commission)]),
    ),
    receipts: new Map(),
  };
}

async function allPages<Item>(
  path: string,
  read: (path: string) => Promise<{ items: Item[]; next: string | null }>,
): Promise<Item[]> {
  const all: Item[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: { items: Item[]; next: string | null } = await read(
      `${path}&limit=${PAGE}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    all.push(...page.items);
    cursor = page.next;
  }
  return all;
}

const added = (one: Books, other: Books): Books => ({
  leads: [...one.leads, ...other.leads],
  entries: [...one.entries, ...other.entries],
  receivable: one.receivable + other.receivable,
  payable: addedByKey(one.payable, other.payable),
  report: {
    leads: one.report.leads + other.report.leads,
    confirmed: one.report.confirmed + other.report.confirmed,
    pending: one.report.pending + other.report.pending,
    rejected: one.report.rejected + other.report.rejected,
    charge: one.report.charge + other.report.charge,
  },
  reportCommission: addedByKey(one.reportCommission, other.reportCommission),
  receipts: new Map([...one.receipts, ...other.receipts]),
});

function addedByKey(one: ReadonlyMap<string, bigint>, other: ReadonlyMap<string, bigint>): Map<string, bigint> {
  const sums = new Map(one);
  for (const [key, value] of other) sums.set(key, (sums.get(key) ?? 0n) + value);
  return sums;
}

/** An amount in cents. */
const minorOf = (amount: string): bigint => BigInt(amount.replace('.', ''));

/**
 * What is wrong with the books once everything is worked off, in a sentence each; nothing where all holds:
 * what a sender was told stands there just so, every promise was kept, a lead is billed once if it is confirmed and else not at all,
 * and leads, accounts and report give the same sums.
 */
export function violationsOf(books: Books, told: readonly Told[]): string[] {
  return [...brokenPromises(books, told), ...wrongBills(books), ...differentSums(books)];
}

function brokenPromises({ leads, receipts }: Books, told: readonly Told[]): string[] {
  const found: string[] = [];
  const byTransaction = new Map<string, LeadView>();
  for (const lead of leads) {
    const other = byTransaction.get(lead.transactionId);
    if (other !== undefined) found.push(`${lead.transactionId} has two leads: ${other.leadId} and ${lead.leadId}`);
    byTransaction.set(lead.transactionId, lead);
  }
  for (const answer of told) {
    const { transactionId, receiptId } = answer;
    const lead = byTransaction.get(transactionId);
    const verdict: Verdict | undefined = answer.status === 'queued' ? receipts.get(receiptId) : answer;
    if (lead === undefined) {
      found.push(`${transactionId} was answered '${answer.status}' and is not there`);
    } else if (verdict === undefined || UNSETTLED.has(verdict.status)) {
      found.push(`${transactionId} was promised a verdict and has ${verdict?.status ?? 'none'}: ${receiptId}`);
    } else {
      const was = verdict.status === 'duplicate' ? verdict.original : verdict;
      if (verdict !== was && was?.receiptId === receiptId) found.push(`${transactionId} was told to repeat itself`);
      const said = [verdict.leadId, was?.receiptId, was?.status, was?.reason];
      const is = [lead.leadId, lead.receiptId, lead.status, lead.reason];
      if (said.some((value, index) => value !== is[index]))
        found.push(`${transactionId} was told to be ${said.join(' ')} and is ${is.join(' ')}`);
    }
  }
  return found;
}

/** Of receipts: what is no verdict yet, or never will be. */
const UNSETTLED = new Set(['queued', 'dead_lettered']);

function wrongBills({ leads, entries }: Books): string[] {
  const found: string[] = [];
  const entriesOf = Map.groupBy(entries, ({ leadId }) => leadId);
  for (const { leadId, transactionId, status, charge } of leads) {
    const billed = entriesOf.get(leadId) ?? [];
    const due = status === 'confirmed' ? 1 : 0;
    if (billed.length !== due) found.push(`${transactionId} is ${status} and billed ${billed.length} times: ${leadId}`);
    for (const { amount } of billed) {
      if (amount !== charge) found.push(`${transactionId} costs ${charge} and is billed ${amount}: ${leadId}`);
    }
    entriesOf.delete(leadId);
  }
  for (const leadId of entriesOf.keys()) found.push(`an entry bills ${leadId}, which is no lead`);
  return found;
}

function differentSums({ leads, receivable, payable, report, reportCommission }: Books): string[] {
  const found: string[] = [];
  const compare = (what: string, byLeads: unknown, stated: unknown): void => {
    if (byLeads !== stated) found.push(`${what}: ${byLeads} by the leads, but ${stated}`);
  };
  const count = (status: LeadView['status']) => leads.filter((lead) => lead.status === status).length;
  const confirmed = leads.filter(({ status }) => status === 'confirmed');
  const charge = confirmed.reduce((sum, lead) => sum + minorOf(lead.charge ?? '0'), 0n);
  compare('leads in the report', leads.length, report.leads);
  for (const status of ['confirmed', 'pending', 'rejected'] as const)
    compare(`${status} leads in the report`, count(status), report[status]);
  compare('charge in the report', charge, report.charge);
  compare('balance of the advertiser', charge, receivable);
  const commissions = new Map<string, bigint>();
  for (const { affiliateId, commission } of confirmed)
    commissions.set(affiliateId ?? '', (commissions.get(affiliateId ?? '') ?? 0n) + minorOf(commission));
  for (const affiliateId of new Set([...commissions.keys(), ...payable.keys(), ...reportCommission.keys()])) {
    compare(
      `commission of ${affiliateId} in the report`,
      commissions.get(affiliateId),
      reportCommission.get(affiliateId),
    );
    compare(`balance of ${affiliateId}`, commissions.get(affiliateId), payable.get(affiliateId));
  }
  return found;
}
