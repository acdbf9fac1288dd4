import { type AnnexRow, rowFromLine } from '../../../shared/domain/billing/annex-row.ts';
import { bodyFromText } from '../../../shared/domain/billing/document.ts';
import type { Stage } from '../actors/actor.ts';
import type { FileStore } from '../files.ts';
import type { Books, StoredEntry } from './books.ts';

interface Document {
  readonly kind: 'invoice' | 'statement';
  readonly number: string;
  readonly partyId: string;
  readonly currency: string;
  readonly netMinor: number | bigint;
  readonly bodyDigest: string;
}

/** Once all months are closed, every entry is on one invoice and on one statement, documents are numbered without a gap, and add up. */
export function judgeBilling({ world }: Stage, { entries }: Books): string | undefined {
  if (!world.settings.closes) return undefined;
  const documents: Document[] = [];
  for (const item of world.engine.itemsOf('Billing')) {
    if ((item['pk'] as string).startsWith('DOCUMENTS#')) documents.push(item as unknown as Document);
  }
  return (
    numberFault(documents) ??
    entryFault(
      world.files,
      documents,
      'invoice',
      due(entries, ({ account }) => account.startsWith('receivable:'), 1n),
    ) ??
    entryFault(
      world.files,
      documents,
      'statement',
      due(entries, ({ account }) => account.startsWith('payable:'), -1n),
    )
  );
}

function numberFault(documents: readonly Document[]): string | undefined {
  const series = Map.groupBy(documents, ({ number }) => number.slice(0, number.lastIndexOf('-')));
  for (const [name, of] of series) {
    const numbers = of.map(({ number }) => Number.parseInt(number.slice(name.length + 1), 10)).sort((a, b) => a - b);
    if (numbers.some((number, index) => number !== index + 1)) return `the series ${name} has the numbers ${numbers}`;
  }
  return undefined;
}

/** What each entry comes to on the accounts of one side, by its id. */
function due(
  entries: readonly StoredEntry[],
  isOfSide: (leg: StoredEntry['legs'][number]) => boolean,
  sign: 1n | -1n,
): Map<string, bigint> {
  const amounts = new Map<string, bigint>();
  for (const { entryId, legs } of entries) {
    const [leg] = legs.filter(isOfSide);
    if (leg !== undefined) amounts.set(entryId, sign * BigInt(leg.amountMinor));
  }
  return amounts;
}

function entryFault(
  files: FileStore,
  documents: readonly Document[],
  kind: Document['kind'],
  amounts: Map<string, bigint>,
): string | undefined {
  for (const document of documents.filter((each) => each.kind === kind)) {
    let net = 0n;
    for (const row of rowsOf(files, document)) {
      net += row.amountMinor;
      const amount = amounts.get(row.entryId) ?? 0n;
      if (amount !== row.amountMinor) {
        return `${document.number} holds ${row.entryId} with ${row.amountMinor}, of which ${amount} is left to bill`;
      }
      amounts.delete(row.entryId);
    }
    if (net !== BigInt(document.netMinor)) return `the rows of ${document.number} do not come to its net`;
  }
  const [missing] = amounts;
  return missing && `the entry ${missing[0]} of ${missing[1]} is on no ${kind}`;
}

function* rowsOf(files: FileStore, { bodyDigest, currency }: Document): Iterable<AnnexRow> {
  for (const { digest } of bodyFromText(files.textOf('bodies', bodyDigest), currency).parts) {
    for (const line of files.textOf('annexes', digest).split('\n')) if (line !== '') yield rowFromLine(line);
  }
}
