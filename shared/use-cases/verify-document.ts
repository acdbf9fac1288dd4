import { createHash } from 'node:crypto';
import type { DocumentClaims, DocumentProof } from '../contracts/verification.ts';
import { type AnnexRow, rowFromLine, rowToLine } from '../domain/billing/annex-row.ts';
import { createLineFold, rowKey } from '../domain/billing/lines.ts';
import { formatAmount } from '../domain/money/money.ts';
import { accountFault, type ClaimedTotals } from '../domain/verification/check-account.ts';
import { type ClaimedDocument, documentFault } from '../domain/verification/check-document.ts';
import { createMerkleTree, isIncluded, type Sha256 } from '../domain/verification/merkle-tree.ts';

/** A document as its party has it. */
export interface VerifiableDocument extends ClaimedDocument, ClaimedTotals {
  readonly number: string;
  readonly partyId: string;
  readonly annex: { readonly rows: number; readonly sha256: string; readonly root: string };
  /** The rows of the annex, where the document brings them along. */
  readonly annexRows?: readonly AnnexRow[] | undefined;
}

/** Keys of which the first row is remembered, to name it. */
const MAX_NAMED_KEYS = 20_000;

/** The lines of an annex as the document brings it along, each without its line feed. */
export const ownLines = (rows: readonly AnnexRow[]): string[] => rows.map((row) => rowToLine(row).slice(0, -1));

/**
 * Computes a document again from the lines of its annex, each without its line feed: amounts, digest and root. Returns the first thing that
 * differs, in words; undefined where nothing does. Any number of lines needs the room of the document's own lines.
 */
export async function verifyDocument(
  document: VerifiableDocument,
  lines: AsyncIterable<string> | Iterable<string>,
  sha256: Sha256,
): Promise<string | undefined> {
  const fold = createLineFold();
  const tree = createMerkleTree(sha256);
  const hash = createHash('sha256');
  const named = new Map<string, string>();
  let rows = 0;
  for await (const line of lines) {
    rows += 1;
    const row = readRow(line);
    if (row === undefined) return `entry ${rows} is no row as annexes have them: ${line.slice(0, MAX_SHOWN)}`;
    const name = `entry ${rows} (${row.entryId})`;
    const other = document.annexRows && rowDifference(row, document.annexRows[rows - 1]);
    if (other !== undefined) return `${name}: ${other}`;
    fold.add(row);
    tree.add(`${line}\n`);
    hash.update(`${line}\n`);
    const key = rowKey(row);
    if (named.size < MAX_NAMED_KEYS && !named.has(key)) named.set(key, name);
  }
  return (
    missingRow(document, rows) ??
    documentFault(document, { sums: fold.sums(), firstOf: (key) => named.get(key) }) ??
    accountFault(document) ??
    differs('the number of entries', document.annex.rows, rows) ??
    differs('the SHA-256 of the entries', document.annex.sha256, hash.digest('hex')) ??
    differs('the root', document.annex.root, tree.root())
  );
}

/** Characters of a line that is shown because nothing can be made of it. */
const MAX_SHOWN = 120;

/** The row of a line; undefined where no annex would have it, byte for byte. */
function readRow(line: string): AnnexRow | undefined {
  try {
    const row = rowFromLine(line);
    return rowToLine(row) === `${line}\n` ? row : undefined;
  } catch {
    return undefined;
  }
}

function rowDifference(row: AnnexRow, onDocument: AnnexRow | undefined): string | undefined {
  if (onDocument === undefined) return 'the document has no entry in its place';
  if (row.entryId !== onDocument.entryId) return `the document has ${onDocument.entryId} in its place`;
  const [made, claimed] = [fieldsOf(row), fieldsOf(onDocument)];
  const name = Object.keys({ ...claimed, ...made }).find((field) => made[field] !== claimed[field]);
  return name && `its ${name} is ${made[name] ?? 'missing'}, on the document ${claimed[name] ?? 'missing'}`;
}

const fieldsOf = (row: AnnexRow): Readonly<Record<string, unknown>> => JSON.parse(rowToLine(row));

function missingRow({ annexRows = [] }: VerifiableDocument, rows: number): string | undefined {
  const missing = annexRows[rows];
  return missing && `entry ${rows + 1} (${missing.entryId}) of the document is missing`;
}

const differs = (what: string, claimed: string | number, made: string | number): string | undefined =>
  claimed === made ? undefined : `${what}: the document has ${claimed}, it is ${made}`;

/** Whether what was signed is this document: what differs first, in words. */
export function claimsFault(document: VerifiableDocument, claims: DocumentClaims): string | undefined {
  const { number, partyId, month, currency, netMinor, taxMinor, grossMinor, annex } = document;
  const own: Omit<DocumentClaims, 'iss' | 'iat'> = {
    number,
    party: partyId,
    month,
    currency,
    net: formatAmount(netMinor, currency),
    tax: formatAmount(taxMinor, currency),
    gross: formatAmount(grossMinor, currency),
    rows: annex.rows,
    root: annex.root,
  };
  const [name, value] = Object.entries(own).find(([key, each]) => claims[key as keyof typeof own] !== each) ?? [];
  return name === undefined
    ? undefined
    : `the signature is over the ${name} ${claims[name as keyof typeof own]}, the document has ${value}`;
}

/** Whether a proof leads from each of its rows to the root that was signed: what does not first, in words. */
export function proofFault(proof: DocumentProof, claims: DocumentClaims, sha256: Sha256): string | undefined {
  const { number, leadId, rows, root, entries } = proof;
  if (number !== claims.number) return `the signature is over ${claims.number}, the proof is of ${number}`;
  if (rows !== claims.rows || root !== claims.root)
    return `the signature is over the root ${claims.root} of ${claims.rows} rows`;
  for (const [position, { line, index, path }] of entries.entries()) {
    const row = readRow(line);
    const name = `entry ${position + 1} (${row?.entryId ?? line.slice(0, MAX_SHOWN)})`;
    if (row?.leadId !== leadId) return `${name} is no row of ${leadId}`;
    if (!isIncluded(sha256, `${line}\n`, { index, size: rows, path }, root))
      return `${name} is not in the tree of the root`;
  }
  return entries.length === 0 ? 'the proof has no entry' : undefined;
}
