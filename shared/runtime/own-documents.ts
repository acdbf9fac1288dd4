import type { Party } from '../contracts/party.ts';
import type { DocumentKind } from '../domain/billing/document.ts';
import type { CatalogReader } from '../ports/catalog.ts';
import { authenticate } from './authenticate.ts';
import type { HttpEvent } from './http.ts';

/** Whose documents of a kind a request may see: one party's alone, or, for operator and finance, everybody's. Throws 401, 403. */
export async function ownDocuments(
  catalog: Pick<CatalogReader, 'apiKey'>,
  event: HttpEvent,
  kind: DocumentKind,
): Promise<{ readonly party: Party; readonly partyId: string | undefined }> {
  const party = await authenticate(catalog, event, [
    'operator',
    'finance',
    kind === 'invoice' ? 'advertiser' : 'affiliate',
  ]);
  switch (party.role) {
    case 'advertiser':
      return { party, partyId: party.advertiserId };
    case 'affiliate':
      return { party, partyId: party.affiliateId };
    default:
      return { party, partyId: undefined };
  }
}
