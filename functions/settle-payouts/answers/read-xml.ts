import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { readBankAmount, readBankDay } from '../../../shared/domain/payouts/bank-values.ts';
import type { BankAnswer } from '../../../shared/domain/payouts/payout.ts';
import { longRunId, placeOfPayout } from '../../../shared/domain/payouts/run.ts';
import { invalidField } from '../../../shared/runtime/problems.ts';
import type { AnswerLine } from '../../../shared/use-cases/payouts/settle-answers.ts';
import type { BadLine, ReadAnswers } from './read-answers.ts';
import { ISO_STATUSES } from './statuses.ts';

const MAX_NESTED_TAGS = 40;
const MAX_REASON_CHARACTERS = 200;
const RUN_ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}/;

/** Texts are left as they are, and nothing that a file defines is expanded. */
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  removeNSPrefix: true,
  parseTagValue: false,
  processEntities: false,
  maxNestedTags: MAX_NESTED_TAGS,
});

/** An element, as the parser hands it over: a text, or children by name, lists where there are several. */
type Node = string | { readonly [name: string]: Node | readonly Node[] };

const all = (node: Node | undefined, ...path: readonly string[]): readonly Node[] =>
  path.reduce<readonly Node[]>(
    (nodes, name) => nodes.flatMap((each) => (typeof each === 'string' ? [] : (each[name] ?? []))),
    node === undefined ? [] : [node],
  );
const first = (node: Node | undefined, ...path: readonly string[]): Node | undefined => all(node, ...path)[0];
const text = (node: Node | undefined, ...path: readonly string[]): string | undefined => {
  const found = first(node, ...path);
  const value = typeof found === 'object' ? found['#text'] : found;
  return typeof value === 'string' ? value : undefined;
};

/** Reads pain.002 or camt.054, of whichever version. Throws 400 where it is neither, is broken, or defines anything. */
export function readXmlAnswers(xml: string): ReadAnswers {
  if (/<!(?:DOCTYPE|ENTITY)/i.test(xml)) throw invalidField('body', 'must define no entities: no bank does');
  const validity = XMLValidator.validate(xml);
  if (validity !== true) throw invalidField('body', `is broken XML at line ${validity.err.line}: ${validity.err.msg}`);
  const document = first(parse(xml), 'Document');
  const report = first(document, 'CstmrPmtStsRpt');
  if (report !== undefined) return collect(statusReport(report));
  const notification = first(document, 'BkToCstmrDbtCdtNtfctn');
  if (notification !== undefined) return collect(bookings(notification));
  throw invalidField('body', 'must be a pain.002 or camt.054 of a bank, or CSV');
}

function parse(xml: string): Node {
  try {
    return parser.parse(xml) as Node;
  } catch (error) {
    throw invalidField('body', `is XML that is not taken: ${(error as Error).message}`);
  }
}

type Read = Omit<AnswerLine, 'line'> | Omit<BadLine, 'line'> | 'ignored';

/** Numbers what is in a file by its place in it. */
function collect(read: readonly Read[]): ReadAnswers {
  const lines: AnswerLine[] = [];
  const bad: BadLine[] = [];
  for (const [index, each] of read.entries()) {
    const line = index + 1;
    if (each === 'ignored') continue;
    if ('error' in each) bad.push({ line, ...each });
    else lines.push({ line, ...each });
  }
  return { lines, bad, ignored: read.length - lines.length - bad.length };
}

/** A pain.002 speaks of single payments, or of all in a file by its group or its payment block. */
function statusReport(report: Node): Read[] {
  const group = first(report, 'OrgnlGrpInfAndSts');
  const blocks = all(report, 'OrgnlPmtInfAndSts');
  const transactions = blocks.flatMap((block) => all(block, 'TxInfAndSts'));
  const ofBlocks = blocks.flatMap((block): Read[] => {
    const status = text(block, 'PmtInfSts');
    if (status === undefined || all(block, 'TxInfAndSts').length > 0) return [];
    return [aboutRun(text(block, 'OrgnlPmtInfId'), status, reasonOf(block, 'StsRsnInf'))];
  });
  if (transactions.length + ofBlocks.length > 0) return [...transactions.map(aboutTransaction), ...ofBlocks];
  const status = text(group, 'GrpSts');
  return status === undefined ? [] : [aboutRun(text(group, 'OrgnlMsgId'), status, reasonOf(group, 'StsRsnInf'))];
}

function aboutTransaction(transaction: Node): Read {
  const id = text(transaction, 'OrgnlEndToEndId') ?? '';
  if (placeOfPayout(id) === undefined) return { error: `OrgnlEndToEndId "${id}" is not the id of a payout` };
  const status = text(transaction, 'TxSts') ?? '';
  const kind = ISO_STATUSES[status];
  if (kind === undefined) return { error: `TxSts "${status}" is not a status that is known` };
  const amount = first(transaction, 'OrgnlTxRef', 'Amt', 'InstdAmt');
  return answer(id, amount, { kind, reason: reasonOf(transaction, 'StsRsnInf') });
}

/** The ids of messages and of payment blocks begin with the run's. */
function aboutRun(id: string | undefined, status: string, reason: string | undefined): Read {
  const ulid = RUN_ULID.exec(id ?? '')?.[0];
  if (ulid === undefined) return { error: `"${id ?? ''}" is not the id of a payout run` };
  const kind = ISO_STATUSES[status];
  if (kind === undefined) return { error: `status "${status}" is not known` };
  return { about: { runId: longRunId(ulid) }, answer: { kind, reason } };
}

/** The reasons in a node, of a status (`StsRsnInf`) or of a return (`RtrInf`). */
function reasonOf(node: Node | undefined, element: 'StsRsnInf' | 'RtrInf'): string | undefined {
  const parts = all(node, element).flatMap((info) => [
    text(info, 'Rsn', 'Cd') ?? text(info, 'Rsn', 'Prtry'),
    ...all(info, 'AddtlInf').map((words) => text(words)),
  ]);
  const words = parts.filter((part) => part !== undefined).join(' ');
  return words === '' ? undefined : plain(words).slice(0, MAX_REASON_CHARACTERS);
}

const SIGNS: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The five signs that XML itself spells out. */
const plain = (words: string): string =>
  words.replace(/&(amp|lt|gt|quot|apos);/g, (all, name: string) => SIGNS[name] ?? all);

/** A camt.054 lists what was booked on the account: payments that left it, and those that came back. Others are none of ours. */
function bookings(notification: Node): Read[] {
  return all(notification, 'Ntfctn', 'Ntry').flatMap((entry) => {
    const status = text(entry, 'Sts', 'Cd') ?? text(entry, 'Sts');
    const day = text(entry, 'BookgDt', 'Dt') ?? text(entry, 'BookgDt', 'DtTm');
    return all(entry, 'NtryDtls', 'TxDtls').map((details): Read => {
      const id = text(details, 'Refs', 'EndToEndId') ?? '';
      if (placeOfPayout(id) === undefined) return 'ignored';
      const direction = text(details, 'CdtDbtInd') ?? text(entry, 'CdtDbtInd');
      const kind = direction === 'DBIT' ? 'paid' : 'returned';
      const amount =
        first(details, 'Amt') ??
        first(details, 'AmtDtls', 'InstdAmt', 'Amt') ??
        first(details, 'AmtDtls', 'TxAmt', 'Amt') ??
        first(entry, 'Amt');
      return answer(id, amount, {
        kind: status === 'BOOK' ? kind : 'pending',
        reason: reasonOf(details, 'RtrInf'),
        day: day === undefined ? undefined : readBankDay(day, undefined),
      });
    });
  });
}

function answer(payoutId: string, amount: Node | undefined, said: BankAnswer): Read {
  if (amount === undefined) return { about: { payoutId }, answer: said };
  const currency = text(amount, '@Ccy') ?? '';
  const written = text(amount) ?? '';
  const amountMinor = readBankAmount(written, currency);
  if (amountMinor === undefined) return { error: `amount "${written}" is not one in "${currency}"` };
  return { about: { payoutId }, answer: { ...said, amountMinor, currency } };
}
