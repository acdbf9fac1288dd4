import { amountOn, type LeadEntry, payable, receivable } from '../ledger/entry.ts';
import type { FigureName, Figures } from '../rollups/figures.ts';
import { leadsOf, rejectedOf, settledOf, type Tally } from './tally.ts';

/** What a tally is compared with. `earlier_tally`: itself as it was; messages that were once settled are never fewer. */
export const COMPARED_WITH = ['rollups', 'affiliate_rollups', 'journal', 'earlier_tally'] as const;

/** A figure that two places tell differently: `counted` by the tally, `found` in the other. Money is in minor units. */
export interface Difference {
  readonly against: (typeof COMPARED_WITH)[number];
  readonly figure: FigureName | 'received';
  readonly counted: bigint;
  readonly found: bigint;
}

/** What the entries of a key come to: confirmations less reversals, and the sums of both. */
export interface JournalNet {
  readonly confirmed: bigint;
  readonly chargeMinor: bigint;
  readonly commissionMinor: bigint;
}

/** One key as each place tells it; undefined where a place was not asked. */
export interface Sides {
  readonly tally: Tally;
  readonly rollup?: Figures | undefined;
  /** Of the affiliate's own figures, which its reports are made of. */
  readonly affiliateRollup?: Figures | undefined;
  readonly journal?: JournalNet | undefined;
  /** How many settled messages an earlier tally saw. */
  readonly seen: number;
}

export const NO_NET: JournalNet = { confirmed: 0n, chargeMinor: 0n, commissionMinor: 0n };

/** Adds an entry to what a key's entries come to. */
export function addEntry(net: JournalNet, entry: LeadEntry): JournalNet {
  return {
    confirmed: net.confirmed + (entry.kind === 'lead_confirmed' ? 1n : entry.isPart ? 0n : -1n),
    chargeMinor: net.chargeMinor + amountOn(entry, receivable(entry.party)),
    commissionMinor:
      net.commissionMinor - (entry.affiliateId === undefined ? 0n : amountOn(entry, payable(entry.affiliateId))),
  };
}

/** The figures that a tally and the rollups both have. */
const ROLLED_UP = [
  'leads',
  'confirmed',
  'pending',
  'rejected',
  'reversed',
  'chargeMinor',
  'commissionMinor',
] as const satisfies readonly FigureName[];

const POSTED = ['confirmed', 'chargeMinor', 'commissionMinor'] as const;

/** Every figure in which the other sides differ from the tally; none where all is accounted for. */
export function differencesOf({ tally, rollup, affiliateRollup, journal, seen }: Sides): Difference[] {
  const { counts, chargeMinor, commissionMinor } = tally;
  const counted: Readonly<Record<(typeof ROLLED_UP)[number], bigint>> = {
    leads: BigInt(leadsOf(counts)),
    confirmed: BigInt(counts.confirmed),
    pending: BigInt(counts.pending),
    rejected: BigInt(rejectedOf(counts)),
    reversed: BigInt(counts.reversed),
    chargeMinor,
    commissionMinor,
  };
  const differing = <Name extends keyof typeof counted>(
    against: Difference['against'],
    names: readonly Name[],
    found: Readonly<Record<Name, bigint>> | undefined,
  ): Difference[] =>
    found === undefined
      ? []
      : names
          .filter((figure) => counted[figure] !== found[figure])
          .map((figure) => ({ against, figure, counted: counted[figure], found: found[figure] }));
  const settled = settledOf(counts);
  return [
    ...differing('rollups', ROLLED_UP, rollup),
    ...differing('affiliate_rollups', ROLLED_UP, affiliateRollup),
    ...differing('journal', POSTED, journal),
    ...(settled < seen
      ? [{ against: 'earlier_tally', figure: 'received', counted: BigInt(settled), found: BigInt(seen) } as const]
      : []),
  ];
}

/** What tallies hold, as one text, to compare. */
export const textOf = (value: unknown): string =>
  JSON.stringify(value, (name, part: unknown) => {
    if (name === 'clicks') return undefined;
    if (part instanceof Map) return [...part].sort();
    return typeof part === 'bigint' ? part.toString() : part;
  });

/** All that the sides say of messages, as one text: the same twice means that nothing of the key has moved in between. */
export const signatureOf = ({ tally, rollup, affiliateRollup, journal, seen }: Sides): string =>
  textOf([tally, rollup, affiliateRollup, journal, seen]);

/** How many messages of a tally were seen once, and are nowhere now. */
export const missingOf = (differences: readonly Difference[]): number =>
  differences
    .filter(({ against }) => against === 'earlier_tally')
    .reduce((missing, { counted, found }) => missing + Number(found - counted), 0);
