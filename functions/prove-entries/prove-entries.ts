import { type DocumentProof, proofQuery } from '../../shared/contracts/verification.ts';
import { bodyFromText, type DocumentKind } from '../../shared/domain/billing/document.ts';
import { isNumberOf } from '../../shared/domain/billing/number.ts';
import type { Sha256 } from '../../shared/domain/verification/merkle-tree.ts';
import type { DocumentReader } from '../../shared/ports/billing.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import type { DocumentFiles, DocumentViews } from '../../shared/ports/documents.ts';
import { type HttpHandler, json, pathParameter, query } from '../../shared/runtime/http.ts';
import { ownDocuments } from '../../shared/runtime/own-documents.ts';
import { notFound } from '../../shared/runtime/problems.ts';
import { proveEntries } from '../../shared/use-cases/prove-entries.ts';

export interface ProveEntriesDependencies {
  readonly catalog: Pick<CatalogReader, 'apiKey'>;
  readonly documents: Pick<DocumentReader, 'byNumber'>;
  readonly files: Pick<DocumentFiles, 'get'>;
  readonly views: Pick<DocumentViews, 'get'>;
  readonly sha256: Sha256;
}

/** Proves that the rows of a lead are on a document, without showing any other. What is another's is not there. */
export function createProveEntries(dependencies: ProveEntriesDependencies, kind: DocumentKind): HttpHandler {
  const { catalog, documents, files, views } = dependencies;
  return async (event) => {
    const { partyId } = await ownDocuments(catalog, event, kind);
    const { leadId } = query(event, proofQuery);
    const number = pathParameter(event, 'number');
    const document = isNumberOf(kind, number) ? await documents.byNumber(number) : undefined;
    if (document === undefined || (partyId !== undefined && document.partyId !== partyId)) {
      throw notFound(`There is no ${kind} ${number}.`);
    }
    const { parts } = bodyFromText(await files.get('bodies', document.bodyDigest), document.currency);
    const { root, entries } = await proveEntries(dependencies, parts, leadId);
    if (document.annex.root !== undefined && root !== document.annex.root) {
      throw new Error(`the annex of ${number} has the root ${root}, and was issued with ${document.annex.root}`);
    }
    if (entries.length === 0) throw notFound(`There is no entry of ${leadId} on ${number}.`);
    return json(200, {
      number,
      leadId,
      rows: document.annex.rows,
      root,
      signature: (await views.get(number))?.annex.signature,
      entries: entries.map(({ line, index, path }) => ({ line, index, path: [...path] })),
    } satisfies DocumentProof);
  };
}
