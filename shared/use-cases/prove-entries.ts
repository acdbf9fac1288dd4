import { rowFromLine } from '../domain/billing/annex-row.ts';
import type { AnnexPart } from '../domain/billing/document.ts';
import { createMerkleTree, type InclusionProof, type Sha256 } from '../domain/verification/merkle-tree.ts';
import type { DocumentFiles } from '../ports/documents.ts';

export interface ProvenEntries {
  readonly root: string;
  /** The rows of the lead, each without the line feed that its leaf has at the end. */
  readonly entries: readonly (InclusionProof & { readonly line: string })[];
}

/**
 * Proves that the rows of a lead are in an annex. Goes through all of it, part by part: any number of rows needs the room of one part.
 * Throws StoreUnavailable.
 */
export async function proveEntries(
  { files, sha256 }: { readonly files: Pick<DocumentFiles, 'get'>; readonly sha256: Sha256 },
  parts: readonly AnnexPart[],
  leadId: string,
): Promise<ProvenEntries> {
  const tree = createMerkleTree(sha256);
  const lines: string[] = [];
  // Reading each row would take longer than all the hashing.
  const mark = `"leadId":${JSON.stringify(leadId)}`;
  for (const { digest } of parts) {
    const text = await files.get('annexes', digest);
    for (const line of text.split('\n').slice(0, -1)) {
      const isOfLead = line.includes(mark) && rowFromLine(line).leadId === leadId;
      if (isOfLead) lines.push(line);
      tree.add(`${line}\n`, isOfLead);
    }
  }
  const entries = tree.proofs().map((proof, index) => ({ ...proof, line: lines[index] ?? '' }));
  return { root: tree.root(), entries };
}
