import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Lead } from '../../../shared/domain/leads/lead.ts';
import { confirmLead } from '../../../shared/domain/leads/transitions/confirm-lead.ts';
import { rejectLead } from '../../../shared/domain/leads/transitions/reject-lead.ts';
import { releaseHold } from '../../../shared/domain/leads/transitions/release-hold.ts';
import { reverseLead } from '../../../shared/domain/leads/transitions/reverse-lead.ts';
import {
  amountOn,
  entriesOf,
  entryIdOf,
  isBalanced,
  isBillable,
  JOURNAL_SHARDS,
  type JournalEntry,
  journalShard,
  LEAD_KINDS,
  LINE_KINDS,
  MOVE_KINDS,
  payable,
  REVENUE,
  receivable,
} from '../../../shared/domain/ledger/entry.ts';
import {
  ADVERTISER_ID,
  AFFILIATE_ID,
  CAMPAIGN_ID,
  decision,
  LEAD_ID,
  lead,
  NOW,
  transition,
} from '../../support/builders.ts';

const sumOf = (entries: readonly JournalEntry[]): bigint =>
  entries.flatMap((entry) => entry.legs).reduce((sum, leg) => sum + leg.amountMinor, 0n);

const reversed = (before: Lead): Lead => {
  const result = reverseLead(before, decision({ at: '2025-12-05T00:00:00.000Z' }));
  if (!result.ok) throw new Error(result.fault);
  return result.lead;
};

describe('entriesOf', () => {
  it('charges the advertiser, owes the affiliate, keeps the margin', () => {
    const confirmed = lead({ occurredAt: '2025-11-10T10:30:00.000Z' });
    expect(entriesOf(confirmed, 'UTC')).toEqual([
      {
        party: ADVERTISER_ID,
        month: '2025-11',
        causeId: LEAD_ID,
        kind: 'lead_confirmed',
        sequence: 1,
        currency: 'EUR',
        legs: [
          { account: receivable(ADVERTISER_ID), amountMinor: 2500n },
          { account: payable(AFFILIATE_ID), amountMinor: -1800n },
          { account: REVENUE, amountMinor: -700n },
        ],
        occurredAt: '2025-11-10T10:30:00.000Z',
        decidedAt: NOW,
        campaignId: CAMPAIGN_ID,
        affiliateId: AFFILIATE_ID,
        event: 'lead',
        transactionId: 'order-1',
      },
    ]);
  });

  it('credits a reversal in full, in the month of the conversion, naming the entry it takes back', () => {
    const [entry, credit, ...others] = entriesOf(reversed(lead()), 'UTC');
    expect(others).toEqual([]);
    expect(credit).toMatchObject({
      kind: 'lead_reversed',
      month: '2025-11',
      sequence: 2,
      reverses: 1,
      decidedAt: '2025-12-05T00:00:00.000Z',
      occurredAt: entry!.occurredAt,
    });
    expect(credit!.legs).toEqual(entry!.legs.map((leg) => ({ ...leg, amountMinor: -leg.amountMinor })));
  });

  it.each([
    ['pending', 'on_hold'],
    ['rejected', 'unattributed'],
  ] as const)('calls for none while a lead is %s', (status, reason) => {
    expect(entriesOf(lead({ status, reason }), 'UTC')).toEqual([]);
  });

  it('credits nothing that was never billed', () => {
    const history = [transition({ status: 'pending' }), transition({ version: 2, status: 'reversed' })];
    expect(entriesOf(lead({ status: 'reversed', version: 2, history }), 'UTC')).toEqual([]);
  });

  it('numbers the entries of a lead that replaced a rejected one by its versions', () => {
    const replaced = lead({
      version: 2,
      history: [
        transition({ status: 'rejected', reason: 'unattributed' }),
        transition({ version: 2, action: 'replaced' }),
      ],
    });
    expect(entriesOf(reversed(replaced), 'UTC').map(entryIdOf)).toEqual([
      `${LEAD_ID}#LEAD_CONFIRMED#2`,
      `${LEAD_ID}#LEAD_REVERSED#3`,
    ]);
  });

  it("books an ad platform's lead without an affiliate", () => {
    const [entry] = entriesOf(lead({ affiliateId: undefined, commissionMinor: 0n }), 'UTC');
    expect(entry!.legs).toEqual([
      { account: receivable(ADVERTISER_ID), amountMinor: 2500n },
      { account: REVENUE, amountMinor: -2500n },
    ]);
  });

  it.each([
    ['a commission over the charge, as a loss', 2500n, 2600n, [2500n, -2600n, 100n]],
    ['a commission of all the charge', 2500n, 2500n, [2500n, -2500n]],
    ['a commission of nothing', 2500n, 0n, [2500n, -2500n]],
    ['a lead that is free and pays', 0n, 1800n, [-1800n, 1800n]],
    ['a lead that costs and pays nothing', 0n, 0n, []],
  ])('books %s, without empty legs', (_what, chargeMinor, commissionMinor, amounts) => {
    const [entry] = entriesOf(lead({ chargeMinor, commissionMinor }), 'UTC');
    expect(entry!.legs.map((leg) => leg.amountMinor)).toEqual(amounts);
  });

  it.each([
    ['UTC', '2025-11-30T23:30:00.000Z', '2025-11'],
    ['Europe/Berlin', '2025-11-30T22:59:59.999Z', '2025-11'],
    ['Europe/Berlin', '2025-11-30T23:00:00.000Z', '2025-12'],
    ['America/New_York', '2025-12-01T04:59:59.999Z', '2025-11'],
    ['America/New_York', '2025-12-01T05:00:00.000Z', '2025-12'],
  ])('puts it in the month of the conversion in %s: %s is %s', (timeZone, occurredAt, month) => {
    expect(entriesOf(lead({ occurredAt }), timeZone)[0]!.month).toBe(month);
  });
});

/** Any lead that people and schedules can make, by any number of attempted transitions. */
const anyLead = fc
  .record({
    chargeMinor: fc.bigInt({ min: 0n, max: 10n ** 18n }),
    commissionMinor: fc.bigInt({ min: 0n, max: 10n ** 18n }),
    status: fc.constantFrom('pending' as const, 'confirmed' as const, 'rejected' as const),
    hasAffiliate: fc.boolean(),
    steps: fc.array(fc.constantFrom(confirmLead, rejectLead, reverseLead, releaseHold), { maxLength: 8 }),
  })
  .map(({ chargeMinor, commissionMinor, status, hasAffiliate, steps }) => {
    let current = lead({
      status,
      chargeMinor,
      commissionMinor: hasAffiliate ? commissionMinor : 0n,
      affiliateId: hasAffiliate ? AFFILIATE_ID : undefined,
      holdUntil: status === 'pending' ? NOW : undefined,
    });
    const states = [current];
    for (const step of steps) {
      const result = step === releaseHold ? releaseHold(current, NOW) : step(current, decision() as never);
      if (!result.ok) continue;
      current = result.lead;
      states.push(current);
    }
    return states;
  });

describe('whatever happens to a lead', () => {
  it('the legs of every entry sum to zero and none is empty', () => {
    fc.assert(
      fc.property(anyLead, (states) => {
        for (const entry of entriesOf(states.at(-1)!, 'UTC')) {
          expect(sumOf([entry])).toBe(0n);
          expect(entry.legs.every((leg) => leg.amountMinor !== 0n)).toBe(true);
          expect(new Set(entry.legs.map((leg) => leg.account)).size).toBe(entry.legs.length);
        }
      }),
    );
  });

  it('its entries amount to its price while it is confirmed, and to exactly nothing otherwise', () => {
    fc.assert(
      fc.property(anyLead, (states) => {
        const final = states.at(-1)!;
        const entries = entriesOf(final, 'UTC');
        const total = (account: string) => entries.reduce((sum, entry) => sum + amountOn(entry, account), 0n);
        const billed = final.status === 'confirmed' ? 1n : 0n;
        expect(total(receivable(ADVERTISER_ID))).toBe(billed * final.chargeMinor);
        expect(total(payable(AFFILIATE_ID))).toBe(-billed * final.commissionMinor);
        expect(total(REVENUE)).toBe(billed * (final.commissionMinor - final.chargeMinor));
      }),
    );
  });

  it('its keys are unique, are its versions, and each later state calls for the same entries and maybe more', () => {
    fc.assert(
      fc.property(anyLead, (states) => {
        const final = entriesOf(states.at(-1)!, 'UTC');
        const keys = final.map(entryIdOf);
        expect(new Set(keys).size).toBe(keys.length);
        const versions = states.at(-1)!.history.map((step) => step.version);
        expect(versions).toEqual(versions.map((_version, index) => index + 1));
        for (const entry of final) expect(versions).toContain(entry.sequence);
        for (const state of states) {
          const entries = entriesOf(state, 'UTC');
          expect(entries).toEqual(final.slice(0, entries.length));
        }
      }),
    );
  });

  it('every reversal takes back one confirmation, once', () => {
    fc.assert(
      fc.property(anyLead, (states) => {
        const entries = entriesOf(states.at(-1)!, 'UTC');
        const confirmed = entries.filter((entry) => entry.kind === 'lead_confirmed').map((entry) => entry.sequence);
        const taken = entries.flatMap((entry) => (entry.kind === 'lead_reversed' ? [entry.reverses] : []));
        expect(new Set(taken).size).toBe(taken.length);
        for (const sequence of taken) expect(confirmed).toContain(sequence);
      }),
    );
  });
});

describe('entryIdOf', () => {
  it('names cause, kind and sequence', () => {
    expect(entryIdOf({ causeId: LEAD_ID, kind: 'lead_confirmed', sequence: 12 })).toBe(`${LEAD_ID}#LEAD_CONFIRMED#12`);
  });
});

describe('amountOn', () => {
  it('sums the legs on an account, and is zero on one without legs', () => {
    const legs = [
      { account: 'a', amountMinor: 5n },
      { account: 'b', amountMinor: -7n },
      { account: 'a', amountMinor: 2n },
    ];
    expect([
      amountOn({ currency: 'EUR', legs }, 'a'),
      amountOn({ currency: 'EUR', legs }, 'b'),
      amountOn({ currency: 'EUR', legs }, 'c'),
    ]).toEqual([7n, -7n, 0n]);
  });
});

describe('an entry with legs in several currencies', () => {
  const legs = [
    { account: 'a', amountMinor: 100n },
    { account: 'b', amountMinor: -100n },
    { account: 'a', amountMinor: 110n, currency: 'USD' },
    { account: 'b', amountMinor: -110n, currency: 'USD' },
  ];

  it('is balanced where each currency is, never across them', () => {
    expect(isBalanced({ currency: 'EUR', legs })).toBe(true);
    expect(isBalanced({ currency: 'USD', legs })).toBe(true);
    const across = [legs[0]!, { account: 'b', amountMinor: -100n, currency: 'USD' }];
    expect(isBalanced({ currency: 'EUR', legs: across })).toBe(false);
    expect(isBalanced({ currency: 'USD', legs: across })).toBe(true);
    expect(isBalanced({ currency: 'EUR', legs: [] })).toBe(true);
  });

  it('amounts on an account to the legs of one currency, its own unless told', () => {
    const entry = { currency: 'EUR', legs };
    expect([amountOn(entry, 'a'), amountOn(entry, 'a', 'USD'), amountOn(entry, 'a', 'GBP')]).toEqual([100n, 110n, 0n]);
  });
});

describe('isBillable', () => {
  it.each([
    ...[...LEAD_KINDS, ...LINE_KINDS].map((kind) => [kind, true] as const),
    ...[...MOVE_KINDS, 'anything', ''].map((kind) => [kind, false] as const),
  ])('%j: %s', (kind, billable) => {
    expect(isBillable(kind)).toBe(billable);
  });
});

describe('journalShard', () => {
  /** Journals hold entries under these shards for ever: a changed number here is a lost entry. */
  it.each([
    ['', 5],
    ['a', 12],
    ['foobar', 8],
    [LEAD_ID, 7],
  ])('of %j stays what it is', (causeId, shard) => {
    expect(journalShard(causeId)).toBe(shard);
  });

  it('spreads lead ids evenly', () => {
    const counts = new Array<number>(JOURNAL_SHARDS).fill(0);
    const leads = 16_000;
    for (let index = 0; index < leads; index += 1) {
      const digest = createHash('sha256').update(`order ${index}`).digest().subarray(0, 16).toString('base64url');
      counts[journalShard(`lead_${digest}`)]! += 1;
    }
    // 1,000 a shard; the standard deviation is 31.
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1150);
  });
});
