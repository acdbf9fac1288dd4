import { documentQuery } from '../../shared/contracts/billing.ts';
import type { DocumentKind } from '../../shared/domain/billing/document.ts';
import type { DocumentReader } from '../../shared/ports/billing.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import { makeCursor, readCursor } from '../../shared/runtime/cursor.ts';
import { type HttpHandler, json, query } from '../../shared/runtime/http.ts';
import { ownDocuments } from '../../shared/runtime/own-documents.ts';
import { viewSummary } from './view-document.ts';

export interface ListDocumentsDependencies {
  readonly catalog: Pick<CatalogReader, 'apiKey'>;
  readonly documents: Pick<DocumentReader, 'list'>;
}

/** Lists the documents that the close of a month issued; a party's own alone. */
export function createListDocuments(
  { catalog, documents }: ListDocumentsDependencies,
  kind: DocumentKind,
): HttpHandler {
  return async (event) => {
    const { partyId } = await ownDocuments(catalog, event, kind);
    const { month, limit, cursor } = query(event, documentQuery);
    const bound = [kind, month, partyId];
    const after = cursor === undefined ? undefined : readCursor(bound, cursor);
    const page = await documents.list({ kind, month, partyId }, limit, after);
    return json(200, {
      items: page.documents.map(viewSummary),
      nextCursor: page.position === undefined ? null : makeCursor(bound, page.position),
    });
  };
}
