import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accountedOf,
  addCounts,
  type CountedLead,
  type CountedReceipt,
  leadsOf,
  MAX_REASONS,
  NO_COUNTS,
  OTHER_REASON,
  rejectedOf,
  settledOf,
  TallyFold,
  tallyKeyText,
} from '../../../shared/domain/conservation/tally.ts';
import { ADVERTISER_ID, AFFILIATE_ID, CAMPAIGN_ID, lead, NOW, OTHER_AFFILIATE_ID } from '../../support/builders.ts';

const DAY = NOW.slice(0, 10);
const leadOn = (changes: Partial<CountedLead> = {}): CountedLead => lead({ occurredAt: NOW, ...changes });
const receipt = (changes: Partial<CountedReceipt> = {}): CountedReceipt => ({
  receiptId: 'rcp_1',
  outcome: 'duplicate',
  occurredAt: NOW,
  campaignId: CAMPAIGN_ID,
  affiliateId: AFFILIATE_ID,
  ...changes,
});

function fold(receipts: readonly CountedReceipt[], leads: readonly CountedLead[] = [], timeZone = 'UTC') {
  const made = new TallyFold(ADVERTISER_ID, timeZone);
  for (const each of receipts) made.addReceipt(each);
  for (const each of leads) made.addLead(each);
  return made.tallies();
}

const countsOf = (...given: Parameters<typeof fold>) => fold(...given)[0]?.counts ?? NO_COUNTS;

describe('where a message is counted', () => {
  it.each([
    ['queued', { queued: 1 }],
    ['dead_lettered', { deadLettered: 1 }],
    ['refused', { refused: 1 }],
    ['conflict', { conflicts: 1 }],
    ['duplicate', { duplicates: 1 }],
    ['decided', { superseded: 1 }],
  ] as const)('by its receipt: %s', (outcome, expected) => {
    expect(countsOf([receipt({ outcome })])).toEqual({ ...NO_COUNTS, ...expected });
  });

  it.each([
    ['confirmed', { confirmed: 1 }],
    ['reversed', { reversed: 1 }],
    ['pending', { pending: 1 }],
    ['rejected', { rejected: new Map([['no_reason', 1]]) }],
  ] as const)('by its lead: %s', (status, expected) => {
    expect(countsOf([], [leadOn({ status })])).toEqual({ ...NO_COUNTS, ...expected });
  });

  it.each(['queued', 'dead_lettered', 'decided'] as const)(
    'once, by its lead, where its receipt says %s',
    (outcome) => {
      const made = leadOn({ receiptId: 'rcp_1' });
      expect(countsOf([receipt({ outcome })], [made])).toEqual({ ...NO_COUNTS, confirmed: 1 });
    },
  );

  it('beside the lead that another message has made of its own', () => {
    const counts = countsOf([receipt({ outcome: 'decided' })], [leadOn({ receiptId: 'rcp_2' })]);
    expect(counts).toEqual({ ...NO_COUNTS, confirmed: 1, superseded: 1 });
  });

  it('rejected ones by their reasons, whatever these are called', () => {
    const reasons = ['campaign_paused', 'constructor', '__proto__', 'campaign_paused'];
    const rejected = reasons.map((reason) => leadOn({ status: 'rejected', reason }));
    expect([...countsOf([], rejected).rejected]).toEqual([
      ['campaign_paused', 2],
      ['constructor', 1],
      ['__proto__', 1],
    ]);
  });

  it.each([
    [MAX_REASONS, 0],
    [MAX_REASONS + 3, 3],
  ])('by the most frequent reasons: of %i, %i are others', (reasons, others) => {
    const leads = Array.from({ length: reasons }, (_, index) => leadOn({ status: 'rejected', reason: `r${index}` }));
    const { rejected } = countsOf([], [...leads, leadOn({ status: 'rejected', reason: `r${reasons - 1}` })]);
    expect(rejected.get(OTHER_REASON) ?? 0).toBe(others);
    expect(rejected.get(`r${reasons - 1}`)).toBe(2);
    expect(rejectedOf({ rejected })).toBe(reasons + 1);
  });
});

describe('keys', () => {
  it('tell days of the network’s time zone, campaigns and affiliates apart', () => {
    const keys = (timeZone: string) =>
      fold(
        [receipt({ campaignId: undefined }), receipt({ affiliateId: undefined })],
        [leadOn({ occurredAt: '2025-11-20T23:30:00.000Z' })],
        timeZone,
      ).map(({ key }) => tallyKeyText(key));
    expect(keys('UTC')).toEqual([
      `${DAY}#-#${AFFILIATE_ID}`,
      `${DAY}#${CAMPAIGN_ID}#-`,
      `${DAY}#${CAMPAIGN_ID}#${AFFILIATE_ID}`,
    ]);
    expect(keys('Europe/Berlin')[2]).toBe(`2025-11-21#${CAMPAIGN_ID}#${AFFILIATE_ID}`);
  });

  it('sum the money of confirmed leads alone', () => {
    const [tally] = fold([], [leadOn(), leadOn(), leadOn({ status: 'reversed' }), leadOn({ status: 'pending' })]);
    expect([tally?.chargeMinor, tally?.commissionMinor]).toEqual([5000n, 3600n]);
  });
});

describe('sums', () => {
  const counts = { ...NO_COUNTS, confirmed: 1, reversed: 2, pending: 3, rejected: new Map([['a', 4]]) };
  const all = { ...counts, superseded: 5, duplicates: 6, conflicts: 7, refused: 8, queued: 9, deadLettered: 10 };

  it('tell leads, settled messages and all that are somewhere', () => {
    expect([leadsOf(all), settledOf(all), accountedOf(all)]).toEqual([10, 36, 55]);
  });

  it('add up count by count', () => {
    const sum = addCounts(all, { ...all, rejected: new Map([['b', 1]]) });
    expect(accountedOf(sum)).toBe(55 + 52);
    expect([...sum.rejected]).toEqual([
      ['a', 4],
      ['b', 1],
    ]);
    expect(counts.rejected.size).toBe(1);
  });

  it('count every message once, whatever became of it and in whatever order it is met', () => {
    const outcomes = ['queued', 'dead_lettered', 'refused', 'conflict', 'duplicate', 'decided'] as const;
    const affiliateId = fc.constantFrom(undefined, AFFILIATE_ID, OTHER_AFFILIATE_ID);
    // By number: a message that has a receipt, or made a lead, or both.
    const message = fc.record({
      outcome: fc.option(fc.constantFrom(...outcomes), { nil: undefined }),
      status: fc.option(fc.constantFrom('confirmed', 'pending', 'rejected', 'reversed'), { nil: undefined }),
      affiliateId,
      place: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 40 }), (messages) => {
        // What is settled by its receipt has made no lead.
        const isFinal = (outcome: string | undefined) => /refused|conflict|duplicate/.test(outcome ?? '');
        const numbered = messages.map((each, index) => ({ ...each, receiptId: `rcp_${index}` }));
        const shuffled = numbered.toSorted((left, right) => left.place - right.place);
        const receipts = shuffled.flatMap(({ outcome, ...rest }) =>
          outcome === undefined ? [] : [receipt({ outcome, ...rest })],
        );
        const leads = shuffled.flatMap(({ status, outcome, ...rest }) =>
          status === undefined || isFinal(outcome) ? [] : [leadOn({ status, ...rest })],
        );
        const distinct = new Set([...receipts, ...leads].map(({ receiptId }) => receiptId));
        const total = fold(receipts, leads).reduce((sum, tally) => sum + accountedOf(tally.counts), 0);
        expect(total).toBe(distinct.size);
      }),
    );
  });
});
