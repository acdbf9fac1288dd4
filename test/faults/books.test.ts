import { describe, expect, it } from 'vitest';
import type { LeadView } from '../../shared/contracts/leads.ts';
import type { LedgerEntry } from '../../shared/contracts/ledger.ts';
import { type Books, violationsOf } from './books.ts';
import type { Told } from './sender.ts';

const lead = (number: number, given: Partial<LeadView> = {}) =>
  ({
    leadId: `lead_${number}`,
    transactionId: `t-${number}`,
    affiliateId: 'aff_1',
    status: 'confirmed',
    reason: null,
    charge: '25.00',
    commission: '18.00',
    receiptId: `rcp_${number}`,
    ...given,
  }) as LeadView;

const entry = (number: number, amount = '25.00') => ({ leadId: `lead_${number}`, amount }) as LedgerEntry;

const told = (number: number, given: object = {}) =>
  ({
    transactionId: `t-${number}`,
    receiptId: `rcp_${number}`,
    leadId: `lead_${number}`,
    status: 'confirmed',
    reason: null,
    ...given,
  }) as Told;

const original = (number: number) => ({ receiptId: `rcp_${number}`, status: 'confirmed', reason: null });

/** Two confirmed leads and a rejected one, all of which their senders were told of; one was sent twice, one was queued. */
const books: Books = {
  leads: [lead(1), lead(2), lead(3, { status: 'rejected', reason: 'cap_total', charge: '0.00', commission: '0.00' })],
  entries: [entry(1), entry(2)],
  receivable: 5000n,
  payable: new Map([['aff_1', 3600n]]),
  report: { leads: 3, confirmed: 2, pending: 0, rejected: 1, charge: 5000n },
  reportCommission: new Map([['aff_1', 3600n]]),
  receipts: new Map([['rcp_2', told(2)]]),
};
const answers = [
  told(1),
  told(1, { receiptId: 'rcp_4', status: 'duplicate', reason: 'duplicate_transaction', original: original(1) }),
  told(2, { status: 'queued', leadId: undefined }),
  told(3, { status: 'rejected', reason: 'cap_total' }),
];

describe('the books', () => {
  it('are right where every answer stands in them and all sums are the same', () => {
    expect(violationsOf(books, answers)).toEqual([]);
  });

  it.each<[string, Partial<Books>, readonly Told[], string]>([
    ['a confirmed lead that is lost', {}, [told(5)], "t-5 was answered 'confirmed' and is not there"],
    ['a promise that is forgotten', {}, [told(5, { status: 'queued' })], "t-5 was answered 'queued' and is not there"],
    [
      'a promise that is kept by nothing',
      { receipts: new Map() },
      [],
      't-2 was promised a verdict and has none: rcp_2',
    ],
    [
      'a promise that ended in the dead letters',
      { receipts: new Map([['rcp_2', { receiptId: 'rcp_2', status: 'dead_lettered', reason: null }]]) },
      [],
      't-2 was promised a verdict and has dead_lettered: rcp_2',
    ],
    [
      'a promise that was kept with another verdict',
      { receipts: new Map([['rcp_2', told(2, { status: 'rejected', reason: 'unattributed' })]]) },
      [],
      't-2 was told to be lead_2 rcp_2 rejected unattributed and is lead_2 rcp_2 confirmed ',
    ],
    ['another receipt than the one told', {}, [told(1, { receiptId: 'rcp_9' })], 't-1 was told to be lead_1 rcp_9'],
    [
      'another verdict',
      {},
      [told(3)],
      't-3 was told to be lead_3 rcp_3 confirmed  and is lead_3 rcp_3 rejected cap_total',
    ],
    [
      'a repeat of something else',
      {},
      [told(1, { status: 'duplicate', original: original(2) })],
      't-1 was told to be lead_1 rcp_2',
    ],
    [
      'a repeat of itself',
      {},
      [told(1, { status: 'duplicate', original: original(1) })],
      't-1 was told to repeat itself',
    ],
    [
      'two leads of a transaction',
      { leads: [...books.leads, lead(4, { transactionId: 't-1' })] },
      [],
      't-1 has two leads: lead_1 and lead_4',
    ],
    ['a lead billed twice', { entries: [...books.entries, entry(2)] }, [], 't-2 is confirmed and billed 2 times'],
    ['a lead that is not billed', { entries: [entry(1)] }, [], 't-2 is confirmed and billed 0 times'],
    [
      'a rejected lead that is billed',
      { entries: [...books.entries, entry(3)] },
      [],
      't-3 is rejected and billed 1 times',
    ],
    [
      'an entry without a lead',
      { entries: [...books.entries, entry(9)] },
      [],
      'an entry bills lead_9, which is no lead',
    ],
    ['a wrong amount', { entries: [entry(1), entry(2, '24.99')] }, [], 't-2 costs 25.00 and is billed 24.99'],
    ['another balance', { receivable: 4999n }, [], 'balance of the advertiser: 5000 by the leads, but 4999'],
    [
      'another commission',
      { payable: new Map([['aff_1', 3599n]]) },
      [],
      'balance of aff_1: 3600 by the leads, but 3599',
    ],
    [
      'a commission for nothing',
      { payable: new Map([...books.payable, ['aff_2', 1n]]) },
      [],
      'balance of aff_2: undefined by the leads, but 1',
    ],
    [
      'a report that lacks a lead',
      { report: { ...books.report, confirmed: 1 } },
      [],
      'confirmed leads in the report: 2',
    ],
    ['a report with another charge', { report: { ...books.report, charge: 1n } }, [], 'charge in the report: 5000'],
    [
      'a report with another commission',
      { reportCommission: new Map() },
      [],
      'commission of aff_1 in the report: 3600 by the leads, but undefined',
    ],
  ])('show %s', (_what, changed, more, sentence) => {
    const found = violationsOf({ ...books, ...changed }, [...answers, ...more]);
    expect(found.join('\n')).toContain(sentence);
  });
});
