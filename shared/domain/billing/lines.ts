import type { Month } from '../time/calendar.ts';
import type { AnnexRow, RowKind } from './annex-row.ts';

/** Entries of one service month, campaign, event, kind and price, summed. A reversal counts -1 at the price of its lead. */
export interface DocumentLine {
  readonly month: Month;
  readonly campaignId?: string | undefined;
  readonly event?: string | undefined;
  readonly kind: RowKind;
  readonly quantity: number;
  readonly unitPriceMinor: bigint;
  /** `quantity` times `unitPriceMinor`. */
  readonly amountMinor: bigint;
}

/** Sums rows up to lines, one by one, so that any number of rows needs only the room of its lines. */
export interface LineFold {
  add(row: AnnexRow): void;
  /** The lines in the order of a document: by month, campaign, event, kind, price. */
  lines(): DocumentLine[];
}

const quantityOf = ({ kind }: Pick<AnnexRow, 'kind'>): 1 | -1 => (kind === 'reversal' ? -1 : 1);

/** The price of a row: its amount without the sign that its kind gives it. */
const unitPriceOf = (row: Pick<AnnexRow, 'kind' | 'amountMinor'>): bigint =>
  row.kind === 'reversal' ? -row.amountMinor : row.amountMinor;

/** What a row and its line have in common. Prices are padded, so that text order is their order. */
function keyOf(of: Omit<DocumentLine, 'quantity' | 'amountMinor'>): string {
  return [of.month, of.campaignId, of.event, of.kind, of.unitPriceMinor.toString().padStart(38, '0')].join('\t');
}

const lineKeyOfRow = (row: AnnexRow): string => keyOf({ ...row, unitPriceMinor: unitPriceOf(row) });

/** Starts a fold without rows. */
export function createLineFold(): LineFold {
  const byKey = new Map<string, DocumentLine>();
  return {
    add(row) {
      const key = lineKeyOfRow(row);
      const { month, campaignId, event, kind } = row;
      const line = byKey.get(key) ?? {
        month,
        campaignId,
        event,
        kind,
        quantity: 0,
        unitPriceMinor: unitPriceOf(row),
        amountMinor: 0n,
      };
      byKey.set(key, {
        ...line,
        quantity: line.quantity + quantityOf(row),
        amountMinor: line.amountMinor + row.amountMinor,
      });
    },
    lines: () => [...byKey].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, line]) => line),
  };
}

/** What all lines come to, in minor units. */
export function netOf(lines: readonly Pick<DocumentLine, 'amountMinor'>[]): bigint {
  return lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
}

/** Finds the number (from 1) of the line that a row is summed up in. Throws where it is in none. */
export function createLineFinder(lines: readonly DocumentLine[]): (row: AnnexRow) => number {
  const numbers = new Map(lines.map((line, index) => [keyOf(line), index + 1]));
  return (row) => {
    const number = numbers.get(lineKeyOfRow(row));
    if (number === undefined) throw new RangeError(`entry ${row.entryId} is on no line`);
    return number;
  };
}
