import { describe, expect, it } from 'vitest';
import {
  addEntry,
  differencesOf,
  missingOf,
  NO_NET,
  type Sides,
  signatureOf,
} from '../../../shared/domain/conservation/compare.ts';
import { NO_COUNTS } from '../../../shared/domain/conservation/tally.ts';
import { entriesOf } from '../../../shared/domain/ledger/entry.ts';
import { figures } from '../../../shared/domain/rollups/figures.ts';
import { lead, transition } from '../../support/builders.ts';

const counts = {
  ...NO_COUNTS,
  confirmed: 2,
  reversed: 1,
  pending: 1,
  rejected: new Map([['unattributed', 1]]),
  duplicates: 3,
  queued: 7,
};
const tally = { key: { day: '2025-11-20' }, counts, chargeMinor: 5000n, commissionMinor: 3600n };
const rolledUp = figures({
  clicks: 99n,
  leads: 5n,
  confirmed: 2n,
  reversed: 1n,
  pending: 1n,
  rejected: 1n,
  chargeMinor: 5000n,
  commissionMinor: 3600n,
});
const posted = { confirmed: 2n, chargeMinor: 5000n, commissionMinor: 3600n };
const agreeing: Sides = { tally, rollup: rolledUp, affiliateRollup: rolledUp, journal: posted, seen: 8 };

describe('differences', () => {
  it('are none where all agree, or were not asked', () => {
    expect(differencesOf(agreeing)).toEqual([]);
    expect(differencesOf({ tally, seen: 0 })).toEqual([]);
  });

  it.each([
    ['leads', 5n],
    ['confirmed', 2n],
    ['reversed', 1n],
    ['pending', 1n],
    ['rejected', 1n],
    ['chargeMinor', 5000n],
    ['commissionMinor', 3600n],
  ] as const)('of either rollup are found: %s', (figure, counted) => {
    const wrong = { ...rolledUp, [figure]: counted + 1n };
    const difference = { figure, counted, found: counted + 1n };
    expect(differencesOf({ ...agreeing, rollup: wrong })).toEqual([{ against: 'rollups', ...difference }]);
    expect(differencesOf({ ...agreeing, affiliateRollup: wrong })).toEqual([
      { against: 'affiliate_rollups', ...difference },
    ]);
  });

  it('in clicks are none of its business', () => {
    expect(differencesOf({ ...agreeing, rollup: { ...rolledUp, clicks: 0n } })).toEqual([]);
  });

  it.each([
    ['confirmed', 2n],
    ['chargeMinor', 5000n],
    ['commissionMinor', 3600n],
  ] as const)('of the journal are found: %s', (figure, counted) => {
    expect(differencesOf({ ...agreeing, journal: { ...posted, [figure]: 0n } })).toEqual([
      { against: 'journal', figure, counted, found: 0n },
    ]);
  });

  it.each([
    ['as many as were seen', 8, []],
    ['more than were seen', 7, []],
    ['one fewer than were seen', 9, [{ against: 'earlier_tally', figure: 'received', counted: 8n, found: 9n }]],
  ])('of settled messages: %s', (_case, seen, expected) => {
    const found = differencesOf({ ...agreeing, seen });
    expect(found).toEqual(expected);
    expect(missingOf(found)).toBe(expected.length);
  });
});

describe('entries', () => {
  const history = [transition(), transition({ version: 2, action: 'reversed', status: 'reversed' })];

  it('come to what was confirmed and not reversed since', () => {
    const [confirmed, reversed] = entriesOf(lead({ history }), 'UTC');
    expect(addEntry(NO_NET, confirmed!)).toEqual({ confirmed: 1n, chargeMinor: 2500n, commissionMinor: 1800n });
    expect(addEntry(addEntry(NO_NET, confirmed!), reversed!)).toEqual(NO_NET);
    const half = {
      ...reversed!,
      isPart: true,
      legs: reversed!.legs.map((leg) => ({ ...leg, amountMinor: leg.amountMinor / 2n })),
    } as const;
    expect(addEntry(addEntry(NO_NET, confirmed!), half)).toEqual({
      confirmed: 1n,
      chargeMinor: 1250n,
      commissionMinor: 900n,
    });
  });

  it('of nobody’s leads have no commission', () => {
    const [entry] = entriesOf(lead({ affiliateId: undefined, commissionMinor: 0n }), 'UTC');
    expect(addEntry(NO_NET, entry!)).toEqual({ confirmed: 1n, chargeMinor: 2500n, commissionMinor: 0n });
  });
});

describe('a signature', () => {
  it('is the same where only clicks came, and in whatever order reasons were met', () => {
    const reasons = (...names: string[]) => ({ ...counts, rejected: new Map(names.map((name) => [name, 1])) });
    const signature = (sides: Partial<Sides>) => signatureOf({ ...agreeing, ...sides });
    expect(signature({ rollup: { ...rolledUp, clicks: 0n } })).toBe(signature({}));
    expect(signature({ tally: { ...tally, counts: reasons('a', 'b') } })).toBe(
      signature({ tally: { ...tally, counts: reasons('b', 'a') } }),
    );
  });

  it.each([
    ['the tally', { tally: { ...tally, counts: { ...counts, duplicates: 4 } } }],
    ['its reasons', { tally: { ...tally, counts: { ...counts, rejected: new Map([['campaign_paused', 1]]) } } }],
    ['a rollup', { rollup: { ...rolledUp, pending: 2n } }],
    ['the journal', { journal: NO_NET }],
    ['what was seen', { seen: 9 }],
  ] satisfies [string, Partial<Sides>][])('is another where %s moved', (_what, moved) => {
    expect(signatureOf({ ...agreeing, ...moved })).not.toBe(signatureOf(agreeing));
  });
});
